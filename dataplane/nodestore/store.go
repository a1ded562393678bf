// Package nodestore is what a node keeps on its own disk besides messages.
package nodestore

import (
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options says where a store keeps its data. Start from DefaultOptions.
type Options struct {
	Dir        string // made when it does not exist
	FS         vfs.FS
	Log        *slog.Logger
	CacheBytes int64 // of Pebble's block cache
	CacheFacts int   // decoded facts that are kept in memory
}

// DefaultOptions returns the options of a store under dir.
func DefaultOptions(dir string) Options {
	return Options{Dir: dir, FS: vfs.Default, Log: slog.Default(), CacheBytes: 8 << 20, CacheFacts: 16384}
}

// Store is an open store.
type Store struct{}

// Open opens the store under o.Dir, or makes it.
func Open(o Options) (*Store, error) { return &Store{}, nil }

// Close releases the disk.
func (s *Store) Close() error { return nil }
