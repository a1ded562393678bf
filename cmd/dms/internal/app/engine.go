package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"dms/dataplane/engine/pebbleengine"
	"dms/internal/clock"
)

// EngineTool does what an operator wants of the engine of one data folder. A running process is asked through its control socket; else it is done
// here: a check reads what is stored and changes nothing, a checkpoint opens the engine.
type EngineTool struct {
	Config Config
	Log    *slog.Logger
	Clock  clock.Clock
	Out    io.Writer // the answer
	Notes  io.Writer // for the person who waits
	JSON   bool      // the answer is JSON
}

// Check recounts everything and prints what it counted and what differs. Problems are an error, too.
func (t EngineTool) Check(ctx context.Context) error {
	var r pebbleengine.CheckReport
	err := t.with(ctx,
		func(c *controlClient) (err error) {
			r, err = c.check(ctx)
			return err
		},
		func(opt pebbleengine.Options) (err error) {
			r, err = pebbleengine.CheckDir(ctx, opt)
			return err
		})
	if err != nil {
		return err
	}
	if t.JSON {
		err = t.json(withProblems(r))
	} else {
		err = t.table(r)
	}
	return errors.Join(err, verdict(r))
}

// Checkpoint copies everything that is stored to a new directory; "": one that is named after the time, in the data folder.
func (t EngineTool) Checkpoint(ctx context.Context, to string) error {
	began := t.Clock.Now()
	to = cmp.Or(to, filepath.Join(t.Config.DataDir, "checkpoints", began.UTC().Format("20060102T150405Z")))
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(t.Config.EngineDir())
	if err != nil {
		return err
	}
	if to == data || strings.HasPrefix(to, data+string(filepath.Separator)) {
		return fmt.Errorf("%s is inside the engine's own data: choose another directory", to)
	}
	err = t.with(ctx,
		func(c *controlClient) error { return c.checkpoint(ctx, to) },
		func(opt pebbleengine.Options) error {
			e, err := pebbleengine.Open(opt)
			if err != nil {
				return fmt.Errorf("open the engine: %w", err)
			}
			return errors.Join(e.Checkpoint(ctx, to), e.Close())
		})
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if t.JSON {
		return t.json(controlCheckpoint{Dir: to})
	}
	_, err = fmt.Fprintf(t.Out, "Checkpoint of %s made in %s, in %s.\n", t.Config.EngineDir(), to, t.Clock.Now().Sub(began).Round(1e6))
	return err
}

// Restore makes the engine of the data folder, which must have none, from a checkpoint. Problems that the check of it finds are an error,
// and what was restored stays.
func (t EngineTool) Restore(ctx context.Context, from string) error {
	running, err := runningProcess(ctx, t.Config)
	if err != nil {
		return err
	}
	if running != nil {
		return running.refuseRunning(t.Config)
	}
	if there, err := hasEntries(t.Config.EngineDir()); err != nil {
		return err
	} else if there {
		return fmt.Errorf("%s holds engine data already: name another data folder, or move it away first", t.Config.EngineDir())
	}
	r, err := pebbleengine.Restore(ctx, t.toolOptions(), from)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if t.JSON {
		return errors.Join(t.json(withProblems(r)), verdict(r))
	}
	if _, err := fmt.Fprintf(t.Out, "Restored %s from the checkpoint %s.\n\n", t.Config.EngineDir(), from); err != nil {
		return err
	}
	if err := t.table(r); err != nil {
		return err
	}
	_, err = fmt.Fprint(t.Out, `
Handlers that were given out before are void: what was not acknowledged before the checkpoint is delivered again.
Counted calls that had not been delivered to the control plane at the time of the checkpoint are dropped and not billed.
The node's copy of the directory is fetched from the control plane when the node starts.
`)
	return errors.Join(err, verdict(r))
}

// with lets the running process do the work, or else does it on what is stored.
func (t EngineTool) with(ctx context.Context, ask func(*controlClient) error, do func(pebbleengine.Options) error) error {
	running, err := runningProcess(ctx, t.Config)
	if err != nil {
		return err
	}
	if running != nil {
		fmt.Fprintf(t.Notes, "Process %d holds the engine and does this while it works.\n", running.pid)
		return ask(running)
	}
	if there, err := hasEntries(t.Config.EngineDir()); err != nil {
		return err
	} else if !there { // opening would make an empty one
		return fmt.Errorf("%s holds no engine data: is %s the data folder of a node?", t.Config.EngineDir(), t.Config.DataDir)
	}
	err = do(t.toolOptions())
	if isLocked(err) {
		return fmt.Errorf("%w\nIt does not answer on %s: it may be starting or stopping. Try again", err, t.Config.ControlSocket())
	}
	return err
}

// toolOptions are those of the engine for a command, which changes as little as it can: it gives no message up early and makes no segments
// ready, and it needs no room on the disk for sends.
func (t EngineTool) toolOptions() pebbleengine.Options {
	opt := t.Config.engineOptions(t.Log)
	opt.ReclaimAbove, opt.SpareSegments, opt.MinFreeBytes = math.MaxInt64, 0, 0
	return opt
}

func (t EngineTool) json(v any) error {
	enc := json.NewEncoder(t.Out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (t EngineTool) table(r pebbleengine.CheckReport) error {
	w := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		what string
		n    int64
	}{{"queues", r.Queues}, {"consumer groups", r.Groups}, {"messages", r.Messages}, {"bytes", r.Bytes}, {"segments", r.Segments}, {"problems", int64(len(r.Problems))}} {
		fmt.Fprintf(w, "%s\t%d\t\n", row.what, row.n)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range r.Problems {
		if _, err := fmt.Fprintln(t.Out, p); err != nil {
			return err
		}
	}
	return nil
}

// withProblems returns r with a list, so that JSON says [] where there is none.
func withProblems(r pebbleengine.CheckReport) pebbleengine.CheckReport {
	if r.Problems == nil {
		r.Problems = []pebbleengine.Problem{}
	}
	return r
}

// verdict is the error of a check that found something.
func verdict(r pebbleengine.CheckReport) error {
	switch n := len(r.Problems); n {
	case 0:
		return nil
	case 1:
		return errors.New("1 problem was found")
	default:
		return fmt.Errorf("%d problems were found", n)
	}
}
