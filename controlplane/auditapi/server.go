package auditapi

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"dms/controlplane/auditapi/gen"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/httpserve"
)

// wholeTrails is how many requests may read a whole trail at once: each of them keeps the database busy for as long as the trail is.
const wholeTrails = 2

// server implements the generated interface. The generated code passes gin's context as the context of the request.
type server struct {
	trails  audit.Reader
	reading chan struct{} // a place for each whole trail that is read
}

var _ gen.StrictServerInterface = (*server)(nil)

// SearchAudit implements the operation.
func (s *server) SearchAudit(ctx context.Context, req gen.SearchAuditRequestObject) (gen.SearchAuditResponseObject, error) {
	c := ctx.(*gin.Context)
	page, err := Search(c.Request.Context(), s.trails, httpserve.Actor(c).AccountID, req.Params)
	if err != nil {
		return nil, err
	}
	c.Header("Cache-Control", "no-store")
	return gen.SearchAudit200JSONResponse(page), nil
}

// defaultPage is the size of a page that does not say one; the document says it, too.
const defaultPage = 100

// Search returns a page of the account's trail. The operators' wire shares it.
func Search(ctx context.Context, trails audit.Reader, accountID string, p gen.SearchAuditParams) (gen.AuditPage, error) {
	q := audit.Query{
		AccountID: accountID, From: instant(p.From), To: instant(p.To), UserID: text(p.UserId), Action: text(p.Action), Resource: text(p.Resource), Limit: defaultPage,
	}
	if p.PageSize != nil {
		q.Limit = *p.PageSize
	}
	if t := text(p.PageToken); t != "" {
		before, err := strconv.ParseInt(t, 10, 64)
		if err != nil || before < 1 {
			return gen.AuditPage{}, errs.New(errs.Invalid, "invalid_request", "The page token is not one of an answer before.").WithField("page_token", "is unknown")
		}
		q.Before = before
	}
	limit := q.Limit
	q.Limit++ // the one more says that there is a page after this one
	rows, err := trails.Search(ctx, q)
	if err != nil {
		return gen.AuditPage{}, err
	}
	page := gen.AuditPage{Records: make([]gen.AuditRecord, 0, len(rows))}
	if len(rows) > limit {
		rows = rows[:limit]
		next := strconv.FormatInt(rows[limit-1].Sequence, 10)
		page.NextPageToken = &next
	}
	for _, row := range rows {
		v, err := view(row)
		if err != nil {
			return gen.AuditPage{}, err
		}
		page.Records = append(page.Records, v)
	}
	return page, nil
}

func view(row audit.Row) (gen.AuditRecord, error) {
	r, err := row.Record()
	if err != nil {
		return gen.AuditRecord{}, err
	}
	v := gen.AuditRecord{
		Id: r.ID, Sequence: r.Sequence, At: r.At, Action: string(r.Action), Resource: string(r.Resource), Result: gen.AuditRecordResult(r.Result),
		BeforeHash: given(r.BeforeHash), AfterHash: given(r.AfterHash), Hash: hex.EncodeToString(row.Hash),
		By: gen.AuditCaller{
			AccountId: given(r.By.AccountID), UserId: given(r.By.UserID), UserName: given(r.By.UserName), Via: given(string(r.By.Via)), CredentialId: given(r.By.CredentialID),
			ImpersonatorId: given(r.By.ImpersonatorID), ParentUserId: given(r.By.ParentUserID), Address: given(r.By.Address), UserAgent: given(r.By.UserAgent),
			RequestId: given(r.By.RequestID),
		},
	}
	if len(r.Detail) > 0 {
		v.Detail = &r.Detail
	}
	return v, nil
}

// CountAudit implements the operation.
func (s *server) CountAudit(ctx context.Context, req gen.CountAuditRequestObject) (gen.CountAuditResponseObject, error) {
	c := ctx.(*gin.Context)
	q := audit.CountQuery{AccountID: httpserve.Actor(c).AccountID, From: instant(req.Params.From), To: instant(req.Params.To), Limit: defaultPage}
	if req.Params.PageSize != nil {
		q.Limit = *req.Params.PageSize
	}
	if req.Params.Kind != nil {
		q.Kind = audit.CountKind(*req.Params.Kind)
	}
	counts, err := s.trails.Counts(c.Request.Context(), q)
	if err != nil {
		return nil, err
	}
	out := gen.CountAudit200JSONResponse{Counts: make([]gen.AuditCount, len(counts))}
	for i, n := range counts {
		out.Counts[i] = gen.AuditCount{
			Minute: time.Unix(n.Minute*60, 0).UTC(), Kind: gen.AuditCountKind(n.Kind), UserId: given(n.UserID), CredentialId: given(n.CredentialID),
			Action: given(string(n.Action)), Resource: given(string(n.Resource)), Calls: n.Calls,
		}
	}
	c.Header("Cache-Control", "no-store")
	return out, nil
}

// VerifyAudit implements the operation.
func (s *server) VerifyAudit(ctx context.Context, _ gen.VerifyAuditRequestObject) (gen.VerifyAuditResponseObject, error) {
	c := ctx.(*gin.Context)
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	v, err := audit.Verify(c.Request.Context(), s.trails, httpserve.Actor(c).AccountID)
	if err != nil {
		return nil, err
	}
	out := gen.VerifyAudit200JSONResponse{Ok: v.OK, Records: v.Records, Problem: given(v.Problem), HeadHash: given(hex.EncodeToString(v.HeadHash))}
	if v.BrokenAt > 0 {
		out.BrokenAt = &v.BrokenAt
	}
	c.Header("Cache-Control", "no-store")
	return out, nil
}

// enter takes a place among those who read a whole trail, or answers errs.Throttled.
func (s *server) enter() (leave func(), err error) {
	select {
	case s.reading <- struct{}{}:
		return func() { <-s.reading }, nil
	default:
		busy := errs.New(errs.Throttled, "", "Other trails are being read as a whole. Try again in a moment.")
		busy.RetryAfter = time.Second
		return nil, busy
	}
}

// ExportAudit implements the operation.
func (s *server) ExportAudit(ctx context.Context, req gen.ExportAuditRequestObject) (gen.ExportAuditResponseObject, error) {
	c := ctx.(*gin.Context)
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	x := &export{ctx: c.Request.Context(), trails: s.trails, accountID: httpserve.Actor(c).AccountID, leave: leave}
	if req.Params.After != nil {
		x.after = *req.Params.After
	}
	if x.rows, err = x.page(); err != nil { // the first page can still be answered with an error
		leave()
		return nil, err
	}
	return x, nil
}

// exportPage is how many records are read at once.
const exportPage = 1000

// export writes a trail page by page.
type export struct {
	ctx       context.Context // of the one request that it answers
	trails    audit.Reader
	accountID string
	after     int64
	rows      []audit.Row
	leave     func()
}

func (x *export) page() ([]audit.Row, error) {
	return x.trails.After(x.ctx, x.accountID, x.after, exportPage)
}

// VisitExportAuditResponse implements the generated interface. When a page cannot be read the connection is cut, so that nobody takes the part for the whole.
func (x *export) VisitExportAuditResponse(w http.ResponseWriter) error {
	defer x.leave()
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="audit.ndjson"`)
	w.WriteHeader(http.StatusOK)
	for len(x.rows) > 0 {
		for _, row := range x.rows {
			if _, err := fmt.Fprintf(w, "{\"hash\":\"%x\",\"prev_hash\":\"%x\",\"record\":%s}\n", row.Hash, row.PrevHash, row.Body); err != nil {
				return err
			}
			x.after = row.Sequence
		}
		var err error
		if x.rows, err = x.page(); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
