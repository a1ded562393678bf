package node_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
)

// operation is one of those that only our own API has.
type operation struct {
	name   string
	change bool
	do     func(ctx context.Context) error
}

func (f *fixture) operations(te tenant, q dataplane.Queue, g dataplane.Group) []operation {
	msgs := []engine.NewMessage{{Body: []byte(`1`)}}
	p, err := f.engine.Prepare(f.t.Context(), engine.QueueOf(q), msgs, engine.PrepareOptions{Timeout: time.Hour}, nil)
	require.NoError(f.t, err)
	return []operation{
		{"prepare", false, func(ctx context.Context) error {
			_, err := f.node.Prepare(ctx, te.actor, q, msgs, engine.PrepareOptions{Timeout: time.Hour})
			return err
		}},
		{"list prepared", false, func(ctx context.Context) error {
			_, err := f.node.ListPrepared(ctx, q, "", 10)
			return err
		}},
		{"decide", true, func(ctx context.Context) error {
			_, err := f.node.Decide(ctx, te.actor, q, p.ID, engine.Commit)
			return err
		}},
		{"extend", true, func(ctx context.Context) error {
			_, err := f.node.Extend(ctx, te.actor, q, g, engine.Live, []engine.Extension{{Handler: "x", AckWait: time.Minute}})
			return err
		}},
		{"seek", true, func(ctx context.Context) error {
			return f.node.Seek(ctx, te.actor, q, g, engine.SeekTo{Latest: true})
		}},
		{"browse", false, func(ctx context.Context) error {
			_, _, err := f.node.Browse(ctx, q, g, engine.Live, engine.BrowseOptions{MaxMessages: 1})
			return err
		}},
		{"purge", true, func(ctx context.Context) error {
			_, err := f.node.Purge(ctx, te.actor, q, g, engine.Live)
			return err
		}},
		{"redrive", true, func(ctx context.Context) error {
			_, err := f.node.Redrive(ctx, te.actor, q, g, engine.RedriveOptions{})
			return err
		}},
		{"redrive status", false, func(ctx context.Context) error {
			_, err := f.node.RedriveStatus(ctx, q, g)
			return err
		}},
		{"stop redrive", true, func(ctx context.Context) error { return f.node.StopRedrive(ctx, q, g) }},
	}
}

func TestNoOperationIsAnsweredFromACopyThatIsTooOld(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	for _, op := range f.operations(te, q, g) {
		require.NoError(t, op.do(t.Context()), op.name)
	}
	f.clock.Advance(f.opt.MaxDirectoryAge + time.Second)
	for _, op := range f.operations(te, q, g) {
		require.Equal(t, errs.Unavailable, errs.CodeOf(op.do(t.Context())), op.name)
	}
}

// hastyEngine has its caller's context end as soon as a change has begun.
type hastyEngine struct {
	engine.Engine
	cancel func()
	begun  int
}

func (e *hastyEngine) begin(ctx context.Context) error {
	e.begun++
	e.cancel()
	return ctx.Err()
}

func (e *hastyEngine) Decide(ctx context.Context, q engine.Queue, preparedID string, o engine.Outcome, m engine.Metered) ([]engine.Sent, error) {
	if err := e.begin(ctx); err != nil {
		return nil, err
	}
	return e.Engine.Decide(ctx, q, preparedID, o, m)
}

func (e *hastyEngine) Extend(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, x []engine.Extension, m engine.Metered) ([]error, error) {
	if err := e.begin(ctx); err != nil {
		return nil, err
	}
	return e.Engine.Extend(ctx, q, groupID, kind, x, m)
}

func (e *hastyEngine) Seek(ctx context.Context, q engine.Queue, groupID string, to engine.SeekTo, m engine.Metered) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	return e.Engine.Seek(ctx, q, groupID, to, m)
}

func (e *hastyEngine) Purge(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, m engine.Metered) (int64, error) {
	if err := e.begin(ctx); err != nil {
		return 0, err
	}
	return e.Engine.Purge(ctx, q, groupID, kind, m)
}

func (e *hastyEngine) Redrive(ctx context.Context, q engine.Queue, groupID string, opt engine.RedriveOptions, m engine.Metered) (int64, error) {
	if err := e.begin(ctx); err != nil {
		return 0, err
	}
	return e.Engine.Redrive(ctx, q, groupID, opt, m)
}

func (e *hastyEngine) StopRedrive(ctx context.Context, q engine.Queue, groupID string) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	return e.Engine.StopRedrive(ctx, q, groupID)
}

func TestChangeThatHasBegunIsNotGivenUp(t *testing.T) {
	f := newFixture(t)
	hasty := &hastyEngine{Engine: f.engine}
	f.opt.Engine = hasty
	f.restart()
	te, q, g := f.queueWithGroup()
	for _, op := range f.operations(te, q, g) {
		if !op.change {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		hasty.cancel, hasty.begun = cancel, 0
		require.NoError(t, op.do(ctx), op.name)
		require.Equal(t, 1, hasty.begun, op.name)
		require.Equal(t, errs.Unavailable, errs.CodeOf(op.do(ctx)), "%s: a request that ended before is not begun", op.name)
		require.Equal(t, 1, hasty.begun, op.name)
	}
}

func TestFiguresOfTheOperations(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	q.MaxConsumeCount = 1
	f.send(te, q, `1`, `2`)
	got := f.receive(te, q, g)
	results, err := f.node.Extend(t.Context(), te.actor, q, g, engine.Live, []engine.Extension{{Handler: got[0].Handler, AckWait: time.Minute}, {Handler: "x", AckWait: time.Minute}})
	require.NoError(t, err)
	require.NoError(t, results[0])
	require.Error(t, results[1])
	_, err = f.node.Settle(t.Context(), te.actor, q, g, engine.Live, []engine.Settlement{{Handler: got[0].Handler, Failed: true}})
	require.NoError(t, err)
	p, err := f.node.Prepare(t.Context(), te.actor, q, []engine.NewMessage{{Body: []byte(`3`)}, {Body: []byte(`4`)}}, engine.PrepareOptions{Timeout: time.Hour})
	require.NoError(t, err)
	_, err = f.node.Decide(t.Context(), te.actor, q, p.ID, engine.Rollback)
	require.NoError(t, err)
	_, err = f.node.Decide(t.Context(), te.actor, q, p.ID, engine.Commit)
	require.Equal(t, errs.Conflict, errs.CodeOf(err))
	_, _, err = f.node.Browse(t.Context(), q, g, engine.Dead, engine.BrowseOptions{MaxMessages: 1})
	require.NoError(t, err)
	purged, err := f.node.Purge(t.Context(), te.actor, q, g, engine.Dead)
	require.NoError(t, err)
	require.Equal(t, int64(1), purged)
	purged, err = f.node.Purge(t.Context(), te.actor, q, g, engine.Live)
	require.NoError(t, err)
	require.Equal(t, int64(2), purged)
	figures := f.figures()
	for _, want := range []string{
		`dms_deliveries_extended_total{kind=live} 1`,
		`dms_messages_prepared_total 2`,
		`dms_messages_purged_total{kind=dead} 1`,
		`dms_messages_purged_total{kind=live} 2`,
		`dms_requests_total{action=dms:deadletter:browse,code=ok} 1`,
		`dms_requests_total{action=dms:deadletter:purge,code=ok} 1`,
		`dms_requests_total{action=dms:message:ack,code=ok} 2`,
		`dms_requests_total{action=dms:message:commit,code=conflict} 1`,
		`dms_requests_total{action=dms:message:prepare,code=ok} 1`,
		`dms_requests_total{action=dms:message:purge,code=ok} 1`,
		`dms_requests_total{action=dms:message:rollback,code=ok} 1`,
	} {
		require.Contains(t, figures, want)
	}
}
