package auditapi_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/controlplane/auditapi"
	"dms/controlplane/auditapi/gen"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/audit/gormstore"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
)

// people are callers whose token is the name of their account, as package iam knows them in the product. The account "reader" may search alone.
type people struct{}

func (people) Authenticate(_ context.Context, r *http.Request, _ string, _ func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{AccountID: r.Header.Get("X-Auth-Token"), UserID: "u"}, nil
}

func (people) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "No guests.")
}

func (people) Authorize(_ context.Context, a access.Actor, action access.Action, o access.Object) error {
	if o.Resource != access.AccountResource("audit", a.AccountID, "record") || a.AccountID == "reader" && action != access.AuditSearch {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "Not allowed.")
	}
	return nil
}

func (people) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }

type world struct {
	db     *dbx.DB
	trails *gormstore.Store
	url    string
}

func serve(t *testing.T, db *dbx.DB) world {
	w := world{db: db, trails: gormstore.New(db)}
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	auditapi.Register(e, auditapi.Deps{Trails: w.trails, Gate: httpserve.Gate{Authenticator: people{}, Authorizer: people{}}})
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w world) get(t *testing.T, account, path string, want int, into any) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/api/v1/audit"+path, nil)
	require.NoError(t, err)
	req.Header.Set("X-Auth-Token", account)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, want, resp.StatusCode, string(b))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	if into != nil {
		require.NoError(t, json.Unmarshal(b, into))
	}
	return string(b)
}

func (w world) record(t *testing.T, account string, n int) {
	t.Helper()
	for i := range n {
		call := audit.With(ctx, audit.Call{AccountID: account, UserID: fmt.Sprint("u", i%2), UserName: "alice", Address: "192.0.2.1"})
		require.NoError(t, w.trails.Record(call, at.Add(time.Duration(i)*time.Minute), audit.Event{
			AccountID: account, Action: access.QueueCreate, Resource: access.QueueResource("r1", account, fmt.Sprint("q", i)), Detail: map[string]string{"<&>": "é"},
		}))
	}
}

func TestAccountsReadTheirOwnTrailsPageByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := serve(t, db)
		w.record(t, "acme", 5)
		w.record(t, "other", 3)
		for account, n := range map[string]int64{"acme": 5, "other": 3, "reader": 0} {
			var seen []int64
			for token := ""; ; {
				var page gen.AuditPage
				w.get(t, account, "?page_size=2&page_token="+token, 200, &page)
				require.LessOrEqual(t, len(page.Records), 2)
				for _, r := range page.Records {
					require.Equal(t, account, *r.By.AccountId)
					require.Equal(t, gen.AuditRecordResult("ok"), r.Result)
					seen = append(seen, r.Sequence)
				}
				if page.NextPageToken == nil {
					break
				}
				token = *page.NextPageToken
			}
			var want []int64
			for i := n; i > 0; i-- {
				want = append(want, i)
			}
			require.Equal(t, want, seen)
		}
		var page gen.AuditPage
		w.get(t, "acme", "?user_id=u1&action=dms:queue:*&from=2026-11-24T08:02:00Z&to=2026-11-24T09:00:00Z", 200, &page)
		require.Len(t, page.Records, 1)
		require.Equal(t, "dms:r1:acme:queue:q3", page.Records[0].Resource)
		w.get(t, "acme", "?page_token=x", 400, nil)
		w.get(t, "acme", "?account_id=other", 200, &page)
		require.Len(t, page.Records, 5)
		require.Equal(t, "acme", *page.Records[0].By.AccountId, "nothing in a request names another trail")
	})
}

func TestExportCanBeCheckedWithoutTheService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := serve(t, db)
		w.record(t, "acme", 4)
		w.record(t, "other", 1)
		var prev []byte
		n := 0
		for lines := bufio.NewScanner(strings.NewReader(w.get(t, "acme", "/export", 200, nil))); lines.Scan(); n++ {
			var line struct {
				Hash     string          `json:"hash"`
				PrevHash string          `json:"prev_hash"`
				Record   json.RawMessage `json:"record"`
			}
			require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
			require.Equal(t, hex.EncodeToString(prev), line.PrevHash)
			prev = audit.Chain(prev, line.Record)
			require.Equal(t, hex.EncodeToString(prev), line.Hash)
		}
		require.Equal(t, 4, n)
		require.Equal(t, 1, strings.Count(w.get(t, "acme", "/export?after=3", 200, nil), "\n"))
		w.get(t, "reader", "/export", 403, nil)
	})
}

func TestVerifySaysWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	w := serve(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	w.record(t, "acme", 4)
	w.record(t, "other", 2)
	var v gen.AuditVerdict
	w.get(t, "acme", "/verify", 200, &v)
	require.True(t, v.Ok)
	require.EqualValues(t, 4, v.Records)
	require.NoError(t, w.db.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("DROP TRIGGER audit_records_no_update").Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE audit_records SET body = replace(body, 'alice', 'mallory') WHERE account_id = 'acme' AND sequence = 3").Error
	}))
	v = gen.AuditVerdict{}
	w.get(t, "acme", "/verify", 200, &v)
	require.False(t, v.Ok)
	require.EqualValues(t, 3, *v.BrokenAt)
	w.get(t, "other", "/verify", 200, &v)
	require.True(t, v.Ok)
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "audit", auditapi.Table()))
}
