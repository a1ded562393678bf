// Package storetest is the suite that every billing.Store must pass.
package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/internal/access"
	"dms/internal/usage"
)

// Run tests a store. open returns an empty one, fresh for each call.
func Run(t *testing.T, open func(t *testing.T) billing.Store) {
	for name, test := range map[string]func(t *testing.T, s billing.Store){
		"meter starts stopped and keeps its boundary":      meter,
		"a failed transaction leaves nothing":              rollback,
		"sources keep their gaps":                          sources,
		"counts add up by key and billed hour":             counts,
		"only billable calls are reported":                 billable,
		"closed hours are written once":                    closedHours,
		"chain heads are the last records before the hour": chainHeads,
		"prices are published once":                        prices,
		"accounts never mix":                               isolation,
		"keys are tuples":                                  tuples,
		"ids are ordered byte by byte":                     byteOrder,
		"large batches":                                    large,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func tx(t *testing.T, s billing.Store, f func(tx billing.Tx) error) {
	t.Helper()
	require.NoError(t, s.InTx(t.Context(), func(tx billing.Tx) error {
		if _, err := tx.LockMeter(); err != nil {
			return err
		}
		return f(tx)
	}))
}

// count is a billable count; hour is both when it was made and when it is billed.
func count(account, project, user, queue string, h usage.Hour, calls int64) billing.BookedCount {
	return billing.BookedCount{
		Count: usage.Count{
			Key:   usage.Key{AccountID: account, ProjectID: project, UserID: user, QueueID: queue, Action: access.MessageSend, Hour: h},
			Calls: calls,
		},
		BilledHour: h, Billable: true,
	}
}

func add(t *testing.T, s billing.Store, counts ...billing.BookedCount) {
	t.Helper()
	tx(t, s, func(tx billing.Tx) error { return tx.AddCounts(counts) })
}

func meter(t *testing.T, s billing.Store) {
	got, err := s.Meter(t.Context())
	require.NoError(t, err)
	require.Equal(t, billing.MeterState{}, got)

	want := billing.MeterState{Started: true, First: 10, Next: 12}
	tx(t, s, func(tx billing.Tx) error {
		require.NoError(t, tx.SaveMeter(want))
		locked, err := tx.LockMeter()
		require.Equal(t, want, locked)
		return err
	})
	got, err = s.Meter(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func rollback(t *testing.T, s billing.Store) {
	stop := errors.New("stop")
	err := s.InTx(t.Context(), func(tx billing.Tx) error {
		_, err := tx.LockMeter()
		require.NoError(t, err)
		require.NoError(t, tx.SaveMeter(billing.MeterState{Started: true, First: 1, Next: 2}))
		require.NoError(t, tx.AddCounts([]billing.BookedCount{count("a", "p", "u", "q", 1, 5)}))
		require.NoError(t, tx.SaveSource(billing.SourceState{Source: "n", Last: 9}))
		n, err := tx.InsertClosedHours([]billing.ClosedHour{{AccountID: "a", Hour: 1}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, tx.PublishPrices(billing.StandardPrices(billing.GranularityHour)))
		return stop
	})
	require.ErrorIs(t, err, stop)

	state, err := s.Meter(t.Context())
	require.NoError(t, err)
	require.False(t, state.Started)
	require.Empty(t, calls(t, s, "a", 0, 10))
	require.Empty(t, closed(t, s, "a", 0, 10))
	published, err := s.Prices(t.Context())
	require.NoError(t, err)
	require.Empty(t, published)
	tx(t, s, func(tx billing.Tx) error {
		src, err := tx.Source("n")
		require.Equal(t, billing.SourceState{Source: "n"}, src)
		return err
	})
}

func sources(t *testing.T, s billing.Store) {
	states := []billing.SourceState{
		{Source: "n", Last: 5},
		{Source: "n", Last: 40, Missing: []billing.SequenceRange{{First: 6, Last: 9}, {First: 20, Last: 20}}},
		{Source: "other", Last: 1},
		{Source: "n", Last: 1<<63 - 2, Missing: []billing.SequenceRange{{First: 20, Last: 20}}},
	}
	for _, want := range states {
		tx(t, s, func(tx billing.Tx) error { return tx.SaveSource(want) })
		tx(t, s, func(tx billing.Tx) error {
			got, err := tx.Source(want.Source)
			require.Empty(t, cmp.Diff(want, got))
			return err
		})
	}
	tx(t, s, func(tx billing.Tx) error {
		got, err := tx.Source("unknown")
		require.Equal(t, billing.SourceState{Source: "unknown"}, got)
		return err
	})
}

func counts(t *testing.T, s billing.Store) {
	late := count("a", "p", "u", "q", 3, 100)
	late.BilledHour = 5
	ack := count("a", "p", "u", "q", 4, 1000)
	ack.Action = access.MessageAck
	add(t, s, count("a", "p", "u", "q", 4, 1), count("a", "p", "u", "r", 4, 10), late, ack)
	add(t, s, count("a", "p", "u", "q", 4, 2), late)

	require.Empty(t, cmp.Diff([]billing.HourlyCalls{
		{Hour: 4, ProjectID: "p", UserID: "u", QueueID: "q", Calls: 1003},
		{Hour: 4, ProjectID: "p", UserID: "u", QueueID: "r", Calls: 10},
		{Hour: 5, ProjectID: "p", UserID: "u", QueueID: "q", Calls: 200},
	}, calls(t, s, "a", 0, 10)))
	require.Len(t, calls(t, s, "a", 5, 10), 1, "from is inclusive")
	require.Len(t, calls(t, s, "a", 0, 5), 2, "to is exclusive")

	tx(t, s, func(tx billing.Tx) error {
		first, found, err := tx.AcrossAccountsFirstHour()
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, usage.Hour(4), first)
		return nil
	})
}

func billable(t *testing.T, s billing.Store) {
	free := count("a", "p", "u", "", 4, 7)
	free.Action, free.Billable = access.BillGet, false
	add(t, s, free)
	require.Empty(t, calls(t, s, "a", 0, 10))
	add(t, s, count("a", "p", "u", "", 4, 1))
	require.Equal(t, int64(1), calls(t, s, "a", 0, 10)[0].Calls)
	tx(t, s, func(tx billing.Tx) error {
		got, err := tx.AcrossAccountsCalls(4)
		require.Equal(t, []billing.AccountCalls{{AccountID: "a", Calls: 1}}, got)
		return err
	})
}

func closedHours(t *testing.T, s billing.Store) {
	one := billing.ClosedHour{AccountID: "a", Hour: 4, PriceID: "x", QueueUnits: 1, APICalls: 2}.Seal(billing.Hash{9})
	two := billing.ClosedHour{AccountID: "b", Hour: 4, PriceID: "x", QueueUnits: 3, APICalls: 1 << 60}.Seal(billing.Hash{})
	tx(t, s, func(tx billing.Tx) error {
		n, err := tx.InsertClosedHours([]billing.ClosedHour{one})
		require.Equal(t, 1, n)
		return err
	})
	edited := one
	edited.QueueUnits = 77
	tx(t, s, func(tx billing.Tx) error {
		n, err := tx.InsertClosedHours([]billing.ClosedHour{edited, two})
		require.Equal(t, 1, n, "the one that is there is not new")
		return err
	})
	tx(t, s, func(tx billing.Tx) error {
		n, err := tx.InsertClosedHours(nil)
		require.Zero(t, n)
		return err
	})
	require.Empty(t, cmp.Diff([]billing.ClosedHour{one}, closed(t, s, "a", 0, 10)), "and stays as it is")
	require.Empty(t, cmp.Diff([]billing.ClosedHour{two}, closed(t, s, "b", 4, 5)))
	require.Empty(t, closed(t, s, "b", 5, 10))
	require.Empty(t, closed(t, s, "b", 0, 4))
}

func chainHeads(t *testing.T, s billing.Store) {
	var records []billing.ClosedHour
	for h := usage.Hour(1); h <= 3; h++ {
		records = append(records, billing.ClosedHour{AccountID: "a", Hour: h, Hash: billing.Hash{byte(h)}})
	}
	records = append(records, billing.ClosedHour{AccountID: "b", Hour: 1, Hash: billing.Hash{11}})
	tx(t, s, func(tx billing.Tx) error {
		_, err := tx.InsertClosedHours(records)
		require.NoError(t, err)
		for before, want := range map[usage.Hour]map[string]billing.Hash{
			1: {}, 2: {"a": {1}, "b": {11}}, 3: {"a": {2}, "b": {11}}, 9: {"a": {3}, "b": {11}},
		} {
			got, err := tx.ChainHeads([]string{"a", "b", "c"}, before)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(want, got))
		}
		got, err := tx.ChainHeads([]string{"b"}, 9)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[string]billing.Hash{"b": {11}}, got))
		return nil
	})
}

func prices(t *testing.T, s billing.Store) {
	hour, minute := billing.StandardPrices(billing.GranularityHour), billing.StandardPrices(billing.GranularityMinute)
	for range 2 {
		tx(t, s, func(tx billing.Tx) error { return errors.Join(tx.PublishPrices(hour), tx.PublishPrices(minute)) })
	}
	got, err := s.Prices(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 2)
	for _, v := range []billing.PriceVersion{hour, minute} {
		require.Equal(t, v.ID(), got[v.ID()].ID())
		require.Equal(t, v.Granularity, got[v.ID()].Granularity)
	}
}

func isolation(t *testing.T, s billing.Store) {
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
		mine, theirs := pair[0], pair[1]
		before := calls(t, s, mine, 0, 10)
		add(t, s, count(theirs, "p", "u", "q", 4, 5))
		require.Empty(t, cmp.Diff(before, calls(t, s, mine, 0, 10)), "calls of %s are not those of %s", theirs, mine)
		beforeClosed := closed(t, s, mine, 0, 10)
		tx(t, s, func(tx billing.Tx) error {
			_, err := tx.InsertClosedHours([]billing.ClosedHour{{AccountID: theirs, Hour: 4, APICalls: 5}})
			return err
		})
		require.Empty(t, cmp.Diff(beforeClosed, closed(t, s, mine, 0, 10)))
	}
	require.Empty(t, calls(t, s, "", 0, 10), "no account is nobody's, not everybody's")
}

func tuples(t *testing.T, s billing.Store) {
	keys := [][4]string{
		{"a", "b-c", "d", "e"}, {"a-b", "c", "d", "e"}, {"a", "b", "c-d", "e"}, {"a:b", "c", "d", "e"}, {"a", "b:c", "d", "e"},
		{"a/b", "c", "d", "e"}, {"a", "b/c", "d", "e"}, {"a", "", "b", "c"}, {"a", "b", "", "c"}, {"a", "b", "c", ""},
		{"\u0430", "b", "c", ""}, {"A", "b", "c", ""}, {"a ", "b", "c", ""}, {"a%", "b", "c", ""}, {"a_", "b", "c", ""}, {"e\u0301", "", "", ""}, {"\u00e9", "", "", ""},
	}
	for i, k := range keys {
		add(t, s, count(k[0], k[1], k[2], k[3], 4, int64(1+i)))
	}
	for i, k := range keys {
		require.Contains(t, calls(t, s, k[0], 0, 10), billing.HourlyCalls{Hour: 4, ProjectID: k[1], UserID: k[2], QueueID: k[3], Calls: int64(1 + i)})
	}
}

func byteOrder(t *testing.T, s billing.Store) {
	for _, p := range []string{"b", "a", "B", "A", "_", "é", "10", "9"} {
		add(t, s, count("acc", p, "u", "q", 4, 1), count(p, "p", "u", "q", 4, 1))
	}
	want := []string{"10", "9", "A", "B", "_", "a", "b", "é"}
	var projects []string
	for _, c := range calls(t, s, "acc", 0, 10) {
		projects = append(projects, c.ProjectID)
	}
	require.Equal(t, want, projects)
	tx(t, s, func(tx billing.Tx) error {
		got, err := tx.AcrossAccountsCalls(4)
		var accounts []string
		for _, a := range got {
			if a.AccountID != "acc" {
				accounts = append(accounts, a.AccountID)
			}
		}
		require.Equal(t, want, accounts)
		return err
	})
}

func large(t *testing.T, s billing.Store) {
	const n = 2_500
	var (
		batch   []billing.BookedCount
		records []billing.ClosedHour
		ids     []string
		missing []billing.SequenceRange
	)
	for i := range n {
		id := fmt.Sprintf("account-%06d", i)
		ids = append(ids, id)
		batch = append(batch, count(id, "p", "u", "q", 4, int64(1+i)))
		records = append(records, billing.ClosedHour{AccountID: id, Hour: 4}.Seal(billing.Hash{}))
		missing = append(missing, billing.SequenceRange{First: uint64(10*i + 1), Last: uint64(10*i + 2)})
	}
	tx(t, s, func(tx billing.Tx) error {
		require.NoError(t, tx.AddCounts(batch))
		require.NoError(t, tx.SaveSource(billing.SourceState{Source: "n", Last: 10 * n, Missing: missing}))
		got, err := tx.InsertClosedHours(records)
		require.Equal(t, n, got)
		return err
	})
	tx(t, s, func(tx billing.Tx) error {
		byAccount, err := tx.AcrossAccountsCalls(4)
		require.NoError(t, err)
		require.Len(t, byAccount, n)
		heads, err := tx.ChainHeads(ids, 5)
		require.NoError(t, err)
		require.Len(t, heads, n)
		src, err := tx.Source("n")
		require.Equal(t, missing, src.Missing)
		return err
	})
}

func calls(t *testing.T, s billing.Store, account string, from, to usage.Hour) []billing.HourlyCalls {
	t.Helper()
	out, err := s.HourlyCalls(t.Context(), account, from, to)
	require.NoError(t, err)
	return out
}

func closed(t *testing.T, s billing.Store, account string, from, to usage.Hour) []billing.ClosedHour {
	t.Helper()
	out, err := s.ClosedHours(t.Context(), account, from, to)
	require.NoError(t, err)
	return out
}
