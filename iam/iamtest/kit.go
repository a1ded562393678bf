// Package iamtest builds the whole of iam on a real database for tests, with a clock that the test moves.
package iamtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/gormstore"
	"dms/iam/httpauth"
	"dms/iam/password"
	"dms/iam/token"
	"dms/iam/totp"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/id"
	"dms/internal/seal"
)

// Start is what the clock says at first.
var Start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// Password is the password of all users that the kit makes.
const Password = "correct horse battery staple"

// Region is the region that exists.
const Region = "local-1"

// Kit is iam, put together as the composition root does, but for cheap passwords.
type Kit struct {
	Store         *gormstore.Store
	Directory     *directorystore.Store
	Clock         *clocktest.Manual
	Seal          *seal.Key
	RegionSeal    *seal.Key // of Region's nodes
	Confirmer     *Confirmer
	Services      *iam.Services
	Authenticator *httpauth.Authenticator
	Authorizer    *casbinauthz.Authorizer
}

// Confirmer remembers what was confirmed.
type Confirmer struct {
	mu        sync.Mutex // guards: revisions
	revisions []directory.Revision
}

// Confirm implements directory.Confirmer.
func (c *Confirmer) Confirm(_ context.Context, rev directory.Revision) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revisions = append(c.revisions, rev)
	return true
}

// Revisions returns what was confirmed, in order.
func (c *Confirmer) Revisions() []directory.Revision {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]directory.Revision(nil), c.revisions...)
}

// New builds the kit on db.
func New(t testing.TB, db *dbx.DB) *Kit {
	t.Helper()
	return NewWith(t, db, func(*iam.Deps) {})
}

// NewWith is New with other dependencies of the services, such as an outbox.
func NewWith(t testing.TB, db *dbx.DB, edit func(d *iam.Deps)) *Kit {
	t.Helper()
	key, err := seal.Derive([]byte("the platform's secret of the tests"), "platform")
	require.NoError(t, err)
	region, err := seal.Derive([]byte("the node token of the tests"), "region")
	require.NoError(t, err)
	k := &Kit{Store: gormstore.New(db), Directory: directorystore.New(db), Clock: clocktest.New(Start), Seal: key, RegionSeal: region, Confirmer: &Confirmer{}}
	d := iam.Deps{
		Store: k.Store, Clock: k.Clock, Confirmer: k.Confirmer, Seal: key,
		Passwords: password.New(password.Params{Passes: 1, MemoryKiB: 64, Threads: 1}), Tokens: token.Codec{},
		Regions:     func(context.Context) ([]string, error) { return []string{Region}, nil },
		RegionSeals: func(context.Context) ([]*seal.Key, error) { return []*seal.Key{k.RegionSeal}, nil },
		TOTP:        totp.Codes{},
	}
	edit(&d)
	k.Services, err = iam.NewServices(d)
	require.NoError(t, err)
	k.Authenticator = httpauth.New(k.Directory, key, token.Codec{}, k.Clock)
	k.Authorizer, err = casbinauthz.New(k.Directory, k.Clock)
	require.NoError(t, err)
	return k
}

// Tenant is an account with a user, the first unless As made it, its project in Region and an access key.
type Tenant struct {
	Account   iam.Account
	User      iam.User
	Project   iam.Project
	AccessKey string
	SecretKey string
}

// SignUp opens an account.
func (k *Kit) SignUp(t testing.TB, name string) Tenant {
	t.Helper()
	ctx := context.Background()
	a, u, err := k.Services.Accounts.SignUp(ctx, iam.SignUpInput{AccountName: name, Email: name + "@example.com", Password: Password})
	require.NoError(t, err)
	projects, err := k.Services.Accounts.Projects(ctx, a.ID)
	require.NoError(t, err)
	require.Len(t, projects, 1)
	key, secret, err := k.Services.AccessKeys.Create(ctx, a.ID, u.ID, "")
	require.NoError(t, err)
	return Tenant{Account: a, User: u, Project: projects[0], AccessKey: key.ID, SecretKey: secret}
}

// Administrator returns the tenant's first user as a caller.
func (of Tenant) Administrator() access.Actor {
	return access.Actor{AccountID: of.Account.ID, AccountName: of.Account.Name, UserID: of.User.ID, UserName: of.User.Name, ProjectID: of.Project.ID, ProjectName: of.Project.Name, Via: access.ViaToken}
}

// Attach gives the tenant's first user another policy.
func (k *Kit) Attach(t testing.TB, of Tenant, policy string) {
	t.Helper()
	require.NoError(t, k.Services.Policies.Attach(context.Background(), k.second(t, of), iam.UserSubject(of.User.ID), policy))
}

// Detach takes a policy from the tenant's first user. Since an account keeps an administrator, it gets another one before.
func (k *Kit) Detach(t testing.TB, of Tenant, policy string) {
	t.Helper()
	require.NoError(t, k.Services.Policies.Detach(context.Background(), k.second(t, of), iam.UserSubject(of.User.ID), policy))
}

// SetEnabled enables or disables the tenant's user.
func (k *Kit) SetEnabled(t testing.TB, of Tenant, enabled bool) {
	t.Helper()
	require.NoError(t, k.Services.Users.SetEnabled(context.Background(), k.second(t, of), of.User.ID, enabled))
}

// second returns an administrator of the account who is not the first user.
func (k *Kit) second(t testing.TB, of Tenant) access.Actor {
	t.Helper()
	made, err := k.Services.Accounts.Bootstrap(context.Background(), iam.BootstrapInput{AccountName: of.Account.Name, UserName: "second", Password: Password, Region: Region})
	require.NoError(t, err)
	a := of.Administrator()
	a.UserID, a.UserName = made.UserID, made.UserName
	return a
}

// As makes a user of the tenant's account who has the policies, built-in ones or the account's own, and an access key; it is returned as the tenant's user.
func (k *Kit) As(t testing.TB, of Tenant, policies ...string) Tenant {
	t.Helper()
	ctx := context.Background()
	name := "user-" + id.NewHex()[:12]
	u, err := k.Services.Users.Create(ctx, of.Administrator(), iam.NewUser{Name: name, Email: name + "@example.com", Password: Password})
	require.NoError(t, err)
	for _, p := range policies {
		require.NoError(t, k.Services.Policies.Attach(ctx, of.Administrator(), iam.UserSubject(u.ID), p))
	}
	key, secret, err := k.Services.AccessKeys.Create(ctx, of.Account.ID, u.ID, "")
	require.NoError(t, err)
	return Tenant{Account: of.Account, User: u, Project: of.Project, AccessKey: key.ID, SecretKey: secret}
}

// Token issues a Keystone token of the tenant's user, for its project.
func (k *Kit) Token(t testing.TB, of Tenant) string {
	t.Helper()
	issued, err := k.Services.Tokens.IssueToken(context.Background(), iam.PasswordLogin{UserID: of.User.ID, Password: Password}, iam.Scope{ProjectID: of.Project.ID})
	require.NoError(t, err)
	return issued.Raw
}

// User reads the tenant's user as it is now.
func (k *Kit) User(t testing.TB, of Tenant) iam.User {
	t.Helper()
	u, err := k.Store.User(context.Background(), of.Account.ID, of.User.ID)
	require.NoError(t, err)
	return u
}
