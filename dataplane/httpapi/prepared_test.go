package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/id"
)

type prepared struct {
	ID         string `json:"id"`
	Messages   int    `json:"messages"`
	Bytes      int64  `json:"bytes"`
	PreparedAt string `json:"prepared_at"`
	DecideBy   string `json:"decide_by"`
	OnTimeout  string `json:"on_timeout"`
}

func (a *api) prepare(t testing.TB, body string) prepared {
	t.Helper()
	got := a.post(t, a.queuePath()+"/prepared", body)
	require.Equal(t, 201, got.status, got.body)
	var p prepared
	a.decode(t, got, &p)
	return p
}

func (a *api) decide(t testing.TB, p prepared, decision string) answer {
	t.Helper()
	return a.post(t, a.queuePath()+"/prepared/"+p.ID+"/"+decision, "")
}

func (a *api) listPrepared(t testing.TB, query string) (ids []string, next string) {
	t.Helper()
	var page struct {
		Prepared []prepared
		Next     string `json:"next_page_token"`
	}
	a.ask(t, http.MethodGet, a.queuePath()+"/prepared"+query, "", &page)
	for _, p := range page.Prepared {
		ids = append(ids, p.ID)
	}
	return ids, page.Next
}

func TestPreparedMessagesAreGivenToNobodyBeforeTheyAreCommitted(t *testing.T) {
	a := newAPI(t)
	kept := a.prepare(t, `{"messages":[{"body":"1","attributes":{"a":1}},{"body":2,"labels":["x"],"delay_ms":1000}],"on_timeout":"commit","timeout_seconds":60}`)
	require.Equal(t, prepared{
		ID: kept.ID, Messages: 2, Bytes: kept.Bytes, OnTimeout: "commit",
		PreparedAt: wiretest.Start.Format(time.RFC3339), DecideBy: wiretest.Start.Add(time.Minute).Format(time.RFC3339),
	}, kept)
	erased := a.prepare(t, `{"messages":[{"body":3}]}`)
	require.Equal(t, "rollback", erased.OnTimeout)
	require.Equal(t, wiretest.Start.Add(time.Hour).Format(time.RFC3339), erased.DecideBy)
	require.Empty(t, a.receive(t))
	ids, _ := a.listPrepared(t, "")
	require.ElementsMatch(t, []string{kept.ID, erased.ID}, ids)

	commit := a.decide(t, kept, "commit")
	require.Equal(t, 200, commit.status, commit.body)
	require.Equal(t, commit.body, a.decide(t, kept, "commit").body, "again")
	require.Equal(t, 204, a.decide(t, erased, "rollback").status)
	require.Equal(t, 204, a.decide(t, erased, "rollback").status, "again")
	for _, k := range []answer{a.decide(t, kept, "rollback"), a.decide(t, erased, "commit")} {
		require.Equal(t, 409, k.status)
		require.Equal(t, "prepared_decided", k.problem(t))
	}
	ids, _ = a.listPrepared(t, "")
	require.Empty(t, ids)

	got := a.receive(t)
	require.Equal(t, []string{`"1"`}, contents(got), "the other is delayed from the commit on")
	require.Contains(t, commit.body, got[0].ID)
	a.Clock.Advance(time.Second)
	require.Equal(t, []string{`2`}, contents(a.receive(t)))
}

func TestPreparedMessagesThatNobodyDecidesGoToTheChosenOutcome(t *testing.T) {
	a := newAPI(t)
	kept := a.prepare(t, `{"messages":[{"body":1}],"timeout_seconds":60,"on_timeout":"commit"}`)
	erased := a.prepare(t, `{"messages":[{"body":2}],"timeout_seconds":60,"on_timeout":"rollback"}`)
	a.Clock.Advance(time.Minute - time.Microsecond)
	require.Empty(t, a.receive(t))
	a.Clock.Advance(time.Microsecond)
	require.Equal(t, []string{"1"}, contents(a.receive(t)))
	require.Equal(t, 409, a.decide(t, kept, "rollback").status)
	require.Equal(t, 409, a.decide(t, erased, "commit").status)
	require.Equal(t, 200, a.decide(t, kept, "commit").status)
	a.Clock.Advance(24 * time.Hour)
	a.Activate(t, a.tenant.AccountID, dataplane.ActivationActive) // news: the copy of the directory is not a day old
	got := a.decide(t, kept, "commit")
	require.Equal(t, 404, got.status, "forgotten")
	require.Equal(t, "prepared_not_found", got.problem(t))
}

func TestPreparedMessagesOfAnotherQueueDoNotExist(t *testing.T) {
	a := newAPI(t)
	p := a.prepare(t, `{"messages":[{"body":1}]}`)
	other := a.Queue(t, a.tenant, "other", dataplane.ModeNormal, nil)
	for _, decision := range []string{"commit", "rollback"} {
		unknown := a.decide(t, prepared{ID: id.NewQueue()}, decision)
		require.Equal(t, 404, unknown.status)
		require.Equal(t, "prepared_not_found", unknown.problem(t))
		for _, path := range []string{
			a.queuePath() + "/prepared/nonsense/" + decision,
			a.projectPath() + "/queues/" + other.ID + "/prepared/" + p.ID + "/" + decision,
		} {
			got := a.post(t, path, "")
			require.Equal(t, 404, got.status, path)
			require.Equal(t, "prepared_not_found", got.problem(t), path)
		}
	}
	require.Equal(t, 200, a.decide(t, p, "commit").status, "nothing was decided")
}

func TestPreparedMessagesAreListedPageByPage(t *testing.T) {
	a := newAPI(t)
	for range 5 {
		a.prepare(t, `{"messages":[{"body":1}]}`)
	}
	all, next := a.listPrepared(t, "")
	require.Len(t, all, 5)
	require.Empty(t, next)
	all, next = a.listPrepared(t, "?page_size=5")
	require.Len(t, all, 5)
	require.Empty(t, next, "the last page, though it is full")
	first, next := a.listPrepared(t, "?page_size=2")
	require.Equal(t, all[:2], first)
	require.Equal(t, 204, a.decide(t, prepared{ID: all[1]}, "rollback").status) // the one that the token names
	second, next := a.listPrepared(t, "?page_size=2&page_token="+next)
	require.Equal(t, all[2:4], second)
	third, next := a.listPrepared(t, "?page_size=2&page_token="+next)
	require.Equal(t, all[4:], third)
	require.Empty(t, next)
	for query, want := range map[string]string{
		"?page_size=0": "invalid_request", "?page_size=501": "invalid_request", "?page_token=!": "parameter_invalid", "?page_token=eA": "parameter_invalid",
	} {
		got := a.get(t, a.queuePath()+"/prepared"+query)
		require.Equal(t, 400, got.status, query)
		require.Equal(t, want, got.problem(t), query)
	}
}

func TestPrepareAtAndPastItsLimits(t *testing.T) {
	a := newAPI(t)
	for more, status := range map[string]int{
		`"timeout_seconds":1`: 201, `"timeout_seconds":86400`: 201, `"timeout_seconds":0`: 400, `"timeout_seconds":86401`: 400,
		`"on_timeout":"keep"`: 400, `"unknown":1`: 400,
	} {
		got := a.post(t, a.queuePath()+"/prepared", `{"messages":[{"body":1}],`+more+`}`)
		require.Equal(t, status, got.status, more)
	}
	many := func(n int) string {
		out := ""
		for i := range n {
			out += fmt.Sprintf(`,{"body":%d}`, i)
		}
		return `{"messages":[` + out[1:] + `]}`
	}
	require.Equal(t, 10, a.prepare(t, many(10)).Messages)
	require.Equal(t, 400, a.post(t, a.queuePath()+"/prepared", many(11)).status)
	require.Equal(t, 400, a.post(t, a.queuePath()+"/prepared", `{"messages":[]}`).status)
}
