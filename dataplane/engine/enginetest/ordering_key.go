package enginetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
)

// keyed returns a message whose first letter is its ordering key.
func keyed(body string) engine.NewMessage {
	return engine.NewMessage{Body: []byte(body), OrderingKey: body[:1]}
}

func (f *fixture) sendKeyed(bodies ...string) []string {
	f.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i, b := range bodies {
		msgs[i] = keyed(b)
	}
	return f.sendMessages(f.q, msgs...)
}

// byKey returns the bodies of each key, in order.
func byKey(ds []engine.Delivery) map[string][]string {
	out := make(map[string][]string)
	for _, d := range ds {
		out[d.OrderingKey] = append(out[d.OrderingKey], string(d.Body))
	}
	return out
}

// with returns the deliveries of these bodies.
func with(ds []engine.Delivery, bodies ...string) []engine.Delivery {
	var out []engine.Delivery
	for _, b := range bodies {
		for _, d := range ds {
			if string(d.Body) == b {
				out = append(out, d)
			}
		}
	}
	return out
}

func (f *fixture) receiveOne() []engine.Delivery {
	f.Helper()
	return f.receiveFrom(f.q, f.group, engine.Live, options(1))
}

func testOrderingKey(t *testing.T, open Factory) {
	type keys = map[string][]string
	t.Run("EachKeyIsInOrder", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "b1", "a2", "c1", "b2", "a3")
		require.Equal(t, keys{"a": {"a1", "a2", "a3"}, "b": {"b1", "b2"}, "c": {"c1"}}, byKey(f.drain(f.q, f.group, engine.Live)))
	})
	t.Run("AKeyWaitsUntilAllOfItsMessagesAreSettled", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "b1")
		ds := f.receive()
		require.Len(t, ds, 3)
		f.sendKeyed("a3", "b2")
		require.Empty(t, f.receive())
		f.ack(with(ds, "b1", "a2")...)
		require.Equal(t, keys{"b": {"b2"}}, byKey(f.receive()), "a1 is not settled")
		f.ack(with(ds, "a1")...)
		require.Equal(t, keys{"a": {"a3"}}, byKey(f.receive()))
	})
	t.Run("OtherKeysGoOnBesideIt", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "a3", "b1", "c1", "b2")
		got := append(append(f.receiveOne(), f.receiveOne()...), f.receiveOne()...)
		require.Equal(t, keys{"a": {"a1"}, "b": {"b1"}, "c": {"c1"}}, byKey(got), "one of each key, since each waits")
		require.Empty(t, f.receiveOne())
	})
	t.Run("NoKeyIsAKeyLikeAnyOther", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("1", "2")
		f.sendKeyed("a1")
		got := append(f.receiveOne(), f.receiveOne()...)
		require.Equal(t, keys{"": {"1"}, "a": {"a1"}}, byKey(got))
		require.Empty(t, f.receive())
		f.ack(with(got, "1")...)
		require.Equal(t, []string{"2"}, bodies(f.receive()))
	})
	t.Run("FailedAndTimedOutComeBeforeLaterOnes", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "a3", "b1")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(3))
		require.Equal(t, keys{"a": {"a1", "a2", "a3"}}, byKey(ds))
		f.sendKeyed("a4")
		f.fail(with(ds, "a1")...)
		require.Equal(t, keys{"b": {"b1"}}, byKey(f.receive()), "a2 and a3 are not settled")
		f.ack(with(ds, "a3")...)
		f.clock.Advance(ackWait) // a2, and b1
		require.Equal(t, keys{"a": {"a1", "a2", "a4"}, "b": {"b1"}}, byKey(f.drain(f.q, f.group, engine.Live)))
	})
	t.Run("ReleasedComeFirstAgain", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "a3")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(2))
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(ds[1:])))
		require.Empty(t, f.receive(), "a1 is not settled")
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(ds[:1])))
		require.Equal(t, []string{"a1", "a2", "a3"}, bodies(f.receive()))
	})
	t.Run("ADeadLetterLetsItsKeyGoOn", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 2
		f.sendKeyed("a1", "a2")
		for range 2 {
			ds := f.receiveOne()
			require.Equal(t, []string{"a1"}, bodies(ds))
			f.fail(ds...)
		}
		require.Equal(t, []string{"a2"}, bodies(f.receive()))
	})
	t.Run("DeadLettersOfAKeyAreInOrderToo", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 1
		f.sendKeyed("a1", "a2", "b1")
		f.fail(f.receive()...)
		one := func() []engine.Delivery { return f.receiveFrom(f.q, f.group, engine.Dead, options(1)) }
		got := append(one(), one()...)
		require.Equal(t, keys{"a": {"a1"}, "b": {"b1"}}, byKey(got))
		require.Empty(t, one())
		f.settle(engine.Dead, settlements(false, with(got, "a1"))...)
		require.Equal(t, []string{"a2"}, bodies(one()))
	})
	t.Run("AKeyWaitsForItsMessageThatFailedWithADelay", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "a3", "b1")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(2))
		require.Equal(t, []string{"a1", "a2"}, bodies(ds))
		f.settle(engine.Live, engine.Settlement{Handler: ds[1].Handler, Failed: true, Delay: 10 * time.Second})
		f.fail(ds[0])
		f.throughRestarts(func() {
			got := f.receive()
			require.Subset(t, []string{"b1"}, bodies(got), "the whole key waits")
			f.ack(got...)
		})
		f.clock.Advance(10*time.Second - 1)
		require.Empty(t, f.receive())
		f.clock.Advance(1)
		require.Equal(t, []string{"a1", "a2", "a3"}, bodies(f.receive()))
	})
	t.Run("ADelayedMessageTakesItsPlaceWhenItIsDue", func(t *testing.T) {
		f := newFIFO(t, open)
		late := keyed("a-late")
		late.Delay = 5 * time.Second
		f.sendMessages(f.q, late, keyed("a1"))
		f.ack(f.receive()...)
		f.clock.Advance(5 * time.Second)
		f.sendKeyed("a2")
		require.Equal(t, []string{"a-late", "a2"}, bodies(f.receive()))
	})
	t.Run("ThroughRestart", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "b1", "a2", "b2", "c1")
		got := append(f.receiveOne(), f.receiveOne()...)
		require.Equal(t, keys{"a": {"a1"}, "b": {"b1"}}, byKey(got))
		f.ack(with(got, "b1")...)
		f.reopen()
		require.Equal(t, keys{"b": {"b2"}, "c": {"c1"}}, byKey(f.receive()), "the lease of a1 outlives a clean restart")
		f.fail(with(got, "a1")...)
		f.reopen()
		require.Equal(t, []string{"a1", "a2"}, bodies(f.receive()))
	})
	t.Run("ThroughACrash", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "b1", "a2", "b2", "a3")
		ds := f.receive()
		f.ack(with(ds, "a2", "b1")...)
		f.fail(with(ds, "a1")...)
		f.crash()
		f.clock.Advance(ackWait) // leases may or may not have survived
		require.Equal(t, keys{"a": {"a1", "a3"}, "b": {"b2"}}, byKey(f.drain(f.q, f.group, engine.Live)))
	})
	t.Run("GroupsDoNotWaitForEachOther", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2")
		f.receiveOne()
		require.Equal(t, []string{"a1", "a2"}, bodies(f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10))))
	})
	t.Run("SettlingWakesAPoll", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2")
		ds := f.receiveOne()
		p := f.poll()
		f.ack(ds...)
		require.Equal(t, []string{"a2"}, bodies(p.gets()))
	})
	t.Run("TheKeyIsTold", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 1
		f.sendKeyed("a1")
		ds := f.receive()
		require.Equal(t, "a", ds[0].OrderingKey)
		require.Equal(t, "a", f.browse(engine.BrowseOptions{})[0].OrderingKey)
		f.fail(ds...)
		require.Equal(t, "a", f.receiveDead()[0].OrderingKey)
	})
	t.Run("RefusedOutsideFIFO", func(t *testing.T) {
		for _, mode := range []dataplane.Mode{dataplane.ModeNormal, dataplane.ModeKafkaHA, dataplane.ModeKafkaHT} {
			f := newFixture(t, open)
			f.q.Mode = mode
			msgs := []engine.NewMessage{message("m"), keyed("a1")}
			_, err := f.e.Send(context.Background(), f.q, msgs, nil)
			require.Equal(t, errs.Invalid, errs.CodeOf(err), mode)
			_, err = f.e.Prepare(context.Background(), f.q, msgs, engine.PrepareOptions{Timeout: time.Minute}, nil)
			require.Equal(t, errs.Invalid, errs.CodeOf(err), mode)
			require.Zero(t, f.queueStats())
		}
	})
	t.Run("ManyConsumers", func(t *testing.T) { testManyOrderedConsumers(t, open) })
}

// testManyOrderedConsumers has many consumers settle many keys, some by failure, and looks at the order that each key sees.
func testManyOrderedConsumers(t *testing.T, open Factory) {
	f := newFIFO(t, open)
	const nKeys, perKey, consumers = 7, 30, 4
	for i := range perKey {
		msgs := make([]engine.NewMessage, nKeys)
		for k := range msgs {
			msgs[k] = engine.NewMessage{Body: fmt.Append(nil, i), OrderingKey: fmt.Sprint(k)}
		}
		f.sendMessages(f.q, msgs...)
	}
	var mu sync.Mutex // guards: next, done
	next := make(map[string]int)
	done := 0
	var wg sync.WaitGroup
	for c := range consumers {
		wg.Go(func() {
			for round := 0; ; round++ {
				ds, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, options(1+c))
				if err != nil {
					t.Errorf("receive: %v", err)
					return
				}
				failed := round%4 == 3
				mu.Lock()
				at := make(map[string]int)
				for _, d := range ds {
					k := d.OrderingKey
					if want := fmt.Sprint(next[k] + at[k]); want != string(d.Body) {
						t.Errorf("key %s: got %s, wanted %s", k, d.Body, want)
					}
					at[k]++
				}
				for k, n := range at {
					if !failed { // before the engine knows: nobody is given the key until then
						next[k] += n
						done += n
					}
				}
				over := done >= nKeys*perKey
				mu.Unlock()
				if len(ds) > 0 {
					if _, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, settlements(failed, ds), nil); err != nil {
						t.Errorf("settle: %v", err)
						return
					}
				}
				if over || t.Failed() {
					return
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(nKeys*perKey), f.groupStats().Consumed)
}
