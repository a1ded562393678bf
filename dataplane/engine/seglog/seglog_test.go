package seglog

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

const dir = "log"

func newDisk(t *testing.T) *vfs.MemFS {
	t.Helper()
	disk := vfs.NewCrashableMem()
	require.NoError(t, disk.MkdirAll(dir, 0o755))
	root, err := disk.OpenDir("")
	require.NoError(t, err)
	require.NoError(t, root.Sync())
	require.NoError(t, root.Close())
	return disk
}

func options(fs vfs.FS) Options { return Options{FS: fs, Dir: dir, SegmentBytes: 512, MaxSpare: 2} }

// read opens the log and returns the records of each group that it found.
func read(opt Options) (*Log, [][]string, error) {
	var groups [][]string
	l, err := Open(opt, func(g Group) error {
		records := []string{}
		for _, r := range g.Records {
			records = append(records, string(r.Bytes))
		}
		groups = append(groups, records)
		return nil
	})
	return l, groups, err
}

func open(t *testing.T, opt Options) (*Log, [][]string) {
	t.Helper()
	l, groups, err := read(opt)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l, groups
}

// commit writes one group and returns where its records are.
func commit(t *testing.T, l *Log, records ...string) []Position {
	t.Helper()
	at, err := tryCommit(l, records...)
	require.NoError(t, err)
	return at
}

func tryCommit(l *Log, records ...string) ([]Position, error) {
	size := int64(0)
	for _, r := range records {
		size += int64(len(r)) + 4
	}
	if err := l.Start(size); err != nil {
		return nil, err
	}
	var at []Position
	for _, r := range records {
		at = append(at, l.Append([]byte(r[:len(r)/2]), []byte(r[len(r)/2:])))
	}
	return at, l.Commit()
}

func TestGroupsComeBackInOrderOverManySegments(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	var want [][]string
	var places []Position
	for i := range 40 {
		g := []string{fmt.Sprint("a", i), strings.Repeat("b", i), ""}
		want = append(want, g)
		places = append(places, commit(t, l, g...)[1])
	}
	require.Greater(t, len(l.Segments()), 3)
	for i, at := range places {
		b := make([]byte, i)
		require.NoError(t, l.Read(at, b))
		require.Equal(t, strings.Repeat("b", i), string(b))
	}
	end := l.End()
	require.NoError(t, l.Close())

	l, got := open(t, options(disk))
	require.Equal(t, want, got)
	commit(t, l, "later")
	require.NoError(t, l.Close())

	opt := options(disk)
	opt.From = end
	l, got = open(t, opt)
	require.Equal(t, [][]string{{"later"}}, got)
	require.Equal(t, uint64(1), l.Segments()[0], "what is before From stays")
}

func TestAGroupLargerThanASegmentHasOneOfItsOwn(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	commit(t, l, "small")
	commit(t, l, strings.Repeat("x", 2000))
	commit(t, l, "small")
	require.Equal(t, []uint64{1, 2, 3}, l.Segments())
	require.NoError(t, l.Close())
	_, got := open(t, options(disk))
	require.Equal(t, [][]string{{"small"}, {strings.Repeat("x", 2000)}, {"small"}}, got)
}

// TestACrashLosesNothingCommitted takes what a power failure would leave after every step, with any part of what was not synced.
func TestACrashLosesNothingCommitted(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	disk := newDisk(t)
	opt := options(disk)
	l, _ := open(t, opt)
	var committed [][]string
	for i := range 60 {
		g := []string{fmt.Sprint("group ", i), strings.Repeat("x", rng.IntN(150))}
		require.NoError(t, l.Start(int64(len(g[1])+30)))
		for _, r := range g {
			l.Append([]byte(r))
		}
		// The write has happened, the sync has not.
		sealGroup(l.buf, l.number, l.offset, l.count)
		_, err := l.file.Write(append([]byte(nil), l.buf...))
		require.NoError(t, err)
		for _, percent := range []int{0, 50, 100} {
			crashed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng})
			again, got, err := read(options(crashed))
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(got), len(committed))
			require.Equal(t, committed, append([][]string(nil), got[:len(committed)]...))
			if len(got) > len(committed) {
				require.Equal(t, [][]string{g}, got[len(committed):], "the whole group or nothing")
			}
			_, err = tryCommit(again, "after")
			require.NoError(t, err)
			require.NoError(t, again.Close())
			_, after, err := read(options(crashed))
			require.NoError(t, err)
			require.Equal(t, append(append([][]string(nil), got...), []string{"after"}), after)
		}
		require.NoError(t, l.file.SyncData())
		l.offset += int64(len(l.buf))
		committed = append(committed, g)
	}
}

func TestATornEndIsTheEnd(t *testing.T) {
	disk := newDisk(t)
	opt := options(disk)
	opt.SegmentBytes = 1 << 20
	l, _ := open(t, opt)
	commit(t, l, "one")
	end := l.End()
	commit(t, l, "two", "three")
	require.NoError(t, l.Close())
	whole := contents(t, disk, segmentName(1))
	for n := int(end.Offset); n < len(whole); n++ {
		write(t, disk, segmentName(1), whole[:n])
		again, got, err := read(opt)
		require.NoError(t, err)
		require.Equal(t, [][]string{{"one"}}, got, "cut at %d", n)
		require.NoError(t, again.Close())
		require.NoError(t, disk.Remove(disk.PathJoin(dir, segmentName(2))))
	}
}

func TestDamageBeforeTheEndIsFound(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	for i := range 20 {
		commit(t, l, fmt.Sprint("record ", i), "more")
	}
	last := l.End()
	require.Greater(t, last.Segment, uint64(2))
	require.NoError(t, l.Close())
	want := func(n uint64, i int) { // damage there must be found
		name := segmentName(n)
		whole := contents(t, disk, name)
		broken := bytes.Clone(whole)
		broken[i] ^= 1 << (i % 8)
		write(t, disk, name, broken)
		_, _, err := read(options(disk))
		require.ErrorIs(t, err, ErrDamaged, "byte %d of segment %d", i, n)
		write(t, disk, name, whole)
	}
	// Any byte of a segment that has ended.
	for i := range contents(t, disk, segmentName(1)) {
		want(1, i)
	}
	// Of the last segment, whatever has a whole group behind it.
	whole := contents(t, disk, segmentName(last.Segment))
	_, _, ok := parseGroup(whole, last.Segment, headerLen)
	require.True(t, ok)
	records, _, _ := parseGroup(whole, last.Segment, headerLen)
	for i := range headerLen + groupHeaderLen + len(records) {
		want(last.Segment, i)
	}
	l, got := open(t, options(disk))
	require.Len(t, got, 20)
	require.NoError(t, l.Close())
	require.NoError(t, disk.Remove(disk.PathJoin(dir, segmentName(2))))
	_, _, err := read(options(disk))
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "segment 2 is missing")
}

func TestRetiredSegmentsAreWrittenAgainAndNeverRead(t *testing.T) {
	disk := newDisk(t)
	opt := options(disk)
	l, _ := open(t, opt)
	for i := range 12 {
		commit(t, l, strings.Repeat("o", 100), fmt.Sprint("old ", i))
	}
	segments := l.Segments()
	from := Position{segments[3], headerLen}
	for _, n := range segments[:3] {
		require.NoError(t, l.Retire(n, true))
	}
	names, err := disk.List(dir)
	require.NoError(t, err)
	spares := 0
	for _, n := range names {
		if isSpare(n) {
			spares++
		}
	}
	require.Equal(t, 2, spares, "no more than MaxSpare are kept")
	require.ErrorIs(t, l.Read(Position{segments[0], headerLen}, make([]byte, 1)), ErrDamaged)
	require.NoError(t, l.Close())

	opt.From = from
	l, before := open(t, opt)
	commit(t, l, "new")
	require.Empty(t, l.spare[1:], "the segment that opening began is a spare one")
	require.NoError(t, l.Close())
	require.Contains(t, string(contents(t, disk, segmentName(l.number))), "old 5", "the old bytes are still behind the new ones")
	_, after := open(t, opt)
	require.Equal(t, append(before, []string{"new"}), after)
}

func TestWhatIsCutOffNeverComesBack(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	commit(t, l, "answered")
	cut := l.End()
	for i := range 30 {
		commit(t, l, strings.Repeat("u", 50), fmt.Sprint("unanswered ", i))
	}
	require.Greater(t, len(l.Segments()), 3)
	require.NoError(t, l.Close())
	opt := options(disk)
	opt.Cut = &cut
	l, got := open(t, opt)
	require.Equal(t, [][]string{{"answered"}}, got)
	commit(t, l, "next")
	crashed := disk.CrashClone(vfs.CrashCloneCfg{})
	_, got = open(t, options(crashed))
	require.Equal(t, [][]string{{"answered"}, {"next"}}, got)
}

func TestALogThatIsOnlyReadIsNotChanged(t *testing.T) {
	disk := newDisk(t)
	opt := options(disk)
	l, _ := open(t, opt)
	var want [][]string
	for i := range 20 {
		want = append(want, []string{fmt.Sprint("record ", i), "more"})
		commit(t, l, want[i]...)
	}
	last := l.End().Segment
	require.NoError(t, l.Close())
	// One that was begun and got no further than that, and a spare one.
	write(t, disk, segmentName(last+1), nil)
	write(t, disk, spareName(1), []byte("spare"))
	list := func() []string {
		names, err := disk.List(dir)
		require.NoError(t, err)
		slices.Sort(names)
		return names
	}
	before := list()
	opt.ReadOnly, opt.Prepare = true, 2
	l, got := open(t, opt)
	require.Equal(t, want, got)
	require.Equal(t, last, l.Segments()[len(l.Segments())-1], "what holds nothing does not count")
	b := make([]byte, 8)
	require.NoError(t, l.Read(Position{1, headerLen + groupHeaderLen + 4}, b))
	require.Equal(t, "record 0", string(b))
	require.NoError(t, l.Close())
	require.Equal(t, before, list())
}

func TestTheGroupsOfASegmentEndWhereItWasCut(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	commit(t, l, "answered")
	cut := l.End()
	commit(t, l, "unanswered")
	require.NoError(t, l.Close())
	opt := options(disk)
	opt.Cut = &cut
	for range 3 { // also when it is opened again, and later
		l, _ = open(t, opt)
		var got []string
		require.NoError(t, l.Groups(cut.Segment, func(g Group) error {
			got = append(got, string(g.Records[0].Bytes))
			return nil
		}))
		require.Equal(t, []string{"answered"}, got)
		require.NoError(t, l.Close())
		opt.Cut = nil
	}
}

func TestSparesAreMadeAhead(t *testing.T) {
	disk := newDisk(t)
	opt := options(disk)
	opt.Prepare = 2
	l, _ := open(t, opt)
	for i := range 50 {
		commit(t, l, strings.Repeat("x", 200), fmt.Sprint(i))
	}
	require.NoError(t, l.Close())
	// Again, over the spares that are left, which must not be taken for new ones.
	l, got := open(t, opt)
	require.Len(t, got, 50)
	for i := range 50 {
		commit(t, l, strings.Repeat("y", 200), fmt.Sprint(i))
	}
	require.NoError(t, l.Close())
	_, got = open(t, opt)
	require.Len(t, got, 100)
	require.Equal(t, []string{strings.Repeat("y", 200), "49"}, got[99])
}

// failing fails the n-th step that writes.
type failing struct {
	vfs.FS
	left int
}

var errInjected = errors.New("injected")

func (f *failing) step() error {
	if f.left--; f.left < 0 {
		return errInjected
	}
	return nil
}

func (f *failing) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name, c)
	return &failingFile{file, f}, err
}

type failingFile struct {
	vfs.File
	fs *failing
}

func (f *failingFile) Write(b []byte) (int, error) {
	if err := f.fs.step(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *failingFile) Sync() error     { return errors.Join(f.fs.step(), f.File.Sync()) }
func (f *failingFile) SyncData() error { return errors.Join(f.fs.step(), f.File.SyncData()) }

func TestEveryFailedWriteIsReported(t *testing.T) {
	for n := 0; ; n++ {
		disk := newDisk(t)
		fs := &failing{FS: disk, left: n}
		var committed [][]string
		l, _, err := read(options(fs))
		for i := 0; i < 12 && err == nil; i++ {
			g := []string{fmt.Sprint("group ", i), strings.Repeat("x", 100)}
			if _, err = tryCommit(l, g...); err == nil {
				committed = append(committed, g)
			}
		}
		if err == nil {
			require.Greater(t, n, 20)
			return
		}
		require.ErrorIs(t, err, errInjected)
		_, got, err := read(options(disk.CrashClone(vfs.CrashCloneCfg{})))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(got), len(committed), "step %d", n)
		require.Equal(t, committed, append([][]string(nil), got[:len(committed)]...))
	}
}

func TestReadersAreBounded(t *testing.T) {
	disk := newDisk(t)
	l, _ := open(t, options(disk))
	var at []Position
	for i := range maxReaders + 20 {
		at = append(at, commit(t, l, fmt.Sprintf("%04d", i), strings.Repeat("x", 400))[0])
	}
	for i, p := range at {
		b := make([]byte, 4)
		require.NoError(t, l.Read(p, b))
		require.Equal(t, fmt.Sprintf("%04d", i), string(b))
	}
	require.LessOrEqual(t, len(l.readers), maxReaders)
	require.ErrorIs(t, l.Read(Position{at[0].Segment, 1 << 30}, make([]byte, 1)), ErrDamaged)
}

func FuzzOpen(f *testing.F) {
	header := segmentHeader(1, 0)
	group := append(make([]byte, groupHeaderLen), 0, 0, 0, 3, 'a', 'b', 'c')
	sealGroup(group, 1, headerLen, 1)
	f.Add(append(bytes.Clone(header), group...))
	f.Add(header)
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := vfs.NewMem()
		require.NoError(t, disk.MkdirAll(dir, 0o755))
		write(t, disk, segmentName(1), b)
		l, groups, err := read(options(disk))
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		require.NoError(t, l.Close())
		_, again, err := read(options(disk))
		require.NoError(t, err)
		require.Equal(t, groups, again)
	})
}

func contents(t *testing.T, fs vfs.FS, name string) []byte {
	t.Helper()
	f, err := fs.Open(fs.PathJoin(dir, name))
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	b := make([]byte, info.Size())
	_, err = f.ReadAt(b, 0)
	if len(b) > 0 {
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	return b
}

func write(t *testing.T, fs vfs.FS, name string, b []byte) {
	t.Helper()
	f, err := fs.Create(fs.PathJoin(dir, name), vfs.WriteCategoryUnspecified)
	require.NoError(t, err)
	_, err = f.Write(bytes.Clone(b))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}
