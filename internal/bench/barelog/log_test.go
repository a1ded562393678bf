package barelog

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/internal/bench"
	"dms/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opt Options) *Log {
	t.Helper()
	opt.Dir = t.TempDir()
	l, err := Open(opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func load(messages int64) bench.Load {
	l := bench.DefaultLoad()
	l.Size, l.Messages, l.Duration, l.Producers, l.Consumers = 64<<10, messages, 0, 2, 2
	return l
}

func run(t *testing.T, l *Log, load bench.Load) bench.Result {
	t.Helper()
	r, err := bench.Run(t.Context(), l, load, bench.Options{Clock: clock.System{}})
	require.NoError(t, err)
	require.Empty(t, r.Errors)
	return r
}

func segments(t *testing.T, l *Log) int {
	t.Helper()
	files, err := os.ReadDir(l.opt.Dir)
	require.NoError(t, err)
	return len(files)
}

func TestAcknowledgedSegmentsAreUsedAgain(t *testing.T) {
	l := open(t, Options{Segments: 2})
	work := load(4000) // 250 MiB, four segments' worth
	work.MaxBacklog = 100
	require.Equal(t, int64(4000), run(t, l, work).Acked)
	require.LessOrEqual(t, segments(t, l), 3)
}

func TestWhatNobodyHasReadIsKept(t *testing.T) {
	l := open(t, Options{Segments: 1})
	fill := load(1500)
	fill.Consumers = 0
	run(t, l, fill)
	require.Equal(t, 2, segments(t, l))
	drain := load(0)
	drain.Producers, drain.Drain, drain.Wait = 0, true, 0
	require.Equal(t, int64(1500), run(t, l, drain).Acked)
}

func TestOverwriteNeedsNoMoreSegments(t *testing.T) {
	l := open(t, Options{Segments: 2, Overwrite: true})
	only := load(4000)
	only.Consumers = 0
	require.Equal(t, int64(4000), run(t, l, only).Sent)
	require.Equal(t, 2, segments(t, l))
}

func TestADamagedMessageIsNotRead(t *testing.T) {
	l := open(t, Options{Segments: 1})
	fill := load(10)
	fill.Producers, fill.Consumers = 1, 0
	run(t, l, fill)
	_, err := l.order[0].f.WriteAt([]byte{0}, 100)
	require.NoError(t, err)
	c, err := l.Consumer(0)
	require.NoError(t, err)
	_, err = c.Receive(t.Context(), 0, 10, 0, nil)
	require.ErrorContains(t, err, "damaged")
}

func TestAClosedLogTakesNothing(t *testing.T) {
	l, err := Open(Options{Dir: t.TempDir(), Segments: 1})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	p, err := l.Producer()
	require.NoError(t, err)
	require.ErrorIs(t, p.Send(t.Context(), 0, []bench.Message{{Body: []byte(`"x"`)}}), errClosed)
}
