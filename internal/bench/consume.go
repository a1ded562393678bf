package bench

import "time"

// consume receives and acknowledges until the load ends.
func (r *run) consume(c Consumer, worker int, measured *latencies) {
	group := worker % r.load.Groups
	w := &consumer{run: r, c: c, measured: measured, counts: group == 0}
	if r.handed != nil {
		w.handed(r.handed[group])
		return
	}
	// Consumer number n of its group begins at queue n; when there are more queues than consumers it goes on to the next of its own.
	n, of := worker/r.load.Groups, (r.load.Consumers-group+r.load.Groups-1)/r.load.Groups
	var queues []int
	for q := n % r.load.Queues; q < r.load.Queues; q += of {
		queues = append(queues, q)
	}
	for i, empty := 0, 0; r.ctx.Err() == nil; i = (i + 1) % len(queues) {
		if w.step(queues[i], r.load.Batch) > 0 {
			empty = 0
			if r.load.Drain {
				i-- // stay with a queue until it is empty
			}
		} else if empty++; r.load.Drain && empty == len(queues) {
			return
		}
	}
}

// consumer is a worker that receives.
type consumer struct {
	*run
	c        Consumer
	measured *latencies
	counts   bool // its acknowledgements take from the backlog: those of one group do
	stamps   []int64
}

// handed receives what producers say that they have sent.
func (w *consumer) handed(h *handover) {
	for {
		p, ok := h.take()
		if !ok {
			return
		}
		if got := w.step(p.queue, min(p.messages, w.load.Batch)); got < p.messages {
			h.put(parcel{p.queue, p.messages - got})
		}
	}
}

// step receives once and acknowledges, and returns how many messages that were.
func (w *consumer) step(queue, most int) int {
	warm := w.warm.Load()
	start := w.since()
	stamps, err := w.c.Receive(w.ctx, queue, most, w.load.Wait, w.stamps[:0])
	now := w.since()
	w.stamps = stamps
	switch {
	case err != nil:
		w.fail(err)
		return 0
	case len(stamps) == 0:
		w.none.Add(1)
		return 0
	}
	w.received.Add(int64(len(stamps)))
	if warm {
		w.measured.receive.Record(now - start)
		for _, at := range stamps {
			w.measured.endToEnd.Record(now - time.Duration(at))
		}
	}
	if err := w.c.Ack(w.ctx, queue); err != nil {
		w.fail(err) // they come again when the ack wait has passed
		return 0
	}
	acked := w.since()
	if warm {
		w.measured.ack.Record(acked - now)
	}
	w.lastAck.Store(int64(acked))
	w.acked.Add(int64(len(stamps)))
	if w.backlog != nil && w.counts {
		w.backlog.done(len(stamps))
	}
	w.checkDone()
	return len(stamps)
}
