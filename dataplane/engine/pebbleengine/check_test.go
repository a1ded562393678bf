package pebbleengine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/id"
	"dms/internal/usage"
)

// busy fills the bench with a little of everything.
func busy(t *testing.T, b *bench) {
	t.Helper()
	ctx := context.Background()
	b.q.MaxConsumeCount = 1
	for i := range 30 {
		b.send(fmt.Sprint("a", i), fmt.Sprint("b", i), strings.Repeat("c", 1000))
		ds := b.gets(3, fmt.Sprint("a", i), fmt.Sprint("b", i), strings.Repeat("c", 1000))
		b.settle(i%3 == 0, ds[1])
		if i%2 == 0 {
			b.settle(false, ds[0])
		}
		_, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("later"), Delay: time.Hour}, {Body: []byte("once"), DedupID: fmt.Sprint(i)}},
			&usage.Key{AccountID: "a", Action: "dms:message:send"})
		require.NoError(t, err)
		b.gets(1, "once")
	}
	_, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{Max: 3}, nil)
	require.NoError(t, err)
	for _, n := range []int{1, 5} {
		msgs := make([]engine.NewMessage, n)
		for i := range msgs {
			msgs[i].Body = []byte("prepared")
		}
		_, err := b.Prepare(ctx, b.q, msgs, engine.PrepareOptions{Timeout: time.Hour}, nil)
		require.NoError(t, err)
	}
	require.NoError(t, b.AddGroup(ctx, b.q.ID, id.NewGroup()))
}

func (b *bench) clean() pebbleengine.CheckReport {
	b.t.Helper()
	r, err := b.Check(context.Background())
	require.NoError(b.t, err)
	require.Empty(b.t, r.Problems)
	return r
}

func TestCheckFindsNothingInWhatIsWhole(t *testing.T) {
	b := newBench(t, nil)
	r := b.clean()
	require.Zero(t, r.Messages)
	busy(t, b)
	r = b.clean()
	require.Equal(t, int64(1), r.Queues)
	require.Equal(t, int64(2), r.Groups)
	require.Equal(t, int64(30*4+30+6+10), r.Messages, "sent, delayed, prepared, dead or redriven")
	b.clock.Advance(time.Hour) // delayed ones come, prepared ones go, leases end
	b.gets(1, "b0")
	b.clean()
	b.reopen()
	b.clean()
	b.clock.Advance(73 * time.Hour)
	b.clean()
	_, err := b.Purge(context.Background(), b.q, "", engine.Live, nil)
	require.NoError(t, err)
	b.clean()
	require.NoError(t, b.DropQueue(context.Background(), b.q.ID))
	r = b.clean()
	require.Zero(t, r.Messages)
}

// TestARedrivenMessageThatTimesOutIsCountedOnce lets its lease end unnoticed; what notices gives up all redriven messages in the same change, or in one
// that shares the group.
func TestARedrivenMessageThatTimesOutIsCountedOnce(t *testing.T) {
	ctx := context.Background()
	for name, notice := range map[string]func(b *bench) error{
		"a seek":     func(b *bench) error { return b.Seek(ctx, b.q, b.group, engine.SeekTo{Earliest: true}, nil) },
		"its expiry": func(b *bench) error { b.clock.Advance(b.q.Retention + time.Minute); return nil },
		"a purge": func(b *bench) error {
			_, err := b.Purge(ctx, b.q, "", engine.Live, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.die(3)
			b.clock.Advance(time.Minute)
			_, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{}, nil)
			require.NoError(t, err)
			b.gets(2, "0", "1")
			b.clock.Advance(time.Minute)
			require.NoError(t, notice(b))
			b.clean()
			b.reopen()
			b.clean()
		})
	}
}

// TestRedrivenMessagesThatLabelsPassOverAreCountedOnce gives up the others in the change behind the receive that passed them over, which waits for it.
func TestRedrivenMessagesThatLabelsPassOverAreCountedOnce(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 1
	sent, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("x"), Labels: []string{"x"}}, {Body: []byte("y")}, {Body: []byte("z")}}, nil)
	require.NoError(t, err)
	b.settle(true, b.gets(3, "x", "y", "z")...)
	takes := func(want int) {
		t.Helper()
		opt := engine.ReceiveOptions{MaxMessages: 9, MaxBytes: 1 << 20, AckWait: time.Minute, Labels: []string{"x"}}
		ds, err := b.Receive(ctx, b.q, b.group, engine.Live, opt)
		require.NoError(t, err)
		require.Len(t, ds, want)
	}
	b.redrives(1, sent[0].ID)
	takes(1)
	b.redrives(2, sent[1].ID, sent[2].ID)
	takes(0)
	require.NoError(t, b.Seek(ctx, b.q, b.group, engine.SeekTo{Latest: true}, nil))
	b.clean()
}

func TestCheckNamesWhatDiffers(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, b *bench)
		want   string
	}{
		"a flipped bit":        {func(t *testing.T, b *bench) { b.Damage(t, b.q.ID, 2, false) }, "message 2 is damaged"},
		"a lost message":       {func(t *testing.T, b *bench) { b.EraseMessage(t, b.q.ID, 5) }, "messages 5 to 7 are missing"},
		"a wrong counter":      {func(t *testing.T, b *bench) { b.CountDelayed(t, b.q.ID, 1) }, "delayed messages: 31 are recorded, 30 were counted"},
		"a lost dead letter":   {func(t *testing.T, b *bench) { b.EraseDeadLetter(t, b.q.ID, b.group, 5) }, "dead letters: 7 are recorded, 6 were counted"},
		"a miscounted segment": {func(t *testing.T, b *bench) { b.CountSegment(t, 1) }, "wanted bytes of segment"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			busy(t, b)
			c.damage(t, b)
			r, err := b.Check(context.Background())
			require.NoError(t, err)
			var all []string
			for _, p := range r.Problems {
				all = append(all, p.String())
			}
			require.Contains(t, strings.Join(all, "\n"), c.want)
		})
	}
}

func TestACheckpointUnderLoadHoldsEverythingAnswered(t *testing.T) {
	ctx := context.Background()
	b := roomy(t)
	var mu sync.Mutex
	answered := 0
	stop := make(chan struct{})
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: make([]byte, 2000)}, {Body: []byte("m")}}, nil); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				answered += 2
				mu.Unlock()
			}
		})
	}
	for n := range 3 {
		mu.Lock()
		before := answered
		mu.Unlock()
		dir := fmt.Sprint("copies/", n)
		require.NoError(t, b.Checkpoint(ctx, dir))
		mu.Lock()
		after := answered
		mu.Unlock()
		opt := b.opt
		opt.Dir = fmt.Sprint("restored/", n)
		r, err := pebbleengine.Restore(ctx, opt, dir)
		require.NoError(t, err)
		require.Empty(t, r.Problems)
		require.GreaterOrEqual(t, r.Messages, int64(before))
		require.LessOrEqual(t, r.Messages, int64(after+8))
		e, err := pebbleengine.Open(opt)
		require.NoError(t, err)
		require.NotEqual(t, b.Source(), e.Source())
		_, ok, err := e.Usage(ctx, 0, 1000)
		require.NoError(t, err)
		require.False(t, ok)
		_, err = e.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("new")}}, nil)
		require.NoError(t, err)
		require.NoError(t, e.Close())
		require.ErrorContains(t, b.Checkpoint(ctx, dir), "exists already")
		_, err = pebbleengine.Restore(ctx, opt, dir)
		require.ErrorContains(t, err, "not empty")
	}
	close(stop)
	work.Wait()
	b.clean()
	_, err := pebbleengine.Restore(ctx, b.opt, "nowhere")
	require.Error(t, err)
}

// brokenCopies cannot write below "copies".
type brokenCopies struct{ *vfs.MemFS }

var errNoRoom = errors.New("no room")

func (f brokenCopies) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasPrefix(name, "copies/") {
		return nil, errNoRoom
	}
	return f.MemFS.Create(name, c)
}

func TestACheckpointThatFailsHurtsNobody(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, func(o *pebbleengine.Options) { o.FS = brokenCopies{vfs.NewMem()} })
	b.send("a")
	require.ErrorIs(t, b.Checkpoint(ctx, "copies/1"), errNoRoom)
	require.NoError(t, b.Ready())
	b.send("b")
	b.gets(10, "a", "b")
	_, err := b.opt.FS.Stat("copies/1")
	require.Error(t, err, "nothing is left of it")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, b.Checkpoint(ended, "other/1"), context.Canceled)
	_, err = b.opt.FS.Stat("other/1")
	require.Error(t, err)
}
