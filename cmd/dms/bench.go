package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
	"dms/cmd/dms/internal/benchsuite"
	"dms/dataplane"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/bench"
	"dms/internal/bench/httpload"
	"dms/internal/clock"
)

// benchInput is the command line of dms bench.
type benchInput struct {
	load   bench.Load
	mode   string
	body   string
	output string
	engine string // a directory; "": over HTTP

	endpoint             string
	wire                 string
	accessKey, secretKey string
	account, user        string
	passwordFile         string
	project              string
}

// The environment that gives credentials, so that they need not stand in a list of processes.
const (
	envAccessKey = "DMS_BENCH_ACCESS_KEY"
	envSecretKey = "DMS_BENCH_SECRET_KEY"
)

func newBench() *cobra.Command {
	in := benchInput{load: bench.DefaultLoad()}
	cmd := &cobra.Command{
		Use:   "bench [--endpoint URL credentials | --engine DIR]",
		Short: "Put a load on a running service, or on an engine in this process, and measure it",
		Long: "Producers and consumers send, receive and acknowledge at once, and what comes in, what goes out and how long it takes is\n" +
			"measured. The queues and groups of the load are made for it and deleted at its end, also after Ctrl-C; they are billed.\n\n" +
			"Credentials: --access-key and " + envSecretKey + " (or --secret-key) sign every request; --account, --user and --password-file get a\n" +
			"token. --engine DIR takes an empty directory instead and measures the storage alone.\n\n" +
			"A project has 30 queues and a queue 3 groups unless the operator said otherwise. The load shares the machine with the\n" +
			"service if both run on one: what is measured then is both.",
		Example: "  dms bench --account example --user admin --password-file password --producers 16 --consumers 16\n" +
			"  dms bench --engine /tmp/engine --queues 1000 --batch 10 --duration 30s --output json",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBench(cmd, in) },
	}
	f, l := cmd.Flags(), &in.load
	f.IntVar(&l.Producers, "producers", l.Producers, "how many send at once")
	f.IntVar(&l.Consumers, "consumers", l.Consumers, "how many receive at once, over all groups")
	f.IntVar(&l.Groups, "groups", l.Groups, "consumer groups of each queue; each is given every message")
	f.IntVar(&l.Queues, "queues", l.Queues, "queues")
	f.IntVar(&l.Size, "size", l.Size, "bytes of a body")
	f.IntVar(&l.Batch, "batch", l.Batch, "messages of a send, and at most of a receive")
	f.IntVar(&l.Keys, "ordering-keys", 0, "ordering keys of each queue, for --mode FIFO; 0: none")
	f.Float64Var(&l.Rate, "rate", 0, "messages to send each second; 0: as fast as possible")
	f.Int64Var(&l.Messages, "messages", 0, "end when so many are sent and acknowledged; 0: --duration ends it")
	f.DurationVar(&l.Duration, "duration", l.Duration, "how long to measure; with --messages, how long to wait for them at most")
	f.DurationVar(&l.WarmUp, "warm-up", 0, "how long to run before measuring")
	f.Int64Var(&l.MaxBacklog, "max-backlog", 0, "producers wait while so many messages are not acknowledged; 0: they do not wait")
	f.Uint64Var(&l.Seed, "seed", l.Seed, "of the bodies")
	f.StringVar(&in.body, "body", string(l.Body), "random or compressible")
	f.StringVar(&in.mode, "mode", string(dataplane.ModeNormal), "NORMAL, FIFO, KAFKA_HA or KAFKA_HT")
	f.StringVar(&in.output, "output", "text", "text or json")
	f.StringVar(&in.engine, "engine", "", "an empty directory: drive an engine in this process instead of a service")
	f.StringVar(&in.endpoint, "endpoint", "http://127.0.0.1:8080", "the service")
	f.StringVar(&in.wire, "wire", string(httpload.WireAPI), "api (/api/v1) or dms (the DMS wire, v2)")
	f.StringVar(&in.accessKey, "access-key", "", "sign with this access key; also "+envAccessKey)
	f.StringVar(&in.secretKey, "secret-key", "", "its secret; also "+envSecretKey)
	f.StringVar(&in.account, "account", "", "sign in: account")
	f.StringVar(&in.user, "user", "", "sign in: user")
	f.StringVar(&in.passwordFile, "password-file", "", "sign in: file with the password")
	f.StringVar(&in.project, "project", app.Default().Region, "name of the project, which is that of its region")
	cmd.AddCommand(newBenchSuite(), newBenchSoak(), newBenchCeiling())
	return cmd
}

func (in *benchInput) validate(cmd *cobra.Command) error {
	in.load.Body = bench.BodyKind(in.body)
	in.accessKey, in.secretKey = cmp.Or(in.accessKey, os.Getenv(envAccessKey)), cmp.Or(in.secretKey, os.Getenv(envSecretKey))
	if in.load.Messages > 0 && !cmd.Flags().Changed("duration") {
		in.load.Duration = 0
	}
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if err := in.load.Validate(); err != nil {
		errs = append(errs, err)
	}
	check(dataplane.Mode(in.mode).Valid(), "--mode is %q: want NORMAL, FIFO, KAFKA_HA or KAFKA_HT", in.mode)
	check(in.load.Keys == 0 || in.mode == string(dataplane.ModeFIFO), "--ordering-keys: only --mode FIFO has them")
	check(in.output == "text" || in.output == "json", "--output is %q: want text or json", in.output)
	if in.engine == "" {
		check(in.wire == string(httpload.WireAPI) || in.wire == string(httpload.WireDMS), "--wire is %q: want api or dms", in.wire)
		check(in.wire == string(httpload.WireAPI) || in.load.Keys == 0, "--ordering-keys: the DMS wire has none")
		check(in.load.Batch <= dataplane.DMSLimits.MaxMessagesPerSend, "--batch is %d: a request has at most %d messages", in.load.Batch, dataplane.DMSLimits.MaxMessagesPerSend)
		signed := in.accessKey != "" && in.secretKey != ""
		check(signed || in.account != "" && in.user != "" && in.passwordFile != "", "no credentials: give an access key and its secret, or --account, --user and --password-file")
	}
	if err := errors.Join(errs...); err != nil {
		return &usageError{command: cmd.CommandPath(), err: err}
	}
	return nil
}

func runBench(cmd *cobra.Command, in benchInput) error {
	if err := in.validate(cmd); err != nil {
		return err
	}
	report := bench.Report{Target: "http"}
	if in.engine != "" {
		report.Target = "engine"
		if err := emptyDirectory(in.engine); err != nil {
			return err
		}
	}
	var err error
	if report.Machine, err = bench.ThisMachine(clock.System{}, version, in.engine); err != nil {
		return err
	}
	drive := in.overHTTP
	if in.engine != "" {
		drive = in.inProcess
	}
	show, done := progress(cmd.ErrOrStderr())
	report.Result, err = drive(cmd.Context(), show)
	done()
	if err != nil {
		return err
	}
	return writeReport(cmd.OutOrStdout(), in.output, report)
}

func writeReport(w io.Writer, form string, r bench.Report) error {
	if form == "text" {
		return r.WriteText(w)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func (in *benchInput) options(progress func(bench.Moment)) bench.Options {
	return bench.Options{Clock: clock.System{}, Progress: progress}
}

// clean runs f, which ends what a load needed, also when the load was cut off by Ctrl-C.
func clean(ctx context.Context, f func(context.Context) error, err *error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	*err = errors.Join(*err, f(ctx))
}

func (in *benchInput) overHTTP(ctx context.Context, progress func(bench.Moment)) (_ bench.Result, err error) {
	endpoint, err := url.Parse(in.endpoint)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return bench.Result{}, fmt.Errorf("--endpoint is %q: want http://host:port or https://host", in.endpoint)
	}
	t := &httpload.Target{Endpoint: endpoint, Wire: httpload.Wire(in.wire), Clock: clock.System{}}
	if in.accessKey != "" {
		t.Credentials = httpload.Credentials{AccessKey: in.accessKey, SecretKey: in.secretKey}
		t.Project, err = t.FindProject(ctx, in.project)
	} else {
		var password string
		if password, err = readPassword(in.passwordFile); err != nil {
			return bench.Result{}, err
		}
		t.Credentials, t.Project, err = httpload.SignIn(ctx, endpoint, httpload.Login{Account: in.account, User: in.user, Password: password, Project: in.project})
	}
	if err != nil {
		return bench.Result{}, err
	}
	defer clean(ctx, t.Delete, &err)
	if err := t.Create(ctx, in.mode, in.load.Queues, in.load.Groups); err != nil {
		return bench.Result{}, err
	}
	return bench.Run(ctx, t, in.load, in.options(progress))
}

func (in *benchInput) inProcess(ctx context.Context, progress func(bench.Moment)) (_ bench.Result, err error) {
	opt := pebbleengine.DefaultOptions(in.engine)
	opt.Log = slog.New(slog.DiscardHandler)
	e, err := pebbleengine.Open(opt)
	if err != nil {
		return bench.Result{}, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	t := benchsuite.NewEngineTarget(e, dataplane.Mode(in.mode), in.load.Queues, in.load.Groups)
	defer clean(ctx, t.Drop, &err)
	return bench.Run(ctx, t, in.load, in.options(progress))
}

// emptyDirectory makes the directory, and refuses one that holds something: a load must not be mixed with data.
func emptyDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("--engine: %s is not empty", dir)
	}
	return nil
}

// progress returns what shows the load while it runs, and what leaves its line on a terminal.
func progress(w io.Writer) (show func(bench.Moment), done func()) {
	terminal := false
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return bench.Progress(w, terminal), func() {
		if terminal {
			fmt.Fprintln(w)
		}
	}
}
