package benchsuite

import (
	"context"
	"fmt"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/bench"
	"dms/internal/id"
)

// EngineTarget puts a load on an engine in this process, without HTTP, access or meter.
type EngineTarget struct {
	engine engine.Engine
	queues []engine.Queue
	groups []string // the same of every queue: ids of groups need only differ within their queue
}

// NewEngineTarget names queues and groups; the engine makes them at their first use.
func NewEngineTarget(e engine.Engine, mode dataplane.Mode, queues, groups int) *EngineTarget {
	t := &EngineTarget{engine: e, queues: make([]engine.Queue, queues), groups: make([]string, groups)}
	for i := range t.queues {
		t.queues[i] = engine.Queue{ID: id.NewQueue(), Mode: mode, Retention: dataplane.StandardRetention}
	}
	for i := range t.groups {
		t.groups[i] = id.NewGroup()
	}
	return t
}

var _ bench.Target = (*EngineTarget)(nil)

// Drop erases the queues.
func (t *EngineTarget) Drop(ctx context.Context) error {
	for _, q := range t.queues {
		if err := t.engine.DropQueue(ctx, q.ID); err != nil {
			return fmt.Errorf("drop queue %s: %w", q.ID, err)
		}
	}
	return nil
}

// Producer implements bench.Target.
func (t *EngineTarget) Producer() (bench.Producer, error) { return &engineProducer{target: t}, nil }

// Consumer implements bench.Target.
func (t *EngineTarget) Consumer(group int) (bench.Consumer, error) {
	return &engineConsumer{target: t, group: t.groups[group]}, nil
}

type engineProducer struct {
	target *EngineTarget
	msgs   []engine.NewMessage
}

// Send implements bench.Producer.
func (p *engineProducer) Send(ctx context.Context, queue int, batch []bench.Message) error {
	p.msgs = p.msgs[:0]
	for _, m := range batch {
		p.msgs = append(p.msgs, engine.NewMessage{Body: m.Body, OrderingKey: m.Key})
	}
	_, err := p.target.engine.Send(ctx, p.target.queues[queue], p.msgs, nil)
	return err
}

// Close implements bench.Producer.
func (p *engineProducer) Close() error { return nil }

type engineConsumer struct {
	target *EngineTarget
	group  string
	acks   []engine.Settlement
}

// Receive implements bench.Consumer.
func (c *engineConsumer) Receive(ctx context.Context, queue, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	ds, err := c.target.engine.Receive(ctx, c.target.queues[queue], c.group, engine.Live, engine.ReceiveOptions{
		MaxMessages: most, MaxBytes: dataplane.DMSLimits.MaxRequestBytes, Wait: wait, AckWait: dataplane.DMSLimits.DefaultAckWait,
	})
	if err != nil {
		return stamps, err
	}
	c.acks = c.acks[:0]
	for _, d := range ds {
		at, err := bench.StampOf(d.Body)
		if err != nil {
			return stamps, err
		}
		stamps = append(stamps, at)
		c.acks = append(c.acks, engine.Settlement{Handler: d.Handler})
	}
	return stamps, nil
}

// Ack implements bench.Consumer.
func (c *engineConsumer) Ack(ctx context.Context, queue int) error {
	n, err := c.target.engine.Settle(ctx, c.target.queues[queue], c.group, engine.Live, c.acks, nil)
	if err == nil && n < len(c.acks) {
		err = fmt.Errorf("%d of %d acknowledgements were accepted", n, len(c.acks))
	}
	return err
}

// Close implements bench.Consumer.
func (c *engineConsumer) Close() error { return nil }
