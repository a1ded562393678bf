package password

import "time"

// Occupy takes every turn; the returned function gives them back.
func (h *Hasher) Occupy(wait time.Duration) (release func()) {
	h.wait = wait
	for range cap(h.turns) {
		h.turns <- struct{}{}
	}
	return func() {
		for range cap(h.turns) {
			<-h.turns
		}
	}
}

// Dummy returns the hash that unknown users are checked with.
func (h *Hasher) Dummy() string { return h.dummy }
