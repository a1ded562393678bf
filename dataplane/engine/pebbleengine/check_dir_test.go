package pebbleengine_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/id"
)

// hashes returns the hash of every file below dir, and "" for every directory.
func hashes(t *testing.T, disk vfs.FS, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	names, err := disk.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		path := disk.PathJoin(dir, name)
		info, err := disk.Stat(path)
		require.NoError(t, err)
		if info.IsDir() {
			all[path] = ""
			for k, v := range hashes(t, disk, path) {
				all[k] = v
			}
			continue
		}
		f, err := disk.Open(path)
		require.NoError(t, err)
		h := sha256.New()
		_, err = io.Copy(h, struct{ io.Reader }{f})
		require.NoError(t, err)
		require.NoError(t, f.Close())
		all[path] = fmt.Sprintf("%x", h.Sum(nil))
	}
	return all
}

// checkDir checks what is stored in the folder, and that nothing of it is changed, nor tried to be.
func checkDir(t *testing.T, opt pebbleengine.Options) pebbleengine.CheckReport {
	t.Helper()
	disk := opt.FS
	before := hashes(t, disk, opt.Dir)
	var mu sync.Mutex
	var writes []string
	opt.FS = errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			mu.Lock()
			defer mu.Unlock()
			writes = append(writes, fmt.Sprint(op.Kind, " ", op.Path))
		}
		return nil
	}))
	r, err := pebbleengine.CheckDir(context.Background(), opt)
	require.NoError(t, err)
	require.Empty(t, writes)
	require.Equal(t, before, hashes(t, disk, opt.Dir))
	return r
}

// opened returns what a check says once the engine is open.
func opened(t *testing.T, opt pebbleengine.Options) pebbleengine.CheckReport {
	t.Helper()
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	r, err := e.Check(context.Background())
	require.NoError(t, err)
	return r
}

func TestCheckingAFolderChangesNothingInIt(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	b := newBench(t, nil)
	busy(t, b)
	first := b.q.ID
	b.q.ID = id.NewQueue()
	b.traffic(30) // a few segments
	require.NoError(t, b.DropQueue(context.Background(), first))
	b.q.ID = id.NewQueue()
	busy(t, b)
	disk := b.opt.FS.(*vfs.MemFS)
	rng := rand.New(rand.NewPCG(seed, 0))
	left := map[string]*vfs.MemFS{
		"by a crash": disk.CrashClone(vfs.CrashCloneCfg{}),
		"by a crash, with some of what was not synced": disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rng}),
	}
	require.NoError(t, b.Close())
	left["by a clean stop"] = disk
	for name, disk := range left {
		t.Run(name, func(t *testing.T) {
			opt := b.opt
			opt.FS = disk
			r := checkDir(t, opt)
			require.Empty(t, r.Problems)
			require.Equal(t, int64(2), r.Queues)
			require.Greater(t, r.Segments, int64(3))
			for range 2 { // and opened, closed, and looked at again
				want := opened(t, opt)
				r.Segments, want.Segments = 0, 0 // opening begins one, and may give others up
				require.Equal(t, want, r)
				r = checkDir(t, opt)
			}
		})
	}
}

func TestCheckingAFolderNamesWhatDiffers(t *testing.T) {
	b := newBench(t, nil)
	busy(t, b)
	b.Damage(t, b.q.ID, 2, false)
	b.CountDelayed(t, b.q.ID, 1)
	for range 2 { // as it was left by a crash, and by a stop
		opt := b.opt
		opt.FS = b.opt.FS.(*vfs.MemFS).CrashClone(vfs.CrashCloneCfg{})
		r := checkDir(t, opt)
		require.Len(t, r.Problems, 2)
		require.Contains(t, r.Problems[0].String(), "message 2 is damaged")
		require.Contains(t, r.Problems[1].String(), "delayed messages: 31 are recorded, 30 were counted")
		require.NoError(t, b.Close())
	}
	// A segment that is gone does not keep the rest from being looked at.
	opt := b.opt
	require.NoError(t, opt.FS.Remove("data/log/000000000001.log"))
	r := checkDir(t, opt)
	require.Contains(t, r.Problems[0].String(), "cannot be read")
	require.Equal(t, int64(30*4+30+6+10), r.Messages)
}

func TestCheckingAFolderOfAnEarlierProgram(t *testing.T) {
	b := newBench(t, nil)
	b.die(20)
	require.NoError(t, b.Close())
	pebbleengine.ForgetTags(t, b.opt, true)
	require.Empty(t, checkDir(t, b.opt).Problems)
	b.reopen()
	b.SetFormat(t, 3)
	require.NoError(t, b.Close())
	_, err := pebbleengine.CheckDir(context.Background(), b.opt)
	require.ErrorContains(t, err, "format 3")
}

func TestCheckingAFolderWithoutAnEngineMakesNone(t *testing.T) {
	b := newBench(t, nil)
	opt := b.opt
	opt.FS = vfs.NewMem()
	_, err := pebbleengine.CheckDir(context.Background(), opt)
	require.ErrorContains(t, err, "data")
	_, err = opt.FS.Stat(opt.Dir)
	require.Error(t, err)
	require.NoError(t, opt.FS.MkdirAll(opt.Dir, 0o755))
	_, err = pebbleengine.CheckDir(context.Background(), opt)
	require.Error(t, err)
	names, err := opt.FS.List(opt.Dir)
	require.NoError(t, err)
	require.Empty(t, names)
}

const holdDir = "DMS_TEST_HOLD_DIR"

// TestHoldAnEngine is the other process of the next test.
func TestHoldAnEngine(t *testing.T) {
	dir := os.Getenv(holdDir)
	if dir == "" {
		return
	}
	opt := pebbleengine.DefaultOptions(dir)
	opt.Log, opt.MinFreeBytes, opt.SegmentBytes = nil, 0, 1<<20
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	q := engine.Queue{ID: id.NewQueue(), Mode: "NORMAL"}
	for range 50 {
		_, err := e.Send(context.Background(), q, []engine.NewMessage{{Body: make([]byte, 50_000)}}, nil)
		require.NoError(t, err)
	}
	fmt.Println("holds it")
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
}

// TestCheckingTheFolderOfAProcessThatWasKilled is on a real disk, where times are compared, too.
func TestCheckingTheFolderOfAProcessThatWasKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "engine")
	other := exec.Command(os.Args[0], "-test.run=^TestHoldAnEngine$")
	other.Env = append(os.Environ(), holdDir+"="+dir)
	stdin, err := other.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	stdout, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "holds it\n", line)

	opt := pebbleengine.DefaultOptions(dir)
	opt.Log = nil
	_, err = pebbleengine.CheckDir(context.Background(), opt)
	require.ErrorContains(t, err, "in use")
	require.NoError(t, other.Process.Kill())
	require.Error(t, other.Wait())

	times := func() map[string]string {
		all := make(map[string]string)
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			all[path] = fmt.Sprint(info.ModTime().UnixNano(), info.Mode())
			return err
		}))
		return all
	}
	before := times()
	r := checkDir(t, opt)
	require.Empty(t, r.Problems)
	require.Equal(t, int64(50), r.Messages)
	require.Equal(t, before, times())
	require.Equal(t, r.Messages, opened(t, opt).Messages)
}
