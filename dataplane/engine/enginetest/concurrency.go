package enginetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/id"
)

func testConcurrency(t *testing.T, open Factory) {
	for _, mode := range []dataplane.Mode{dataplane.ModeNormal, dataplane.ModeFIFO, dataplane.ModeKafkaHT} {
		t.Run("mode="+string(mode), func(t *testing.T) {
			f := newFixture(t, open)
			f.q.Mode = mode
			const producers, sends, perSend, consumers = 4, 40, 5, 4
			const total = producers * sends * perSend
			groups := []string{f.group, id.NewGroup()}
			var wg sync.WaitGroup
			for p := range producers {
				wg.Go(func() {
					for s := range sends {
						msgs := make([]engine.NewMessage, perSend)
						for m := range msgs {
							msgs[m] = message(fmt.Sprint(p, "/", s, "/", m))
						}
						if _, err := f.e.Send(context.Background(), f.q, msgs, nil); err != nil {
							t.Errorf("send: %v", err)
							return
						}
					}
				})
			}
			for _, g := range groups {
				var mu sync.Mutex
				seen := map[string]int{}
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				for c := range consumers {
					wg.Go(func() {
						for round := 0; ; round++ {
							opt := options(1 + c)
							opt.Wait = longWait
							ds, err := f.e.Receive(ctx, f.q, g, engine.Live, opt)
							if err != nil {
								t.Errorf("receive: %v", err)
								return
							}
							if ctx.Err() != nil {
								return
							}
							list := settlements(false, ds)
							if round%5 == 0 && len(list) > 0 {
								list[0].Failed = true
							}
							n, err := f.e.Settle(context.Background(), f.q, g, engine.Live, list, nil)
							if err != nil || n != len(list) {
								t.Errorf("settle: %d of %d, %v", n, len(list), err)
								return
							}
							mu.Lock()
							for i, d := range ds {
								if !list[i].Failed {
									seen[string(d.Body)]++
								}
							}
							if len(seen) == total {
								cancel()
							}
							mu.Unlock()
						}
					})
				}
				defer func() {
					for b, n := range seen {
						require.Equal(t, 1, n, "%s was acknowledged so often", b)
					}
					require.Len(t, seen, total)
				}()
			}
			wg.Wait()
			for _, g := range groups {
				f.group = g
				require.Equal(t, engine.GroupStats{Produced: total, Consumed: total}, f.groupStats())
			}
		})
	}
	t.Run("ManyQueues", func(t *testing.T) {
		f := newFixture(t, open)
		const n = 300
		queues := make([]engine.Queue, n)
		for i := range queues {
			queues[i] = newQueue(dataplane.ModeNormal)
		}
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := w; i < n; i += 4 {
					if _, err := f.e.Send(context.Background(), queues[i], []engine.NewMessage{message(queues[i].ID)}, nil); err != nil {
						t.Errorf("send: %v", err)
					}
				}
			})
		}
		wg.Wait()
		for _, q := range queues {
			ds := f.receiveFrom(q, f.group, engine.Live, options(10))
			require.Equal(t, []string{q.ID}, bodies(ds))
		}
		f.clock.Advance(ackWait)
		for _, q := range queues {
			ds := f.receiveFrom(q, f.group, engine.Live, options(10))
			require.Equal(t, []int{2}, counts(ds), "what left memory came back")
		}
	})
}
