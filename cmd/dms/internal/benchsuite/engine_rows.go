package benchsuite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/bench"
	"dms/internal/bench/barelog"
)

// backlogOfCycle bounds what is sent and not acknowledged while both go on at once: 64 MiB of bodies.
const backlogOfCycle = 64 << 10

func engineRows() []row {
	return []row{
		{"engine cycle 1 queue", cycleRow("engine cycle 1 queue", 1, 0.50)},
		{"engine cycle 1000 queues", cycleRow("engine cycle 1000 queues", 1000, 0.50)},
		{"engine cycle 100000 queues", cycleRow("engine cycle 100000 queues", 100_000, 0.40)},
		{"engine send batches of 10", sendRow("engine send batches of 10", dataplane.ModeNormal, 10, 0.70)},
		{"engine send single", sendRow("engine send single", dataplane.ModeNormal, 1, 0.70)},
		{"engine send KAFKA_HT", sendRow("engine send KAFKA_HT", dataplane.ModeKafkaHT, 10, 0)},
		{"engine receive and ack", (*Suite).outRow},
	}
}

// load is a load of the table: 1 KiB of random data in batches of 10.
func (s *Suite) load(producers, consumers int) bench.Load {
	l := bench.DefaultLoad()
	l.Producers, l.Consumers, l.Duration, l.WarmUp = producers, consumers, s.cfg.Duration, s.cfg.Duration/4
	return l
}

func cycleRow(name string, queues int, target float64) func(*Suite, context.Context) ([]Line, error) {
	return func(s *Suite, ctx context.Context) ([]Line, error) {
		l := s.load(16, 16)
		l.Queues, l.MaxBacklog = queues, backlogOfCycle
		rate := func(r bench.Result) float64 { return r.AckedPerSecond }
		ours, ceiling, err := s.turns(
			func() (float64, error) { return s.onEngine(ctx, dataplane.ModeNormal, l, rate) },
			func() (float64, error) { return s.onBareLog(ctx, false, l, rate) })
		return []Line{{Row: name, Ours: ours, Ceiling: ceiling, Unit: "msgs/s", Target: target, Note: "16 producers, 16 consumers, batches of 10"}}, err
	}
}

func sendRow(name string, mode dataplane.Mode, batch int, target float64) func(*Suite, context.Context) ([]Line, error) {
	return func(s *Suite, ctx context.Context) ([]Line, error) {
		l := s.load(64, 0)
		l.Batch = batch
		rate := func(r bench.Result) float64 { return r.SentPerSecond }
		ours, ceiling, err := s.turns(
			func() (float64, error) { return s.onEngine(ctx, mode, l, rate) },
			func() (float64, error) { return s.onBareLog(ctx, true, l, rate) })
		note := "64 producers"
		if mode == dataplane.ModeKafkaHT {
			note = "answered before the sync; the bare log syncs"
		} else if batch == 10 {
			s.engineIn = ours
		}
		return []Line{{Row: name, Ours: ours, Ceiling: ceiling, Unit: "msgs/s", Target: target, Note: note}}, err
	}
}

// outRow takes what lies there: the part of the cycle that HTTP's receive and ack is compared with.
func (s *Suite) outRow(ctx context.Context) ([]Line, error) {
	ours, ceiling, err := s.turns(
		func() (float64, error) {
			return s.onEngineAfterFill(ctx)
		},
		func() (float64, error) {
			return s.onBareLogAfterFill(ctx)
		})
	s.engineOut = ours
	return []Line{{Row: "engine receive and ack", Ours: ours, Ceiling: ceiling, Unit: "msgs/s", Note: "16 consumers, batches of 10"}}, err
}

// filled returns the loads that put messages there and take them away.
func (s *Suite) filled() (fill, drain bench.Load) {
	fill, drain = s.load(64, 0), s.load(0, 16)
	fill.Messages, fill.Duration, fill.WarmUp = int64(60_000*s.cfg.Duration.Seconds()), 0, 0
	drain.Drain, drain.WarmUp, drain.Duration, drain.Wait = true, 0, 0, 0
	return fill, drain
}

// withEngine calls f with a fresh engine.
func (s *Suite) withEngine(ctx context.Context, spareBytes int64, f func(e *pebbleengine.Engine) (float64, error)) (_ float64, err error) {
	dir, done, err := s.folder()
	if err != nil {
		return 0, err
	}
	defer done()
	e, err := openEngine(dir, spareBytes)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := s.sparesMade(ctx, dir, spareBytes); err != nil {
		return 0, err
	}
	return f(e)
}

// openEngine opens an engine; spareBytes 0: as it is by default.
func openEngine(dir string, spareBytes int64) (*pebbleengine.Engine, error) {
	opt := pebbleengine.DefaultOptions(dir)
	opt.Log = slog.New(slog.DiscardHandler)
	opt.SpareSegments = max(opt.SpareSegments, segmentsFor(spareBytes))
	return pebbleengine.Open(opt)
}

func (s *Suite) onEngine(ctx context.Context, mode dataplane.Mode, l bench.Load, figure func(bench.Result) float64) (float64, error) {
	spareBytes := int64(0)
	if l.Consumers == 0 {
		spareBytes = s.spareBytes(fastestEngine)
	}
	return s.withEngine(ctx, spareBytes, func(e *pebbleengine.Engine) (float64, error) {
		r, err := s.measure(ctx, NewEngineTarget(e, mode, l.Queues, l.Groups), l)
		return figure(r), err
	})
}

func (s *Suite) onEngineAfterFill(ctx context.Context) (float64, error) {
	return s.withEngine(ctx, 0, func(e *pebbleengine.Engine) (float64, error) {
		return s.fillAndDrain(ctx, NewEngineTarget(e, dataplane.ModeNormal, 1, 1))
	})
}

func (s *Suite) fillAndDrain(ctx context.Context, t bench.Target) (float64, error) {
	fill, drain := s.filled()
	if _, err := s.measure(ctx, t, fill); err != nil {
		return 0, err
	}
	r, err := s.measure(ctx, t, drain)
	if err == nil && r.Acked != fill.Messages {
		err = fmt.Errorf("%d messages were sent and %d acknowledged", fill.Messages, r.Acked)
	}
	return r.AckedPerSecond, err
}

func (s *Suite) withBareLog(overwrite bool, f func(*barelog.Log) (float64, error)) (_ float64, err error) {
	dir, done, err := s.folder()
	if err != nil {
		return 0, err
	}
	defer done()
	log, err := barelog.Open(barelog.Options{Dir: dir, Segments: 2 + int(s.cfg.Duration.Seconds()), Overwrite: overwrite})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return f(log)
}

func (s *Suite) onBareLog(ctx context.Context, overwrite bool, l bench.Load, figure func(bench.Result) float64) (float64, error) {
	return s.withBareLog(overwrite, func(log *barelog.Log) (float64, error) {
		r, err := s.measure(ctx, log, l)
		return figure(r), err
	})
}

func (s *Suite) onBareLogAfterFill(ctx context.Context) (float64, error) {
	return s.withBareLog(false, func(log *barelog.Log) (float64, error) { return s.fillAndDrain(ctx, log) })
}

// engineRate returns the engine's figure for sends and for receives, of this run or measured now.
func (s *Suite) engineRate(ctx context.Context) (in, out float64, err error) {
	if s.engineIn == 0 {
		if _, err := sendRow("", dataplane.ModeNormal, 10, 0)(s, ctx); err != nil {
			return 0, 0, err
		}
	}
	if s.engineOut == 0 {
		if _, err := s.outRow(ctx); err != nil {
			return 0, 0, err
		}
	}
	return s.engineIn, s.engineOut, nil
}

// backlog compares a queue in which very many messages wait with an empty one.
func (s *Suite) backlog(ctx context.Context) (_ []Line, err error) {
	if s.cfg.Backlog == 0 {
		return nil, nil
	}
	l := s.load(16, 16)
	l.Duration, l.WarmUp = 5*l.Duration, l.Duration
	rate := func(r bench.Result) float64 { return r.AckedPerSecond }
	empty := l
	empty.MaxBacklog = backlogOfCycle
	want, err := s.onEngine(ctx, dataplane.ModeNormal, empty, rate)
	if err != nil {
		return nil, err
	}
	dir, done, err := s.folder()
	if err != nil {
		return nil, err
	}
	defer done()
	e, err := openEngine(dir, 0)
	if err != nil {
		return nil, err
	}
	t := NewEngineTarget(e, dataplane.ModeNormal, 1, 1)
	fill := s.load(64, 0)
	fill.Messages, fill.Duration, fill.WarmUp = s.cfg.Backlog, 0, 0
	fmt.Fprintf(s.cfg.Log, "filling a queue with %d messages\n", s.cfg.Backlog)
	if _, err := s.measure(ctx, t, fill); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	start := s.clk.Now()
	if e, err = openEngine(dir, 0); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	opened := s.clk.Now().Sub(start)
	t.engine = e
	s.settleDown(ctx, dir)
	r, err := s.measure(ctx, t, l)
	name := fmt.Sprintf("backlog of %s", number(float64(s.cfg.Backlog)))
	return []Line{
		{Row: name, Ours: min(rate(r), r.SentPerSecond), Ceiling: want, Unit: "msgs/s", Target: 0.70, Note: "the lower of in and out; the ceiling is an empty queue"},
		{Row: name + ", restart", Ours: opened.Seconds(), Unit: "s", Target: 2, Most: true, Note: "opening the engine again"},
	}, err
}

// settleDown waits until compaction has stopped to change the size of the folder, two minutes at most.
func (s *Suite) settleDown(ctx context.Context, dir string) {
	last := int64(-1)
	for range 24 {
		size, err := folderSize(dir)
		if err != nil || size == last || !s.pause(ctx, min(5*time.Second, 3*s.cfg.Duration)) {
			return
		}
		last = size
	}
}

// pause reports whether the time passed before ctx ended.
func (s *Suite) pause(ctx context.Context, d time.Duration) bool {
	passed := make(chan struct{})
	t := s.clk.AfterFunc(d, func() { close(passed) })
	defer t.Stop()
	select {
	case <-passed:
		return true
	case <-ctx.Done():
		return false
	}
}

// folderSize adds up the blocks of the files in dir and below.
func folderSize(dir string) (int64, error) {
	var size int64
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if e.IsDir() {
			n, err := folderSize(dir + string(os.PathSeparator) + e.Name())
			if err != nil {
				return 0, err
			}
			size += n
			continue
		}
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // compaction is faster than we are
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}
