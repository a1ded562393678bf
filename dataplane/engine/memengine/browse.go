package memengine

import (
	"bytes"
	"context"
	"slices"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Browse implements engine.Engine.
func (e *Engine) Browse(_ context.Context, eq engine.Queue, groupID string, kind engine.Kind, opt engine.BrowseOptions) ([]engine.Browsed, uint64, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if opt.MaxMessages < 1 {
		return nil, 0, errs.New(errs.Invalid, reason.MaxMessages, "at least one message must be asked for")
	}
	var items []*item
	if kind == engine.Dead {
		_, g, err := e.lookAt(eq, groupID)
		if err != nil {
			return nil, 0, err
		}
		items = g.dead
	} else {
		q, err := e.queue(eq)
		if err != nil {
			return nil, 0, err
		}
		items = q.newGroup().live
	}
	var got []engine.Browsed
	size := 0
	for _, it := range items {
		switch {
		case it.place < opt.From, opt.From == 0 && it.since.Before(opt.Time), opt.MessageID != "" && it.id != opt.MessageID:
			continue
		case len(got) == opt.MaxMessages, len(got) > 0 && size+int(it.size()) > opt.MaxBytes:
			return got, it.place, nil
		}
		size += int(it.size())
		got = append(got, engine.Browsed{
			MessageID: it.id, Body: bytes.Clone(it.body), Attributes: bytes.Clone(it.attrs), Labels: slices.Clone(it.labels),
			OrderingKey: it.key, Position: it.place, SentAt: it.sentAt.UTC(), AvailableAt: it.since.UTC(), ExpiresAt: it.expiresAt.UTC(),
			Death: copyOf(it.death),
		})
	}
	return got, 0, nil
}
