package seglog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A segment is
//
//	header: magic(8) number(8) end of the segment before(8) crc32c of these(4)
//	groups
//
// and a group is
//
//	header: magic(4) crc32c of what follows, the records too(4) number of the segment(8) offset of the group(8) length of the records(4) how many(4)
//	records: { length(4) bytes }...
//
// Numbers are big endian.
const (
	segmentMagic      = "DMSLOG\x00\x01"
	headerLen         = 28
	groupMagic        = 0xD35109C7
	groupHeaderLen    = 32
	maxRetainedBuffer = 16 << 20
	writeCategory     = vfs.DiskWriteCategory("dms-log")
	suffix            = ".log"
	sparePrefix       = "spare-"
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// Name returns the name of the file of a segment.
func Name(number uint64) string { return segmentName(number) }

func segmentName(number uint64) string { return fmt.Sprintf("%012d%s", number, suffix) }

func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 12 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func spareName(number uint64) string { return sparePrefix + segmentName(number) }

func preparedName(number uint64) string {
	return fmt.Sprintf("%snew-%d%s", sparePrefix, number, suffix)
}

func preparedNumber(name string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(name, sparePrefix+"new-"), suffix), 10, 64)
	return n
}

func isSpare(name string) bool { return strings.HasPrefix(name, sparePrefix) }

func appendUint32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

func segmentHeader(number uint64, previousEnd int64) []byte {
	b := append(make([]byte, 0, headerLen), segmentMagic...)
	b = binary.BigEndian.AppendUint64(b, number)
	b = binary.BigEndian.AppendUint64(b, uint64(previousEnd))
	return appendUint32(b, crc32.Checksum(b, crcTable))
}

// parseHeader returns where the segment before this one ends; ok is false if b is not the header of segment number.
func parseHeader(b []byte, number uint64) (previousEnd int64, ok bool) {
	if len(b) < headerLen || string(b[:8]) != segmentMagic || binary.BigEndian.Uint64(b[8:]) != number ||
		crc32.Checksum(b[:24], crcTable) != binary.BigEndian.Uint32(b[24:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(b[16:])), true
}

// sealGroup completes the header of the group in b.
func sealGroup(b []byte, number uint64, offset int64, records uint32) {
	binary.BigEndian.PutUint32(b, groupMagic)
	binary.BigEndian.PutUint64(b[8:], number)
	binary.BigEndian.PutUint64(b[16:], uint64(offset))
	binary.BigEndian.PutUint32(b[24:], uint32(len(b)-groupHeaderLen))
	binary.BigEndian.PutUint32(b[28:], records)
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[8:], crcTable))
}

// parseGroup returns the records of the group at offset of the segment whose bytes are b; ok is false when there is no whole one.
func parseGroup(b []byte, number uint64, offset int64) (records []byte, count uint32, ok bool) {
	b = b[min(offset, int64(len(b))):]
	if len(b) < groupHeaderLen || binary.BigEndian.Uint32(b) != groupMagic ||
		binary.BigEndian.Uint64(b[8:]) != number || binary.BigEndian.Uint64(b[16:]) != uint64(offset) {
		return nil, 0, false
	}
	n := int64(binary.BigEndian.Uint32(b[24:]))
	if int64(len(b)) < groupHeaderLen+n {
		return nil, 0, false
	}
	b = b[:groupHeaderLen+n]
	if crc32.Checksum(b[8:], crcTable) != binary.BigEndian.Uint32(b[4:]) {
		return nil, 0, false
	}
	return b[groupHeaderLen:], binary.BigEndian.Uint32(b[28:]), true
}

// splitGroup takes the records of a whole group at the given place apart.
func splitGroup(records []byte, count uint32, at Position) (Group, error) {
	end := Position{at.Segment, at.Offset + groupHeaderLen + int64(len(records))}
	g := Group{Records: make([]Record, 0, min(count, 1024)), End: end}
	offset := at.Offset + groupHeaderLen
	for range count {
		if len(records) < 4 || int64(len(records))-4 < int64(binary.BigEndian.Uint32(records)) {
			return Group{}, fmt.Errorf("group at %s: %w", at, ErrDamaged)
		}
		n := int64(binary.BigEndian.Uint32(records))
		offset += 4
		g.Records = append(g.Records, Record{At: Position{at.Segment, offset}, Bytes: records[4 : 4+n : 4+n]})
		offset += n
		records = records[4+n:]
	}
	return g, nil
}
