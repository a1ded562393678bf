package pebbleengine

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/id"
)

// Facts about the store, under tableMeta.
const (
	metaFormat    = "format"    // uint64: version of the key and value formats
	metaSource    = "source"    // the engine's name in usage batches
	metaEpoch     = "epoch"     // uint64: how often the store was opened
	metaSecret    = "secret"    // 32 random bytes: authenticates handlers
	metaForgotten = "forgotten" // uint64: usage up to here is erased
	metaApplied   = "applied"   // segment(8) offset(8) tagged(1): everything before this position of the log is in the index; dead letters have tags
)

// storeFormat is the version that this code writes, and the only one that it reads: 1 was never released.
const storeFormat = 2

// identity is what a store is told about itself when it is opened.
type identity struct {
	source string
	epoch  uint64
	secret []byte
}

// openIdentity reads the facts of the store, makes them at the first open, and takes the next epoch, all in one commit.
func openIdentity(s *store, wantSource string) (identity, error) {
	db := s.db
	if err := checkFormat(db); err != nil {
		return identity{}, err
	}
	var ident identity
	source, err := getBytes(db, metaKey(metaSource))
	if err != nil {
		return identity{}, err
	}
	ident.source = string(source)
	if s.opt.restored {
		ident.source = ""
	}
	switch {
	case ident.source == "" && wantSource == "":
		ident.source = id.NewHex()
	case ident.source == "":
		ident.source = wantSource
	case wantSource != "" && wantSource != ident.source:
		return identity{}, fmt.Errorf("the data belongs to usage source %q, not to %q", ident.source, wantSource)
	}
	if ident.secret, err = getBytes(db, metaKey(metaSecret)); err != nil {
		return identity{}, err
	}
	if ident.secret == nil || s.opt.restored {
		ident.secret = make([]byte, 32)
		_, _ = rand.Read(ident.secret) // never fails
	}
	if ident.epoch, err = getUint64(db, metaKey(metaEpoch)); err != nil {
		return identity{}, err
	}
	ident.epoch++

	b := s.newBatch()
	b.set(metaKey(metaFormat), appendUint64(nil, storeFormat))
	b.set(metaKey(metaSource), []byte(ident.source))
	b.set(metaKey(metaSecret), ident.secret)
	b.set(metaKey(metaEpoch), appendUint64(nil, ident.epoch))
	if s.opt.restored {
		disown(b)
	}
	return ident, s.commits.store(b)
}

// checkFormat refuses data that this program cannot read right.
func checkFormat(db pebble.Reader) error {
	format, err := getUint64(db, metaKey(metaFormat))
	switch {
	case err != nil:
		return err
	case format > storeFormat:
		return fmt.Errorf("the data is in format %d; this program knows formats up to %d: use the newer program", format, storeFormat)
	case format != 0 && format < storeFormat:
		return fmt.Errorf("the data is in format %d, which this program cannot read: it was written before the first release; begin with an empty directory", format)
	}
	return nil
}

// getBytes returns a copy of the value under key, nil when there is none.
func getBytes(db pebble.Reader, key []byte) ([]byte, error) {
	v, closer, err := db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, v...)
	return out, closer.Close()
}

func getUint64(db pebble.Reader, key []byte) (uint64, error) {
	v, err := getBytes(db, key)
	if err != nil || v == nil {
		return 0, err
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("%x: %w", key, errDamaged)
	}
	return binary.BigEndian.Uint64(v), nil
}
