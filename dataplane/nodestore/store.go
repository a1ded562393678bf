package nodestore

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/dataplane/fence"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

// formatVersion is that of the keys and values in doc.go.
const formatVersion = 1

const (
	metaFormat  = "format"
	metaID      = "id"
	metaCopy    = "copy"
	metaContact = "contact"
)

// Options says where a store keeps its data. Start from DefaultOptions.
type Options struct {
	Dir        string // made when it does not exist
	FS         vfs.FS // nil: the operating system's
	Log        *slog.Logger
	CacheBytes int64 // of Pebble's block cache
	CacheFacts int   // entries that are kept in memory, decoded
}

// DefaultOptions returns the options of a store under dir.
func DefaultOptions(dir string) Options {
	return Options{Dir: dir, FS: vfs.Default, Log: slog.Default(), CacheBytes: 8 << 20, CacheFacts: 16384}
}

// Validate returns every violation.
func (o Options) Validate() error {
	var all []error
	if o.Dir == "" {
		all = append(all, errors.New(`Dir is "": must be a directory`))
	}
	if o.CacheBytes < 1<<20 {
		all = append(all, fmt.Errorf("CacheBytes is %d: must be at least 1 MiB", o.CacheBytes))
	}
	if o.CacheFacts < 1 {
		all = append(all, fmt.Errorf("CacheFacts is %d: must be at least 1", o.CacheFacts))
	}
	return errors.Join(all...)
}

// Store is an open store. Safe for concurrent use.
type Store struct {
	db    *pebble.DB
	fence *fence.FS // trips at the first write that did not reach the disk; the store takes no more then
	log   *slog.Logger
	id    string

	writing sync.Mutex // held through Apply: one change of the copy at a time. guards: copy
	copy    copyState
	view    atomic.Pointer[view]
	cache   *factCache

	contact contact
	outbox  outbox
}

// Open opens the store under o.Dir, or makes it. One process at a time can have it open.
func Open(o Options) (*Store, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Store{log: o.Log, cache: newFactCache(o.CacheFacts)}
	s.fence = fence.New(o.FS, func(err error) {
		o.Log.Error("node store stopped taking writes", slog.String("error", err.Error()))
	})
	if err := o.FS.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open node store: %w", err)
	}
	blocks := pebble.NewCache(o.CacheBytes)
	defer blocks.Unref() // the database holds its own reference
	po := &pebble.Options{
		FS:                 s.fence,
		Cache:              blocks,
		MemTableSize:       4 << 20,
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             pebbleLogger{log: o.Log, fatal: s.fence.Trip},
	}
	po.Levels[0].FilterPolicy = bloom.FilterPolicy(10) // look-ups of ids that do not exist should cost no read
	db, err := pebble.Open(o.Dir, po)
	if err != nil {
		// What Pebble met may be a consequence of what the fence kept from it.
		return nil, fmt.Errorf("open node store %s: %w", o.Dir, cmp.Or(s.fence.Err(), err))
	}
	s.db = db
	err = s.load()
	if err == nil {
		err = s.fence.Opened()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open node store %s: %w", o.Dir, err), db.Close())
	}
	return s, nil
}

func (s *Store) load() error {
	format := formatVersion
	found, err := s.getMeta(metaFormat, &format)
	switch {
	case err != nil:
		return err
	case format > formatVersion:
		return fmt.Errorf("its format is %d, written by a newer version of the program; this one knows %d", format, formatVersion)
	case !found:
		s.id = id.NewHex()
		b := s.db.NewBatch()
		if err := errors.Join(setMeta(b, metaFormat, formatVersion), setMeta(b, metaID, s.id)); err != nil {
			return err
		}
		if err := s.commit(b); err != nil {
			return err
		}
	}
	if _, err := s.getMeta(metaID, &s.id); err != nil {
		return err
	}
	return errors.Join(s.loadCopy(), s.loadContact(), s.loadOutbox())
}

// ID returns the node's id: random, made at the first open, the same ever after.
func (s *Store) ID() string { return s.id }

// Ready returns nil while the store takes writes. After a write that may not have reached the disk it takes none until it is opened
// again; what it answers from stays as it was.
func (s *Store) Ready() error {
	if err := s.fence.Err(); err != nil {
		return errs.Wrap(err, errs.Unavailable, "", "The node cannot write to its disk.")
	}
	return nil
}

// Close releases the disk. No other method may be running or be called afterwards.
func (s *Store) Close() error { return errors.Join(s.fence.Err(), s.db.Close()) }

// commit makes b durable, and releases it.
func (s *Store) commit(b *pebble.Batch) (err error) {
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := s.Ready(); err != nil {
		return err
	}
	// Whether it reached the disk only the fence knows: Pebble was told that it did.
	if err := b.Commit(pebble.Sync); err != nil {
		s.fence.Trip(err)
	}
	return s.Ready()
}

func (s *Store) getMeta(name string, v any) (found bool, err error) {
	raw, err := s.get(metaKey(name))
	if err != nil || raw == nil {
		return false, err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return true, nil
}

func setMeta(b *pebble.Batch, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Set(metaKey(name), raw, nil)
}

// get returns a copy of the value, nil when there is none.
func (s *Store) get(key []byte) ([]byte, error) {
	v, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read node store: %w", err)
	}
	out := append([]byte{}, v...)
	return out, closer.Close()
}

// pebbleLogger carries Pebble's words into the log. Pebble calls Fatalf where it expects the process to end.
type pebbleLogger struct {
	log   *slog.Logger
	fatal func(error)
}

func (l pebbleLogger) Infof(format string, args ...any) {
	l.log.Debug("pebble reported", slog.String("detail", fmt.Sprintf(format, args...)))
}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.log.Warn("pebble reported a problem", slog.String("detail", fmt.Sprintf(format, args...)))
}

func (l pebbleLogger) Fatalf(format string, args ...any) { l.fatal(fmt.Errorf(format, args...)) }

var _ directory.Reader = (*Store)(nil)
