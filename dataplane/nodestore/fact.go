package nodestore

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"dms/internal/directory"
)

// Fact returns the value of the live entry, decoded, or errs.NotFound. From a Store it is decoded once for as long as it
// stays the same and in memory; then all callers share it and must not change what it points to.
func Fact[T any](ctx context.Context, r directory.Reader, kind directory.Kind, key string) (T, error) {
	if s, ok := r.(*Store); ok {
		f, err := s.fact(kind, key)
		if err != nil {
			var none T
			return none, err
		}
		return decoded[T](f)
	}
	e, err := r.Get(ctx, kind, key)
	if err != nil {
		var none T
		return none, err
	}
	return decoded[T](&fact{entry: e})
}

// Facts returns the values of all live entries whose key starts with prefix, decoded, in key order. Sharing is as with Fact.
func Facts[T any](ctx context.Context, r directory.Reader, kind directory.Kind, prefix string) ([]T, error) {
	s, _ := r.(*Store)
	var out []T
	var bad error
	err := r.Scan(ctx, kind, prefix, func(e directory.Entry) bool {
		f := &fact{entry: e}
		if s != nil {
			// The cache may be ahead of the scan or behind it; only the same revision is the same value.
			if c, _ := s.cache.get(s.view.Load().generation, kind, e.Key); c != nil && c.entry.Revision == e.Revision {
				f = c
			}
		}
		var v T
		if v, bad = decoded[T](f); bad != nil {
			return false
		}
		out = append(out, v)
		return true
	})
	if err == nil {
		err = bad
	}
	return out, err
}

// fact is an entry in memory.
type fact struct {
	entry   directory.Entry
	decoded atomic.Pointer[any]
}

func decoded[T any](f *fact) (T, error) {
	if p := f.decoded.Load(); p != nil {
		if v, ok := (*p).(T); ok {
			return v, nil
		}
	}
	var v T
	if err := json.Unmarshal(f.entry.Value, &v); err != nil {
		var none T
		return none, fmt.Errorf("directory entry %s %q: %w", f.entry.Kind, f.entry.Key, err)
	}
	boxed := any(v)
	f.decoded.Store(&boxed)
	return v, nil
}

type factKey struct {
	generation uint32
	kind       directory.Kind
	key        string
}

// maxFactBytes keeps single large values out, so that the number of facts bounds their bytes.
const maxFactBytes = 16 << 10

// factCache keeps the facts that were asked for last. A fact read before a change must not be put in after it: epoch counts
// the changes, and add refuses what was read in an earlier one.
type factCache struct {
	mu    sync.Mutex // guards: lru, epoch
	lru   *simplelru.LRU[factKey, *fact]
	epoch uint64
}

func newFactCache(size int) *factCache {
	lru, err := simplelru.NewLRU[factKey, *fact](size, nil)
	if err != nil {
		panic(err) // only for sizes below 1, which Options.Validate refuses
	}
	return &factCache{lru: lru}
}

// get returns the fact, or nil and the epoch in which it may be read and added.
func (c *factCache) get(generation uint32, kind directory.Kind, key string) (*fact, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, _ := c.lru.Get(factKey{generation, kind, key})
	return f, c.epoch
}

func (c *factCache) add(generation uint32, f *fact, epoch uint64) {
	if len(f.entry.Value) > maxFactBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == epoch {
		c.lru.Add(factKey{generation, f.entry.Kind, f.entry.Key}, f)
	}
}

func (c *factCache) forget(generation uint32, entries []directory.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, e := range entries {
		c.lru.Remove(factKey{generation, e.Kind, e.Key})
	}
}

func (c *factCache) purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.lru.Purge()
}
