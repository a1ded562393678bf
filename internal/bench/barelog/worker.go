package barelog

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"dms/internal/bench"
)

var _ bench.Target = (*Log)(nil)

// Producer implements bench.Target.
func (l *Log) Producer() (bench.Producer, error) {
	return &producer{log: l, request: request{done: make(chan struct{}, 1)}}, nil
}

// Consumer implements bench.Target.
func (l *Log) Consumer(int) (bench.Consumer, error) {
	return &consumer{log: l, request: request{done: make(chan struct{}, 1)}}, nil
}

type producer struct {
	log     *Log
	request request
}

// Send implements bench.Producer. A log has one queue.
func (p *producer) Send(_ context.Context, _ int, batch []bench.Message) error {
	r := &p.request
	r.data, r.messages = r.data[:0], len(batch)
	for _, m := range batch {
		r.data = appendFrame(r.data, m.Body)
	}
	return p.log.submit(r)
}

// Close implements bench.Producer.
func (p *producer) Close() error { return nil }

type consumer struct {
	log     *Log
	request request
	buf     []byte
}

// Receive implements bench.Consumer. It does not wait by the clock: it returns when there is something, or ctx has ended, or, with a wait of
// 0, at once.
func (c *consumer) Receive(ctx context.Context, _, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	c.request.acks = c.log.take(ctx, most, wait > 0, c.request.acks[:0])
	for _, r := range c.request.acks {
		if cap(c.buf) < r.bytes {
			c.buf = make([]byte, r.bytes)
		}
		b := c.buf[:r.bytes]
		if _, err := r.seg.f.ReadAt(b, r.at); err != nil {
			return stamps, err
		}
		for len(b) > 0 {
			n := int(binary.LittleEndian.Uint32(b))
			if n > len(b)-frameHeader || crc32.Checksum(b[frameHeader:frameHeader+n], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
				return stamps, fmt.Errorf("the frame at %d is damaged", r.at)
			}
			at, err := bench.StampOf(b[frameHeader : frameHeader+n])
			if err != nil {
				return stamps, err
			}
			stamps = append(stamps, at)
			b = b[frameHeader+n:]
		}
	}
	return stamps, nil
}

// take returns batches that together have at most so many messages, but one at least. None: there are none, or ctx has ended.
func (l *Log) take(ctx context.Context, most int, wait bool, out []ref) []ref {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait && l.from == len(l.ready) {
		defer context.AfterFunc(ctx, l.wake)() // it takes the lock in a goroutine of its own
	}
	for l.from == len(l.ready) {
		if !wait || l.err != nil || ctx.Err() != nil {
			return out
		}
		l.some.Wait()
	}
	for n := 0; l.from < len(l.ready); l.from++ {
		r := l.ready[l.from]
		if n += r.messages; n > most && len(out) > 0 {
			break
		}
		out = append(out, r)
	}
	return out
}

func (l *Log) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.some.Broadcast()
}

// Ack implements bench.Consumer.
func (c *consumer) Ack(context.Context, int) error {
	r := &c.request
	r.data = r.data[:0]
	for _, a := range r.acks {
		var payload [16]byte
		binary.LittleEndian.PutUint32(payload[:], uint32(a.seg.number))
		binary.LittleEndian.PutUint64(payload[4:], uint64(a.at))
		binary.LittleEndian.PutUint32(payload[12:], uint32(a.messages))
		r.data = appendFrame(r.data, payload[:])
	}
	return c.log.submit(r)
}

// Close implements bench.Consumer.
func (c *consumer) Close() error { return nil }
