package iam_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/errs"
	"dms/internal/reason"
)

func TestSignInTakesAnAddressAnAccountOrAUser(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		res, err := k.Services.Accounts.Bootstrap(ctx, iam.BootstrapInput{AccountName: "acme", UserName: "bob", Password: iamtest.Password, Region: iamtest.Region})
		require.NoError(t, err)
		for login, user := range map[string]string{
			"acme@example.com": n.User.ID, "ACME@example.com": n.User.ID, "acme": n.User.ID, "Acme": n.User.ID, "acme/acme": n.User.ID, "acme/bob": res.UserID,
		} {
			in, err := k.Services.Sessions.SignIn(ctx, login, iamtest.Password)
			require.NoError(t, err, login)
			require.Equal(t, user, in.UserID, login)
		}
		for _, login := range []string{"", "bob", "nobody", "acme/nobody", "nobody/acme", "nobody@example.com", "@", "/", "acme/", n.User.ID} {
			_, err := k.Services.Sessions.SignIn(ctx, login, iamtest.Password)
			require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err), "%q: %v", login, err)
		}
		_, err = k.Services.Sessions.SignIn(ctx, "acme", "wrong password")
		require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err))
	})
}

// session is a signed-in browser of a test.
type session struct {
	t *testing.T
	k *iamtest.Kit
	iam.SignedIn
}

func signIn(t *testing.T, k *iamtest.Kit, login string) *session {
	t.Helper()
	in, err := k.Services.Sessions.SignIn(ctx, login, iamtest.Password)
	require.NoError(t, err)
	return &session{t, k, in}
}

func (s *session) access() errs.Reason {
	_, err := s.k.Authenticator.Tokens().Verify(ctx, s.AccessToken, iam.TokenSession)
	return errs.ReasonOf(err)
}

func (s *session) refresh(token string) (iam.SignedIn, errs.Reason) {
	in, err := s.k.Services.Sessions.Refresh(ctx, token)
	return in, errs.ReasonOf(err)
}

func TestSessionIsRenewedByRotation(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		require.Empty(t, s.access())
		require.Equal(t, 24*time.Hour, s.SessionLife)
		for range 3 {
			k.Clock.Advance(15 * time.Minute)
			require.Equal(t, reason.CredentialsExpired, s.access())
			next, why := s.refresh(s.RefreshToken)
			require.Empty(t, why)
			require.NotEqual(t, s.RefreshToken, next.RefreshToken)
			s.SignedIn = next
			require.Empty(t, s.access())
		}
	})
}

func TestLostAnswerMayBeAskedForAgain(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		first, why := s.refresh(s.RefreshToken)
		require.Empty(t, why)
		k.Clock.Advance(9 * time.Second)
		again, why := s.refresh(s.RefreshToken)
		require.Empty(t, why)
		require.Equal(t, first.RefreshToken, again.RefreshToken, "the very same successor")
		_, why = s.refresh(again.RefreshToken)
		require.Empty(t, why)
	})
}

func TestReuseOfAnOldRefreshTokenEndsTheSession(t *testing.T) {
	for name, wait := range map[string]time.Duration{"late": 10 * time.Second, "much later": time.Hour} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *iamtest.Kit) {
				k.SignUp(t, "acme")
				s, other := signIn(t, k, "acme"), signIn(t, k, "acme")
				old := s.RefreshToken
				next, why := s.refresh(old)
				require.Empty(t, why)
				k.Clock.Advance(wait)
				_, why = s.refresh(old)
				require.Equal(t, reason.CredentialsInvalid, why)
				_, why = s.refresh(next.RefreshToken)
				require.Equal(t, reason.CredentialsInvalid, why, "the family is revoked")
				require.NotEmpty(t, s.access())
				_, why = other.refresh(other.RefreshToken)
				require.Empty(t, why, "another session of the user lives on")
			})
		})
	}
}

func TestReuseOfAnOlderTokenEndsTheSessionAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		second, why := s.refresh(s.RefreshToken)
		require.Empty(t, why)
		third, why := s.refresh(second.RefreshToken)
		require.Empty(t, why)
		s.SignedIn.AccessToken = third.AccessToken
		require.Empty(t, s.access())
		_, why = s.refresh(s.RefreshToken)
		require.Equal(t, reason.CredentialsInvalid, why)
		require.Equal(t, reason.CredentialsInvalid, s.access(), "the access token too, before it runs out")
		_, why = s.refresh(third.RefreshToken)
		require.Equal(t, reason.CredentialsInvalid, why)
	})
}

func TestSignOutEndsTheSessionAndNoOther(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n, stranger := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		s, other := signIn(t, k, "acme"), signIn(t, k, "acme")
		token := k.Token(t, n)
		sessionID, _, _ := strings.Cut(s.RefreshToken, ".")

		require.NoError(t, k.Services.Sessions.SignOut(ctx, stranger.Account.ID, sessionID))
		require.Empty(t, s.access(), "another account cannot end it")

		require.NoError(t, k.Services.Sessions.SignOut(ctx, n.Account.ID, sessionID))
		require.Equal(t, reason.CredentialsInvalid, s.access())
		_, why := s.refresh(s.RefreshToken)
		require.Equal(t, reason.CredentialsInvalid, why)
		require.Empty(t, other.access())
		_, err := k.Authenticator.Tokens().Verify(ctx, token, iam.TokenKeystone)
		require.NoError(t, err)
		require.NoError(t, k.Services.Sessions.SignOut(ctx, n.Account.ID, sessionID), "twice is once")

		fact, err := iam.NewFactReader(k.Directory).User(ctx, n.User.ID)
		require.NoError(t, err)
		require.Equal(t, []string{sessionID}, fact.EndedSessions)
		k.Clock.Advance(15*time.Minute + time.Second)
		k.SetEnabled(t, n, true)
		fact, err = iam.NewFactReader(k.Directory).User(ctx, n.User.ID)
		require.NoError(t, err)
		require.Empty(t, fact.EndedSessions, "kept only while an access token may live")
	})
}

func TestSessionEndsWhenIdleAndAfterAWeek(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		k.Clock.Advance(24 * time.Hour)
		_, why := s.refresh(s.RefreshToken)
		require.Equal(t, reason.CredentialsExpired, why)

		s = signIn(t, k, "acme")
		for range 7 {
			k.Clock.Advance(24*time.Hour - time.Minute)
			s.SignedIn, why = s.refresh(s.RefreshToken)
			require.Empty(t, why)
		}
		require.Equal(t, 7*time.Minute, s.SessionLife)
		k.Clock.Advance(7 * time.Minute)
		_, why = s.refresh(s.RefreshToken)
		require.Equal(t, reason.CredentialsExpired, why)
	})
}

func TestNewPasswordEndsAllSessions(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		require.NoError(t, k.Services.Users.SetPassword(ctx, n.Account.ID, n.User.ID, "a new and better password"))
		require.Equal(t, reason.CredentialsInvalid, s.access())
		_, why := s.refresh(s.RefreshToken)
		require.Equal(t, reason.CredentialsInvalid, why)
	})
}

func TestForgedRefreshTokensAreRefused(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		sessionID, secret, _ := strings.Cut(s.RefreshToken, ".")
		for _, raw := range []string{"", ".", sessionID, sessionID + ".", "." + secret, strings.Repeat("0", 32) + "." + secret, s.RefreshToken + "AAAA", strings.Repeat("x", 1<<20), "'; DROP TABLE iam_sessions; --." + secret} {
			_, why := s.refresh(raw)
			require.Equal(t, reason.CredentialsInvalid, why, "%.60q", raw)
		}
		_, why := s.refresh(s.RefreshToken)
		require.Empty(t, why, "none of them ended the session")
	})
}
