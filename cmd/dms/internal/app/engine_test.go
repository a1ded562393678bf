package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/cmd/dms/internal/app"
	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/clock"
	"dms/internal/id"
)

func TestCheckOfAStoppedNodeChangesNothing(t *testing.T) {
	t.Parallel()
	cfg := app.Default()
	cfg.DataDir = t.TempDir()
	opt := pebbleengine.DefaultOptions(cfg.EngineDir())
	opt.Log, opt.SpareSegments, opt.MinFreeBytes = slog.New(slog.DiscardHandler), 0, 0
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	_, err = e.Send(context.Background(), engine.Queue{ID: id.NewQueue(), Mode: "NORMAL"}, []engine.NewMessage{{Body: []byte("kept")}}, nil)
	require.NoError(t, err)
	require.NoError(t, e.Close())

	files := func() map[string]string {
		all := make(map[string]string)
		require.NoError(t, filepath.WalkDir(cfg.DataDir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			var b []byte
			if !d.IsDir() {
				b, err = os.ReadFile(path)
			}
			all[path] = fmt.Sprintf("%d %x", info.ModTime().UnixNano(), sha256.Sum256(b))
			return err
		}))
		return all
	}
	before := files()
	out := new(bytes.Buffer)
	tool := app.EngineTool{Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Out: out, Notes: new(bytes.Buffer)}
	require.NoError(t, tool.Check(t.Context()))
	require.Regexp(t, `messages +1\n(.*\n)*.*problems +0\n`, out.String())
	require.Equal(t, before, files())
}
