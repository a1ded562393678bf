package iam_test

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func TestTokenStandsForItsScope(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		for name, l := range map[string]iam.PasswordLogin{
			"by id":                  {UserID: n.User.ID},
			"by name and account":    {UserName: "acme", AccountName: "acme"},
			"by name and account id": {UserName: "ACME", AccountID: n.Account.ID},
		} {
			l.Password = iamtest.Password
			for scopeName, c := range map[string]struct {
				scope   iam.Scope
				project string
			}{
				"none":                     {iam.Scope{}, ""},
				"account":                  {iam.Scope{AccountName: "acme"}, ""},
				"account by id":            {iam.Scope{AccountID: n.Account.ID}, ""},
				"project by id":            {iam.Scope{ProjectID: n.Project.ID}, n.Project.ID},
				"project by name":          {iam.Scope{ProjectName: iamtest.Region}, n.Project.ID},
				"project and account":      {iam.Scope{ProjectName: iamtest.Region, AccountName: "acme"}, n.Project.ID},
				"project by id, own accnt": {iam.Scope{ProjectID: n.Project.ID, AccountID: n.Account.ID}, n.Project.ID},
			} {
				issued, err := k.Services.Tokens.IssueToken(ctx, l, c.scope)
				require.NoError(t, err, "%s, %s", name, scopeName)
				s, err := k.Authenticator.Tokens().Verify(ctx, issued.Raw, iam.TokenKeystone)
				require.NoError(t, err)
				require.Equal(t, c.project, s.Claims.ProjectID)
				require.Equal(t, n.Account.ID, s.Account.ID)
				require.Equal(t, n.User.ID, s.User.ID)
				require.Equal(t, iamtest.Start.Add(24*time.Hour), s.Claims.ExpiresAt)
				require.Equal(t, []string{iam.PolicyTenantAdministrator}, issued.Policies)
			}
		}
		require.Len(t, entries(t, k)[directory.KindSigningKey], 2, "the one that signs and the next, made on first use, once")
	})
}

func TestWrongLoginsAreOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n, other := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		disabled := k.SignUp(t, "gone")
		k.SetEnabled(t, disabled, false)
		want := errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "The login or the password is wrong.")
		for name, l := range map[string]iam.PasswordLogin{
			"wrong password":       {UserID: n.User.ID, Password: "wrong password"},
			"empty password":       {UserID: n.User.ID},
			"unknown id":           {UserID: id.NewHex(), Password: iamtest.Password},
			"unknown account":      {UserName: "acme", AccountName: "nobody", Password: iamtest.Password},
			"unknown user":         {UserName: "nobody", AccountName: "acme", Password: iamtest.Password},
			"user of another":      {UserName: "beta", AccountName: "acme", Password: iamtest.Password},
			"disabled user":        {UserID: disabled.User.ID, Password: iamtest.Password},
			"account's id unknown": {UserName: "acme", AccountID: other.User.ID, Password: iamtest.Password},
		} {
			_, err := k.Services.Tokens.IssueToken(ctx, l, iam.Scope{})
			require.Equal(t, error(want), err, name)
		}
	})
}

func TestForeignScopeIsAsUnknown(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, b := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		for _, c := range []struct{ me, other iamtest.Tenant }{{a, b}, {b, a}} {
			l := iam.PasswordLogin{UserID: c.me.User.ID, Password: iamtest.Password}
			_, unknown := k.Services.Tokens.IssueToken(ctx, l, iam.Scope{ProjectID: id.NewHex()})
			require.Equal(t, reason.ProjectMismatch, errs.ReasonOf(unknown))
			for _, scope := range []iam.Scope{
				{ProjectID: c.other.Project.ID}, {ProjectName: "elsewhere"}, {AccountID: c.other.Account.ID}, {AccountName: c.other.Account.Name},
				{ProjectName: iamtest.Region, AccountName: c.other.Account.Name}, {ProjectID: c.other.Project.ID, AccountID: c.other.Account.ID},
				{ProjectID: c.other.Project.ID, ProjectName: iamtest.Region},
			} {
				_, err := k.Services.Tokens.IssueToken(ctx, l, scope)
				require.Equal(t, unknown, err, "%+v", scope)
			}
		}
	})
}

func TestTokenEndsWithItsTimeItsUserAndItsKey(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		verify := func(raw string) errs.Reason {
			_, err := k.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
			return errs.ReasonOf(err)
		}
		token := k.Token(t, n)
		require.Empty(t, verify(token))
		require.Empty(t, verify(token), "remembered")
		k.Clock.Advance(24*time.Hour - time.Second)
		require.Empty(t, verify(token))
		k.Clock.Advance(time.Second)
		require.Equal(t, reason.CredentialsExpired, verify(token))
		require.Equal(t, reason.CredentialsExpired, verify(token))

		token = k.Token(t, n)
		require.Empty(t, verify(token))
		k.SetEnabled(t, n, false)
		require.Equal(t, reason.CredentialsInvalid, verify(token))
		k.SetEnabled(t, n, true)
		require.Equal(t, reason.CredentialsInvalid, verify(token), "enabling the user does not bring old tokens back")

		token = k.Token(t, n)
		require.Empty(t, verify(token))
		require.NoError(t, k.Services.Users.SetPassword(ctx, n.Account.ID, n.User.ID, "a new and better password"))
		require.Equal(t, reason.CredentialsInvalid, verify(token))

		issued, err := k.Services.Tokens.IssueToken(ctx, iam.PasswordLogin{UserID: n.User.ID, Password: "a new and better password"}, iam.Scope{})
		require.NoError(t, err)
		require.Empty(t, verify(issued.Raw))
		publish := func(e directory.Entry) {
			e.Kind, e.Key = directory.KindSigningKey, issued.Claims.KeyID
			require.NoError(t, k.Store.InTx(ctx, func(tx iam.Tx) error {
				_, err := tx.Append(ctx, e)
				return err
			}))
		}
		other, err := json.Marshal(iam.SigningKeyFact{KeyID: issued.Claims.KeyID, PublicKey: make([]byte, ed25519.PublicKeySize)})
		require.NoError(t, err)
		publish(directory.Entry{Value: other})
		require.Equal(t, reason.CredentialsInvalid, verify(issued.Raw), "what was found good with one key is not good with another")
		publish(directory.Entry{Deleted: true})
		require.Equal(t, reason.CredentialsInvalid, verify(issued.Raw), "a key that was taken away takes its tokens along")
	})
}

func TestSetPasswordFollowsTheRules(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "megacorp")
		for _, password := range []string{"short", "password", "MegaCorp"} {
			require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Users.SetPassword(ctx, n.Account.ID, n.User.ID, password)), password)
		}
		other := k.SignUp(t, "beta")
		require.Equal(t, errs.NotFound, errs.CodeOf(k.Services.Users.SetPassword(ctx, n.Account.ID, other.User.ID, "a new and better password")))
		require.Equal(t, k.User(t, other).PasswordHash, other.User.PasswordHash)
	})
}
