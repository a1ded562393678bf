package nodestore

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/errs"
	"dms/internal/usage"
)

// outbox is what is kept in memory about the usage batches on the disk.
type outbox struct {
	mu   sync.Mutex // guards: size, from
	size int
	// from lies before every batch. It spares the search for the oldest one the way over the remains of those already removed.
	from []byte
}

func (s *Store) loadOutbox() (err error) {
	s.outbox.from = []byte{spaceUsage}
	it, err := s.usageIter(s.outbox.from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		s.outbox.size++
	}
	return it.Error()
}

func (s *Store) usageIter(from []byte) (*pebble.Iterator, error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: []byte{spaceUsage + 1}})
	if err != nil {
		return nil, fmt.Errorf("read usage outbox: %w", err)
	}
	return it, nil
}

// LastCut returns the last sequence number of the source that was ever put into the outbox, 0 when none was.
func (s *Store) LastCut(source string) (uint64, error) {
	raw, err := s.get(cutKey(source))
	if err != nil || raw == nil {
		return 0, err
	}
	if len(raw) != 8 {
		return 0, fmt.Errorf("last cut of source %q: %d bytes", source, len(raw))
	}
	return binary.BigEndian.Uint64(raw), nil
}

// PutBatch puts a batch into the outbox, synced. errs.Invalid: the batch repeats or overlaps what was put before; nothing
// is changed then.
func (s *Store) PutBatch(b usage.Batch) error {
	last, err := s.LastCut(b.Source)
	if err != nil {
		return err
	}
	if b.First <= last || b.Last < b.First {
		return errs.New(errs.Invalid, "", "usage batch %d to %d of source %q comes after %d", b.First, b.Last, b.Source, last)
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return err
	}
	key := usageKey(b.Source, b.Last)
	w := s.db.NewBatch()
	if err := errors.Join(w.Set(key, raw, nil), w.Set(cutKey(b.Source), binary.BigEndian.AppendUint64(nil, b.Last), nil)); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := s.commit(w); err != nil {
		return fmt.Errorf("put usage batch: %w", err)
	}
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.outbox.size++
	if bytes.Compare(key, s.outbox.from) < 0 {
		s.outbox.from = key
	}
	return nil
}

// OldestBatch returns the batch to deliver next; ok is false when the outbox is empty. The batches of a source come in order.
func (s *Store) OldestBatch() (b usage.Batch, ok bool, err error) {
	s.outbox.mu.Lock()
	from := s.outbox.from
	s.outbox.mu.Unlock()
	it, err := s.usageIter(from)
	if err != nil {
		return usage.Batch{}, false, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.First() {
		return usage.Batch{}, false, it.Error()
	}
	if err := json.Unmarshal(it.Value(), &b); err != nil {
		return usage.Batch{}, false, fmt.Errorf("read usage batch: %w", err)
	}
	return b, true, nil
}

// RemoveBatch removes the batch that OldestBatch returned, after its delivery.
func (s *Store) RemoveBatch(b usage.Batch) error {
	key := usageKey(b.Source, b.Last)
	w := s.db.NewBatch()
	if err := w.Delete(key, nil); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := s.commit(w); err != nil {
		return fmt.Errorf("remove usage batch: %w", err)
	}
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.outbox.size--
	s.outbox.from = append(key, 0)
	return nil
}

// OutboxSize returns the number of batches that wait for delivery.
func (s *Store) OutboxSize() int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.size
}
