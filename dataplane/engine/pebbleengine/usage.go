package pebbleengine

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/access"
	"dms/internal/usage"
)

// A usage record holds the calls that were counted in one commit:
//
//	format(1)=1 n(uvarint) { account project user queue action (strings) hour(varint) calls(varint) }...
//
// in the order of the keys, no key twice.
const usageFormat = 1

// meter keeps counted calls in memory until a commit takes them along.
type meter struct {
	mu     sync.Mutex // guards: counts
	counts map[usage.Key]int64
}

// add reports whether the meter was empty before.
func (m *meter) add(k usage.Key, calls int64) (first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first = len(m.counts) == 0
	m.counts = addCount(m.counts, k, calls)
	return first
}

func (m *meter) drain() map[usage.Key]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts
	m.counts = nil
	return c
}

func (m *meter) empty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.counts) == 0
}

func addCount(m map[usage.Key]int64, k usage.Key, calls int64) map[usage.Key]int64 {
	if m == nil {
		m = make(map[usage.Key]int64)
	}
	m[k] += calls
	return m
}

// sortedCounts returns the counts in one fixed order.
func sortedCounts(m map[usage.Key]int64) []usage.Count {
	out := make([]usage.Count, 0, len(m))
	for k, n := range m {
		out = append(out, usage.Count{Key: k, Calls: n})
	}
	slices.SortFunc(out, func(a, b usage.Count) int {
		return cmp.Or(
			cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.ProjectID, b.ProjectID), cmp.Compare(a.UserID, b.UserID),
			cmp.Compare(a.QueueID, b.QueueID), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Hour, b.Hour))
	})
	return out
}

func encodeUsage(m map[usage.Key]int64) []byte {
	b := binary.AppendUvarint([]byte{usageFormat}, uint64(len(m)))
	for _, c := range sortedCounts(m) {
		for _, s := range []string{c.AccountID, c.ProjectID, c.UserID, c.QueueID, string(c.Action)} {
			b = appendString(b, s)
		}
		b = binary.AppendVarint(b, int64(c.Hour))
		b = binary.AppendVarint(b, c.Calls)
	}
	return b
}

// decodeUsage adds the counts of a record to m.
func decodeUsage(m map[usage.Key]int64, v []byte) (map[usage.Key]int64, error) {
	d := decoder{b: v}
	d.version(usageFormat)
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		k := usage.Key{AccountID: d.string(), ProjectID: d.string(), UserID: d.string(), QueueID: d.string(), Action: access.Action(d.string())}
		k.Hour = usage.Hour(d.varint())
		calls := d.varint()
		if d.err == nil {
			m = addCount(m, k, calls)
		}
	}
	if d.err != nil {
		return nil, fmt.Errorf("usage record: %w", d.err)
	}
	return m, nil
}

// lastUsage returns the highest sequence number that was ever given out and is stored or forgotten.
func lastUsage(db *pebble.DB) (uint64, error) {
	forgotten, err := getUint64(db, metaKey(metaForgotten))
	if err != nil {
		return 0, err
	}
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: usageKey(0), UpperBound: []byte{tableUsage + 1}})
	if err != nil {
		return 0, err
	}
	defer func() { _ = it.Close() }()
	if it.Last() {
		return max(forgotten, keyNumber(it.Key())), it.Error()
	}
	return forgotten, it.Error()
}

// usage returns the durable records after sequence number `after`.
func (s *store) usageAfter(after uint64, limit int) (usage.Batch, bool, error) {
	last := s.commits.durableUsage.Load()
	// What is forgotten is safe elsewhere, also when the asker has lost where it was: it must not be given a range that overlaps.
	forgotten, err := getUint64(s.db, metaKey(metaForgotten))
	if err != nil {
		return usage.Batch{}, false, err
	}
	after = max(after, forgotten)
	if limit < 1 || after >= last {
		return usage.Batch{}, false, nil
	}
	if uint64(limit) < last-after {
		last = after + uint64(limit)
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: usageKey(after + 1), UpperBound: usageKey(last + 1)})
	if err != nil {
		return usage.Batch{}, false, err
	}
	defer func() { _ = it.Close() }()
	var counts map[usage.Key]int64
	for ok := it.First(); ok; ok = it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			return usage.Batch{}, false, err
		}
		if counts, err = decodeUsage(counts, v); err != nil {
			return usage.Batch{}, false, err
		}
	}
	if err := it.Error(); err != nil {
		return usage.Batch{}, false, err
	}
	return usage.Batch{Source: s.source, First: after + 1, Last: last, Counts: sortedCounts(counts)}, true, nil
}

// forgetUsage erases the records up to and including upTo, which is never more than what is durable: numbers are used once.
func (s *store) forgetUsage(upTo uint64) error {
	s.forgetting.Lock()
	defer s.forgetting.Unlock()
	upTo = min(upTo, s.commits.durableUsage.Load())
	forgotten, err := getUint64(s.db, metaKey(metaForgotten))
	if err != nil || upTo <= forgotten {
		return err
	}
	b := s.newBatch()
	b.deleteRange(usageKey(forgotten), usageKey(upTo+1))
	b.set(metaKey(metaForgotten), appendUint64(nil, upTo))
	return s.commitAndWait(&change{batch: b})
}
