package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/internal/id"
)

type redrive struct {
	Running   bool   `json:"running"`
	Moved     int64  `json:"moved"`
	Remaining int64  `json:"remaining"`
	PerSecond int    `json:"per_second"`
	StartedAt string `json:"started_at"`
}

func (a *api) redrive(t testing.TB, body string) (moved int64) {
	t.Helper()
	var out struct{ Moved int64 }
	a.ask(t, http.MethodPost, a.groupPath()+"/redrive", body, &out)
	return out.Moved
}

func TestRedriveGivesDeadLettersBack(t *testing.T) {
	a := newAPI(t)
	buried := a.bury(t, 4)
	require.Equal(t, int64(1), a.redrive(t, fmt.Sprintf(`{"message_ids":[%q,%q]}`, buried[2].ID, id.NewQueue())), "one, and an unknown one")
	got := a.receive(t)
	require.Equal(t, []string{"3"}, contents(got))
	require.Equal(t, buried[2].ID, got[0].ID, "it keeps its id")
	require.Equal(t, buried[2].Position, got[0].Position, "and its place")
	require.Equal(t, 1, got[0].Death.Failures, "and its history")
	require.Equal(t, int64(2), a.redrive(t, `{"max":2}`), "some")
	require.Equal(t, []string{"1", "2"}, contents(a.receive(t)))
	require.Equal(t, int64(1), a.redrive(t, ``), "all")
	require.Equal(t, []string{"4"}, contents(a.receive(t)))
	require.Zero(t, a.redrive(t, `{}`))
}

func TestRedriveWithARateGoesOnAndCanBeStopped(t *testing.T) {
	a := newAPI(t)
	a.bury(t, 5)
	status := func() (st redrive) {
		a.ask(t, http.MethodGet, a.groupPath()+"/redrive", "", &st)
		return st
	}
	require.Equal(t, redrive{}, status(), "there was none")
	require.Equal(t, int64(2), a.redrive(t, `{"per_second":2}`))
	st := status()
	require.NotEmpty(t, st.StartedAt)
	st.StartedAt = ""
	require.Equal(t, redrive{Running: true, Moved: 2, Remaining: 3, PerSecond: 2}, st)
	refused := a.post(t, a.groupPath()+"/redrive", `{"per_second":1}`)
	require.Equal(t, 409, refused.status)
	require.Equal(t, "redrive_running", refused.problem(t))
	a.Clock.Advance(time.Second)
	require.Eventually(t, func() bool { return status().Moved == 4 }, 10*time.Second, time.Millisecond)
	for range 2 {
		require.Equal(t, 204, a.do(t, call{method: http.MethodDelete, path: a.groupPath() + "/redrive"}).status, "and again")
	}
	a.Clock.Advance(time.Minute)
	require.False(t, status().Running)
	require.Equal(t, int64(4), status().Moved)
	got, _ := a.browse(t, a.groupPath()+"/dead-letters", "")
	require.Equal(t, []string{"5"}, contents(got))
}

func TestRedriveAtAndPastItsLimits(t *testing.T) {
	a := newAPI(t)
	ids := func(n int) string {
		return `{"message_ids":[` + strings.TrimSuffix(strings.Repeat(`"`+id.NewQueue()+`",`, n), ",") + `]}`
	}
	for body, status := range map[string]int{
		`{"max":1}`: 200, `{"max":0}`: 400, `{"per_second":1}`: 200, `{"per_second":10000}`: 200, `{"per_second":0}`: 400, `{"per_second":10001}`: 400,
		ids(1): 200, ids(100): 200, ids(101): 400, ids(0): 400, `{"message_ids":["x"]}`: 400, `{"ids":[]}`: 400,
		strings.TrimSuffix(ids(1), "}") + `,"max":1}`: 400, strings.TrimSuffix(ids(1), "}") + `,"per_second":1}`: 400,
	} {
		got := a.post(t, a.groupPath()+"/redrive", body)
		require.Equal(t, status, got.status, body)
		if status == 400 {
			require.Equal(t, "invalid_request", got.problem(t), body)
		}
		require.Equal(t, 204, a.do(t, call{method: http.MethodDelete, path: a.groupPath() + "/redrive"}).status)
	}
}

func TestPurgeErasesAndCounts(t *testing.T) {
	a := newAPI(t)
	a.bury(t, 2)
	a.send(t, `{"body":3},{"body":4,"delay_ms":60000}`)
	other := a.Group(t, a.queue, "other")
	var out struct{ Purged int64 }
	a.ask(t, http.MethodPost, a.queuePath()+"/purge", "", &out)
	require.Equal(t, int64(4), out.Purged, "all that is kept; what one group has buried is still the others'")
	a.Clock.Advance(time.Minute)
	require.Empty(t, a.receive(t))
	require.Empty(t, a.post(t, a.queuePath()+"/groups/"+other.ID+"/receive", `{"wait_seconds":0}`).messages(t))
	a.ask(t, http.MethodPost, a.queuePath()+"/groups/"+other.ID+"/dead-letters/purge", "", &out)
	require.Zero(t, out.Purged, "dead letters are a group's own")
	a.ask(t, http.MethodPost, a.groupPath()+"/dead-letters/purge", "", &out)
	require.Equal(t, int64(2), out.Purged)
	a.ask(t, http.MethodPost, a.groupPath()+"/dead-letters/purge", "", &out)
	require.Zero(t, out.Purged)
}

func TestStatisticsTellEverything(t *testing.T) {
	a := newAPI(t)
	a.queue = a.Queue(t, a.tenant, "counted", dataplane.ModeNormal, func(q *dataplane.Queue) { q.MaxConsumeCount = 2 })
	a.group = a.Group(t, a.queue, "workers")
	require.JSONEq(t, `{"messages":0,"bytes":0,"delayed":0,"prepared":0,"produced":0,"oldest_age_seconds":0}`, a.get(t, a.queuePath()+"/statistics").body)
	a.send(t, `{"body":1},{"body":2},{"body":3},{"body":4},{"body":5},{"body":6,"delay_ms":3600000}`)
	a.prepare(t, `{"messages":[{"body":7},{"body":8}]}`)
	got := a.receive(t)
	require.Len(t, got, 5)
	settle := func(m message, how string) {
		a.ask(t, http.MethodPost, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q%s}]}`, m.Handler, how), nil)
	}
	settle(got[0], "")
	settle(got[1], `,"failed":true`)
	again := a.receive(t)
	require.Equal(t, []string{"2"}, contents(again))
	settle(again[0], `,"failed":true`) // dead
	settle(got[2], `,"failed":true,"delay_ms":60000`)
	a.Clock.Advance(1500 * time.Millisecond)
	require.JSONEq(t, `{"messages":6,"bytes":6,"delayed":1,"prepared":2,"produced":6,"oldest_age_seconds":1.5}`, a.get(t, a.queuePath()+"/statistics").body)
	require.JSONEq(t, `{"produced":6,"consumed":2,"skipped":0,"available":3,"in_flight":2,"postponed":1,"dead_produced":1,"dead_available":1,"redriven":0,
		"oldest_unsettled_age_seconds":1.5}`, a.get(t, a.groupPath()+"/statistics").body)
	a.redrive(t, "")
	a.ask(t, http.MethodPost, a.queuePath()+"/purge", "", nil)
	require.JSONEq(t, `{"messages":0,"bytes":0,"delayed":0,"prepared":2,"produced":6,"oldest_age_seconds":0}`, a.get(t, a.queuePath()+"/statistics").body)
	require.JSONEq(t, `{"produced":0,"consumed":2,"skipped":4,"available":0,"in_flight":0,"postponed":0,"dead_produced":1,"dead_available":0,"redriven":1,
		"oldest_unsettled_age_seconds":0}`, a.get(t, a.groupPath()+"/statistics").body)
}
