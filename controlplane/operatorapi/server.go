package operatorapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/controlplane/auditapi"
	auditgen "dms/controlplane/auditapi/gen"
	"dms/controlplane/operatorapi/gen"
	"dms/dataplane"
	"dms/internal/httpserve"
)

// server implements the generated interface. The generated code passes gin's context as the context of the request.
type server struct{ d Deps }

var _ gen.StrictServerInterface = (*server)(nil)

// of returns the context of the request, whose answer nobody may keep.
func of(ctx context.Context) context.Context {
	c := ctx.(*gin.Context)
	c.Header("Cache-Control", "no-store")
	return c.Request.Context()
}

// auditPage writes a page as the accounts' own wire does.
type auditPage auditgen.AuditPage

// VisitSearchAccountAuditResponse implements the generated interface.
func (p auditPage) VisitSearchAccountAuditResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	return json.NewEncoder(w).Encode(p)
}

// SearchAccountAudit implements the operation.
func (s *server) SearchAccountAudit(ctx context.Context, req gen.SearchAccountAuditRequestObject) (gen.SearchAccountAuditResponseObject, error) {
	p, account := req.Params, "" // the platform's own trail
	if p.AccountId != nil {
		account = *p.AccountId
	}
	page, err := auditapi.Search(of(ctx), s.d.Trails, account, auditgen.SearchAuditParams{
		From: p.From, To: p.To, UserId: p.UserId, Action: p.Action, Resource: p.Resource, PageSize: p.PageSize, PageToken: p.PageToken,
	})
	if err != nil {
		return nil, err
	}
	return auditPage(page), nil
}

// defaultPage is the size of a page that does not say one; the document says it, too.
const defaultPage = 100

// ListAccounts implements the operation.
func (s *server) ListAccounts(ctx context.Context, req gen.ListAccountsRequestObject) (gen.ListAccountsResponseObject, error) {
	limit, search, after := defaultPage, "", ""
	if req.Params.PageSize != nil {
		limit = *req.Params.PageSize
	}
	if req.Params.Search != nil {
		search = *req.Params.Search
	}
	if req.Params.PageToken != nil {
		after = *req.Params.PageToken
	}
	accounts, err := s.d.Accounts.List(of(ctx), search, after, limit+1)
	if err != nil {
		return nil, err
	}
	out := gen.ListAccounts200JSONResponse{Accounts: make([]gen.OperatorAccount, 0, len(accounts))}
	if len(accounts) > limit { // the one more says that there is a page after this one
		accounts = accounts[:limit]
		out.NextPageToken = &accounts[limit-1].ID
	}
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, view(a))
	}
	return out, nil
}

func view(a Account) gen.OperatorAccount {
	v := gen.OperatorAccount{Id: a.ID, Name: a.Name, FirstUserId: a.FirstUserID, CreatedAt: a.CreatedAt.UTC(), State: gen.OperatorAccountStateActive}
	if !a.SuspendedAt.IsZero() {
		at := a.SuspendedAt.UTC()
		v.State, v.SuspendedAt, v.SuspendedReason = gen.OperatorAccountStateSuspended, &at, &a.SuspendedReason
	}
	return v
}

// GetAccount implements the operation.
func (s *server) GetAccount(ctx context.Context, req gen.GetAccountRequestObject) (gen.GetAccountResponseObject, error) {
	a, projects, err := s.d.Accounts.Get(of(ctx), req.AccountId)
	if err != nil {
		return nil, err
	}
	v := view(a)
	out := gen.GetAccount200JSONResponse{
		Id: v.Id, Name: v.Name, FirstUserId: v.FirstUserId, CreatedAt: v.CreatedAt, State: gen.OperatorAccountDetailState(v.State),
		SuspendedAt: v.SuspendedAt, SuspendedReason: v.SuspendedReason, Projects: make([]gen.Project, 0, len(projects)),
	}
	for _, p := range projects {
		out.Projects = append(out.Projects, gen.Project{Id: p.ID, Name: p.Name, Region: p.Region})
	}
	return out, nil
}

// SuspendAccount implements the operation.
func (s *server) SuspendAccount(ctx context.Context, req gen.SuspendAccountRequestObject) (gen.SuspendAccountResponseObject, error) {
	if err := s.d.Accounts.Suspend(of(ctx), req.AccountId, req.Body.Reason); err != nil {
		return nil, err
	}
	return gen.SuspendAccount204Response{}, nil
}

// ResumeAccount implements the operation.
func (s *server) ResumeAccount(ctx context.Context, req gen.ResumeAccountRequestObject) (gen.ResumeAccountResponseObject, error) {
	if err := s.d.Accounts.Resume(of(ctx), req.AccountId, req.Body.Reason); err != nil {
		return nil, err
	}
	return gen.ResumeAccount204Response{}, nil
}

// Impersonate implements the operation.
func (s *server) Impersonate(ctx context.Context, req gen.ImpersonateRequestObject) (gen.ImpersonateResponseObject, error) {
	c := ctx.(*gin.Context)
	user := ""
	if req.Body.UserId != nil {
		user = *req.Body.UserId
	}
	in, err := s.d.Accounts.Impersonate(of(ctx), httpserve.Actor(c), req.AccountId, user, req.Body.Reason)
	if err != nil {
		return nil, err
	}
	for _, cookie := range in.Cookies {
		http.SetCookie(c.Writer, cookie)
	}
	return gen.Impersonate201JSONResponse{AccountId: req.AccountId, UserId: in.UserID, ExpiresAt: in.ExpiresAt.UTC()}, nil
}

// RotateSigningKeys implements the operation.
func (s *server) RotateSigningKeys(ctx context.Context, _ gen.RotateSigningKeysRequestObject) (gen.RotateSigningKeysResponseObject, error) {
	r, err := s.d.RotateKeys(of(ctx))
	if err != nil {
		return nil, err
	}
	out := gen.RotateSigningKeys200JSONResponse{Current: r.Current, Next: r.Next, Deleted: []string{}}
	out.Deleted = append(out.Deleted, r.Deleted...)
	return out, nil
}

// GetProjectQuotas implements the operation.
func (s *server) GetProjectQuotas(ctx context.Context, req gen.GetProjectQuotasRequestObject) (gen.GetProjectQuotasResponseObject, error) {
	c := of(ctx)
	if _, err := s.d.Accounts.OfProject(c, req.Project); err != nil {
		return nil, err
	}
	q, err := s.d.Quotas.Get(c, req.Project)
	if err != nil {
		return nil, err
	}
	return gen.GetProjectQuotas200JSONResponse{Queues: q.Queues, GroupsPerQueue: q.GroupsPerQueue}, nil
}

// SetProjectQuotas implements the operation.
func (s *server) SetProjectQuotas(ctx context.Context, req gen.SetProjectQuotasRequestObject) (gen.SetProjectQuotasResponseObject, error) {
	c := of(ctx)
	account, err := s.d.Accounts.OfProject(c, req.Project)
	if err != nil {
		return nil, err
	}
	if err := s.d.Quotas.Set(c, account, req.Project, dataplane.Quota{Queues: req.Body.Queues, GroupsPerQueue: req.Body.GroupsPerQueue}); err != nil {
		return nil, err
	}
	return gen.SetProjectQuotas200JSONResponse(*req.Body), nil
}
