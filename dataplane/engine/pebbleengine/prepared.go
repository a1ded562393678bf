package pebbleengine

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// A record of prepared messages, under subPrepared as long as it waits for its decision, then under subDecided:
//
//	format(1)=1 default(1) outcome(1) prepared at(8) decide by(8) decided at(8) retention(8) bytes(uvarint) n(uvarint) { message id(16) }...
const preparedFormat = 1

// rememberDecision is how long a decision is known.
const rememberDecision = 24 * time.Hour

// byDefault is the decision of nobody.
const byDefault engine.Outcome = 255

// prepared is a set of messages that waits for its decision, or has got it. The messages lie under keys of their own until then.
type prepared struct {
	id         uid
	fallback   engine.Outcome
	outcome    engine.Outcome
	preparedAt int64
	decideBy   int64
	decidedAt  int64 // 0: not yet
	retention  int64
	bytes      uint64
	messages   []uid
}

func preparedKey(queue uid, sub byte, id uid) []byte { return append(queueKey(queue, sub), id[:]...) }

// preparedMessageKey makes keys of the messages, from 0.
func preparedMessageKey(queue, id uid) func(uint64) []byte {
	prefix := preparedKey(queue, subPreparedMsg, id)
	return func(n uint64) []byte { return appendUint64(append(make([]byte, 0, len(prefix)+8), prefix...), n) }
}

func (p *prepared) encode() []byte {
	b := append(make([]byte, 0, 64+16*len(p.messages)), preparedFormat, byte(p.fallback), byte(p.outcome))
	for _, v := range []int64{p.preparedAt, p.decideBy, p.decidedAt, p.retention} {
		b = appendUint64(b, uint64(v))
	}
	b = binary.AppendUvarint(b, p.bytes)
	b = binary.AppendUvarint(b, uint64(len(p.messages)))
	for _, id := range p.messages {
		b = append(b, id[:]...)
	}
	return b
}

func decodePrepared(id uid, v []byte) (*prepared, error) {
	d := decoder{b: v}
	d.version(preparedFormat)
	p := &prepared{id: id, fallback: engine.Outcome(d.byte()), outcome: engine.Outcome(d.byte())}
	p.preparedAt, p.decideBy, p.decidedAt, p.retention = d.int64(), d.int64(), d.int64(), d.int64()
	p.bytes = d.uvarint()
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		p.messages = append(p.messages, d.uid())
	}
	if d.err != nil {
		return nil, fmt.Errorf("record of prepared messages %s: %w", id, d.err)
	}
	return p, nil
}

// outside returns p as callers see it.
func (p *prepared) outside() engine.Prepared {
	return engine.Prepared{
		ID: p.id.String(), Messages: len(p.messages), Bytes: int64(p.bytes),
		PreparedAt: instant(p.preparedAt), DecideBy: instant(p.decideBy), Default: p.fallback,
	}
}

// sent is the answer to the decision.
func (p *prepared) sent() []engine.Sent {
	if p.outcome != engine.Commit {
		return nil
	}
	sent := make([]engine.Sent, len(p.messages))
	for i, id := range p.messages {
		sent[i].ID = id.String()
	}
	return sent
}

// newPreparedID returns a UUID of version 7: ids are in the order of the times.
func newPreparedID(now int64) uid {
	id := uid(uuid.New())
	ms, rest := uint64(now/1e6), uint64(now%1e6)
	binary.BigEndian.PutUint64(id[:8], ms<<16|7<<12|rest*4096/1e6)
	return id
}

// prepare stores messages that wait for a decision.
func (s *store) prepare(ctx context.Context, eq engine.Queue, msgs []engine.NewMessage, opt engine.PrepareOptions, k *usage.Key) (engine.Prepared, error) {
	none := engine.Prepared{}
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return none, err
	}
	if err := checkPrepared(eq, msgs, opt); err != nil {
		return none, err
	}
	if err := s.reserve.check(); err != nil {
		return none, err
	}
	size := s.admittance(msgs)
	if err := s.admit(ctx, size); err != nil {
		return none, err
	}
	defer s.admitted.Release(size)
	if err := s.enter(); err != nil {
		return none, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return none, err
	}
	defer s.registry.release(q)
	q.mu.Lock()
	if q.dropped.Load() {
		q.mu.Unlock()
		return none, errQueueNotFound()
	}
	now := s.now()
	p := &prepared{
		id: newPreparedID(now), fallback: opt.Default, preparedAt: now, decideBy: now + int64(opt.Timeout), retention: int64(retentionOf(eq)),
	}
	b := s.newBatch()
	key := preparedMessageKey(q.id, p.id)
	for i := range msgs {
		m := message{
			id: uid(uuid.New()), sent: now, available: now + int64(msgs[i].Delay),
			labels: msgs[i].Labels, attrs: msgs[i].Attributes, body: msgs[i].Body, orderingKey: msgs[i].OrderingKey,
		}
		b.put(key(uint64(i)), q.id, &m)
		p.bytes += m.size()
		p.messages = append(p.messages, m.id)
	}
	q.prepared += uint64(len(msgs))
	b.set(preparedKey(q.id, subPrepared, p.id), p.encode())
	b.set(agendaKey(p.decideBy, q.id, taskPrepared, &p.id), nil)
	notice := earlier(q.record(s, b), p.decideBy)
	c := &change{batch: b, usage: k, done: make(chan error, 1), applied: func() { s.agenda.note(notice) }}
	s.submit(q, c)
	q.mu.Unlock()
	if err := s.answerOf(c); err != nil {
		return none, err
	}
	return p.outside(), nil
}

func checkPrepared(eq engine.Queue, msgs []engine.NewMessage, opt engine.PrepareOptions) error {
	if err := checkNew(eq, msgs); err != nil {
		return err
	}
	if opt.Timeout <= 0 || opt.Default > engine.Commit {
		return errs.New(errs.Invalid, reason.Format, "prepared messages need a positive timeout and an outcome")
	}
	for i := range msgs {
		if msgs[i].DedupID != "" {
			return errs.New(errs.Invalid, reason.Format, "prepared messages have no deduplication id")
		}
	}
	return nil
}

func errPreparedNotFound() error {
	return errs.New(errs.NotFound, reason.PreparedNotFound, "there are no such prepared messages")
}

// decide commits or rolls back.
func (s *store) decide(eq engine.Queue, preparedID string, o engine.Outcome, k *usage.Key) ([]engine.Sent, error) {
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return nil, err
	}
	if o > engine.Commit {
		return nil, errs.New(errs.Invalid, reason.Format, "there is no such outcome")
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return nil, err
	}
	defer s.registry.release(q)
	pid, err := uuid.Parse(preparedID)
	if err != nil || pid.String() != preparedID {
		return nil, errPreparedNotFound()
	}
	p, c, err := s.decidePrepared(q, uid(pid), o, k)
	if err != nil {
		return nil, err
	}
	if c != nil {
		if err := s.answerOf(c); err != nil {
			return nil, err
		}
	}
	switch {
	case p == nil:
		return nil, errPreparedNotFound()
	case p.outcome != o:
		return nil, errs.New(errs.Conflict, reason.PreparedDecided, "the prepared messages were decided the other way")
	}
	return p.sent(), nil
}

// decidePrepared decides unless that is done; what is past its time gets its default outcome. It returns the prepared messages as they
// are decided, nil when there are none, and the change to wait for, if there is one.
func (s *store) decidePrepared(q *queue, id uid, o engine.Outcome, k *usage.Key) (*prepared, *change, error) {
	for {
		if err := s.lockPromoted(q, false); err != nil {
			return nil, nil, err
		}
		t := q.deciding[id]
		if !t.pending() {
			break
		}
		q.mu.Unlock()
		if err := s.waitFor(t); err != nil {
			return nil, nil, err
		}
	}
	defer q.mu.Unlock()
	p, err := s.readPrepared(q, id)
	if err != nil {
		return nil, nil, errInternal(err)
	}
	now := s.now()
	if p == nil || p.decidedAt != 0 && now-p.decidedAt >= int64(rememberDecision) {
		return nil, nil, nil
	}
	if p.decidedAt != 0 {
		if k == nil || p.outcome != o {
			return p, nil, nil
		}
		c := &change{batch: s.newBatch(), usage: k, done: make(chan error, 1)}
		s.submit(q, c)
		return p, c, nil
	}
	at := now
	if p.decideBy <= now || o == byDefault {
		at = p.decideBy
		if o != p.fallback {
			o, k = p.fallback, nil
		}
	}
	b := s.newBatch()
	add := addition{q: q}
	if o == engine.Commit {
		if err := s.commitPrepared(q, p, b, &add, at); err != nil {
			return nil, nil, errInternal(err)
		}
	}
	p.outcome, p.decidedAt = o, at
	prefix := preparedKey(q.id, subPreparedMsg, id)
	b.free(prefix, after(prefix))
	b.delete(preparedKey(q.id, subPrepared, id))
	b.set(preparedKey(q.id, subDecided, id), p.encode())
	b.delete(agendaKey(p.decideBy, q.id, taskPrepared, &id))
	forget := at + int64(rememberDecision)
	b.set(agendaKey(forget, q.id, taskForgetPrepared, &id), nil)
	q.prepared -= uint64(len(p.messages))
	add.end()
	t := newTicket()
	for other, t := range q.deciding {
		if !t.pending() {
			delete(q.deciding, other)
		}
	}
	if q.deciding == nil {
		q.deciding = make(map[uid]*ticket)
	}
	q.deciding[id] = t
	notice := earlier(q.record(s, b), forget)
	c := &change{batch: b, usage: k, done: make(chan error, 1), applied: func() {
		add.applied()
		close(t.done)
		s.agenda.note(notice)
	}}
	s.submit(q, c)
	return p, c, nil
}

func (s *store) readPrepared(q *queue, id uid) (*prepared, error) {
	for _, sub := range []byte{subPrepared, subDecided} {
		v, err := getBytes(s.db, preparedKey(q.id, sub, id))
		if err != nil {
			return nil, err
		}
		if v != nil {
			return decodePrepared(id, v)
		}
	}
	return nil, nil
}

// commitPrepared sends the prepared messages at the instant of the decision. Requires: q.mu held.
func (s *store) commitPrepared(q *queue, p *prepared, b *batch, add *addition, at int64) error {
	log := &messageLog{queue: q.id, key: preparedMessageKey(q.id, p.id)}
	it := s.iterate(log, 0, uint64(len(p.messages)))
	defer it.close()
	var msgs []message
	for ok := it.first(); ok; ok = it.next() {
		m, err := it.message()
		if err != nil {
			return err
		}
		msgs = append(msgs, m)
	}
	if err := it.err(); err != nil {
		return err
	}
	if len(msgs) != len(p.messages) {
		return fmt.Errorf("prepared messages %s: %w", p.id, errDamaged)
	}
	for i := range msgs {
		m := &msgs[i]
		delay := m.available - m.sent
		m.sent, m.available = at, at+delay
		m.expiry = m.available + p.retention
		add.add(b, m, delay > 0)
	}
	return nil
}

// listPrepared returns what waits for a decision, from behind an id.
func (s *store) listPrepared(eq engine.Queue, behind string, limit int) ([]engine.Prepared, error) {
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return nil, err
	}
	from := queueKey(id, subPrepared)
	if behind != "" {
		u, err := uuid.Parse(behind)
		if err != nil || len(behind) != 36 {
			return nil, errs.New(errs.Invalid, reason.ParameterInvalid, "%q is not an id of prepared messages", behind)
		}
		from = append(preparedKey(id, subPrepared, uid(u)), 0)
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return nil, err
	}
	defer s.registry.release(q)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: queueKey(id, subPrepared+1)})
	if err != nil {
		return nil, errInternal(err)
	}
	defer func() { _ = it.Close() }()
	now := s.now()
	var list []engine.Prepared
	for ok := it.First(); ok && len(list) < limit; ok = it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			return nil, errInternal(err)
		}
		key := it.Key()
		p, err := decodePrepared(uid(key[len(key)-16:]), v)
		if err != nil {
			return nil, errInternal(err)
		}
		if p.decideBy > now { // else it is decided in a moment
			list = append(list, p.outside())
		}
	}
	if err := it.Error(); err != nil {
		return nil, errInternal(err)
	}
	return list, nil
}

// workPrepared gives prepared messages whose time has passed their default outcome.
func (s *store) workPrepared(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	p, c, err := s.decidePrepared(q, *e.group, byDefault, nil)
	switch {
	case isDropped(err) || err == nil && c == nil && (p == nil || p.decidedAt != 0):
		return s.strike(e)
	case err != nil:
		return err
	}
	return s.answerOf(c)
}

func (s *store) workForgetPrepared(e agendaEntry) error {
	b := s.newBatch()
	b.delete(e.key)
	b.delete(preparedKey(e.queue, subDecided, *e.group))
	return s.commitAndWait(&change{batch: b})
}
