package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testReceive(t *testing.T, open Factory) {
	t.Run("AtMostMaxMessages", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 7)...)
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, options(3)), 3)
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, options(10)), 4)
		require.Empty(t, f.receive())
	})
	t.Run("AtMostMaxBytesButNeverNone", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q,
			engine.NewMessage{Body: []byte("12345678"), Attributes: []byte("{}")},
			engine.NewMessage{Body: []byte("12345678"), Attributes: []byte("{}")},
			engine.NewMessage{Body: []byte("1")},
			engine.NewMessage{Body: make([]byte, 100)},
			engine.NewMessage{Body: []byte("2")},
		)
		opt := options(10)
		var got []int
		for opt.MaxBytes = 21; ; {
			ds := f.receiveFrom(f.q, f.group, engine.Live, opt)
			if len(ds) == 0 {
				break
			}
			got = append(got, len(ds))
		}
		require.Equal(t, []int{3, 1, 1}, got, "10+10+1 fit exactly, 100 alone, the rest")
	})
	t.Run("MaxBytesHoldsForRedeliveriesToo", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("1234567890", "1234567890", "1234567890")
		f.fail(f.receive()...)
		opt := options(10)
		opt.MaxBytes = 25
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, opt), 2)
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, opt), 1)
	})
	t.Run("HiddenWhileLeased", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		require.Len(t, f.receive(), 1)
		f.clock.Advance(ackWait - 1)
		require.Empty(t, f.receive())
	})
	t.Run("EveryGroupGetsEveryMessage", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 5)...)
		f.ack(f.receive()...)
		for range 3 {
			require.Len(t, f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10)), 5)
		}
	})
	t.Run("NewGroupBeginsAtTheOldestKept", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("old")
		f.ack(f.receive()...)
		f.clock.Advance(f.q.Retention - time.Hour)
		f.send("kept")
		f.clock.Advance(time.Hour)
		require.Equal(t, []string{"kept"}, bodies(f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10))))
	})
	t.Run("EmptyQueueAnswersAtOnce", func(t *testing.T) {
		f := newFixture(t, open)
		require.Empty(t, f.receive())
		require.Empty(t, f.receiveDead())
	})
	t.Run("BadRequest", func(t *testing.T) {
		f := newFixture(t, open)
		bad := options(0)
		_, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, bad)
		require.Equal(t, reason.MaxMessages, errs.ReasonOf(err))
		bad = options(1)
		bad.AckWait = 0
		_, err = f.e.Receive(context.Background(), f.q, f.group, engine.Live, bad)
		require.Equal(t, reason.AckWait, errs.ReasonOf(err))
		for _, g := range []string{"", "g-", "x", f.q.ID, "g-" + f.q.ID + "0", "G-" + f.q.ID} {
			_, err = f.e.Receive(context.Background(), f.q, g, engine.Live, options(1))
			require.Equal(t, reason.GroupIDInvalid, errs.ReasonOf(err), "%q", g)
		}
	})
}

func testRedelivery(t *testing.T, open Factory) {
	t.Run("WhenTheAckWaitHasPassed", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		first := f.receive()
		f.clock.Advance(ackWait)
		second := f.receive()
		require.Equal(t, []int{2}, counts(second))
		require.Equal(t, first[0].MessageID, second[0].MessageID)
		require.NotEqual(t, first[0].Handler, second[0].Handler)
		f.ack(second...)
		f.clock.Advance(ackWait)
		require.Empty(t, f.receive())
	})
	t.Run("EachReceiveHasItsOwnAckWait", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("short", "long")
		opt := options(1)
		opt.AckWait = 10 * time.Second
		f.receiveFrom(f.q, f.group, engine.Live, opt)
		opt.AckWait = 50 * time.Second
		f.receiveFrom(f.q, f.group, engine.Live, opt)
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []string{"short"}, bodies(f.receive()))
		f.clock.Advance(29 * time.Second)
		require.Empty(t, f.receive())
		f.clock.Advance(time.Second)
		require.Equal(t, []string{"short"}, bodies(f.receive()), "its second ack wait is over")
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []string{"long"}, bodies(f.receive()))
	})
	t.Run("AtOnceAfterAFailure", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		for i := range 5 {
			ds := f.receive()
			require.Equal(t, []int{i + 1}, counts(ds))
			f.fail(ds...)
		}
	})
	t.Run("OnlyToTheGroupThatFailed", func(t *testing.T) {
		f := newFixture(t, open)
		other := id.NewGroup()
		f.send("m")
		ds := f.receive()
		require.Len(t, f.receiveFrom(f.q, other, engine.Live, options(10)), 1)
		f.fail(ds...)
		require.Len(t, f.receive(), 1)
		require.Empty(t, f.receiveFrom(f.q, other, engine.Live, options(10)))
	})
	t.Run("BeforeNewMessages", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		f.fail(f.receive()...)
		f.send("c")
		require.Equal(t, []string{"a", "b", "c"}, bodies(f.receive()))
	})
	t.Run("AFewOfMany", func(t *testing.T) {
		f := newFixture(t, open)
		for range 10 {
			f.send(numbered("m", 10)...)
		}
		all := f.drain(f.q, f.group, engine.Live)
		require.Len(t, all, 100)
		var keep []engine.Delivery
		for i, d := range all {
			if i%7 == 3 {
				keep = append(keep, d)
			} else {
				f.ack(d)
			}
		}
		f.clock.Advance(ackWait)
		again := f.drain(f.q, f.group, engine.Live)
		require.Len(t, again, len(keep))
		for i := range keep {
			require.Equal(t, keep[i].MessageID, again[i].MessageID)
			require.Equal(t, 2, again[i].ReceiveCount)
		}
	})
}
