package bench

import (
	"strconv"
	"time"
)

// bodiesOfProducer is how many different bodies a producer sends. They are made before the load begins, only their stamps are new: making
// random bytes would cost more than sending them.
const bodiesOfProducer = 256

// produce sends until the load ends.
func (r *run) produce(p Producer, worker int, measured *latencies) {
	rnd := newRand(r.load.Seed, worker)
	bodies := make([][]byte, max(bodiesOfProducer, r.load.Batch))
	for i := range bodies {
		bodies[i] = newBody(r.load.Body, r.load.Size, rnd)
	}
	keys := make([]string, r.load.Keys)
	for i := range keys {
		keys[i] = "k" + strconv.Itoa(i)
	}
	batch := make([]Message, r.load.Batch)
	next := 0
	timetable := r.timetable(worker)
	queue := worker % r.load.Queues
	for r.ctx.Err() == nil {
		n := r.take()
		if n == 0 {
			return
		}
		if r.backlog != nil && !r.backlog.add(n) {
			return
		}
		for r.ctx.Err() == nil {
			start := r.since()
			if r.load.Rate > 0 {
				due := timetable()
				r.pause(due - start)
				start = due
			}
			for i := range n {
				m := &batch[i]
				m.Body = bodies[next]
				next = (next + 1) % len(bodies)
				if len(keys) > 0 {
					m.Key = keys[rnd.IntN(len(keys))]
				}
				Stamp(m.Body, int64(start))
			}
			warm := r.warm.Load()
			if err := p.Send(r.ctx, queue, batch[:n]); err != nil {
				r.fail(err)
				continue // the messages of this ticket are still to be sent
			}
			if warm {
				measured.send.Record(r.since() - start)
			}
			r.sent.Add(int64(n))
			for _, h := range r.handed {
				h.put(parcel{queue, n})
			}
			break
		}
		// Producers go through the queues beside each other; no two are at the same queue unless there are more of them than queues.
		queue = (queue + r.load.Producers) % r.load.Queues
	}
}

// timetable returns when the sends of a producer are due, one after the other.
func (r *run) timetable(worker int) func() time.Duration {
	if r.load.Rate == 0 {
		return nil
	}
	every := time.Duration(float64(r.load.Batch*r.load.Producers) / r.load.Rate * float64(time.Second))
	due := every * time.Duration(worker) / time.Duration(r.load.Producers)
	return func() time.Duration {
		d := due
		due += every
		return d
	}
}
