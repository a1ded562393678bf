package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// extend lengthens leases and returns why not, per handler.
func (f *fixture) extend(kind engine.Kind, d time.Duration, hs ...string) []errs.Reason {
	f.Helper()
	list := make([]engine.Extension, len(hs))
	for i := range hs {
		list[i] = engine.Extension{Handler: hs[i], AckWait: d}
	}
	results, err := f.e.Extend(context.Background(), f.q, f.group, kind, list, nil)
	require.NoError(f, err)
	require.Len(f, results, len(hs))
	why := make([]errs.Reason, len(hs))
	for i, err := range results {
		if err != nil {
			require.Equal(f, errs.Invalid, errs.CodeOf(err))
			why[i] = errs.ReasonOf(err)
			require.NotEmpty(f, why[i])
		}
	}
	return why
}

// good is the answer to extensions that took place.
func good(n int) []errs.Reason { return make([]errs.Reason, n) }

func testExtend(t *testing.T, open Factory) {
	t.Run("HiddenFromNowOn", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		f.clock.Advance(20 * time.Second)
		require.Equal(t, good(1), f.extend(engine.Live, 60*time.Second, ds[0].Handler))
		f.clock.Advance(60*time.Second - 1)
		require.Empty(t, f.receive())
		require.Equal(t, int64(1), f.groupStats().InFlight)
		f.clock.Advance(1)
		require.Equal(t, []int{2}, counts(f.receive()))
	})
	t.Run("TheHandlerStaysTheSame", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		ds := f.receive()
		for range 5 {
			f.clock.Advance(ackWait - 1)
			require.Equal(t, good(2), f.extend(engine.Live, ackWait, handlers(ds)...))
		}
		f.clock.Advance(ackWait - 1)
		f.ack(ds[0])
		f.fail(ds[1])
		require.Equal(t, []int{2}, counts(f.receive()))
	})
	t.Run("ToLessToo", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		require.Equal(t, good(1), f.extend(engine.Live, time.Second, ds[0].Handler))
		f.clock.Advance(time.Second - 1)
		require.Empty(t, f.receive())
		f.clock.Advance(1)
		require.Len(t, f.receive(), 1)
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
	})
	t.Run("OneMessageOfADelivery", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receive()
		require.Equal(t, good(1), f.extend(engine.Live, time.Hour, ds[1].Handler))
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"a", "c"}, bodies(f.receive()))
		f.ack(ds[1])
	})
	t.Run("EachIsJudgedByItself", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		other := id.NewGroup()
		f.send(numbered("m", 5)...)
		ds := f.receive()
		foreign := f.receiveFrom(f.q, other, engine.Live, options(1))
		f.ack(ds[0])
		f.fail(ds[1])
		require.Equal(t,
			[]errs.Reason{reason.HandlerInstance, "", reason.HandlerUnknown, reason.HandlerUnknown, reason.HandlerMismatch, "", ""},
			f.extend(engine.Live, time.Hour, ds[0].Handler, ds[2].Handler, ds[1].Handler, "nonsense", foreign[0].Handler, ds[3].Handler, ds[3].Handler))
		require.Equal(t, []errs.Reason{reason.HandlerInstance}, f.extend(engine.Dead, time.Hour, ds[4].Handler))
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"m-1", "m-4"}, bodies(f.receive()), "the refused ones changed nothing")
	})
	t.Run("NotWithoutAnAckWait", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		require.Equal(t, []errs.Reason{reason.AckWait}, f.extend(engine.Live, 0, ds[0].Handler))
		require.Equal(t, []errs.Reason{reason.AckWait}, f.extend(engine.Live, -time.Second, ds[0].Handler))
		f.clock.Advance(ackWait - 1)
		f.ack(ds...)
	})
	t.Run("NotAfterTheEnd", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		f.clock.Advance(ackWait)
		require.Equal(t, []errs.Reason{reason.HandlerUnknown}, f.extend(engine.Live, time.Hour, ds[0].Handler))
		require.Len(t, f.receive(), 1)
	})
	t.Run("IsNoFailure", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		ds := f.receive()
		for range 3 {
			require.Equal(t, good(1), f.extend(engine.Live, ackWait, ds[0].Handler))
		}
		require.Empty(t, f.receiveDead())
		f.clock.Advance(ackWait)
		dead := f.receiveDead()
		require.Equal(t, []string{"a"}, bodies(dead), "but the end of the last is one")
		require.Equal(t, engine.TimedOut, dead[0].Death.Reason)
	})
	t.Run("DeadLetters", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		ds := f.receiveDead()
		require.Equal(t, good(1), f.extend(engine.Dead, time.Hour, ds[0].Handler))
		f.clock.Advance(time.Hour - 1)
		require.Empty(t, f.receiveDead())
		f.settle(engine.Dead, settlements(false, ds)...)
	})
	t.Run("AFIFOKeyGoesOnWaiting", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2")
		ds := f.receiveOne()
		require.Equal(t, good(1), f.extend(engine.Live, time.Hour, ds[0].Handler))
		f.clock.Advance(time.Hour - 1)
		require.Empty(t, f.receive())
		f.clock.Advance(1)
		require.Equal(t, []string{"a1", "a2"}, bodies(f.receive()))
	})
	t.Run("APollWakesAtTheNewEnd", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(1))
		p := f.poll()
		require.Equal(t, good(1), f.extend(engine.Live, 10*time.Second, ds[0].Handler))
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []int{2}, counts(p.gets()))
	})
	t.Run("OutlivesACleanRestart", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		require.Equal(t, good(1), f.extend(engine.Live, time.Hour, ds[0].Handler))
		f.reopen()
		f.clock.Advance(time.Hour - 1)
		require.Empty(t, f.receive())
		f.ack(ds...)
	})
	t.Run("DoesNotChangeWhenTheMessageWasFirstReceived", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		f.clock.Advance(time.Second)
		require.Equal(t, good(1), f.extend(engine.Live, ackWait, ds[0].Handler))
		f.reopen()
		f.clock.Advance(ackWait)
		got := f.receive()
		require.Equal(t, []int{2}, counts(got))
		require.Equal(t, epoch, got[0].FirstReceivedAt)
	})
	t.Run("AfterACrash", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		f.crash()
		require.Equal(t, good(1), f.extend(engine.Live, time.Hour, ds[0].Handler), "a genuine handler whose lease was lost is good")
		f.clock.Advance(time.Hour - 1)
		require.Empty(t, f.receive())
		f.ack(ds...)
	})
	t.Run("Counted", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		_, err := f.e.Extend(context.Background(), f.q, f.group, engine.Live, []engine.Extension{{Handler: ds[0].Handler, AckWait: time.Hour}}, usageKey("u"))
		require.NoError(t, err)
		f.reopen()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"u": 1}, total)
	})
	t.Run("OfOneQueueAndGroupAlone", func(t *testing.T) {
		f := newFixture(t, open)
		q2 := newQueue(dataplane.ModeNormal)
		f.send("m")
		ds := f.receive()
		f.aside(q2, f.group, func() {
			require.Equal(t, []errs.Reason{reason.HandlerMismatch}, f.extend(engine.Live, time.Hour, ds[0].Handler))
		})
		f.aside(f.q, id.NewGroup(), func() {
			require.Equal(t, []errs.Reason{reason.HandlerMismatch}, f.extend(engine.Live, time.Hour, ds[0].Handler))
		})
		f.clock.Advance(ackWait)
		require.Len(t, f.receive(), 1)
	})
	t.Run("WhatIsDropped", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.DropGroup(context.Background(), f.q.ID, f.group))
		_, err := f.e.Extend(context.Background(), f.q, f.group, engine.Live, []engine.Extension{{Handler: "h", AckWait: 1}}, nil)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
	})
}
