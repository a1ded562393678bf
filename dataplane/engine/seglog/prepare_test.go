package seglog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is prepared at the opening is for the first burst. Later half of it is kept ready: a burst should not share the disk with its own
// preparations.
func TestABurstIsWrittenIntoSparesBeforeOthersAreMade(t *testing.T) {
	opt := options(newDisk(t))
	opt.Prepare = 4
	l, _ := open(t, opt)
	state := func() [2]int {
		l.mu.RLock()
		defer l.mu.RUnlock()
		return [2]int{int(l.prepared), len(l.spare)}
	}
	becomes := func(made, left int) {
		t.Helper()
		require.Eventually(t, func() bool { return state() == [2]int{made, left} }, 10*time.Second, time.Millisecond, "%d made, %d left: is %v", made, left, state())
	}
	becomes(4, 4)
	segment := func() { commit(t, l, strings.Repeat("x", 2*int(opt.SegmentBytes))) }
	segment() // into the one that Open began
	segment()
	segment()
	segment()
	becomes(5, 2)
	segment()
	becomes(6, 2)
	require.NoError(t, l.Close())
	require.Equal(t, [2]int{6, 2}, state())
}

func TestSparesThatAreTooManyAreRemovedAtTheOpening(t *testing.T) {
	opt := options(newDisk(t))
	opt.Prepare = 4
	l, _ := open(t, opt)
	require.Eventually(t, func() bool { return l.spares() == 4 }, 10*time.Second, time.Millisecond)
	require.NoError(t, l.Close())
	opt.Prepare, opt.MaxSpare = 0, 3
	l, _ = open(t, opt)
	require.Equal(t, 2, l.spares(), "three, of which one is the new segment")
	names, err := opt.FS.List(opt.Dir)
	require.NoError(t, err)
	require.Len(t, slices.DeleteFunc(names, func(n string) bool { return !isSpare(n) }), 2)
}
