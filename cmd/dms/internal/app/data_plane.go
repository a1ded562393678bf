package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"dms/dataplane/engine/pebbleengine"
	"dms/dataplane/node"
	"dms/dataplane/nodestore"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/usage"
)

// dataPlane is a node with its storage, without an address.
type dataPlane struct {
	log     *slog.Logger
	engine  *pebbleengine.Engine
	store   *nodestore.Store
	node    *node.Node
	control *controlSocket // nil: it could not be opened
}

// openStorage opens what a node keeps on its disk: the engine's data, and its copy of the directory with the usage that is not
// delivered yet.
func openStorage(cfg Config, log *slog.Logger) (*dataPlane, error) {
	e, err := pebbleengine.Open(cfg.engineOptions(log))
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	storeOptions := nodestore.DefaultOptions(cfg.NodeDir())
	storeOptions.Log = log
	s, err := nodestore.Open(storeOptions)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	control, err := openControlSocket(cfg, e, log)
	if err != nil {
		// Messages go on without it: the operator's commands need the process stopped then, no more.
		log.Warn("control socket not opened, dms engine needs the process stopped", slog.String("path", cfg.ControlSocket()), slog.String("error", err.Error()))
	}
	return &dataPlane{log: log, engine: e, store: s, control: control}, nil
}

// engineOptions are those of the engine under the data folder, for the process that serves and for the operator's commands.
func (c Config) engineOptions(log *slog.Logger) pebbleengine.Options {
	opt := pebbleengine.DefaultOptions(c.EngineDir())
	opt.ReclaimAbove, opt.DedupWindow = c.Engine.ReclaimAbove, c.Engine.DedupWindow
	opt.SpareSegments = int((c.Engine.SpareBytes + opt.SegmentBytes - 1) / opt.SegmentBytes)
	opt.Log = log
	return opt
}

// join makes the node that follows the control plane behind source and sink.
func (dp *dataPlane) join(cfg Config, source directory.Source, sink usage.Sink, metrics prometheus.Registerer) (err error) {
	opt := node.DefaultOptions()
	opt.Engine, opt.Store, opt.Source, opt.Sink = dp.engine, dp.store, source, sink
	opt.Region, opt.Log, opt.Metrics = cfg.Region, dp.log, metrics
	opt.Clock = clock.System{}
	opt.MaxDirectoryAge = cfg.Directory.MaxAge
	dp.node, err = node.New(opt)
	return err
}

// Run follows the control plane until ctx ends.
func (dp *dataPlane) Run(ctx context.Context) error { return dp.node.Run(ctx) }

// Close flushes and closes the storage. What the operator asked for through the control socket ends first, unfinished.
func (dp *dataPlane) Close() error {
	dp.control.close()
	return errors.Join(dp.engine.Close(), dp.store.Close())
}
