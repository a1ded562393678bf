package node

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dms/dataplane/engine"
	"dms/dataplane/nodestore"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/usage"
)

// Options is what a node is made of. Start from DefaultOptions.
type Options struct {
	Engine  engine.Engine
	Store   *nodestore.Store
	Source  directory.Source // the arrow down
	Sink    usage.Sink       // the arrow up
	Region  string           // queues of other regions do not exist here
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: counted, shown nowhere

	// MaxDirectoryAge is how long the node goes on without an answer of the control plane; 0: for ever.
	MaxDirectoryAge time.Duration
	// ExchangeWait is how long one question for changes may wait for some. A source that answers earlier by itself is asked anew.
	ExchangeWait time.Duration
	// CatchUpWait is how long a look-up of an unknown id waits for news from the control plane.
	CatchUpWait time.Duration
	// UsageInterval is the time between two deliveries of usage.
	UsageInterval time.Duration
	// MaxBatchRecords and MaxBatchCounts bound a usage batch: sequence numbers of the engine, and distinct keys.
	MaxBatchRecords, MaxBatchCounts int
	// MaxLimitedQueues is how many queues' request rates are remembered. One that drops out begins with a full second's worth.
	MaxLimitedQueues int
}

// DefaultOptions returns everything that does not depend on the deployment.
func DefaultOptions() Options {
	return Options{
		Clock:            clock.System{},
		Log:              slog.Default(),
		MaxDirectoryAge:  24 * time.Hour,         // decisions: cut-off nodes
		ExchangeWait:     25 * time.Second,       // longer than the 20 s that the link between the planes waits
		CatchUpWait:      150 * time.Millisecond, // a change of another process reaches the control plane's head in 100 ms
		UsageInterval:    time.Second,
		MaxBatchRecords:  1000,
		MaxBatchCounts:   5000, // about 1 MiB of JSON
		MaxLimitedQueues: 10_000,
	}
}

// Validate returns every violation.
func (o Options) Validate() error {
	var all []error
	need := func(ok bool, name, want string) {
		if !ok {
			all = append(all, fmt.Errorf("%s must be %s", name, want))
		}
	}
	need(o.Engine != nil, "Engine", "given")
	need(o.Store != nil, "Store", "given")
	need(o.Source != nil, "Source", "given")
	need(o.Sink != nil, "Sink", "given")
	need(o.Region != "", "Region", "the name of a region")
	need(o.Clock != nil, "Clock", "given")
	need(o.Log != nil, "Log", "given")
	need(o.MaxDirectoryAge >= 0, "MaxDirectoryAge", "0 or more")
	need(o.ExchangeWait > 0, "ExchangeWait", "positive")
	need(o.CatchUpWait > 0, "CatchUpWait", "positive")
	need(o.UsageInterval > 0, "UsageInterval", "positive")
	need(o.MaxBatchRecords > 0, "MaxBatchRecords", "positive")
	need(o.MaxBatchCounts > 0, "MaxBatchCounts", "positive")
	need(o.MaxLimitedQueues > 0, "MaxLimitedQueues", "positive")
	return errors.Join(all...)
}
