package benchsuite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"dms/dataplane"
	"dms/internal/bench/httpload"
)

// SoakConfig says how long the service is kept busy.
type SoakConfig struct {
	Config
	Length time.Duration // of the whole soak
	Every  time.Duration // one line of the table
}

// soakLine is what one stretch of a soak showed.
type soakLine struct {
	at           time.Duration
	rate         float64
	send, end    time.Duration // p99
	memory, disk int64
}

// How much more the last quarter of a soak may show than the second; the first warms up.
const (
	growthMemory = 1.25
	growthDisk   = 1.25
	growthP99    = 2.0
)

// Soak keeps a `dms serve` at half of its top speed and shows memory, disk and latency over time: what grows for ever is found here. The error
// says what was not flat.
func Soak(ctx context.Context, cfg SoakConfig) (err error) {
	s, done, err := newSuite(cfg.Config)
	if err != nil {
		return err
	}
	defer done(&err)
	var lines []soakLine
	err = s.withService(ctx, 0, func(svc *service) error {
		credentials, err := svc.token(ctx)
		if err != nil {
			return err
		}
		t, err := svc.target(httpload.WireDMS, credentials)
		if err != nil {
			return err
		}
		const queues = 4
		if err := t.Create(ctx, string(dataplane.ModeNormal), queues, 1); err != nil {
			return err
		}
		l := s.load(16, 16)
		l.Queues, l.MaxBacklog, l.Duration, l.WarmUp = queues, backlogOfCycle, max(5*s.cfg.Duration, time.Second), s.cfg.Duration
		top, err := s.measure(ctx, t, l)
		if err != nil {
			return fmt.Errorf("the top speed: %w", err)
		}
		l.Rate, l.Duration, l.WarmUp = top.AckedPerSecond/2, cfg.Every, 0
		fmt.Fprintf(cfg.Out, "top speed %s msgs/s; at %s msgs/s for %v\n\n", number(top.AckedPerSecond), number(l.Rate), cfg.Length)
		for begin := s.clk.Now(); s.clk.Now().Sub(begin) < cfg.Length; {
			r, err := s.measure(ctx, t, l)
			if err != nil {
				return err
			}
			line := soakLine{at: s.clk.Now().Sub(begin), rate: r.AckedPerSecond, send: r.Send.P99, end: r.EndToEnd.P99}
			if line.memory, err = svc.resident(); err != nil {
				return err
			}
			if line.disk, err = folderSize(svc.dir); err != nil {
				return err
			}
			lines = append(lines, line)
			// The end of a load cuts its consumers short. What they left would wait behind the next, which cannot know of it.
			left := s.load(0, 16)
			left.Queues, left.Drain, left.Duration, left.WarmUp = queues, true, 0, 0
			if _, err := s.measure(ctx, t, left); err != nil {
				return err
			}
			fmt.Fprintf(cfg.Log, "%8v  %s msgs/s, p99 of send %v, %d MB resident, %d MB on disk\n", line.at.Round(time.Second), number(line.rate),
				line.send.Round(10*time.Microsecond), line.memory/1e6, line.disk/1e6)
		}
		return nil
	})
	return errors.Join(err, writeSoak(cfg.Out, lines), flat(lines))
}

func writeSoak(w io.Writer, lines []soakLine) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "AT\tMSGS/S\tSEND P99\tEND TO END P99\tMEMORY MB\tDISK MB\t")
	for _, l := range lines {
		fmt.Fprintf(t, "%v\t%s\t%v\t%v\t%d\t%d\t\n", l.at.Round(time.Second), number(l.rate), l.send.Round(10*time.Microsecond), l.end.Round(10*time.Microsecond), l.memory/1e6, l.disk/1e6)
	}
	return t.Flush()
}

// flat compares the last quarter with the second one.
func flat(lines []soakLine) error {
	n := len(lines) / 4
	if n == 0 {
		return nil // too short to say
	}
	early, late := lines[n:2*n], lines[len(lines)-n:]
	var errs []error
	for _, f := range []struct {
		name   string
		value  func(soakLine) float64
		growth float64
	}{
		{"resident memory", func(l soakLine) float64 { return float64(l.memory) }, growthMemory},
		{"disk", func(l soakLine) float64 { return float64(l.disk) }, growthDisk},
		{"p99 of send", func(l soakLine) float64 { return float64(l.send) }, growthP99},
	} {
		figures := func(lines []soakLine) (out []float64) {
			for _, l := range lines {
				out = append(out, f.value(l))
			}
			return out
		}
		if a, b := median(figures(early)), median(figures(late)); b > a*f.growth {
			errs = append(errs, fmt.Errorf("%s is not flat: %.3g became %.3g", f.name, a, b))
		}
	}
	return errors.Join(errs...)
}
