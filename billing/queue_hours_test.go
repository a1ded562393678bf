package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/billing"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

func by(g billing.Granularity) func(usage.Hour) (billing.Granularity, bool) {
	return func(usage.Hour) (billing.Granularity, bool) { return g, true }
}

// history makes a log of one queue, q, from kinds and instants in turn.
func history(q string, steps ...any) []lifecycle.Event {
	var out []lifecycle.Event
	for i := 0; i < len(steps); i += 2 {
		out = append(out, lifecycle.Event{
			Sequence: int64(i), Kind: steps[i].(lifecycle.Kind), At: at(steps[i+1].(string)), QueueID: q, AccountID: "a", ProjectID: "p", UserID: "u",
		})
	}
	return out
}

func units(events []lifecycle.Event, from, to, until time.Time, g billing.Granularity) (sum int64, byHour map[string]int64) {
	byHour = make(map[string]int64)
	for u := range billing.CountQueueUnits(events, usage.HourOf(from), usage.HourOf(to), until, by(g)) {
		sum += u.Units
		byHour[u.Hour.Start().Format("15:04")] += u.Units
	}
	return sum, byHour
}

func TestQueueUnits(t *testing.T) {
	const (
		created, frozen, thawed, deleted = lifecycle.Created, lifecycle.Frozen, lifecycle.Thawed, lifecycle.Deleted
	)
	for _, c := range []struct {
		name           string
		events         []lifecycle.Event
		hours, minutes int64
	}{
		{"one hour from a full hour", history("q", created, "2026-01-01T09:00:00Z", deleted, "2026-01-01T10:00:00Z"), 1, 60},
		{"one hour off the boundary", history("q", created, "2026-01-01T09:00:30Z", deleted, "2026-01-01T10:00:30Z"), 2, 61},
		{"one microsecond over", history("q", created, "2026-01-01T09:00:00Z", deleted, "2026-01-01T10:00:00.000001Z"), 2, 61},
		{"over the hour", history("q", created, "2026-01-01T09:59:30Z", deleted, "2026-01-01T10:45:46Z"), 2, 47},
		{"within an hour", history("q", created, "2026-01-01T08:45:30Z", deleted, "2026-01-01T08:55:30Z"), 1, 11},
		{"never existed for an instant", history("q", created, "2026-01-01T08:45:30Z", deleted, "2026-01-01T08:45:30Z"), 0, 0},
		{"frozen from the start of an hour to the end of the next", history("q", created, "2026-01-01T08:00:00Z", frozen, "2026-01-01T09:00:00Z",
			thawed, "2026-01-01T11:00:00Z", deleted, "2026-01-01T12:00:00Z"), 2, 120},
		{"frozen within an hour", history("q", created, "2026-01-01T08:00:00Z", frozen, "2026-01-01T08:20:00Z",
			thawed, "2026-01-01T08:40:00Z", deleted, "2026-01-01T09:00:00Z"), 1, 40},
		{"frozen and thawed within a minute", history("q", created, "2026-01-01T08:00:00Z", frozen, "2026-01-01T08:20:10Z",
			thawed, "2026-01-01T08:20:50Z", deleted, "2026-01-01T09:00:00Z"), 1, 60},
		{"deleted while frozen", history("q", created, "2026-01-01T08:00:00Z", frozen, "2026-01-01T09:00:00Z", deleted, "2026-01-01T13:00:00Z"), 1, 60},
		{"repeated events", history("q", created, "2026-01-01T08:00:00Z", created, "2026-01-01T08:10:00Z", thawed, "2026-01-01T08:15:00Z",
			deleted, "2026-01-01T09:00:00Z", deleted, "2026-01-01T09:30:00Z"), 1, 60},
		{"clock went back", history("q", created, "2026-01-01T08:30:00Z", deleted, "2026-01-01T08:10:00Z"), 0, 0},
		{"clock went back for a while", history("q", created, "2026-01-01T08:00:00Z", frozen, "2026-01-01T10:30:00Z", thawed, "2026-01-01T09:00:00Z",
			frozen, "2026-01-01T09:10:00Z", deleted, "2026-01-01T12:00:00Z"), 3, 150},
		{"two queues in one hour", append(history("q", created, "2026-01-01T08:10:00Z", deleted, "2026-01-01T08:20:00Z"),
			history("r", created, "2026-01-01T08:30:00Z", deleted, "2026-01-01T08:40:00Z")...), 2, 20},
	} {
		from, to := at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z")
		hours, byHour := units(c.events, from, to, to, billing.GranularityHour)
		require.Equal(t, c.hours, hours, "%s: hours %v", c.name, byHour)
		minutes, byHour := units(c.events, from, to, to, billing.GranularityMinute)
		require.Equal(t, c.minutes, minutes, "%s: minutes %v", c.name, byHour)
	}
}

func TestQueueLivesAsFarAsTheLogIsKnown(t *testing.T) {
	events := history("q", lifecycle.Created, "2026-01-01T08:30:00Z", lifecycle.Deleted, "2026-01-01T10:30:00Z")
	from, to := at("2026-01-01T08:00:00Z"), at("2026-01-02T00:00:00Z")
	for until, want := range map[string]int64{
		"2026-01-01T08:30:00Z":        0, // exclusive
		"2026-01-01T08:30:00.000001Z": 1,
		"2026-01-01T09:00:00Z":        1,
		"2026-01-01T09:00:00.000001Z": 2,
		"2026-01-01T23:00:00Z":        3,
	} {
		got, _ := units(events, from, to, at(until), billing.GranularityHour)
		require.Equal(t, want, got, until)
	}
}

func TestHoursWithoutGranularityAreNotCounted(t *testing.T) {
	events := history("q", lifecycle.Created, "2026-01-01T08:00:00Z")
	from := usage.HourOf(at("2026-01-01T08:00:00Z"))
	var got int64
	for u := range billing.CountQueueUnits(events, from, from+10, (from + 10).Start(), func(h usage.Hour) (billing.Granularity, bool) {
		return billing.GranularityHour, h >= from+4
	}) {
		got += u.Units
	}
	require.Equal(t, int64(6), got)
}

// genLog draws a log of a few queues whose events are dated at random within a day.
func genLog(t *rapid.T) []lifecycle.Event {
	day := at("2026-01-01T00:00:00Z")
	var out []lifecycle.Event
	for q := range rapid.IntRange(0, 4).Draw(t, "queues") {
		instant := day.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Hour)).Draw(t, "created")))
		kinds := []lifecycle.Kind{lifecycle.Created}
		for range rapid.IntRange(0, 6).Draw(t, "events") {
			kinds = append(kinds, rapid.SampledFrom([]lifecycle.Kind{lifecycle.Frozen, lifecycle.Thawed, lifecycle.Deleted}).Draw(t, "kind"))
		}
		for _, k := range kinds {
			out = append(out, lifecycle.Event{Sequence: int64(len(out)), At: instant, Kind: k, QueueID: fmt.Sprint("q", q), AccountID: "a", ProjectID: "p", UserID: "u"})
			step := rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 13 * time.Minute, time.Hour, 150 * time.Minute})
			instant = instant.Add(step.Draw(t, "step"))
		}
	}
	return out
}

func TestWindowsOfAnyCutAddUpToTheWhole(t *testing.T) {
	day, next := at("2026-01-01T00:00:00Z"), at("2026-01-03T00:00:00Z")
	rapid.Check(t, func(t *rapid.T) {
		events := genLog(t)
		for _, g := range []billing.Granularity{billing.GranularityHour, billing.GranularityMinute} {
			whole, _ := units(events, day, next, next, g)
			var sum int64
			for from := day; from.Before(next); {
				to := from.Add(time.Duration(rapid.Int64Range(1, 12).Draw(t, "hours")) * time.Hour)
				if to.After(next) {
					to = next
				}
				n, _ := units(events, from, to, to, g)
				sum += n
				from = to
			}
			require.Equal(t, whole, sum)
		}
	})
}

// A slow, obvious reference: step through the day, five seconds at a time.
func TestUnitsAgreeWithSteppingThroughTheDay(t *testing.T) {
	day := at("2026-01-01T00:00:00Z")
	end := day.Add(36 * time.Hour)
	const step = 5 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		events := genLog(t)
		for i := range events {
			events[i].At = events[i].At.Truncate(step)
		}
		for g, unit := range map[billing.Granularity]int64{billing.GranularityHour: 3600, billing.GranularityMinute: 60} {
			type key struct {
				queue string
				unit  int64
			}
			touched := make(map[key]bool)
			for q := range map[string]bool{"q0": true, "q1": true, "q2": true, "q3": true} {
				exists, frozen, next := false, false, 0
				var own []lifecycle.Event
				for _, e := range events {
					if e.QueueID == q {
						own = append(own, e)
					}
				}
				for s := day; s.Before(end); s = s.Add(step) {
					for ; next < len(own) && !own[next].At.After(s); next++ {
						switch own[next].Kind {
						case lifecycle.Created:
							exists, frozen = true, false
						case lifecycle.Frozen:
							frozen = true
						case lifecycle.Thawed:
							frozen = false
						case lifecycle.Deleted:
							exists = false
						}
					}
					if exists && !frozen {
						touched[key{q, s.Unix() / unit}] = true
					}
				}
			}
			got, _ := units(events, day, end, end, g)
			require.Equal(t, int64(len(touched)), got, g)
		}
	})
}
