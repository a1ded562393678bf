package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
)

type extended struct {
	Results []struct {
		Extended bool   `json:"extended"`
		Code     string `json:"code"`
		Detail   string `json:"detail"`
	} `json:"results"`
}

func TestExtendedMessagesStayHiddenForLonger(t *testing.T) {
	a := newAPI(t)
	for _, kind := range []string{"", "/dead-letters"} {
		t.Run("kind="+kind, func(t *testing.T) {
			if kind != "" {
				a.bury(t, 1)
			} else {
				a.send(t, `{"body":1}`)
			}
			receive := func(wait int) []message {
				return a.post(t, a.groupPath()+kind+"/receive", fmt.Sprintf(`{"wait_seconds":0,"ack_wait_seconds":%d}`, wait)).messages(t)
			}
			got := receive(15)
			require.Len(t, got, 1)
			a.Clock.Advance(10 * time.Second)
			var out extended
			a.ask(t, http.MethodPost, a.groupPath()+kind+"/extend", fmt.Sprintf(`{"messages":[{"handler":"garbage","ack_wait_seconds":300},{"handler":%q,"ack_wait_seconds":20}]}`, got[0].Handler), &out)
			require.Len(t, out.Results, 2)
			require.False(t, out.Results[0].Extended)
			require.Equal(t, "handler_unknown", out.Results[0].Code)
			require.NotEmpty(t, out.Results[0].Detail)
			require.True(t, out.Results[1].Extended, "each is judged by itself")
			require.Empty(t, out.Results[1].Code)
			a.Clock.Advance(20*time.Second - time.Microsecond)
			require.Empty(t, receive(15))
			a.ask(t, http.MethodPost, a.groupPath()+kind+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q}]}`, got[0].Handler), nil)
		})
	}
}

func TestHandlersOfElsewhereAreNotExtended(t *testing.T) {
	a := newAPI(t)
	other := a.Group(t, a.queue, "other")
	dead := a.bury(t, 1)
	a.send(t, `{"body":2}`)
	live := a.receive(t)
	body := fmt.Sprintf(`{"messages":[{"handler":%q,"ack_wait_seconds":30}]}`, live[0].Handler)
	for path, want := range map[string]string{
		a.queuePath() + "/groups/" + other.ID + "/extend": "handler_mismatch",
		a.groupPath() + "/dead-letters/extend":            "handler_instance",
	} {
		var out extended
		a.ask(t, http.MethodPost, path, body, &out)
		require.Equal(t, want, out.Results[0].Code, path)
	}
	var out extended
	a.ask(t, http.MethodPost, a.groupPath()+"/extend", fmt.Sprintf(`{"messages":[{"handler":%q,"ack_wait_seconds":30}]}`, dead[0].Handler), &out)
	require.False(t, out.Results[0].Extended, "settled")
}

func TestExtendAtAndPastItsLimits(t *testing.T) {
	a := newAPI(t)
	item := func(wait int) string { return fmt.Sprintf(`{"handler":"x","ack_wait_seconds":%d}`, wait) }
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat(item(30)+",", n), ",") }
	for items, status := range map[string]int{
		item(15): 200, item(300): 200, item(14): 400, item(301): 400, many(10): 200, many(11): 400, "": 400, `{"handler":"x"}`: 400,
	} {
		for _, kind := range []string{"", "/dead-letters"} {
			require.Equal(t, status, a.post(t, a.groupPath()+kind+"/extend", `{"messages":[`+items+`]}`).status, kind+items)
		}
	}
}

func TestFailedMessagesComeAgainAfterTheirDelay(t *testing.T) {
	a := newAPI(t)
	a.queue = a.Queue(t, a.tenant, "patient", dataplane.ModeNormal, func(q *dataplane.Queue) { q.MaxConsumeCount = 100 })
	a.group = a.Group(t, a.queue, "workers")
	a.send(t, `{"body":1}`)
	fail := func(handler string, delay int64) answer {
		return a.post(t, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q,"failed":true,"delay_ms":%d}]}`, handler, delay))
	}
	const week = 7 * 24 * 3600 * 1000
	for _, delay := range []int64{0, 1500, 3600 * 1000} {
		got := a.receive(t)
		require.Len(t, got, 1)
		require.Equal(t, 200, fail(got[0].Handler, delay).status)
		if delay > 0 {
			a.Clock.Advance(time.Duration(delay)*time.Millisecond - time.Microsecond)
			require.Empty(t, a.receive(t))
			a.Clock.Advance(time.Microsecond)
		}
	}
	got := a.receive(t)
	require.Len(t, got, 1)
	for _, delay := range []int64{-1, week + 1} {
		require.Equal(t, "invalid_request", fail(got[0].Handler, delay).problem(t))
	}
	for _, failed := range []string{"", `,"failed":false`} {
		refused := a.post(t, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q,"delay_ms":0%s}]}`, got[0].Handler, failed))
		require.Equal(t, 400, refused.status, "an acknowledgement has no delay")
		require.Contains(t, refused.body, "/messages/0/delay_ms")
	}
	require.Equal(t, 200, fail(got[0].Handler, week).status, "and nothing was settled by the refused ones")
}
