package nodestore

import (
	"sync"
	"time"
)

// contact is when the control plane was last heard of.
type contact struct {
	mu    sync.Mutex // guards: at, saved
	at    time.Time
	saved time.Time
}

// contactSaveInterval bounds how much of the age a crash hides: the node then believes that it was cut off that much earlier.
const contactSaveInterval = time.Minute

func (s *Store) loadContact() error {
	var micros int64
	if found, err := s.getMeta(metaContact, &micros); err != nil || !found {
		return err
	}
	s.contact.at = time.UnixMicro(micros)
	s.contact.saved = s.contact.at
	return nil
}

// Contact returns when the control plane last answered; zero: never.
func (s *Store) Contact() time.Time {
	s.contact.mu.Lock()
	defer s.contact.mu.Unlock()
	return s.contact.at
}

// SetContact records that the control plane answered at t. On the disk it is renewed once a minute.
func (s *Store) SetContact(t time.Time) error {
	if !s.contact.set(t, false) {
		return nil
	}
	b := s.db.NewBatch()
	if err := setMeta(b, metaContact, t.UnixMicro()); err != nil {
		return err
	}
	return s.commit(b)
}

// set reports whether the contact is to be saved; saved says that it has been.
func (c *contact) set(t time.Time, saved bool) (due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
	elapsed := t.Sub(c.saved)
	due = !saved && (elapsed >= contactSaveInterval || elapsed < 0)
	if saved || due {
		c.saved = t
	}
	return due
}
