package bench

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"dms/internal/clock"
)

// Machine is under which limits figures were measured.
type Machine struct {
	OS         string        `json:"os"`
	Arch       string        `json:"arch"`
	Cores      int           `json:"cores"`
	GOMAXPROCS int           `json:"gomaxprocs"`
	Go         string        `json:"go"`
	Version    string        `json:"version"`               // of the program
	Dir        string        `json:"dir,omitempty"`         // of the data; "" over HTTP, where the server's disk is not known
	FileSystem string        `json:"file_system,omitempty"` // of Dir
	Sync       time.Duration `json:"sync_ns,omitempty"`     // median of a synced write of 4 KiB in Dir
}

// ThisMachine describes the machine, and measures the sync of dir unless that is "".
func ThisMachine(clk clock.Clock, version, dir string) (Machine, error) {
	m := Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0),
		Go: runtime.Version(), Version: version, Dir: dir,
	}
	if dir == "" {
		return m, nil
	}
	m.FileSystem = fileSystem(dir)
	var err error
	m.Sync, err = measureSync(clk, dir)
	return m, err
}

const syncs = 51

func measureSync(clk clock.Clock, dir string) (d time.Duration, err error) {
	f, err := os.CreateTemp(dir, "sync-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(filepath.Join(dir, filepath.Base(f.Name())))) }()
	page := make([]byte, 4096)
	// The blocks are there before they are measured, as a log's are.
	for i := range syncs {
		if _, err := f.WriteAt(page, int64(i)*4096); err != nil {
			return 0, err
		}
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	took := make([]time.Duration, syncs)
	for i := range took {
		page[0]++
		start := clk.Now()
		if _, err := f.WriteAt(page, int64(i)*4096); err != nil {
			return 0, err
		}
		if err := SyncData(f); err != nil {
			return 0, err
		}
		took[i] = clk.Now().Sub(start)
	}
	slices.Sort(took)
	return took[syncs/2], nil
}
