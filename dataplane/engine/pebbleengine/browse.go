package pebbleengine

import (
	"context"
	"errors"
	"math"
	"time"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// maxBrowsed bounds how many messages one browse reads: who looks for more goes on from the position that it returns.
const maxBrowsed = 200_000

// browse looks at messages without changing anything.
func (s *store) browse(ctx context.Context, eq engine.Queue, groupID string, kind engine.Kind, opt engine.BrowseOptions) ([]engine.Browsed, uint64, error) {
	if opt.MaxMessages < 1 {
		return nil, 0, errs.New(errs.Invalid, reason.MaxMessages, "at least one message must be asked for")
	}
	if kind == engine.Dead {
		return s.browseDead(ctx, eq, groupID, opt)
	}
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return nil, 0, err
	}
	if err := s.enter(); err != nil {
		return nil, 0, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return nil, 0, err
	}
	defer s.registry.release(q)
	if err := s.lockPromoted(q, true); err != nil {
		return nil, 0, err
	}
	_, err = q.log.expire(s.db, s.now())
	oldest := q.log.oldest
	q.mu.Unlock()
	if err != nil {
		return nil, 0, errInternal(err)
	}
	b := browser{s: s, opt: opt, from: max(oldest, opt.From), to: q.log.visible.Load(), log: &q.log, since: availableAt}
	if opt.From == 0 && !opt.Time.IsZero() {
		if b.from, err = s.firstAvailable(&q.log, oldest, b.to, opt.Time); err != nil {
			return nil, 0, errInternal(err)
		}
	}
	return b.run(ctx)
}

func (s *store) browseDead(ctx context.Context, eq engine.Queue, groupID string, opt engine.BrowseOptions) ([]engine.Browsed, uint64, error) {
	r := receiver{s: s, eq: eq, kind: engine.Dead}
	var err error
	if r.q, r.g, err = s.openForSettling(eq.ID, groupID); err != nil {
		return nil, 0, err
	}
	defer s.exit()
	defer s.registry.release(r.q)
	if err := r.bury(); err != nil {
		return nil, 0, err
	}
	g := r.g
	g.mu.Lock()
	settled := make(spans, len(g.dead.spans))
	copy(settled, g.dead.spans)
	b := browser{
		s: s, opt: opt, from: max(g.dead.floor, opt.From), to: g.letters.visible.Load(), log: &g.letters, since: diedAt,
		skip: func(seq uint64) bool { _, gone := settled.find(seq); return gone },
	}
	g.mu.Unlock()
	return b.run(ctx)
}

// availableAt and diedAt are since when a message is where it is.
func availableAt(m *message) int64 { return m.available }

func diedAt(m *message) int64 {
	if m.death == nil {
		return m.available
	}
	return m.death.lastFailure
}

// browser reads a log and picks what was asked for.
type browser struct {
	s        *store
	opt      engine.BrowseOptions
	from, to uint64
	log      *messageLog
	since    func(*message) int64
	skip     func(seq uint64) bool // nil: none
}

func (b *browser) run(ctx context.Context) (got []engine.Browsed, next uint64, err error) {
	if b.from >= b.to {
		return nil, 0, nil
	}
	it := b.s.iterate(b.log, b.from, b.to)
	defer it.close()
	now, size := b.s.now(), 0
	read := 0
	for ok := it.first(); ok; ok = it.next() {
		seq := it.seq()
		if b.skip != nil && b.skip(seq) {
			continue
		}
		if read++; read > maxBrowsed || ctx.Err() != nil {
			return got, seq, nil
		}
		m, err := it.message()
		if err != nil {
			if !errors.Is(err, errDamaged) {
				return nil, 0, errInternal(err)
			}
			continue // it cannot be shown; whoever receives it will be told
		}
		switch {
		case m.expiry <= now, b.opt.MessageID != "" && m.id.String() != b.opt.MessageID:
			continue
		case b.opt.From == 0 && !b.opt.Time.IsZero() && b.since(&m) < stored(b.opt.Time):
			continue
		case len(got) == b.opt.MaxMessages, len(got) > 0 && size+int(m.size()) > b.opt.MaxBytes:
			return got, seq, nil
		}
		size += int(m.size())
		got = append(got, engine.Browsed{
			MessageID: m.id.String(), Body: m.body, Attributes: m.attrs, Labels: m.labels, OrderingKey: m.orderingKey, Position: seq,
			SentAt: instant(m.sent), AvailableAt: instant(b.since(&m)), ExpiresAt: instant(m.expiry), Death: m.death.outside(),
		})
		if b.opt.MessageID != "" && m.death == nil {
			return got, 0, nil // there is no second one
		}
	}
	if err := it.err(); err != nil {
		return nil, 0, errInternal(err)
	}
	return got, 0, nil
}

// instant is a stored time as callers see it.
func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// stored returns t as times are stored, of which 1970 to 2261 is the range: no message is older or younger.
func stored(t time.Time) int64 {
	switch year := t.UTC().Year(); {
	case year < 1970:
		return 0
	case year > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}
