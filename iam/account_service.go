package iam

import (
	"context"

	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
)

// AccountService opens accounts and answers questions about them.
type AccountService struct {
	store     Store
	write     writer
	clock     clock.Clock
	passwords PasswordHasher
	regions   func(ctx context.Context) ([]string, error)
	keys      *AccessKeyService
}

// SignUpInput opens an account.
type SignUpInput struct {
	AccountName string
	Email       string
	Password    string
}

// Validate reports all that is wrong with the input.
func (in SignUpInput) Validate() error {
	err := errs.New(errs.Invalid, reasonInvalid, "Some fields are not valid; see errors.")
	for _, f := range []struct{ pointer, problem string }{
		{"/account_name", checkAccountName(in.AccountName)},
		{"/email", checkEmail(in.Email)},
		{"/password", checkPassword(in.Password, in.AccountName, in.Email)},
	} {
		if f.problem != "" {
			err.WithField(f.pointer, f.problem)
		}
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// SignUp opens an account with a project in every region and a first user who administers it and has the account's name.
// errs.Conflict names the field that is taken.
func (s *AccountService) SignUp(ctx context.Context, in SignUpInput) (Account, User, error) {
	if err := in.Validate(); err != nil {
		return Account{}, User{}, err
	}
	if err := s.checkFree(ctx, in); err != nil { // before the costly hash; the unique keys decide in the end
		return Account{}, User{}, err
	}
	regions, err := s.regions(ctx)
	if err != nil {
		return Account{}, User{}, err
	}
	hash, err := s.passwords.Hash(in.Password)
	if err != nil {
		return Account{}, User{}, err
	}
	a, u := s.newAccount(in.AccountName, in.AccountName)
	u.Email, u.PasswordHash = in.Email, hash
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		return createAccount(ctx, tx, out, a, u, regions)
	})
	return a, u, err
}

func (s *AccountService) checkFree(ctx context.Context, in SignUpInput) error {
	switch _, err := s.store.AccountByName(ctx, in.AccountName); {
	case err == nil:
		return ErrAccountNameTaken()
	case errs.CodeOf(err) != errs.NotFound:
		return err
	}
	switch _, err := s.store.AcrossAccountsUserByEmail(ctx, in.Email); {
	case err == nil:
		return ErrEmailTaken()
	case errs.CodeOf(err) != errs.NotFound:
		return err
	}
	return nil
}

func (s *AccountService) newAccount(accountName, userName string) (Account, User) {
	now := s.clock.Now()
	a := Account{ID: id.NewHex(), Name: accountName, FirstUserID: id.NewHex(), PolicyVersion: 1, CreatedAt: now}
	return a, User{ID: a.FirstUserID, AccountID: a.ID, Name: userName, Enabled: true, CreatedAt: now}
}

// createAccount writes an account, its first user with all rights, and a project in each region.
func createAccount(ctx context.Context, tx Tx, out *changes, a Account, u User, regions []string) error {
	if err := tx.CreateAccount(ctx, a); err != nil {
		return err
	}
	out.add(a.entry())
	if err := createAdministrator(ctx, tx, out, u); err != nil {
		return err
	}
	for _, r := range regions {
		p := newProject(a.ID, r, a.CreatedAt)
		if err := tx.CreateProject(ctx, p); err != nil {
			return err
		}
		out.add(p.entry())
	}
	out.record(audit.Event{
		AccountID: a.ID, Action: audit.AccountCreate, Resource: audit.Resource("iam", a.ID, "account", a.Name),
		Detail: map[string]string{"user_id": u.ID, "user_name": u.Name, "operator": flag(u.Operator)},
	})
	return nil
}

// flag is a boolean of a record's detail: what does not hold is left out.
func flag(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func createAdministrator(ctx context.Context, tx Tx, out *changes, u User) error {
	if err := tx.CreateUser(ctx, u); err != nil {
		return err
	}
	if err := publishUser(ctx, tx, out, u, u.CreatedAt); err != nil {
		return err
	}
	return attach(ctx, tx, out, Attachment{AccountID: u.AccountID, Subject: UserSubject(u.ID), PolicyName: PolicyTenantAdministrator, CreatedAt: u.CreatedAt})
}

// ensureProjectsPage is how many accounts get their project in one transaction.
const ensureProjectsPage = 200

// EnsureProjects gives every account a project in the region. The control plane calls it when a region was added; repeating it
// changes nothing.
func (s *AccountService) EnsureProjects(ctx context.Context, region string) error {
	for {
		missing, err := s.store.AcrossAccountsWithoutProject(ctx, region, ensureProjectsPage)
		if err != nil || len(missing) == 0 {
			return err
		}
		err = s.write.change(ctx, func(tx Tx, out *changes) error {
			for _, a := range missing {
				if err := ensureProject(ctx, tx, out, a.ID, region, s.clock); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && errs.CodeOf(err) != errs.Conflict { // a conflict: another process was at it; what it left is read anew
			return err
		}
	}
}

func ensureProject(ctx context.Context, tx Tx, out *changes, accountID, region string, c clock.Clock) error {
	have, err := tx.Projects(ctx, accountID)
	if err != nil {
		return err
	}
	for _, p := range have {
		if p.Name == region {
			return nil
		}
	}
	p := newProject(accountID, region, c.Now())
	if err := tx.CreateProject(ctx, p); err != nil {
		return err
	}
	out.add(p.entry())
	out.record(audit.Event{AccountID: accountID, Action: audit.ProjectCreate, Resource: audit.Resource("iam", accountID, "project", p.Name), Detail: map[string]string{"project_id": p.ID}})
	return nil
}

// Account returns an account by its id or its name, or an errs.NotFound.
func (s *AccountService) Account(ctx context.Context, idOrName string) (Account, error) {
	if id.IsHex(idOrName) {
		return s.store.Account(ctx, idOrName)
	}
	return s.store.AccountByName(ctx, idOrName)
}

// AcrossAccountsList returns up to limit accounts with ids after the given one ("" for the first), in the order of ids.
func (s *AccountService) AcrossAccountsList(ctx context.Context, after string, limit int) ([]Account, error) {
	return s.store.AcrossAccountsList(ctx, after, limit)
}

// Projects returns the account's projects in the order of names.
func (s *AccountService) Projects(ctx context.Context, accountID string) ([]Project, error) {
	return s.store.Projects(ctx, accountID)
}
