package benchsuite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"dms/internal/bench"
	"dms/internal/clock"
)

// Config says what is measured.
type Config struct {
	Dir      string         // where the data of each row lies while it runs; "": the system's temporary folder
	Rows     *regexp.Regexp // names of rows
	Rounds   int            // how often ours and the ceiling take turns
	Duration time.Duration  // of one measurement
	Queues   int            // of the idle row
	Polls    int            // of the row with waiting polls
	Backlog  int64          // of the row with a backlog; 0: the row is left out
	Version  string
	Out      io.Writer // the table
	Log      io.Writer // what is being done
}

// DefaultConfig is what `make bench` measures.
func DefaultConfig() Config {
	return Config{Rows: regexp.MustCompile(""), Rounds: 3, Duration: 2 * time.Second, Queues: 100_000, Polls: 10_000, Out: os.Stdout, Log: os.Stderr}
}

// Suite is one run of the rows.
type Suite struct {
	cfg Config
	dir string
	clk clock.Clock

	// What rows need of others, measured when it is first asked for.
	engineIn, engineOut float64
	lines               []Line
}

// row is one thing that is measured; it may give several lines.
type row struct {
	name string
	run  func(*Suite, context.Context) ([]Line, error)
}

// newSuite makes a folder, which done removes, and says what machine this is.
func newSuite(cfg Config) (s *Suite, done func(*error), err error) {
	s = &Suite{cfg: cfg, clk: clock.System{}}
	if s.dir, err = os.MkdirTemp(cfg.Dir, "dms-bench-"); err != nil {
		return nil, nil, err
	}
	done = func(err *error) { *err = errors.Join(*err, os.RemoveAll(s.dir)) }
	machine, err := bench.ThisMachine(s.clk, cfg.Version, s.dir)
	if err != nil {
		done(&err)
		return nil, nil, err
	}
	fmt.Fprintf(cfg.Out, "%s\n", machine)
	return s, done, nil
}

// Run measures the rows and prints the table. Rows that fail are lines that say why, and an error at the end.
func Run(ctx context.Context, cfg Config) (err error) {
	s, done, err := newSuite(cfg)
	if err != nil {
		return err
	}
	defer done(&err)
	var failed []error
	for _, r := range rows() {
		if !cfg.Rows.MatchString(r.name) || ctx.Err() != nil {
			continue
		}
		start := s.clk.Now()
		lines, err := r.run(s, ctx)
		fmt.Fprintf(cfg.Log, "%-28s %v\n", r.name, s.clk.Now().Sub(start).Round(time.Millisecond))
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", r.name, err))
			lines = append(lines, Line{Row: r.name, Note: "failed: " + err.Error()})
		}
		s.lines = append(s.lines, lines...)
	}
	if err := WriteTable(cfg.Out, s.lines); err != nil {
		return err
	}
	return errors.Join(append(failed, ctx.Err())...)
}

func rows() []row {
	all := slices.Concat(engineRows(), httpRows(), iamRows(), idleRows())
	return append(all, row{"backlog", (*Suite).backlog})
}

// folder makes an empty folder for one measurement; done removes it.
func (s *Suite) folder() (dir string, done func(), err error) {
	dir, err = os.MkdirTemp(s.dir, "run-")
	return dir, func() { _ = os.RemoveAll(dir) }, err // what stays goes with the whole folder
}

// turns measures a and b in turns and returns their medians.
func (s *Suite) turns(a, b func() (float64, error)) (ours, ceiling float64, err error) {
	var as, bs []float64
	for range s.cfg.Rounds {
		x, err := a()
		if err != nil {
			return 0, 0, fmt.Errorf("ours: %w", err)
		}
		y, err := b()
		if err != nil {
			return 0, 0, fmt.Errorf("the ceiling: %w", err)
		}
		as, bs = append(as, x), append(bs, y)
	}
	return median(as), median(bs), nil
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// measure puts a load on a target and refuses a result with errors: a figure that hides failures is worth nothing.
func (s *Suite) measure(ctx context.Context, t bench.Target, l bench.Load) (bench.Result, error) {
	r, err := bench.Run(ctx, t, l, bench.Options{Clock: s.clk})
	if err != nil {
		return r, err
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	for kind := range r.Errors {
		return r, fmt.Errorf("%d calls failed, such as %s: %s", r.ErrorCount(), kind, r.ErrorSamples[kind])
	}
	return r, nil
}
