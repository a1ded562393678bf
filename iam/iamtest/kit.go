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
	"dms/internal/clock/clocktest"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
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
	key, err := seal.Derive([]byte("the platform's secret of the tests"), "platform")
	require.NoError(t, err)
	k := &Kit{Store: gormstore.New(db), Directory: directorystore.New(db), Clock: clocktest.New(Start), Seal: key, Confirmer: &Confirmer{}}
	k.Services, err = iam.NewServices(iam.Deps{
		Store: k.Store, Clock: k.Clock, Confirmer: k.Confirmer, Seal: key,
		Passwords: password.New(password.Params{Passes: 1, MemoryKiB: 64, Threads: 1}), Tokens: token.Codec{},
		Regions: func(context.Context) ([]string, error) { return []string{Region}, nil },
	})
	require.NoError(t, err)
	k.Authenticator = httpauth.New(k.Directory, key, token.Codec{}, k.Clock)
	k.Authorizer, err = casbinauthz.New(k.Directory, k.Clock)
	require.NoError(t, err)
	return k
}

// Tenant is an account with its first user, its project in Region and an access key.
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

// Token issues a Keystone token of the tenant's first user, for its project.
func (k *Kit) Token(t testing.TB, of Tenant) string {
	t.Helper()
	issued, err := k.Services.Tokens.IssueToken(context.Background(), iam.PasswordLogin{UserID: of.User.ID, Password: Password}, iam.Scope{ProjectID: of.Project.ID})
	require.NoError(t, err)
	return issued.Raw
}

// User reads the tenant's first user as it is now.
func (k *Kit) User(t testing.TB, of Tenant) iam.User {
	t.Helper()
	u, err := k.Store.User(context.Background(), of.Account.ID, of.User.ID)
	require.NoError(t, err)
	return u
}
