package httpauth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/httpauth"
	"dms/iam/iamtest"
	"dms/iam/token"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// signedLent signs with temporary credentials: in the Access variant with the token signed, in the Credential variant with the token added behind the signature.
func signedLent(c iam.TemporaryCredentials, at time.Time, variant string) *http.Request {
	r := httptest.NewRequest("GET", "/v2/p/queues", nil)
	if variant == "access" {
		r.Header.Set(httpauth.HeaderSecurityToken, c.SecurityToken)
		iamtest.Sign(r, nil, c.AccessKey, c.SecretKey, at)
		return r
	}
	date := at.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Sdk-Date", date)
	empty := sha256.Sum256(nil)
	canonical := sha256.Sum256([]byte("GET\n/v2/p/queues/\n\nx-sdk-date:" + date + "\n\nx-sdk-date\n" + hex.EncodeToString(empty[:])))
	scope := date[:8] + "///sdk_request"
	key := []byte("SDK" + c.SecretKey)
	mac := func(data string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(data))
		return m.Sum(nil)
	}
	for _, step := range []string{date[:8], "", "", "sdk_request"} {
		key = mac(step)
	}
	sig := mac("SDK-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex.EncodeToString(canonical[:]))
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Credential=%s/%s, SignedHeaders=x-sdk-date, Signature=%s", c.AccessKey, scope, hex.EncodeToString(sig)))
	r.Header.Set(httpauth.HeaderSecurityToken, c.SecurityToken)
	return r
}

func actor(t *testing.T, k *iamtest.Kit, r *http.Request) access.Actor {
	t.Helper()
	a, err := k.Authenticator.Authenticate(ctx, r, "", bodyOf(""))
	require.NoError(t, err)
	return a
}

// role makes a role of the owner's account that trusts another account and has the policies.
func role(t *testing.T, k *iamtest.Kit, owner, trusted iamtest.Tenant, policies ...string) iam.Role {
	t.Helper()
	r, err := k.Services.Roles.Create(ctx, owner.Administrator(), iam.RoleInput{Name: "reader", TrustedAccount: trusted.Account.ID, MaxLife: 2 * time.Hour})
	require.NoError(t, err)
	for _, p := range policies {
		require.NoError(t, k.Services.Policies.Attach(ctx, owner.Administrator(), iam.RoleSubject(r.ID), p))
	}
	return r
}

func may(t *testing.T, k *iamtest.Kit, a access.Actor, action access.Action, r access.Resource) bool {
	t.Helper()
	err := k.Authorizer.Authorize(ctx, a, action, r.Object())
	if err != nil {
		require.Equal(t, errs.Forbidden, errs.CodeOf(err), "%v", err)
	}
	return err == nil
}

func TestTemporaryCredentialsAreTheUsersOrLess(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		reader := k.As(t, n, iam.PolicyTenantGuest)
		queue := access.QueueResource(iamtest.Region, n.Account.ID, "q")
		by := actor(t, k, signed(reader, iamtest.Start, "", ""))
		for _, c := range []struct {
			name, policy      string
			get, list, create bool
		}{
			{"no session policy", "", true, true, false},
			{"one that narrows", `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["dms:queue:get"]}]}`, true, false, false},
			{"one that asks for more", `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*"]}]}`, true, true, false},
			{"one that denies", `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["dms:queue:get"]}]}`, false, true, false},
		} {
			in := iam.TemporaryInput{}
			if c.policy != "" {
				in.Policy = []byte(c.policy)
			}
			lent, err := k.Services.STS.SessionToken(ctx, by, in)
			require.NoError(t, err, c.name)
			require.Equal(t, iamtest.Start.Add(15*time.Minute), lent.ExpiresAt)
			for _, variant := range []string{"access", "credential"} {
				a := actor(t, k, signedLent(lent, iamtest.Start, variant))
				require.Equal(t, access.ViaTemporary, a.Via)
				require.Equal(t, reader.User.ID, a.UserID)
				require.Equal(t, reader.User.ID, a.ParentUserID)
				require.Equal(t, lent.AccessKey, a.CredentialID)
				require.Equal(t, lent.ExpiresAt.Unix(), a.ExpiresAt)
				require.Equal(t, c.get, may(t, k, a, access.QueueGet, queue), c.name)
				require.Equal(t, c.list, may(t, k, a, access.QueueList, queue), c.name)
				require.Equal(t, c.create, may(t, k, a, access.QueueCreate, queue), c.name)
			}
		}
	})
}

func TestAssumedRoleIsTheRoleAndNothingOfTheUser(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, b := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		for _, c := range []struct{ owner, user iamtest.Tenant }{{a, b}, {b, a}, {a, a}} {
			r := role(t, k, c.owner, c.user, iam.PolicyTenantGuest)
			by := actor(t, k, signed(c.user, iamtest.Start, "", ""))
			lent, err := k.Services.STS.AssumeRole(ctx, by, r, iam.TemporaryInput{SessionName: "nightly", Life: 24 * time.Hour})
			require.NoError(t, err)
			require.Equal(t, iamtest.Start.Add(2*time.Hour), lent.ExpiresAt, "cut to what the role lets")
			got := actor(t, k, signedLent(lent, iamtest.Start, "access"))
			require.Equal(t, c.owner.Account.ID, got.AccountID)
			require.Equal(t, []string{r.ID, r.ID, "reader/nightly", c.user.User.ID, c.user.Account.ID}, []string{got.RoleID, got.UserID, got.UserName, got.ParentUserID, got.ParentAccountID})
			require.False(t, got.Operator)
			require.True(t, may(t, k, got, access.QueueGet, access.QueueResource(iamtest.Region, c.owner.Account.ID, "q")))
			require.False(t, may(t, k, got, access.QueueCreate, access.QueueResource(iamtest.Region, c.owner.Account.ID, "q")), "the user could")
			if c.owner.Account.ID != c.user.Account.ID {
				require.False(t, may(t, k, got, access.QueueGet, access.QueueResource(iamtest.Region, c.user.Account.ID, "q")))
			}
			_, err = k.Services.STS.AssumeRole(ctx, got, r, iam.TemporaryInput{})
			require.Equal(t, reason.PersonalOnly, errs.ReasonOf(err), "no chains")
			_, err = k.Services.STS.SessionToken(ctx, got, iam.TemporaryInput{})
			require.Equal(t, reason.PersonalOnly, errs.ReasonOf(err))
			require.NoError(t, k.Services.Roles.Delete(ctx, c.owner.Account.ID, r.ID))
		}
	})
}

func TestWhatEndsTemporaryCredentials(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, k *iamtest.Kit, owner, user iamtest.Tenant, r iam.Role){
		"the user is disabled": func(t *testing.T, k *iamtest.Kit, _, user iamtest.Tenant, _ iam.Role) { k.SetEnabled(t, user, false) },
		"the role is revoked": func(t *testing.T, k *iamtest.Kit, owner, _ iamtest.Tenant, r iam.Role) {
			require.NoError(t, k.Services.Roles.Revoke(ctx, owner.Account.ID, r.ID))
		},
		"the role is deleted": func(t *testing.T, k *iamtest.Kit, owner, _ iamtest.Tenant, r iam.Role) {
			require.NoError(t, k.Services.Roles.Delete(ctx, owner.Account.ID, r.ID))
		},
		"the role trusts another account": func(t *testing.T, k *iamtest.Kit, owner, _ iamtest.Tenant, r iam.Role) {
			own := ""
			_, err := k.Services.Roles.Update(ctx, owner.Administrator(), r.ID, iam.RoleChange{TrustedAccount: &own})
			require.NoError(t, err)
		},
		"the role trusts other users": func(t *testing.T, k *iamtest.Kit, owner, _ iamtest.Tenant, r iam.Role) {
			_, err := k.Services.Roles.Update(ctx, owner.Administrator(), r.ID, iam.RoleChange{TrustedUsers: &[]string{owner.User.ID}})
			require.NoError(t, err)
		},
		"their time": func(_ *testing.T, k *iamtest.Kit, _, _ iamtest.Tenant, _ iam.Role) { k.Clock.Advance(15 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *iamtest.Kit) {
				owner, user := k.SignUp(t, "acme"), k.SignUp(t, "beta")
				r := role(t, k, owner, user, iam.PolicyTenantGuest)
				lent, err := k.Services.STS.AssumeRole(ctx, actor(t, k, signed(user, iamtest.Start, "", "")), r, iam.TemporaryInput{})
				require.NoError(t, err)
				actor(t, k, signedLent(lent, k.Clock.Now(), "access"))
				end(t, k, owner, user, r)
				_, err = k.Authenticator.Authenticate(ctx, signedLent(lent, k.Clock.Now(), "access"), "", bodyOf(""))
				require.Equal(t, errs.Unauthenticated, errs.CodeOf(err))
			})
		})
	}
}

func TestMisusedTemporaryCredentialsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		lend := func() iam.TemporaryCredentials {
			lent, err := k.Services.STS.SessionToken(ctx, actor(t, k, signed(n, iamtest.Start, "", "")), iam.TemporaryInput{})
			require.NoError(t, err)
			return lent
		}
		lent, other := lend(), lend()
		with := func(edit func(r *http.Request, c *iam.TemporaryCredentials)) *http.Request {
			c := lent
			edit(nil, &c)
			r := signedLent(c, iamtest.Start, "access")
			edit(r, &c)
			return r
		}
		for name, r := range map[string]*http.Request{
			"no token": with(func(r *http.Request, _ *iam.TemporaryCredentials) {
				if r != nil {
					r.Header.Del(httpauth.HeaderSecurityToken)
				}
			}),
			"token twice": with(func(r *http.Request, c *iam.TemporaryCredentials) {
				if r != nil {
					r.Header.Add(httpauth.HeaderSecurityToken, c.SecurityToken)
				}
			}),
			"token of another key": with(func(r *http.Request, c *iam.TemporaryCredentials) { c.SecurityToken = other.SecurityToken }),
			"secret of another":    with(func(r *http.Request, c *iam.TemporaryCredentials) { c.SecretKey = other.SecretKey }),
			"a Keystone token":     with(func(r *http.Request, c *iam.TemporaryCredentials) { c.SecurityToken = k.Token(t, n) }),
			"permanent key with a token": with(func(r *http.Request, c *iam.TemporaryCredentials) {
				c.AccessKey, c.SecretKey = n.AccessKey, n.SecretKey
			}),
		} {
			_, err := k.Authenticator.Authenticate(ctx, r, "", bodyOf(""))
			refused(t, reason.CredentialsInvalid, err, name)
		}
		_, err := k.Authenticator.Authenticate(ctx, withToken(lent.SecurityToken), "", bodyOf(""))
		refused(t, reason.CredentialsInvalid, err, "a security token is no Keystone token")

		node := httpauth.New(k.Directory, k.RegionSeal, token.Codec{}, k.Clock)
		a, err := node.Authenticate(ctx, signedLent(lent, iamtest.Start, "credential"), "", bodyOf(""))
		require.NoError(t, err, "the region's nodes open it with their own key")
		require.Equal(t, n.User.ID, a.UserID)
		require.True(t, strings.HasPrefix(lent.AccessKey, iam.TemporaryKeyPrefix))
		require.Len(t, lent.AccessKey, 20)
	})
}
