package enginetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testSettle(t *testing.T, open Factory) {
	t.Run("AcknowledgedIsNeverGivenAgain", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		f.ack(f.receive()...)
		f.clock.Advance(time.Hour)
		require.Empty(t, f.receive())
	})
	t.Run("InAnyOrder", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 10)...)
		ds := f.receive()
		for _, i := range []int{9, 0, 5, 4, 6, 1, 3, 8, 2, 7} {
			f.ack(ds[i])
		}
		f.clock.Advance(time.Hour)
		require.Empty(t, f.receive())
		require.Equal(t, int64(10), f.groupStats().Consumed)
	})
	t.Run("StopsAtTheFirstBadHandler", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receive()
		list := settlements(false, ds)
		list[1].Handler = "nonsense"
		n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, list, nil)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"b", "c"}, bodies(f.receive()))
	})
	t.Run("ChangesNothingIfTheFirstIsBad", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		ds := f.receive()
		list := append([]engine.Settlement{{Handler: "nonsense"}}, settlements(false, ds)...)
		n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, list, usageKey("u"))
		require.Equal(t, reason.HandlerUnknown, errs.ReasonOf(err))
		require.Zero(t, n)
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 2, InFlight: 2}, f.groupStats())
		f.ack(ds...)
	})
	t.Run("MixedOutcomes", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c", "d")
		ds := f.receive()
		list := settlements(false, ds)
		list[1].Failed, list[3].Failed = true, true
		f.settle(engine.Live, list...)
		require.Equal(t, []string{"b", "d"}, bodies(f.receive()))
	})
	t.Run("TwiceInOneCallCountsOnce", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		ds := f.receive()
		list := settlements(false, []engine.Delivery{ds[0], ds[0], ds[1]})
		n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, list, nil)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, int64(1), f.groupStats().Consumed)
	})
	t.Run("NothingToSettle", func(t *testing.T) {
		f := newFixture(t, open)
		n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, nil, nil)
		require.NoError(t, err)
		require.Zero(t, n)
	})
	t.Run("ManySpansJoin", func(t *testing.T) {
		f := newFixture(t, open)
		for range 20 {
			f.send(numbered("m", 10)...)
		}
		ds := f.drain(f.q, f.group, engine.Live)
		for i := 1; i < len(ds); i += 2 {
			f.ack(ds[i])
		}
		require.Equal(t, int64(100), f.groupStats().Available)
		f.reopen()
		require.Equal(t, int64(100), f.groupStats().Available)
		for i := len(ds) - 2; i >= 0; i -= 2 {
			f.ack(ds[i])
		}
		f.reopen()
		require.Equal(t, engine.GroupStats{Produced: 200, Consumed: 200}, f.groupStats())
		require.Empty(t, f.receive())
	})
}

func testHandler(t *testing.T, open Factory) {
	both := map[string]engine.Kind{"live": engine.Live, "dead": engine.Dead}
	t.Run("Unparsable", func(t *testing.T) {
		f := newFixture(t, open)
		for name, kind := range both {
			for _, h := range []string{"", "x", "null", strings.Repeat("A", 114), strings.Repeat("A", 112), strings.Repeat("\x00", 114), strings.Repeat("a", 1<<16)} {
				t.Log(name, len(h))
				f.refused(reason.HandlerUnknown, f.q, f.group, kind, h)
			}
		}
	})
	t.Run("Forged", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		h := f.receive()[0].Handler
		for i := range h {
			for _, c := range []byte("Aa0_") {
				if h[i] != c {
					f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, h[:i]+string(c)+h[i+1:])
				}
			}
		}
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, h+"A")
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, h+"\n")
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, h[:len(h)-1])
		require.Equal(t, engine.GroupStats{Produced: 1, Available: 1, InFlight: 1}, f.groupStats())
	})
	t.Run("OfAnotherStore", func(t *testing.T) {
		f, other := newFixture(t, open), newFixture(t, open)
		other.q, other.group = f.q, f.group
		f.send("m")
		other.send("m")
		f.receive()
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, other.receive()[0].Handler)
	})
	t.Run("OfAnotherQueueOrGroup", func(t *testing.T) {
		f := newFixture(t, open)
		q2, g2 := newQueue(dataplane.ModeNormal), id.NewGroup()
		f.send("m")
		f.sendTo(q2, "m")
		h := f.receive()[0].Handler
		f.receiveFrom(f.q, g2, engine.Live, options(1))
		f.receiveFrom(q2, f.group, engine.Live, options(1))
		f.refused(reason.HandlerMismatch, f.q, g2, engine.Live, h)
		f.refused(reason.HandlerMismatch, q2, f.group, engine.Live, h)
		f.refused(reason.HandlerMismatch, q2, g2, engine.Live, h)
	})
	t.Run("OfTheOtherKind", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a", "b")
		ds := f.receive()
		f.fail(ds[0])
		dead := f.receiveDead()
		require.Len(t, dead, 1)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Dead, ds[1].Handler)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, dead[0].Handler)
	})
	t.Run("UsedAlready", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receive()
		f.ack(ds[0], ds[2])
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, ds[0].Handler)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, ds[2].Handler)
		f.fail(ds[1])
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[1].Handler)
		f.reopen()
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, ds[0].Handler)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, ds[2].Handler)
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[1].Handler)
	})
	t.Run("TimedOut", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		f.clock.Advance(ackWait - 1)
		require.Equal(t, int64(1), f.groupStats().InFlight)
		f.clock.Advance(1)
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
		f.reopen()
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
	})
	t.Run("GoodToTheLastInstant", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		f.clock.Advance(ackWait - 1)
		f.ack(ds...)
	})
	t.Run("Superseded", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		first := f.receive()
		f.clock.Advance(ackWait)
		second := f.receive()
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, first[0].Handler)
		f.reopen()
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, first[0].Handler)
		f.ack(second...)
	})
	t.Run("SupersededThoughUnexpired", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		first := f.receive()
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(first)))
		second := f.receive()
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, first[0].Handler)
		f.ack(second...)
	})
}
