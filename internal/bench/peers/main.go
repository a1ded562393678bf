// Command peers measures the service beside other message systems: on the same machine, in the same run, with the same load. It is a module of its
// own, so that their clients do not become dependencies of the product.
//
// Each peer is asked for the nearest thing to what we promise: stored and synced before the answer, each message given to one consumer of a group,
// acknowledged. What a peer leaves out is said in its line. A peer that is not installed is said, too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"

	"dms/internal/bench"
	"dms/internal/clock"
)

// peer is a system that can be started empty.
type peer struct {
	name  string
	start func(ctx context.Context, dir string) (running, error)
	note  string
}

// running is a started system with one empty queue and one group.
type running interface {
	bench.Target
	Stop() error
}

// errNotInstalled is wrapped by the error of a peer that this machine lacks.
var errNotInstalled = errors.New("not installed")

const connections = 32

type config struct {
	dms      string
	dir      string
	rounds   int
	duration time.Duration
}

func main() {
	var cfg config
	flag.StringVar(&cfg.dms, "dms", "dms", "our binary")
	flag.StringVar(&cfg.dir, "dir", "", "folder for the data (default: the system's temporary folder)")
	flag.IntVar(&cfg.rounds, "rounds", 3, "how often the systems take turns")
	flag.DurationVar(&cfg.duration, "duration", 2*time.Second, "of one measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, cfg, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// figures are what one system did in all rounds.
type figures struct {
	in, out []float64
	err     error
}

func run(ctx context.Context, cfg config, w io.Writer) error {
	dir, err := os.MkdirTemp(cfg.dir, "dms-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	machine, err := bench.ThisMachine(clock.System{}, "as built", dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, machine)
	peers := []peer{
		{"DMS over HTTP (token)", cfg.startDMS, "ours; synced; over /v2"},
		{"Redis Streams", startRedis, "appendfsync always, over its own protocol; XADD pipelined by ten"},
		{"NATS JetStream", startNATS, "in this process, SyncAlways; the answer to an acknowledgement is not waited for"},
		{"Postgres SKIP LOCKED", startPostgres, "fsync on; one INSERT of ten rows, one DELETE of ten rows"},
		{"RabbitMQ", notMeasured, ""},
	}
	all := make([]figures, len(peers))
	for range cfg.rounds {
		for i, p := range peers {
			if all[i].err != nil {
				continue
			}
			in, out, err := measure(ctx, cfg, p, dir)
			if all[i].err = err; err == nil {
				all[i].in, all[i].out = append(all[i].in, in), append(all[i].out, out)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return write(w, peers, all)
}

func notMeasured(context.Context, string) (running, error) {
	return nil, errors.New("not measured: this program has no client for it")
}

// measure starts the system anew and measures sends, and then receives and acknowledgements of what was put there.
func measure(ctx context.Context, cfg config, p peer, dir string) (in, out float64, err error) {
	folder, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(folder)
	s, err := p.start(ctx, folder)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	send := bench.DefaultLoad()
	send.Producers, send.Consumers, send.Duration, send.WarmUp = connections, 0, cfg.duration, cfg.duration/4
	sent, err := load(ctx, s, send)
	if err != nil {
		return 0, 0, err
	}
	// What the timed sends left behind is what is taken away: as much as the system itself could store.
	drain := bench.DefaultLoad()
	drain.Producers, drain.Consumers, drain.Duration, drain.Drain = 0, connections, 0, true
	taken, err := load(ctx, s, drain)
	if err == nil && taken.Acked < sent.Sent {
		err = fmt.Errorf("%d messages were sent and %d acknowledged", sent.Sent, taken.Acked)
	}
	return sent.SentPerSecond, taken.AckedPerSecond, err
}

func load(ctx context.Context, t bench.Target, l bench.Load) (bench.Result, error) {
	r, err := bench.Run(ctx, t, l, bench.Options{Clock: clock.System{}})
	if err != nil {
		return r, err
	}
	for kind := range r.Errors {
		return r, fmt.Errorf("%d calls failed, such as %s: %s", r.ErrorCount(), kind, r.ErrorSamples[kind])
	}
	return r, ctx.Err()
}

// write prints the table; ratios are ours to the peer's.
func write(w io.Writer, peers []peer, all []figures) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SYSTEM\tIN msgs/s\tOUT msgs/s\tOURS/IN\tOURS/OUT\t")
	var failed []error
	for i, p := range peers {
		f := all[i]
		switch {
		case f.err != nil:
			fmt.Fprintf(t, "%s\t\t\t\t\t%v\n", p.name, f.err)
			if i == 0 {
				failed = append(failed, fmt.Errorf("%s: %w", p.name, f.err))
			}
		case i == 0:
			fmt.Fprintf(t, "%s\t%.0f\t%.0f\t\t\t%s\n", p.name, median(f.in), median(f.out), p.note)
		case all[0].err != nil:
			fmt.Fprintf(t, "%s\t%.0f\t%.0f\t\t\t%s\n", p.name, median(f.in), median(f.out), p.note)
		default:
			fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.2f\t%.2f\t%s\n", p.name, median(f.in), median(f.out), median(all[0].in)/median(f.in), median(all[0].out)/median(f.out), p.note)
		}
	}
	return errors.Join(append(failed, t.Flush())...)
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}
