package pebbleengine

import (
	"context"

	"dms/dataplane/engine"
	"dms/internal/errs"
)

var errUnfinished = errs.New(errs.Internal, "", "this operation is not there yet")

func (e *Engine) Prepare(context.Context, engine.Queue, []engine.NewMessage, engine.PrepareOptions, engine.Metered) (engine.Prepared, error) {
	return engine.Prepared{}, errUnfinished
}

func (e *Engine) Decide(context.Context, engine.Queue, string, engine.Outcome, engine.Metered) ([]engine.Sent, error) {
	return nil, errUnfinished
}

func (e *Engine) ListPrepared(context.Context, engine.Queue, string, int) ([]engine.Prepared, error) {
	return nil, errUnfinished
}

func (e *Engine) Extend(context.Context, engine.Queue, string, engine.Kind, []engine.Extension, engine.Metered) ([]error, error) {
	return nil, errUnfinished
}

func (e *Engine) Seek(context.Context, engine.Queue, string, engine.SeekTo, engine.Metered) error {
	return errUnfinished
}

func (e *Engine) Browse(context.Context, engine.Queue, string, engine.Kind, engine.BrowseOptions) ([]engine.Browsed, uint64, error) {
	return nil, 0, errUnfinished
}

func (e *Engine) Purge(context.Context, engine.Queue, string, engine.Kind, engine.Metered) (int64, error) {
	return 0, errUnfinished
}

func (e *Engine) Redrive(context.Context, engine.Queue, string, engine.RedriveOptions, engine.Metered) (int64, error) {
	return 0, errUnfinished
}

func (e *Engine) RedriveStatus(context.Context, engine.Queue, string) (engine.RedriveStatus, error) {
	return engine.RedriveStatus{}, errUnfinished
}

func (e *Engine) StopRedrive(context.Context, engine.Queue, string) error { return errUnfinished }

func (e *Engine) AddGroup(context.Context, string, string) error { return errUnfinished }
