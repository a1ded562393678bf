package app

import (
	"context"

	"dms/controlplane/operatorapi"
	"dms/iam"
	"dms/iam/httpapi"
	"dms/internal/access"
)

// operatorAccounts gives the operators' wire the accounts that iam has.
type operatorAccounts struct {
	services *iam.Services
	facts    *iam.FactReader
	secure   bool // cookies are for https alone
}

var _ operatorapi.Accounts = operatorAccounts{}

func operatorAccount(a iam.Account) operatorapi.Account {
	return operatorapi.Account{
		ID: a.ID, Name: a.Name, FirstUserID: a.FirstUserID, CreatedAt: a.CreatedAt, SuspendedAt: a.SuspendedAt, SuspendedReason: a.SuspendedReason,
	}
}

// List implements operatorapi.Accounts.
func (o operatorAccounts) List(ctx context.Context, search, after string, limit int) ([]operatorapi.Account, error) {
	accounts, err := o.services.Operator.AcrossAccountsSearch(ctx, search, after, limit)
	out := make([]operatorapi.Account, len(accounts))
	for i, a := range accounts {
		out[i] = operatorAccount(a)
	}
	return out, err
}

// Get implements operatorapi.Accounts.
func (o operatorAccounts) Get(ctx context.Context, accountID string) (operatorapi.Account, []operatorapi.Project, error) {
	a, err := o.services.Accounts.Account(ctx, accountID)
	if err != nil {
		return operatorapi.Account{}, nil, err
	}
	projects, err := o.services.Accounts.Projects(ctx, a.ID)
	out := make([]operatorapi.Project, len(projects))
	for i, p := range projects {
		out[i] = operatorapi.Project{ID: p.ID, Name: p.Name, Region: p.Region}
	}
	return operatorAccount(a), out, err
}

// OfProject implements operatorapi.Accounts.
func (o operatorAccounts) OfProject(ctx context.Context, projectID string) (string, error) {
	p, err := o.facts.Project(ctx, projectID)
	if err != nil {
		return "", err
	}
	return p.AccountID, nil
}

// Suspend implements operatorapi.Accounts.
func (o operatorAccounts) Suspend(ctx context.Context, accountID, because string) error {
	return o.services.Operator.Suspend(ctx, accountID, because)
}

// Resume implements operatorapi.Accounts.
func (o operatorAccounts) Resume(ctx context.Context, accountID, because string) error {
	return o.services.Operator.Resume(ctx, accountID, because)
}

// Impersonate implements operatorapi.Accounts.
func (o operatorAccounts) Impersonate(ctx context.Context, operator access.Actor, accountID, userID, because string) (operatorapi.Impersonation, error) {
	in, err := o.services.Operator.Impersonate(ctx, operator, accountID, userID, because)
	if err != nil {
		return operatorapi.Impersonation{}, err
	}
	return operatorapi.Impersonation{UserID: in.UserID, ExpiresAt: in.EndsAt, Cookies: httpapi.Cookies(in.SignedIn, o.secure)}, nil
}

// rotateKeys gives the operators' wire the rotation that iam does.
func (cp *controlPlane) rotateKeys(ctx context.Context) (operatorapi.Rotation, error) {
	r, err := cp.iam.Keys.Rotate(ctx)
	return operatorapi.Rotation{Current: r.Current, Next: r.Next, Deleted: r.Deleted}, err
}
