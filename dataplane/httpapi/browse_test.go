package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/id"
)

// browse returns a page, and where the next one begins; 0: there is none.
func (a *api) browse(t testing.TB, path, query string) ([]message, uint64) {
	t.Helper()
	var page struct {
		Messages []message
		Next     uint64 `json:"next_position"`
	}
	a.ask(t, http.MethodGet, path+query, "", &page)
	return page.Messages, page.Next
}

func TestBrowseShowsMessagesByteForByteAndChangesNothing(t *testing.T) {
	a := newAPI(t)
	const attributes = `{ "x":"<>",  "y": 1.0 }`
	bodies := []string{`"<a>\u003c\/é😀"`, `{"b" : 1,"a":	[2.50 , 1e2],"b":2}`, `12345678901234567890123`, `""`}
	for _, b := range bodies {
		a.send(t, `{"body":`+b+`,"attributes":`+attributes+`,"labels":["t1"],"delay_ms":60000}`)
	}
	got, _ := a.browse(t, a.queuePath()+"/messages", "")
	require.Empty(t, got, "delayed ones have no place yet")
	a.Clock.Advance(time.Minute)
	before := a.get(t, a.groupPath()+"/statistics").body
	for range 2 {
		got, next := a.browse(t, a.queuePath()+"/messages", "")
		require.Equal(t, bodies, contents(got))
		require.Zero(t, next)
		require.Equal(t, attributes, string(got[0].Attributes))
		require.Equal(t, []string{"t1"}, got[0].Labels)
		require.Equal(t, wiretest.Start.Format(time.RFC3339), got[0].SentAt)
		require.Equal(t, wiretest.Start.Add(time.Minute).Format(time.RFC3339), got[0].AvailableAt)
		require.Equal(t, wiretest.Start.Add(time.Minute+72*time.Hour).Format(time.RFC3339), got[0].ExpiresAt)
		require.Nil(t, got[0].Death)
		require.Empty(t, got[0].Handler)
	}
	require.Equal(t, before, a.get(t, a.groupPath()+"/statistics").body)
	for _, m := range a.receive(t) {
		require.Equal(t, 1, m.ReceiveCount)
	}
}

func TestBrowseGoesOnFromPositionsAndFindsTimesAndIDs(t *testing.T) {
	a := newAPI(t)
	path := a.queuePath() + "/messages"
	var ids []string
	for i := range 25 {
		ids = append(ids, a.send(t, fmt.Sprintf(`{"body":%d}`, i))[0].ID)
		a.Clock.Advance(time.Second)
	}
	var all []message
	query, pages := "?limit=10", 0
	for next := uint64(1); next > 0; pages++ {
		var page []message
		page, next = a.browse(t, path, query)
		all = append(all, page...)
		query = "?limit=10&position=" + strconv.FormatUint(next, 10)
	}
	require.Equal(t, 3, pages)
	require.Len(t, all, 25)
	for i, m := range all {
		require.Equal(t, ids[i], m.ID)
	}
	page, next := a.browse(t, path, "")
	require.Len(t, page, 20, "unless asked otherwise")
	require.Equal(t, all[20].Position, next)
	page, _ = a.browse(t, path, "?time="+url.QueryEscape(wiretest.Start.Add(23*time.Second).Format(time.RFC3339)))
	require.Equal(t, []string{"23", "24"}, contents(page))
	page, _ = a.browse(t, path, "?message_id="+ids[7])
	require.Equal(t, []string{"7"}, contents(page))
	page, next = a.browse(t, path, "?message_id="+id.NewQueue())
	require.Empty(t, page)
	require.Zero(t, next)
	page, _ = a.browse(t, path, fmt.Sprintf("?message_id=%s&position=%d", ids[7], all[8].Position))
	require.Empty(t, page, "it lies before")
}

func TestBrowseOfLargeMessagesIsBoundedInBytes(t *testing.T) {
	a := newAPI(t)
	for range 3 {
		a.send(t, `{"body":"`+strings.Repeat("x", 300<<10)+`"}`)
	}
	page, next := a.browse(t, a.queuePath()+"/messages", "")
	require.Len(t, page, 1)
	require.NotZero(t, next)
}

func TestBrowseOfDeadLettersTellsWhyTheyDied(t *testing.T) {
	a := newAPI(t)
	buried := a.bury(t, 2)
	a.send(t, `{"body":3}`)
	require.Len(t, a.receive(t), 1)
	a.Clock.Advance(time.Minute) // its ack wait of 30 s passes
	got, next := a.browse(t, a.groupPath()+"/dead-letters", "")
	require.Equal(t, []string{"1", "2", "3"}, contents(got))
	require.Zero(t, next)
	now := wiretest.Start.Format(time.RFC3339)
	require.Equal(t, death{Failures: 1, FirstFailureAt: now, LastFailureAt: now, Reason: "refused"}, *got[0].Death)
	require.Equal(t, "timed_out", got[2].Death.Reason)
	require.Equal(t, wiretest.Start.Add(30*time.Second).Format(time.RFC3339), got[2].Death.LastFailureAt)
	page, next := a.browse(t, a.groupPath()+"/dead-letters", "?limit=1")
	require.Equal(t, []string{"1"}, contents(page))
	page, _ = a.browse(t, a.groupPath()+"/dead-letters", fmt.Sprintf("?position=%d", next))
	require.Equal(t, []string{"2", "3"}, contents(page))
	page, _ = a.browse(t, a.groupPath()+"/dead-letters", "?message_id="+buried[1].ID)
	require.Equal(t, []string{"2"}, contents(page))

	dead := a.post(t, a.groupPath()+"/dead-letters/receive", `{"wait_seconds":0}`).messages(t)
	require.Len(t, dead, 3)
	require.Equal(t, got[0].Death, dead[0].Death, "deliveries tell it, too")
}

func TestBrowseAtAndPastItsLimits(t *testing.T) {
	a := newAPI(t)
	for query, want := range map[string]string{
		"?limit=1": "", "?limit=100": "", "?limit=0": "invalid_request", "?limit=101": "invalid_request", "?limit=x": "invalid_request",
		"?position=1": "", "?position=9223372036854775807": "", "?position=0": "invalid_request", "?position=-1": "invalid_request",
		"?time=2026-11-24T08:00:00Z": "", "?time=0001-01-01T00:00:00Z": "", "?time=noon": "invalid_request",
		"?message_id=" + id.NewQueue(): "", "?message_id=x": "invalid_request",
		"?position=1&time=2026-11-24T08:00:00Z": "parameter_invalid",
	} {
		for _, path := range []string{a.queuePath() + "/messages", a.groupPath() + "/dead-letters"} {
			got := a.get(t, path+query)
			if want == "" {
				require.Equal(t, 200, got.status, path+query)
				continue
			}
			require.Equal(t, 400, got.status, path+query)
			require.Equal(t, want, got.problem(t), path+query)
		}
	}
}
