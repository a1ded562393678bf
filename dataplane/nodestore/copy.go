package nodestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/directory"
	"dms/internal/errs"
)

// copyState is how far the copy has come, as it is on the disk.
//
// A copy that starts anew (the first one; after Changes.Reset) arrives in several pages. Shown page by page it would make
// queues that exist look deleted, and clients take "not found" for final. So it is filled under a generation of its own; readers stay with
// the old generation until the last page is in.
type copyState struct {
	Generation uint32             `json:"generation"` // that readers see; 0: there is no complete copy yet
	Position   directory.Position `json:"position"`
	Filling    *filling           `json:"filling,omitempty"`
}

type filling struct {
	Generation uint32             `json:"generation"`
	Position   directory.Position `json:"position"`
}

// view is what readers need of copyState, published after the batch that made it true.
type view struct {
	generation uint32
	revision   directory.Revision
}

// Applied says what readers see differently since an Apply.
type Applied struct {
	Entries []directory.Entry
	// All says that everything may be different: the copy was changed over.
	All bool
	// Erasures says that the list of erasures grew.
	Erasures bool
}

func (s *Store) loadCopy() error {
	if _, err := s.getMeta(metaCopy, &s.copy); err != nil {
		return err
	}
	s.publish()
	return s.sweep()
}

func (s *Store) publish() {
	s.view.Store(&view{generation: s.copy.Generation, revision: s.copy.Position.Revision})
}

// sweep erases generations that nobody reads: of copies that were changed over or given up before a crash.
// Requires: s.writing held, or the store is being opened.
func (s *Store) sweep() error {
	keep := []uint32{s.copy.Generation}
	if f := s.copy.Filling; f != nil {
		keep = append(keep, f.Generation)
	}
	b := s.db.NewBatch()
	next := uint32(1)        // nothing is ever written under generation 0
	for _, g := range keep { // in ascending order: a copy is filled under a higher generation than the one it replaces
		if g > next {
			if err := b.DeleteRange(generationKey(next), generationKey(g), nil); err != nil {
				return errors.Join(err, b.Close())
			}
		}
		next = g + 1
	}
	if err := b.DeleteRange(generationKey(next), []byte{spaceEntry + 1}, nil); err != nil {
		return errors.Join(err, b.Close())
	}
	return s.commit(b)
}

// Complete reports whether there has ever been a whole copy. Until then "not found" means nothing.
func (s *Store) Complete() bool { return s.view.Load().generation > 0 }

// Position returns how far the copy has come, for the next Source.Changes.
func (s *Store) Position() directory.Position {
	s.writing.Lock()
	defer s.writing.Unlock()
	if f := s.copy.Filling; f != nil {
		return f.Position
	}
	return s.copy.Position
}

// Apply brings changes, which the control plane answered at the time at, into the copy, together with the new position and the
// erasures that follow from them, in one synced batch. Applying the same changes again changes nothing. It implies SetContact.
func (s *Store) Apply(ch directory.Changes, at time.Time) (Applied, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before := s.copy.Position
	if s.copy.Filling != nil {
		before = s.copy.Filling.Position
	}
	first := s.copy.Generation == 0 && s.copy.Filling == nil
	if !ch.Reset && !first {
		if ch.Position.Directory != before.Directory || ch.Position.Revision < before.Revision {
			return Applied{}, errs.New(errs.Internal, "", "directory changes lead from %v to %v without a reset", before, ch.Position)
		}
		if ch.Position == before && len(ch.Entries) == 0 && (s.copy.Filling == nil || ch.More) {
			return Applied{}, s.SetContact(at)
		}
	}

	next := s.copy // Filling is replaced below, never changed in place
	if ch.Reset || first {
		g := s.copy.Generation
		if s.copy.Filling != nil {
			g = s.copy.Filling.Generation // given up; erased by the sweep below
		}
		next.Filling = &filling{Generation: g + 1}
	}
	target := next.Generation
	if next.Filling != nil {
		target = next.Filling.Generation
	}
	switch {
	case next.Filling == nil:
		next.Position = ch.Position
	case ch.More:
		next.Filling = &filling{Generation: target, Position: ch.Position}
	default:
		next = copyState{Generation: target, Position: ch.Position}
	}

	b := s.db.NewBatch()
	erasures, err := writeEntries(b, target, ch.Entries)
	if err == nil {
		err = errors.Join(setMeta(b, metaCopy, next), setMeta(b, metaContact, at.UnixMicro()))
	}
	if err != nil {
		return Applied{}, errors.Join(err, b.Close())
	}
	if err := s.commit(b); err != nil {
		return Applied{}, fmt.Errorf("apply directory changes: %w", err)
	}

	// From here readers of the present generation see the new values. First nobody may find an old one in the cache any more,
	// then the revision may say so: who reads the revision first and facts after it never has newer number and older fact.
	s.cache.forget(target, ch.Entries)
	changedOver := next.Generation != s.copy.Generation
	gaveUp := s.copy.Filling != nil && ch.Reset
	s.copy = next
	s.contact.set(at, true)
	s.publish()
	if changedOver {
		s.cache.purge()
	}
	if changedOver || gaveUp {
		// Only now that the new generation is published (see openScan). When it fails the next Open does it.
		if err := s.sweep(); err != nil {
			s.log.Warn("old directory copy was not erased", slog.String("error", err.Error()))
		}
	}
	a := Applied{All: changedOver, Erasures: erasures}
	if next.Filling == nil && !changedOver {
		a.Entries = ch.Entries
	}
	return a, nil
}

func writeEntries(b *pebble.Batch, generation uint32, entries []directory.Entry) (erasures bool, err error) {
	for _, e := range entries {
		k := entryKey(generation, e.Kind, e.Key)
		erasable := e.Kind == directory.KindQueue || e.Kind == directory.KindGroup
		switch {
		case e.Deleted && erasable:
			erasures = true
			err = errors.Join(b.Delete(k, nil), b.Set(erasureKey(e.Kind, e.Key), nil, nil))
		case e.Deleted:
			err = b.Delete(k, nil)
		case erasable: // it is there (again, when the control plane was restored from a backup): its messages are to stay
			err = errors.Join(b.Set(k, encodeEntry(e), nil), b.Delete(erasureKey(e.Kind, e.Key), nil))
		default:
			err = b.Set(k, encodeEntry(e), nil)
		}
		if err != nil {
			return false, err
		}
	}
	return erasures, nil
}

// Revision implements directory.Reader.
func (s *Store) Revision(context.Context) (directory.Revision, error) {
	return s.view.Load().revision, nil
}

// Get implements directory.Reader. The value is shared: callers must not change it.
func (s *Store) Get(_ context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	f, err := s.fact(kind, key)
	if err != nil {
		return directory.Entry{}, err
	}
	return f.entry, nil
}

func (s *Store) fact(kind directory.Kind, key string) (*fact, error) {
	for {
		g := s.view.Load().generation
		f, epoch := s.cache.get(g, kind, key)
		if f != nil {
			return f, nil
		}
		raw, err := s.get(entryKey(g, kind, key))
		if err != nil {
			return nil, err
		}
		if raw == nil {
			if s.view.Load().generation != g {
				continue // the generation may have been swept before it was read
			}
			return nil, errs.New(errs.NotFound, "", "There is no such %s.", kind)
		}
		e, err := decodeEntry(kind, key, raw)
		if err != nil {
			return nil, err
		}
		f = &fact{entry: e}
		s.cache.add(g, f, epoch)
		return f, nil
	}
}

// Scan implements directory.Reader. f sees the copy as it was when the scan began, and may use the store.
func (s *Store) Scan(_ context.Context, kind directory.Kind, prefix string, f func(directory.Entry) bool) (err error) {
	it, skip, err := s.openScan(kind, prefix)
	if err != nil {
		return fmt.Errorf("scan directory: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		e, err := decodeEntry(kind, string(it.Key()[skip:]), it.Value())
		if err != nil {
			return err
		}
		if !f(e) {
			return nil
		}
	}
	return it.Error()
}

// openScan returns an iterator over the present generation, and how many bytes of its keys come before the entry's key. A generation is
// swept only after another one was published; so one that is still the present one after the iterator was opened was whole then.
func (s *Store) openScan(kind directory.Kind, prefix string) (it *pebble.Iterator, skip int, err error) {
	for {
		g := s.view.Load().generation
		from := entryKey(g, kind, prefix)
		it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: after(from)})
		if err != nil {
			return nil, 0, err
		}
		if s.view.Load().generation == g {
			return it, len(entryKey(g, kind, "")), nil
		}
		if err := it.Close(); err != nil {
			return nil, 0, err
		}
	}
}
