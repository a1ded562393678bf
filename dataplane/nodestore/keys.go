package nodestore

import (
	"encoding/binary"
	"fmt"

	"dms/internal/directory"
)

const (
	spaceMeta    = 'm'
	spaceEntry   = 'd'
	spaceErasure = 'x'
	spaceUsage   = 'u'
	spaceCut     = 'c'
)

func metaKey(name string) []byte { return append([]byte{spaceMeta}, name...) }

func entryKey(generation uint32, kind directory.Kind, key string) []byte {
	b := generationKey(generation)
	b = append(b, kind...)
	b = append(b, 0)
	return append(b, key...)
}

func generationKey(generation uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{spaceEntry}, generation)
}

func erasureKey(kind directory.Kind, key string) []byte {
	b := append([]byte{spaceErasure}, kind...)
	b = append(b, 0)
	return append(b, key...)
}

func usageKey(source string, last uint64) []byte {
	b := binary.AppendUvarint([]byte{spaceUsage}, uint64(len(source)))
	b = append(b, source...)
	return binary.BigEndian.AppendUint64(b, last)
}

func cutKey(source string) []byte { return append([]byte{spaceCut}, source...) }

// after returns the first key behind all keys that begin with prefix; nil when there is no such key.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] != 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}

func encodeEntry(e directory.Entry) []byte {
	b := make([]byte, 0, 8+len(e.Value))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Revision))
	return append(b, e.Value...)
}

// decodeEntry copies what it keeps: Pebble lends its values.
func decodeEntry(kind directory.Kind, key string, v []byte) (directory.Entry, error) {
	if len(v) < 8 {
		return directory.Entry{}, fmt.Errorf("directory entry %s %q: %d bytes are too few", kind, key, len(v))
	}
	return directory.Entry{
		Kind: kind, Key: key,
		Revision: directory.Revision(binary.BigEndian.Uint64(v)),
		Value:    append([]byte(nil), v[8:]...),
	}, nil
}
