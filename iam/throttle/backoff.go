package throttle

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"dms/internal/clock"
)

// Backoff makes who fails again and again wait longer each time: freeFailures cost nothing (people mistype), then it is 1, 2, 4 ... up to maxBackoff. It never
// locks anybody out. Safe for concurrent use, in bounded memory.
type Backoff struct {
	clock clock.Clock
	mu    sync.Mutex // guards: keys, between look-up and insertion
	keys  *lru.Cache[string, failures]
}

type failures struct {
	n    int
	last time.Time
}

const (
	freeFailures = 4
	maxBackoff   = 30 * time.Second
	// forgiven is how long a key must be quiet to be as good as new.
	forgiven = 15 * time.Minute
)

// NewBackoff returns a backoff that remembers so many keys; the one that was quiet longest is forgotten.
func NewBackoff(maxKeys int, c clock.Clock) *Backoff {
	keys, err := lru.New[string, failures](maxKeys)
	if err != nil {
		panic(err) // callers give positive constants
	}
	return &Backoff{clock: c, keys: keys}
}

// Check returns how long the key has to wait; 0: not at all.
func (b *Backoff) Check(key string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, _ := b.keys.Get(key)
	return max(0, f.last.Add(f.delay()).Sub(b.clock.Now()))
}

// Failed counts a failure.
func (b *Backoff) Failed(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	f, _ := b.keys.Get(key)
	if now.Sub(f.last) >= forgiven {
		f.n = 0
	}
	b.keys.Add(key, failures{f.n + 1, now})
}

// Forget makes the key as good as new.
func (b *Backoff) Forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys.Remove(key)
}

func (f failures) delay() time.Duration {
	n := f.n - freeFailures
	if n <= 0 {
		return 0
	}
	return min(time.Second<<min(n-1, 8), maxBackoff)
}

// Seen remembers keys, the latest so many.
type Seen struct{ keys *lru.Cache[string, struct{}] }

// NewSeen returns an empty memory.
func NewSeen(maxKeys int) *Seen {
	keys, err := lru.New[string, struct{}](maxKeys)
	if err != nil {
		panic(err) // callers give positive constants
	}
	return &Seen{keys}
}

// Add remembers the key.
func (s *Seen) Add(key string) { s.keys.Add(key, struct{}{}) }

// Has reports whether the key is remembered.
func (s *Seen) Has(key string) bool { _, ok := s.keys.Get(key); return ok }
