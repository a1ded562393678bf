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
)

// storeFormat is the version that this code writes, and the only one that it reads: 1 was never released.
const storeFormat = 2

// identity is what a store is told about itself when it is opened.
type identity struct {
	source string
	epoch  uint64
	secret []byte
}

// openIdentity reads the facts of the store, makes them at the first open, and takes the next epoch, all in one synced commit.
func openIdentity(db *pebble.DB, wantSource string) (identity, error) {
	format, err := getUint64(db, metaKey(metaFormat))
	if err != nil {
		return identity{}, err
	}
	if format > storeFormat {
		return identity{}, fmt.Errorf("the data is in format %d; this program knows formats up to %d: use the newer program", format, storeFormat)
	}
	if format != 0 && format < storeFormat {
		return identity{}, fmt.Errorf("the data is in format %d, of a program that was never released; this one reads format %d: begin with an empty directory", format, storeFormat)
	}
	var ident identity
	source, err := getBytes(db, metaKey(metaSource))
	if err != nil {
		return identity{}, err
	}
	ident.source = string(source)
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
	if ident.secret == nil {
		ident.secret = make([]byte, 32)
		_, _ = rand.Read(ident.secret) // never fails
	}
	if ident.epoch, err = getUint64(db, metaKey(metaEpoch)); err != nil {
		return identity{}, err
	}
	ident.epoch++

	b := db.NewBatch()
	defer func() { _ = b.Close() }()
	_ = b.Set(metaKey(metaFormat), appendUint64(nil, storeFormat), nil)
	_ = b.Set(metaKey(metaSource), []byte(ident.source), nil)
	_ = b.Set(metaKey(metaSecret), ident.secret, nil)
	_ = b.Set(metaKey(metaEpoch), appendUint64(nil, ident.epoch), nil)
	return ident, db.Apply(b, pebble.Sync)
}

// getBytes returns a copy of the value under key, nil when there is none.
func getBytes(db *pebble.DB, key []byte) ([]byte, error) {
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

func getUint64(db *pebble.DB, key []byte) (uint64, error) {
	v, err := getBytes(db, key)
	if err != nil || v == nil {
		return 0, err
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("%x: %w", key, errDamaged)
	}
	return binary.BigEndian.Uint64(v), nil
}
