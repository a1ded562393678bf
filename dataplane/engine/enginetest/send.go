package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
)

func testSend(t *testing.T, open Factory) {
	t.Run("GivesWhatWasSent", func(t *testing.T) {
		f := newFixture(t, open)
		ids := f.sendMessages(f.q,
			engine.NewMessage{Body: []byte(`{"a":[1,2,"\u00e9"]}`), Attributes: []byte(`{"k":1}`), Labels: []string{"x", "y"}},
			engine.NewMessage{Body: []byte(`""`)},
			engine.NewMessage{Body: []byte(`1`), Attributes: []byte(`{}`)},
		)
		for _, i := range ids {
			require.True(t, id.IsQueue(i), "a message id is a UUID: %s", i)
		}
		f.clock.Advance(time.Second)
		ds := f.receive()
		require.Len(t, ds, 3)
		want := []engine.Delivery{
			{MessageID: ids[0], Body: []byte(`{"a":[1,2,"\u00e9"]}`), Attributes: []byte(`{"k":1}`), Labels: []string{"x", "y"}},
			{MessageID: ids[1], Body: []byte(`""`)},
			{MessageID: ids[2], Body: []byte(`1`), Attributes: []byte(`{}`)},
		}
		var last uint64
		for i := range want {
			want[i].ReceiveCount, want[i].SentAt, want[i].FirstReceivedAt = 1, epoch, epoch.Add(time.Second)
			want[i].Handler, want[i].Position = ds[i].Handler, ds[i].Position
			require.Greater(t, ds[i].Position, last, "later messages have greater positions")
			last = ds[i].Position
			require.Equal(t, want[i], ds[i])
		}
	})
	t.Run("IDsAreUnique", func(t *testing.T) {
		f := newFixture(t, open)
		seen := map[string]bool{}
		for range 50 {
			for _, i := range f.send(numbered("m", 10)...) {
				require.False(t, seen[i])
				seen[i] = true
			}
		}
	})
	t.Run("BadRequestStoresNothing", func(t *testing.T) {
		f := newFixture(t, open)
		kafka := f.q
		kafka.Mode = "KAFKA_HA"
		for name, c := range map[string]struct {
			q    engine.Queue
			msgs []engine.NewMessage
		}{
			"no messages":     {f.q, nil},
			"negative delay":  {f.q, []engine.NewMessage{message("a"), {Body: []byte("b"), Delay: -1}}},
			"delay in kafka":  {kafka, []engine.NewMessage{message("a"), {Body: []byte("b"), Delay: time.Second}}},
			"not a queue id":  {engine.Queue{ID: "q", Mode: "NORMAL"}, []engine.NewMessage{message("a")}},
			"empty queue id":  {engine.Queue{Mode: "NORMAL"}, []engine.NewMessage{message("a")}},
			"braced queue id": {engine.Queue{ID: "{" + f.q.ID[1:35] + "}", Mode: "NORMAL"}, []engine.NewMessage{message("a")}},
		} {
			_, err := f.e.Send(context.Background(), c.q, c.msgs, usageKey(name))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), name)
		}
		require.Zero(t, f.queueStats())
		require.NoError(t, f.e.Close())
		f.start()
		_, ok, err := f.e.Usage(context.Background(), 0, 10)
		require.NoError(t, err)
		require.False(t, ok, "a refused call is not counted")
	})
	t.Run("LargeMessage", func(t *testing.T) {
		f := newFixture(t, open)
		body := make([]byte, 512<<10)
		for i := range body {
			body[i] = byte('a' + i%26)
		}
		f.sendMessages(f.q, engine.NewMessage{Body: body})
		ds := f.receive()
		require.Len(t, ds, 1)
		require.Equal(t, body, ds[0].Body)
	})
	t.Run("CallerMayReuseItsBuffers", func(t *testing.T) {
		f := newFixture(t, open)
		body := []byte("before")
		f.sendMessages(f.q, engine.NewMessage{Body: body})
		copy(body, "afterX")
		require.Equal(t, []string{"before"}, bodies(f.receive()))
	})
}
