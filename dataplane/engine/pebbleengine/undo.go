package pebbleengine

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// undo says what to take back of a commit that failed and may all the same be found when the log is replayed: "a Send that
// fails has stored nothing", and nobody pays for a call that was answered with an error. It is kept in memory: if the process dies before
// it has recovered, nobody was told that the send had failed and stayed failed.
type undo struct {
	queue uid
	ids   []uid   // of the messages of a send
	from  uint64  // the first place in the log that they can have
	dues  []int64 // of the delayed ones
	taken map[dedupHash]*dedupRecord
	usage uint64 // a usage record, when not 0
}

// takeBack undoes in one synced commit. Nobody has seen what it removes: messages are given only after their commit.
func takeBack(db *pebble.DB, list []*undo) error {
	if len(list) == 0 {
		return nil
	}
	b := &batch{ops: db.NewBatch()}
	defer func() { _ = b.ops.Close() }()
	byQueue := make(map[uid][]*undo)
	for _, u := range list {
		if u.usage != 0 {
			b.delete(usageKey(u.usage))
			continue
		}
		byQueue[u.queue] = append(byQueue[u.queue], u)
	}
	for id, us := range byQueue {
		if err := takeBackQueue(db, b, id, us); err != nil {
			return err
		}
	}
	if b.ops.Empty() {
		return nil
	}
	return db.Apply(b.ops, pebble.Sync)
}

func takeBackQueue(db *pebble.DB, b *batch, id uid, us []*undo) error {
	record, err := getBytes(db, queueKey(id, subQueueRecord))
	if err != nil || record == nil {
		return err
	}
	q := newQueue(id)
	if err := q.decode(record); err != nil {
		return err
	}
	gone := make(map[uid]bool)
	from := q.log.next
	for _, u := range us {
		for h, r := range u.taken {
			b.delete(dedupKey(id, h))
			b.delete(dedupTimeKey(id, r.at, h))
		}
		from = min(from, u.from)
		for _, m := range u.ids {
			gone[m] = true
		}
	}
	if err := takeBackLog(db, b, q, from, gone); err != nil {
		return err
	}
	for _, u := range us {
		for _, due := range u.dues {
			if err := takeBackDelayed(db, b, q, due, gone); err != nil {
				return err
			}
		}
	}
	// The first due time may now be too early, and the agenda with it: both are looked up when they come.
	if q.delayed.count == 0 {
		q.delayed.due = 0
	}
	b.set(queueKey(id, subQueueRecord), q.encode())
	return nil
}

// takeBackLog writes the end of the log anew without the messages that are gone: sequence numbers have no gaps.
func takeBackLog(db *pebble.DB, b *batch, q *queue, from uint64, gone map[uid]bool) error {
	end := q.log.next
	var kept []message
	for seq := from; seq < end; seq++ {
		key := q.messageKey(seq)
		v, err := getBytes(db, key)
		if err != nil {
			return err
		}
		m, err := decodeMessage(key, v)
		if err != nil {
			return fmt.Errorf("take back: %w", err)
		}
		if seq == from {
			q.log.total = m.before
		}
		if !gone[m.id] {
			kept = append(kept, m)
		}
		b.delete(key)
	}
	q.log.next = from
	if q.log.next == q.log.oldest {
		q.log.headExpiry = 0
	}
	for i := range kept {
		q.log.append(b, q.messageKey, &kept[i])
	}
	return nil
}

// takeBackDelayed deletes the messages that are due at that instant and gone.
func takeBackDelayed(db *pebble.DB, b *batch, q *queue, due int64, gone map[uid]bool) error {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: delayedKey(q.id, due, 0), UpperBound: delayedKey(q.id, due+1, 0)})
	if err != nil {
		return err
	}
	var errs []error
	for ok := it.First(); ok; ok = it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			errs = append(errs, err)
			break
		}
		m, err := decodeMessage(it.Key(), v)
		if err == nil && gone[m.id] {
			b.delete(it.Key())
			delete(gone, m.id)
			q.delayed.count--
			q.delayed.bytes -= m.size()
		}
	}
	return errors.Join(append(errs, it.Close())...)
}
