package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/id"
)

func newFIFO(t testing.TB, open Factory) *fixture {
	f := newFixture(t, open)
	f.q.Mode = dataplane.ModeFIFO
	return f
}

func testFIFO(t *testing.T, open Factory) {
	t.Run("InTheOrderOfTheSends", func(t *testing.T) {
		f := newFIFO(t, open)
		var want, got []string
		for i := range 30 {
			batch := numbered(string(rune('a'+i)), 1+i%10)
			want = append(want, batch...)
			f.send(batch...)
		}
		for n := 1; len(got) < len(want); n = n%10 + 1 {
			ds := f.receiveFrom(f.q, f.group, engine.Live, options(n))
			require.NotEmpty(t, ds)
			got = append(got, bodies(ds)...)
			f.ack(ds...)
		}
		require.Equal(t, want, got)
	})
	t.Run("NothingMoreUntilAllAreSettled", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b", "c", "d")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(3))
		require.Len(t, ds, 3)
		for _, i := range []int{2, 0, 1} {
			require.Empty(t, f.receive())
			f.ack(ds[i])
		}
		require.Equal(t, []string{"d"}, bodies(f.receive()))
	})
	t.Run("FailedFirstAgain", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b", "c", "d", "e")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(4))
		f.fail(ds[1])
		require.Empty(t, f.receive(), "c and d are not settled")
		f.ack(ds[0], ds[2])
		f.fail(ds[3])
		require.Equal(t, []string{"b", "d", "e"}, bodies(f.receive()))
	})
	t.Run("TimedOutFirstAgain", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b", "c")
		f.receiveFrom(f.q, f.group, engine.Live, options(2))
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"a", "b", "c"}, bodies(f.receive()))
	})
	t.Run("DeadLetterLetsTheNextGo", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 2
		f.send("a", "b")
		for range 2 {
			ds := f.receiveFrom(f.q, f.group, engine.Live, options(1))
			require.Equal(t, []string{"a"}, bodies(ds))
			f.fail(ds...)
		}
		require.Equal(t, []string{"b"}, bodies(f.receive()))
	})
	t.Run("DeadLettersAreInOrderToo", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 1
		f.send(numbered("m", 6)...)
		f.fail(f.receive()...)
		ds := f.receiveFrom(f.q, f.group, engine.Dead, options(2))
		require.Equal(t, []string{"m-0", "m-1"}, bodies(ds))
		require.Empty(t, f.receiveDead())
		f.settle(engine.Dead, settlements(true, ds)...)
		require.Equal(t, []string{"m-0", "m-1", "m-2", "m-3", "m-4", "m-5"}, bodies(f.receiveDead()))
	})
	t.Run("ThroughRestart", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send(numbered("m", 6)...)
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(3))
		f.ack(ds[1])
		f.reopen()
		require.Empty(t, f.receive(), "a lease outlives a clean restart")
		f.fail(ds[0])
		f.ack(ds[2])
		f.reopen()
		require.Equal(t, []string{"m-0", "m-3", "m-4", "m-5"}, bodies(f.receive()))
	})
	t.Run("GroupsDoNotWaitForEachOther", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b")
		f.receiveFrom(f.q, f.group, engine.Live, options(1))
		require.Equal(t, []string{"a", "b"}, bodies(f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10))))
	})
	t.Run("DelayedTakesItsPlaceWhenAvailable", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendMessages(f.q, engine.NewMessage{Body: []byte("late"), Delay: 5 * time.Second}, message("a"))
		f.clock.Advance(4 * time.Second)
		f.send("b")
		f.clock.Advance(time.Second)
		f.send("c")
		require.Equal(t, []string{"a", "b", "late", "c"}, bodies(f.receive()))
	})
	t.Run("ReleasedComeFirstAgain", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b", "c")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(2))
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(ds)))
		got := f.receive()
		require.Equal(t, []string{"a", "b", "c"}, bodies(got))
		require.Equal(t, []int{1, 1, 1}, counts(got))
	})
	t.Run("SettlingWakesAPoll", func(t *testing.T) {
		f := newFIFO(t, open)
		f.send("a", "b")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(1))
		p := f.poll()
		f.ack(ds...)
		require.Equal(t, []string{"b"}, bodies(p.gets()))
	})
	t.Run("ConcurrentSendersKeepTheirOwnOrder", func(t *testing.T) {
		f := newFIFO(t, open)
		done := make(chan error, 4)
		for s := range 4 {
			go func() {
				var err error
				for i := 0; i < 25 && err == nil; i++ {
					msgs := make([]engine.NewMessage, 3)
					for j := range msgs {
						msgs[j] = message(string(rune('A'+s)) + string(rune('0'+j)) + string(rune('a'+i)))
					}
					_, err = f.e.Send(context.Background(), f.q, msgs, nil)
				}
				done <- err
			}()
		}
		for range 4 {
			require.NoError(t, <-done)
		}
		next := map[byte]int{}
		for total := 0; total < 300; {
			ds := f.receive()
			require.NotEmpty(t, ds)
			for _, d := range ds {
				s := d.Body[0]
				require.Equal(t, string([]byte{s, byte('0' + next[s]%3), byte('a' + next[s]/3)}), string(d.Body))
				next[s]++
			}
			total += len(ds)
			f.ack(ds...)
		}
	})
}
