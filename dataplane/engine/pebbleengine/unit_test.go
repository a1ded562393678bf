package pebbleengine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/internal/clock/clocktest"
)

func TestMessageSurvivesEncoding(t *testing.T) {
	seed := messageSeed(uid{1})
	for _, m := range []message{
		{id: uid{9}, labels: []string{"a", ""}, attrs: []byte("{}"), body: []byte("b")},
		{body: []byte{}},
		{body: []byte("b"), orderingKey: "k"},
		{body: []byte("b"), orderingKey: "k", death: &death{failures: 300, firstFailure: 1, lastFailure: 2, reason: 1, redriven: 4, origin: 5000, firstReceived: 6}},
		{attrs: []byte{}, body: make([]byte, 300)},
	} {
		v := m.appendTo(nil, seed)
		require.Len(t, v, m.encodedLen())
		got, err := decodeMessage(v, seed)
		require.NoError(t, err)
		m.encoded = v
		require.Empty(t, cmp.Diff(m, got, cmp.AllowUnexported(message{}, death{})))
	}
}

func TestEveryFlippedBitOfAMessageIsFound(t *testing.T) {
	m := message{id: uid{9}, labels: []string{"label"}, attrs: []byte("{}"), body: []byte("body")}
	seed := messageSeed(uid{1})
	v := m.appendTo(nil, seed)
	for i := range 8 * len(v) {
		v[i/8] ^= 1 << (i % 8)
		_, err := decodeMessage(v, seed)
		require.ErrorIs(t, err, errDamaged, "bit %d", i)
		v[i/8] ^= 1 << (i % 8)
	}
	for i := range len(v) {
		_, err := decodeMessage(v[:i], seed)
		require.ErrorIs(t, err, errDamaged, "cut at %d", i)
	}
	_, err := decodeMessage(v, messageSeed(uid{2}))
	require.ErrorIs(t, err, errDamaged, "a message of another queue")
}

// TestSpansAgreeWithASet settles random messages and compares with a plain set.
func TestSpansAgreeWithASet(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var s spans
		set := map[uint64]bool{}
		stored := map[uint64]uint64{} // as the records on the disk would be
		for range 60 {
			start := rng.Uint64N(80)
			end := start + 1 + rng.Uint64N(3)
			free := true
			for i := start; i < end; i++ {
				free = free && !set[i]
			}
			if !free {
				continue
			}
			for i := start; i < end; i++ {
				set[i] = true
			}
			joined, swallowed, did := s.insert(span{start, end})
			stored[joined.start] = joined.end
			if did {
				delete(stored, swallowed)
			}
			want := map[uint64]uint64{}
			for i, sp := range s {
				require.Less(t, sp.start, sp.end)
				require.True(t, i == 0 || s[i-1].end < sp.start, "gaps between spans: %v", s)
				want[sp.start] = sp.end
			}
			require.Equal(t, want, stored)
			for i := range uint64(90) {
				_, in := s.find(i)
				require.Equal(t, set[i], in, "%d in %v", i, s)
			}
		}
	}
}

// TestAGroupRecordOfTheFirstProgramsIsRead cuts off what they did not write.
func TestAGroupRecordOfTheFirstProgramsIsRead(t *testing.T) {
	for _, want := range []*group{
		{maxFailed: maxFailedUnknown, consumed: 1}, {maxFailed: 0, consumed: 2, void: 3}, {maxFailed: 300, consumed: 4, redrives: 5},
	} {
		v := want.encode()
		got := newQueue(uid{1}).openGroup(uid{2})
		require.NoError(t, got.decode(v))
		require.Equal(t, want.maxFailed, got.maxFailed)
		got = newQueue(uid{1}).openGroup(uid{2})
		require.NoError(t, got.decode(v[:len(v)-uvarintLen(uint64(want.maxFailed+1))]))
		require.Equal(t, maxFailedUnknown, got.maxFailed)
		require.Equal(t, []any{want.consumed, want.void, want.redrives}, []any{got.consumed, got.void, got.redrives})
	}
}

func TestHandlerSurvivesSealing(t *testing.T) {
	s := newSealer([]byte("secret"))
	h := handler{stream: deadStream, queue: uid{1}, group: uid{2}, seq: 3, message: 4, delivery: 5, deadline: 6, received: 7}
	got, ok := s.open(s.seal(h))
	require.True(t, ok)
	require.Equal(t, h, got)
	_, ok = newSealer([]byte("other")).open(s.seal(h))
	require.False(t, ok)
}

func TestSchedulerWakesInOrderOnOneTimer(t *testing.T) {
	clk := clocktest.New(time.Unix(1000, 0))
	s := newScheduler(clk)
	var got []int
	at := func(sec int64) int64 { return time.Unix(1000+sec, 0).UnixNano() }
	alarms := make([]*alarm, 5)
	for i := range alarms {
		alarms[i] = newAlarm(func() { got = append(got, i) })
	}
	for i, sec := range []int64{5, 3, 9, 1, 7} {
		s.set(alarms[i], at(sec))
		require.Equal(t, 1, clk.Waiting())
	}
	s.set(alarms[0], at(8)) // later
	s.set(alarms[2], at(2)) // earlier
	s.set(alarms[4], 0)     // never
	clk.Advance(2 * time.Second)
	require.Equal(t, []int{3, 2}, got)
	clk.Advance(time.Minute)
	require.Equal(t, []int{3, 2, 1, 0}, got)
	require.Zero(t, clk.Waiting())
	s.set(alarms[1], at(100))
	s.close()
	clk.Advance(time.Hour)
	require.Len(t, got, 4)
}
