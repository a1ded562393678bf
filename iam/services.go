package iam

import (
	"context"
	"errors"

	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/seal"
)

// Deps are what the services of iam work with.
type Deps struct {
	Store Store
	Clock clock.Clock
	// Confirmer waits for the nodes after a change; nil when no node can be connected (bootstrap).
	Confirmer directory.Confirmer
	// Seal is the platform's key: it seals the secrets of access keys and the private keys that sign tokens.
	Seal      *seal.Key
	Passwords PasswordHasher
	Tokens    TokenCodec
	// Regions returns the names of the regions that exist.
	Regions func(ctx context.Context) ([]string, error)
	// RegionSeals returns the keys under which the regions' nodes open secrets.
	RegionSeals func(ctx context.Context) ([]*seal.Key, error)
	TOTP        TOTPCodes
	// Outbox sends mails; nil: no mail server is configured, and addresses are not confirmed.
	Outbox *Outbox
	// RequireVerification keeps accounts from activating the service until the address of their first user is confirmed.
	RequireVerification bool
}

// Services are the use cases of iam. Safe for concurrent use.
type Services struct {
	Accounts   *AccountService
	Users      *UserService
	UserGroups *UserGroupService
	Policies   *PolicyService
	AccessKeys *AccessKeyService
	Tokens     *TokenService
	Sessions   *SessionService
	MFA        *MFAService
	Email      *EmailService
	Operator   *OperatorService
	Keys       *KeyService
	Roles      *RoleService
	STS        *STSService

	QueuePolicies *QueuePolicyService
}

// NewServices builds the services; every dependency but Confirmer and Outbox must be given.
func NewServices(d Deps) (*Services, error) {
	if d.Store == nil || d.Clock == nil || d.Seal == nil || d.Passwords == nil || d.Tokens == nil || d.Regions == nil || d.RegionSeals == nil || d.TOTP == nil {
		return nil, errors.New("iam: a dependency is missing")
	}
	w := writer{store: d.Store, confirmer: d.Confirmer, clock: d.Clock}
	login := loginChecker{store: d.Store, write: w, passwords: d.Passwords}
	signing := &KeyService{store: d.Store, write: w, clock: d.Clock, seal: d.Seal}
	signer := &tokenSigner{store: d.Store, clock: d.Clock, seal: d.Seal, codec: d.Tokens, keys: signing}
	sealers := func(ctx context.Context) ([]*seal.Key, error) {
		regions, err := d.RegionSeals(ctx)
		return append([]*seal.Key{d.Seal}, regions...), err
	}
	keys := &AccessKeyService{store: d.Store, write: w, clock: d.Clock, seal: d.Seal}
	sessions := &SessionService{store: d.Store, write: w, clock: d.Clock, seal: d.Seal, login: login, signer: signer}
	mfa := &MFAService{store: d.Store, write: w, clock: d.Clock, seal: d.Seal, codes: d.TOTP, sessions: sessions}
	accounts := &AccountService{store: d.Store, write: w, clock: d.Clock, passwords: d.Passwords, regions: d.Regions, keys: keys}
	users := &UserService{store: d.Store, write: w, clock: d.Clock, passwords: d.Passwords, sessions: sessions}
	return &Services{
		Accounts:   accounts,
		Users:      users,
		UserGroups: &UserGroupService{store: d.Store, write: w, clock: d.Clock},
		Policies:   &PolicyService{store: d.Store, write: w, clock: d.Clock},
		AccessKeys: keys,
		Operator:   &OperatorService{store: d.Store, write: w, clock: d.Clock, sessions: sessions},
		Tokens:     &TokenService{store: d.Store, write: w, clock: d.Clock, login: login, signer: signer, mfa: mfa},
		Sessions:   sessions,
		MFA:        mfa,
		Email:      &EmailService{store: d.Store, write: w, clock: d.Clock, outbox: d.Outbox, accounts: accounts, users: users, required: d.RequireVerification},
		Keys:       signing,
		Roles:      &RoleService{store: d.Store, write: w, clock: d.Clock, grants: grantChecker{}},
		STS:        &STSService{store: d.Store, write: w, clock: d.Clock, signer: signer, sealers: sealers},

		QueuePolicies: &QueuePolicyService{store: d.Store},
	}, nil
}

// writer runs changes: facts and their directory entries in one transaction, then the wait for the nodes.
type writer struct {
	store     Store
	confirmer directory.Confirmer
	clock     clock.Clock
}

// changes collects the directory entries of one transaction, of which a later one of the same key replaces the earlier, and the
// events for the audit trail.
type changes struct {
	entries []directory.Entry
	events  []audit.Event
}

// record adds an event to the trail of its account, in the same transaction.
func (c *changes) record(e audit.Event) { c.events = append(c.events, e) }

func (c *changes) add(e directory.Entry) {
	for i, have := range c.entries {
		if have.Kind == e.Kind && have.Key == e.Key {
			c.entries[i] = e
			return
		}
	}
	c.entries = append(c.entries, e)
}

// change runs f in a transaction, appends the entries that f collected at one revision, and after the commit waits until the
// nodes hold it. A change that nodes are told of without an event for an audit trail is refused. A node that does not answer in time is no error: what was written stands.
func (w writer) change(ctx context.Context, f func(tx Tx, out *changes) error) error {
	var rev directory.Revision
	err := w.store.InTx(ctx, func(tx Tx) error {
		var out changes
		if err := f(tx, &out); err != nil {
			return err
		}
		if len(out.entries) > 0 && len(out.events) == 0 {
			return errs.New(errs.Internal, "", "a change of %d directory entries has no audit record", len(out.entries))
		}
		if err := tx.Audit(ctx, w.clock.Now(), out.events...); err != nil || len(out.entries) == 0 {
			return err
		}
		var err error
		rev, err = tx.Append(ctx, out.entries...)
		return err
	})
	if err != nil {
		return err
	}
	if rev > 0 && w.confirmer != nil {
		w.confirmer.Confirm(ctx, rev)
	}
	return nil
}
