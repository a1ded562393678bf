package bench_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/internal/bench"
	"dms/internal/bench/barelog"
	"dms/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLog(t *testing.T, overwrite bool) *barelog.Log {
	t.Helper()
	l, err := barelog.Open(barelog.Options{Dir: t.TempDir(), Segments: 1, Overwrite: overwrite})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func small() bench.Load {
	l := bench.DefaultLoad()
	l.Duration, l.Size, l.Messages = 0, 64, 1003
	return l
}

func mustRun(t *testing.T, target bench.Target, l bench.Load) bench.Result {
	t.Helper()
	r, err := bench.Run(t.Context(), target, l, bench.Options{Clock: clock.System{}})
	require.NoError(t, err)
	return r
}

func TestALoadOfMessagesEndsWhenAllAreAcknowledged(t *testing.T) {
	r := mustRun(t, newLog(t, false), small())
	require.Equal(t, []int64{1003, 1003, 1003}, []int64{r.Sent, r.Received, r.Acked})
	require.Equal(t, int64(101), r.Send.Count, "100 batches of 10, one of 3")
	require.Equal(t, int64(1003), r.EndToEnd.Count)
	require.Empty(t, r.Errors)
	require.False(t, r.Cut)
	require.Positive(t, r.AckedPerSecond)
	require.Positive(t, r.EndToEnd.P50)
}

func TestALoadWithMoreQueuesThanConsumersLeavesNothingBehind(t *testing.T) {
	l := small()
	l.Queues = 50
	r := mustRun(t, newLog(t, false), l)
	require.Equal(t, []int64{1003, 1003, 1003}, []int64{r.Sent, r.Received, r.Acked})
}

func TestProducersWaitBehindTheBacklog(t *testing.T) {
	l := small()
	l.MaxBacklog = 20
	seen := &watching{Target: newLog(t, false)}
	mustRun(t, seen, l)
	require.Positive(t, seen.most.Load())
	require.LessOrEqual(t, seen.most.Load(), l.MaxBacklog+int64(l.Batch), "one batch may pass the bound, and no second")
}

func TestARateIsNotExceeded(t *testing.T) {
	l := small()
	l.Messages, l.Rate, l.Duration = 0, 2000, 300*time.Millisecond
	r := mustRun(t, newLog(t, false), l)
	require.Positive(t, r.Sent)
	require.LessOrEqual(t, float64(r.Sent), l.Rate*r.Elapsed.Seconds()+float64(l.Producers*l.Batch))
}

func TestDrainTakesWhatIsThereAndEnds(t *testing.T) {
	log := newLog(t, false)
	fill := small()
	fill.Consumers = 0
	require.Equal(t, int64(1003), mustRun(t, log, fill).Sent)
	drain := small()
	drain.Producers, drain.Messages, drain.Drain, drain.Wait = 0, 0, true, 0
	require.Equal(t, int64(1003), mustRun(t, log, drain).Acked)
}

func TestFailuresAreCountedByKindAndTheLoadGoesOn(t *testing.T) {
	l := small()
	l.Messages = 200
	r := mustRun(t, &failing{Target: newLog(t, false)}, l)
	require.Equal(t, int64(200), r.Acked)
	require.Positive(t, r.Errors["out of luck"])
	require.Equal(t, r.ErrorCount(), r.Errors["out of luck"])
	require.Equal(t, "every third send fails", r.ErrorSamples["out of luck"])
}

func TestALoadThatIsCutSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := small()
	l.Messages, l.Duration = 0, time.Hour
	seen := &watching{Target: newLog(t, false), first: cancel}
	r, err := bench.Run(ctx, seen, l, bench.Options{Clock: clock.System{}})
	require.NoError(t, err)
	require.True(t, r.Cut)
	require.Less(t, r.Elapsed, time.Hour)
}

func TestAWrongLoadNamesAllThatIsWrong(t *testing.T) {
	l := bench.DefaultLoad()
	l.Batch, l.Size, l.Groups = 0, 3, 9
	_, err := bench.Run(t.Context(), nil, l, bench.Options{Clock: clock.System{}})
	require.ErrorContains(t, err, "batch is 0")
	require.ErrorContains(t, err, "size is 3")
	require.ErrorContains(t, err, "consumers is 4")
}

// watching sees how many messages were sent and not acknowledged.
type watching struct {
	bench.Target
	now, most atomic.Int64
	first     func() // called at the first acknowledgement
}

func (w *watching) Producer() (bench.Producer, error) {
	p, err := w.Target.Producer()
	return &watchedProducer{p, w}, err
}

func (w *watching) Consumer(group int) (bench.Consumer, error) {
	c, err := w.Target.Consumer(group)
	return &watchedConsumer{Consumer: c, w: w}, err
}

type watchedProducer struct {
	bench.Producer
	w *watching
}

func (p *watchedProducer) Send(ctx context.Context, queue int, batch []bench.Message) error {
	now := p.w.now.Add(int64(len(batch)))
	for most := p.w.most.Load(); now > most && !p.w.most.CompareAndSwap(most, now); most = p.w.most.Load() {
	}
	return p.Producer.Send(ctx, queue, batch)
}

type watchedConsumer struct {
	bench.Consumer
	w    *watching
	last int
}

func (c *watchedConsumer) Receive(ctx context.Context, queue, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	out, err := c.Consumer.Receive(ctx, queue, most, wait, stamps)
	c.last = len(out)
	return out, err
}

func (c *watchedConsumer) Ack(ctx context.Context, queue int) error {
	err := c.Consumer.Ack(ctx, queue)
	c.w.now.Add(-int64(c.last))
	if c.w.first != nil {
		c.w.first()
	}
	return err
}

// failing fails every third send.
type failing struct {
	bench.Target
	sends atomic.Int64
}

func (f *failing) Producer() (bench.Producer, error) {
	p, err := f.Target.Producer()
	return &failingProducer{p, f}, err
}

type failingProducer struct {
	bench.Producer
	f *failing
}

type luck struct{ error }

func (luck) Kind() string { return "out of luck" }

func (p *failingProducer) Send(ctx context.Context, queue int, batch []bench.Message) error {
	if p.f.sends.Add(1)%3 == 0 {
		return luck{errors.New("every third send fails")}
	}
	return p.Producer.Send(ctx, queue, batch)
}
