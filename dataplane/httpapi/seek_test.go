package httpapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/dmsapi/wiretest"
)

func (a *api) seek(t testing.TB, body string) {
	t.Helper()
	got := a.post(t, a.groupPath()+"/seek", body)
	require.Equal(t, 204, got.status, got.body)
}

func TestSeekMovesAGroup(t *testing.T) {
	a := newAPI(t)
	for i := range 4 {
		a.send(t, fmt.Sprintf(`{"body":%d}`, i))
		a.Clock.Advance(time.Second)
	}
	got := a.receive(t)
	require.Len(t, got, 4)
	all := []string{"0", "1", "2", "3"}
	from := func(n int) string { return wiretest.Start.Add(time.Duration(n) * time.Second).Format(time.RFC3339Nano) }
	for _, k := range []struct {
		body string
		want []string
	}{
		{`{"to":"earliest"}`, all},
		{`{"to":"latest"}`, []string{}},
		{`{"time":"` + from(1) + `"}`, all[1:]},
		{`{"time":"` + wiretest.Start.Add(time.Second+time.Microsecond).Format(time.RFC3339Nano) + `"}`, all[2:]},
		{`{"time":"0001-01-01T00:00:00Z"}`, all},
		{`{"time":"2100-01-01T08:00:00+08:00"}`, []string{}},
		{fmt.Sprintf(`{"position":%d}`, got[3].Position), all[3:]},
		{fmt.Sprintf(`{"position":%d}`, got[3].Position+1), []string{}},
		{`{"position":1}`, all},
		{`{"position":9007199254740993}`, []string{}},
	} {
		a.seek(t, k.body)
		require.Equal(t, k.want, contents(a.receive(t)), k.body)
	}
	refused := a.post(t, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q}]}`, got[0].Handler))
	require.Equal(t, 400, refused.status, "handlers of before are no good any more")
}

func TestSeekWantsExactlyOnePlace(t *testing.T) {
	a := newAPI(t)
	for _, body := range []string{
		``, `{}`, `{"to":"middle"}`, `{"position":0}`, `{"position":-1}`, `{"position":1.5}`, `{"position":18446744073709551616}`,
		`{"time":"yesterday"}`, `{"time":1}`, `{"to":"earliest","position":1}`, `{"position":1,"time":"2026-11-24T08:00:00Z"}`, `{"to":"earliest","unknown":1}`,
	} {
		got := a.post(t, a.groupPath()+"/seek", body)
		require.Equal(t, 400, got.status, body)
		require.Equal(t, "invalid_request", got.problem(t), body)
	}
}
