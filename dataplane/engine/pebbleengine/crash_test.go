package pebbleengine_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/id"
)

// journal is what was asked and answered, for the proof that a crash lost nothing of it. true: answered.
type journal struct {
	sent     map[string]bool          // bodies
	acked    map[string]bool          // bodies
	unsure   map[string]bool          // bodies of prepared messages whose decision was not answered
	first    map[string]string        // by deduplication id: id of the message that was answered
	prepared map[string]preparedEntry // by id; answered
}

type preparedEntry struct {
	body string
}

func (j *journal) clone() *journal {
	return &journal{
		sent: maps.Clone(j.sent), acked: maps.Clone(j.acked), unsure: maps.Clone(j.unsure), first: maps.Clone(j.first), prepared: maps.Clone(j.prepared),
	}
}

// crashBench is a bench whose disk can be cloned at every write, with the journal of that moment.
type crashBench struct {
	*bench
	rng *rand.Rand
	n   int

	mu     sync.Mutex // guards: the rest
	j      journal
	points []crashPoint
	off    bool
}

type crashPoint struct {
	disk *vfs.MemFS
	j    *journal
	now  time.Time
	op   string
}

func (c *crashBench) note(f func(j *journal)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.j)
}

// scenario does a random step of everything.
func (c *crashBench) step() {
	ctx, t := context.Background(), c.t
	key := string(rune('a' + c.rng.IntN(3)))
	c.n++
	body := fmt.Sprintf("%s%d", key, c.n)
	msg := engine.NewMessage{Body: []byte(body), OrderingKey: key}
	switch c.rng.IntN(9) {
	case 0, 1, 2:
		if c.rng.IntN(2) == 0 {
			msg.DedupID = fmt.Sprint(c.n / 8)
		}
		c.note(func(j *journal) {
			if j.first[msg.DedupID] == "" {
				j.sent[body] = false
			}
		})
		sent, err := c.Send(ctx, c.q, []engine.NewMessage{msg}, nil)
		require.NoError(t, err)
		c.note(func(j *journal) {
			if first := j.first[msg.DedupID]; msg.DedupID != "" && first != "" {
				require.Equal(t, engine.Sent{ID: first, Duplicate: true}, sent[0])
				return
			}
			j.sent[body] = true
			if msg.DedupID != "" {
				j.first[msg.DedupID] = sent[0].ID
			}
		})
	case 3, 4:
		ds, err := c.receive(1 + c.rng.IntN(3))
		require.NoError(t, err)
		for _, d := range ds {
			switch c.rng.IntN(4) {
			case 0, 1:
				c.note(func(j *journal) { j.acked[string(d.Body)] = false })
				c.settle(false, d)
				c.note(func(j *journal) { j.acked[string(d.Body)] = true })
			case 2:
				c.fail(time.Duration(c.rng.IntN(2))*time.Second, d)
			}
		}
	case 5:
		c.clock.Advance(time.Duration(c.rng.IntN(40)) * time.Second)
	case 6:
		_, err := c.Redrive(ctx, c.q, c.group, engine.RedriveOptions{Max: int64(c.rng.IntN(3)), PerSecond: c.rng.IntN(2)}, nil)
		if err != nil { // one is running
			require.NoError(t, c.StopRedrive(ctx, c.q, c.group))
		}
	case 7:
		p, err := c.Prepare(ctx, c.q, []engine.NewMessage{msg}, engine.PrepareOptions{Timeout: time.Hour}, nil)
		require.NoError(t, err)
		c.note(func(j *journal) { j.prepared[p.ID] = preparedEntry{body: body} })
	case 8:
		ids := slices.Sorted(maps.Keys(c.j.prepared))
		if len(ids) == 0 {
			return
		}
		pid, o := ids[c.rng.IntN(len(ids))], engine.Outcome(c.rng.IntN(2))
		p := c.j.prepared[pid]
		c.note(func(j *journal) {
			delete(j.prepared, pid)
			if o == engine.Commit {
				j.unsure[p.body] = true
			}
		})
		_, err := c.Decide(ctx, c.q, pid, o, nil)
		require.NoError(t, err)
		c.note(func(j *journal) {
			if delete(j.unsure, p.body); o == engine.Commit {
				j.sent[p.body] = true
			}
		})
	}
}

// check proves on a reopened engine that nothing answered is lost, nothing acknowledged comes again, and every message is in one place.
func (c *crashBench) check(j *journal) {
	ctx, t := context.Background(), c.t
	c.clean()
	require.NoError(t, c.StopRedrive(ctx, c.q, c.group))
	c.clock.Advance(31 * time.Second) // leases and delays of before the crash end
	kept := make(map[string]bool)
	last := make(map[byte]uint64)
	msgs, next, err := c.Browse(ctx, c.q, "", engine.Live, engine.BrowseOptions{MaxMessages: 10000, MaxBytes: 1 << 30})
	require.NoError(t, err)
	require.Zero(t, next)
	for _, m := range msgs {
		body := string(m.Body)
		require.False(t, kept[body], "%s is stored twice", body)
		kept[body] = true
		_, asked := j.sent[body]
		require.True(t, asked || j.unsure[body], "%s was never sent", body)
	}
	for body, answered := range j.sent {
		require.True(t, kept[body] || !answered, "%s was answered and is lost", body)
	}
	undecided, err := c.ListPrepared(ctx, c.q, "", 10000)
	require.NoError(t, err)
	for pid := range j.prepared {
		require.True(t, slices.ContainsFunc(undecided, func(p engine.Prepared) bool { return p.ID == pid }), "a prepared message is lost")
	}

	st, err := c.GroupStats(ctx, c.q, c.group)
	require.NoError(t, err)
	require.Equal(t, int64(len(kept)), st.Produced)
	place := make(map[string]string)
	drain := func(kind engine.Kind, name string) (n int64) {
		for {
			ds, err := c.Receive(ctx, c.q, c.group, kind, engine.ReceiveOptions{MaxMessages: 7, MaxBytes: 1 << 20, AckWait: time.Hour})
			require.NoError(t, err)
			if len(ds) == 0 {
				return n
			}
			for _, d := range ds {
				body := string(d.Body)
				require.Empty(t, place[body], "%s is in two places", body)
				place[body] = name
				require.True(t, kept[body])
				require.False(t, j.acked[body], "%s was acknowledged and comes again", body)
				if kind == engine.Live && d.Death == nil {
					require.Greater(t, d.Position, last[body[0]], "%s is out of order", body)
					last[body[0]] = d.Position
				}
				_, err := c.Settle(ctx, c.q, c.group, kind, []engine.Settlement{{Handler: d.Handler}}, nil)
				require.NoError(t, err)
				n++
			}
		}
	}
	require.Equal(t, st.Available, drain(engine.Live, "live"))
	require.Equal(t, st.DeadAvailable, drain(engine.Dead, "dead"))
	for body := range kept {
		if _, asked := j.acked[body]; place[body] == "" {
			require.True(t, asked, "%s is gone and was never acknowledged", body)
		}
	}
	after, err := c.GroupStats(ctx, c.q, c.group)
	require.NoError(t, err)
	require.Equal(t, st.Consumed+st.Available, after.Consumed)
	for dedupID, first := range j.first {
		sent, err := c.Send(ctx, c.q, []engine.NewMessage{{Body: []byte("again"), OrderingKey: "z", DedupID: dedupID}}, nil)
		require.NoError(t, err)
		require.Equal(t, []engine.Sent{{ID: first, Duplicate: true}}, sent)
	}
}

// TestACrashAtAnyWriteLosesNothingOfTheOperations crashes at every write of a random scenario of keyed sends, deduplication, failures, dead
// letters, redrives and prepared messages.
func TestACrashAtAnyWriteLosesNothingOfTheOperations(t *testing.T) {
	for _, unsynced := range []bool{false, true} {
		t.Run(fmt.Sprintf("unsynced=%v", unsynced), func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			c := &crashBench{rng: rand.New(rand.NewPCG(seed, 1))}
			c.j = journal{
				sent: map[string]bool{}, acked: map[string]bool{}, unsure: map[string]bool{}, first: map[string]string{}, prepared: map[string]preparedEntry{},
			}
			diskRNG := rand.New(rand.NewPCG(seed, 2))
			disk := vfs.NewCrashableMem()
			c.bench = newBench(t, func(o *pebbleengine.Options) {
				o.DedupWindow = 24 * time.Hour
				o.FS = errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
					if op.Kind.ReadOrWrite() != errorfs.OpIsWrite || op.Kind == errorfs.OpLock {
						return nil
					}
					c.mu.Lock()
					defer c.mu.Unlock()
					if !c.off && c.bench != nil {
						j := c.j.clone() // before the clone: what is answered must be on it
						cfg := vfs.CrashCloneCfg{}
						if unsynced {
							cfg = vfs.CrashCloneCfg{UnsyncedDataPercent: 10 + diskRNG.IntN(90), RNG: diskRNG}
						}
						c.points = append(c.points, crashPoint{disk.CrashClone(cfg), j, c.clock.Now(), fmt.Sprint(op.Kind, " ", op.Path)})
					}
					return nil
				}))
			})
			c.q.Mode, c.q.MaxConsumeCount = "FIFO", 2
			require.NoError(t, c.AddGroup(context.Background(), c.q.ID, c.group))
			require.NoError(t, c.AddGroup(context.Background(), c.q.ID, id.NewGroup()))
			for range 150 {
				c.step()
			}
			c.mu.Lock()
			c.off = true
			points := c.points
			c.mu.Unlock()
			require.NoError(t, c.Close())
			require.Greater(t, len(points), 100, "there was something to crash")
			for i, p := range points {
				if i%3 != int(seed%3) && i < len(points)-1 {
					continue // a third of them each time is enough
				}
				t.Logf("crash %d of %d before %s", i, len(points), p.op)
				c.opt.FS = p.disk
				c.clock.Set(p.now)
				e, err := pebbleengine.Open(c.opt)
				require.NoError(t, err)
				c.Engine = e
				c.check(p.j)
				require.NoError(t, e.Close())
			}
		})
	}
}
