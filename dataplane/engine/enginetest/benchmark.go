package enginetest

import (
	"bytes"
	"context"
	"testing"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/clock"
	"dms/internal/id"
)

// Benchmark measures an engine on the operating system's disk and clock; setup gives a fresh directory.
func Benchmark(b *testing.B, setup func(b *testing.B) Setup, open Factory) {
	start := func(b *testing.B) engine.Engine {
		s := setup(b)
		s.Clock = clock.System{}
		e, err := open(s)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = e.Close() })
		return e
	}
	batch := make([]engine.NewMessage, 10)
	for i := range batch {
		batch[i] = engine.NewMessage{Body: bytes.Repeat([]byte("x"), 1024)}
	}
	ctx := context.Background()
	for _, mode := range []dataplane.Mode{dataplane.ModeNormal, dataplane.ModeKafkaHT} {
		b.Run("Send10x1KiB/mode="+string(mode), func(b *testing.B) {
			e, q := start(b), newQueue(mode)
			b.ReportAllocs()
			b.SetBytes(10 << 10)
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := e.Send(ctx, q, batch, nil); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	b.Run("Cycle10x1KiB", func(b *testing.B) {
		e, q := start(b), newQueue(dataplane.ModeNormal)
		group := id.NewGroup()
		b.ReportAllocs()
		b.SetBytes(10 << 10)
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := e.Send(ctx, q, batch, nil); err != nil {
					b.Error(err)
					return
				}
				ds, err := e.Receive(ctx, q, group, engine.Live, options(10))
				if err != nil {
					b.Error(err)
					return
				}
				if len(ds) == 0 {
					continue
				}
				if _, err := e.Settle(ctx, q, group, engine.Live, settlements(false, ds), nil); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
