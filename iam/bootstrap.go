package iam

import (
	"context"

	"dms/internal/access"
	"dms/internal/errs"
)

// BootstrapInput names what an operator wants to exist.
type BootstrapInput struct {
	AccountName string
	UserName    string
	Password    string // used only when the user is made in this run
	Region      string // exists already; the account gets a project of this name
	Operator    bool   // the user may operate the platform; false takes nothing away
	NewKey      bool   // make another access key although there is one
}

// BootstrapResult is what exists now.
type BootstrapResult struct {
	AccountID   string  `json:"account_id"`
	AccountName string  `json:"account_name"`
	ProjectID   string  `json:"project_id"`
	ProjectName string  `json:"project_name"`
	UserID      string  `json:"user_id"`
	UserName    string  `json:"user_name"`
	Region      string  `json:"region"`
	AccessKey   string  `json:"access_key"`
	SecretKey   *string `json:"secret_key"` // nil unless the key was made in this run
}

// Validate reports all that is wrong with the input. Of the password only the length counts: an operator may know better.
func (in BootstrapInput) Validate() error {
	err := errs.New(errs.Invalid, reasonInvalid, "Some values are not valid; see errors.")
	for _, f := range []struct{ name, problem string }{
		{"account", checkAccountName(in.AccountName)},
		{"user", checkUserName(in.UserName)},
		{"password", checkPasswordLength(in.Password)},
	} {
		if f.problem != "" {
			err.WithField(f.name, f.problem)
		}
	}
	if in.Region == "" {
		err.WithField("region", "must be given")
	}
	if len(err.Fields) > 0 {
		err.Message = err.Fields[0].Pointer + " " + err.Fields[0].Detail
		return err
	}
	return nil
}

// Bootstrap makes sure that the account, its project in the region, a user who administers it, and an access key exist. What
// exists stays as it is, the user's password too. errs.Quota: NewKey was asked for and the user has MaxAccessKeys already.
func (s *AccountService) Bootstrap(ctx context.Context, in BootstrapInput) (BootstrapResult, error) {
	if err := in.Validate(); err != nil {
		return BootstrapResult{}, err
	}
	hash, err := s.passwords.Hash(in.Password) // outside of the transaction: it takes long
	if err != nil {
		return BootstrapResult{}, err
	}
	var res BootstrapResult
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		a, u, err := s.bootstrapUser(ctx, tx, out, in, hash)
		if err != nil {
			return err
		}
		if err := ensureProject(ctx, tx, out, a.ID, in.Region, s.clock); err != nil {
			return err
		}
		projects, err := tx.Projects(ctx, a.ID)
		if err != nil {
			return err
		}
		res = BootstrapResult{AccountID: a.ID, AccountName: a.Name, UserID: u.ID, UserName: u.Name, Region: in.Region}
		for _, p := range projects {
			if p.Name == in.Region {
				res.ProjectID, res.ProjectName = p.ID, p.Name
			}
		}
		keys, err := tx.AccessKeys(ctx, a.ID, u.ID)
		if err != nil {
			return err
		}
		if len(keys) > 0 && !in.NewKey {
			res.AccessKey = keys[len(keys)-1].ID
			return nil
		}
		k, secret, err := s.keys.create(ctx, tx, out, u, "bootstrap")
		res.AccessKey, res.SecretKey = k.ID, &secret
		return err
	})
	if err != nil {
		return BootstrapResult{}, err
	}
	return res, nil
}

// bootstrapUser finds or makes the account and the user, and sees to it that the user administers the account.
func (s *AccountService) bootstrapUser(ctx context.Context, tx Tx, out *changes, in BootstrapInput, hash string) (Account, User, error) {
	a, err := tx.AccountByName(ctx, in.AccountName)
	if errs.CodeOf(err) == errs.NotFound {
		regions, err := s.regions(ctx)
		if err != nil {
			return Account{}, User{}, err
		}
		a, u := s.newAccount(in.AccountName, in.UserName)
		u.PasswordHash, u.Operator = hash, in.Operator
		return a, u, createAccount(ctx, tx, out, a, u, regions)
	}
	if err != nil {
		return Account{}, User{}, err
	}
	if a, err = tx.LockAccount(ctx, a.ID); err != nil {
		return Account{}, User{}, err
	}
	u, err := tx.UserByName(ctx, a.ID, in.UserName)
	if errs.CodeOf(err) == errs.NotFound {
		_, u := s.newAccount("", in.UserName)
		u.AccountID, u.PasswordHash, u.Operator = a.ID, hash, in.Operator
		if err := createAdministrator(ctx, tx, out, u); err != nil {
			return Account{}, User{}, err
		}
		out.record(userEvent(access.UserCreate, u, map[string]string{"operator": flag(u.Operator)}))
		a, err := bumpPolicyVersion(ctx, tx, out, a.ID)
		return a, u, err
	}
	if err != nil {
		return Account{}, User{}, err
	}
	if u, err = tx.LockUser(ctx, a.ID, u.ID); err != nil {
		return Account{}, User{}, err
	}
	if in.Operator && !u.Operator {
		u.Operator = true
		if err := updateUser(ctx, tx, out, u, s.clock.Now()); err != nil {
			return Account{}, User{}, err
		}
		out.record(userEvent(access.UserUpdate, u, map[string]string{"operator": flag(u.Operator)}))
	}
	attached, err := tx.Attachments(ctx, a.ID, UserSubject(u.ID))
	if err != nil {
		return Account{}, User{}, err
	}
	for _, at := range attached {
		if at.PolicyName == PolicyTenantAdministrator {
			return a, u, nil
		}
	}
	at := Attachment{AccountID: a.ID, Subject: UserSubject(u.ID), PolicyName: PolicyTenantAdministrator, CreatedAt: s.clock.Now()}
	if err := attach(ctx, tx, out, at); err != nil {
		return Account{}, User{}, err
	}
	out.record(policyEvent(access.PolicyAttach, a.ID, at.PolicyName, map[string]string{"to": "user " + u.Name}))
	a, err = bumpPolicyVersion(ctx, tx, out, a.ID)
	return a, u, err
}
