package iam_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/iam/password"
	"dms/iam/token"
	"dms/iam/totp"
	"dms/internal/audit"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/seal"
)

// appOf sets up a second factor for the user of a session, and returns what the user's app shows from then on, and the recovery codes.
func appOf(t *testing.T, k *iamtest.Kit, s *session) (code func() string, recovery []string) {
	t.Helper()
	typed, _, err := k.Services.MFA.Begin(ctx, s.AccountID, s.UserID)
	require.NoError(t, err)
	code = func() string {
		c, err := totp.At(typed, k.Clock.Now())
		require.NoError(t, err)
		return c
	}
	s.SignedIn, recovery, err = k.Services.MFA.Confirm(ctx, s.AccountID, s.UserID, s.id(), code())
	require.NoError(t, err)
	return code, recovery
}

func (s *session) id() string {
	id, _, _ := strings.Cut(s.RefreshToken, ".")
	return id
}

// challenge signs in with the password alone.
func challenge(t *testing.T, k *iamtest.Kit, login string) string {
	t.Helper()
	_, err := k.Services.Sessions.SignIn(ctx, login, iamtest.Password)
	var c *iam.Challenge
	require.ErrorAs(t, err, &c)
	require.Equal(t, reason.SecondFactor, errs.ReasonOf(err))
	return c.Ticket
}

func TestSecondFactorIsAskedForOnceItIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		s, other := signIn(t, k, "acme"), signIn(t, k, "acme")
		keystone := k.Token(t, n)
		_, _, err := k.Services.MFA.Begin(ctx, s.AccountID, s.UserID)
		require.NoError(t, err)
		signIn(t, k, "acme") // what is not confirmed protects nothing

		old := s.SignedIn
		code, recovery := appOf(t, k, s)
		require.Len(t, recovery, 10)
		require.Empty(t, s.access(), "the session that it was done in goes on")
		subject, err := k.Authenticator.Tokens().Verify(ctx, s.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.True(t, subject.Claims.MFA)
		for name, gone := range map[string]*session{"other session": other, "the session's tokens before": {t, k, old}} {
			require.NotEmpty(t, gone.access(), name)
			_, why := gone.refresh(gone.RefreshToken)
			require.NotEmpty(t, why, name)
		}
		_, err = k.Authenticator.Tokens().Verify(ctx, keystone, iam.TokenKeystone)
		require.Error(t, err)
		_, err = k.Services.Tokens.IssueToken(ctx, iam.PasswordLogin{UserID: n.User.ID, Password: iamtest.Password}, iam.Scope{})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), "another wire is no way around it")

		k.Clock.Advance(time.Minute)
		in, err := k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{TOTP: code()})
		require.NoError(t, err)
		subject, err = k.Authenticator.Tokens().Verify(ctx, in.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.True(t, subject.Claims.MFA)
		next, err := k.Services.Sessions.Refresh(ctx, in.RefreshToken)
		require.NoError(t, err)
		subject, err = k.Authenticator.Tokens().Verify(ctx, next.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.True(t, subject.Claims.MFA, "a renewed session keeps it")

		plain := k.SignUp(t, "beta")
		b := signIn(t, k, "beta")
		subject, err = k.Authenticator.Tokens().Verify(ctx, b.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.False(t, subject.Claims.MFA)
		require.Equal(t, plain.User.ID, subject.User.ID)
	})
}

func TestACodeIsGoodOnceAndTicketsToo(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		code, _ := appOf(t, k, signIn(t, k, "acme"))
		_, err := k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{TOTP: code()})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), "the code that confirmed it was used up by that")
		k.Clock.Advance(30 * time.Second)
		first, second := challenge(t, k, "acme"), challenge(t, k, "acme")
		_, err = k.Services.MFA.SignIn(ctx, first, iam.SecondFactor{TOTP: code()})
		require.NoError(t, err)
		_, err = k.Services.MFA.SignIn(ctx, second, iam.SecondFactor{TOTP: code()})
		require.Equal(t, reason.CredentialsExpired, errs.ReasonOf(err), "a sign-in makes the user's other tickets void")
		_, err = k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{TOTP: code()})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), "within the same 30 seconds")
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(k.Services.MFA.CheckTOTP(ctx, k.User(t, n), code())), "on any wire")
		k.Clock.Advance(30 * time.Second)
		require.NoError(t, k.Services.MFA.CheckTOTP(ctx, k.User(t, n), code()))
		late := challenge(t, k, "acme")
		k.Clock.Advance(5 * time.Minute)
		_, err = k.Services.MFA.SignIn(ctx, late, iam.SecondFactor{TOTP: code()})
		require.Equal(t, reason.CredentialsExpired, errs.ReasonOf(err))
		for _, ticket := range []string{"", "x", strings.Repeat("A", 43), first} {
			_, err = k.Services.MFA.SignIn(ctx, ticket, iam.SecondFactor{TOTP: code()})
			require.Equal(t, reason.CredentialsExpired, errs.ReasonOf(err), "%q", ticket)
		}
	})
}

func TestAmongProcessesACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		k := iamtest.New(t, db)
		n := k.SignUp(t, "acme")
		code, _ := appOf(t, k, signIn(t, k, "acme"))
		other, err := iam.NewServices(iam.Deps{Store: k.Store, Clock: k.Clock, Confirmer: k.Confirmer, Seal: k.Seal, TOTP: totp.Codes{}, Tokens: token.Codec{},
			Passwords: password.New(password.Params{Passes: 1, MemoryKiB: 64, Threads: 1}), Regions: func(context.Context) ([]string, error) { return nil, nil },
			RegionSeals: func(context.Context) ([]*seal.Key, error) { return nil, nil }})
		require.NoError(t, err)
		k.Clock.Advance(time.Minute)
		u, shown := k.User(t, n), code()
		var good atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			services := []*iam.Services{k.Services, other}[i%2]
			wg.Go(func() {
				if services.MFA.CheckTOTP(ctx, u, shown) == nil {
					good.Add(1)
				}
			})
		}
		wg.Wait()
		require.Equal(t, int32(1), good.Load())
	})
}

func TestWrongCodesWaitLongerAndRecoveryCodesDoNot(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		code, recovery := appOf(t, k, s)
		u := k.User(t, n)
		k.Clock.Advance(time.Minute)
		wrong := func() string {
			if code() == "123456" {
				return "654321"
			}
			return "123456"
		}
		for range 5 {
			require.Equal(t, reason.SecondFactor, errs.ReasonOf(k.Services.MFA.CheckTOTP(ctx, u, wrong())))
		}
		for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
			err := k.Services.MFA.CheckTOTP(ctx, u, code())
			require.Equal(t, errs.Throttled, errs.CodeOf(err), "the right one, too")
			require.Equal(t, wait, errs.As(err).RetryAfter)
			k.Clock.Advance(wait)
			require.Equal(t, reason.SecondFactor, errs.ReasonOf(k.Services.MFA.CheckTOTP(ctx, u, wrong())))
		}
		_, err := k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{RecoveryCode: strings.ToLower(strings.ReplaceAll(recovery[0], "-", " "))})
		require.NoError(t, err, "the owner gets in")
		_, err = k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{RecoveryCode: recovery[0]})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), "each is good once")
		state, err := k.Services.MFA.State(ctx, n.Account.ID, n.User.ID)
		require.NoError(t, err)
		require.Equal(t, iam.MFAState{TOTP: true, RecoveryCodesLeft: 9}, state)

		k.Clock.Advance(time.Minute)
		fresh, err := k.Services.MFA.ReplaceRecoveryCodes(ctx, n.Account.ID, n.User.ID, code())
		require.NoError(t, err)
		_, err = k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{RecoveryCode: recovery[1]})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), "the old ones are good no more")
		_, err = k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{RecoveryCode: fresh[0]})
		require.NoError(t, err)
		for _, none := range []string{"-", recovery[0] + "A", "0189", strings.Repeat("A", 26)} {
			_, err = k.Services.MFA.SignIn(ctx, challenge(t, k, "acme"), iam.SecondFactor{RecoveryCode: none})
			require.Equal(t, reason.SecondFactor, errs.ReasonOf(err), none)
		}
	})
}

func TestSecondFactorIsRemovedByItself(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n, stranger := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		s := signIn(t, k, "acme")
		_, err := k.Services.MFA.Remove(ctx, s.AccountID, s.UserID, s.id(), iam.SecondFactor{TOTP: "123456"})
		require.Equal(t, errs.Conflict, errs.CodeOf(err), "there is none")
		code, _ := appOf(t, k, s)
		_, _, err = k.Services.MFA.Begin(ctx, s.AccountID, s.UserID)
		require.Equal(t, errs.Conflict, errs.CodeOf(err), "a second one would replace it without a code")
		_, err = k.Services.MFA.Remove(ctx, stranger.Account.ID, s.UserID, s.id(), iam.SecondFactor{TOTP: code()})
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		_, err = k.Services.MFA.Remove(ctx, s.AccountID, s.UserID, s.id(), iam.SecondFactor{})
		require.Equal(t, reason.SecondFactor, errs.ReasonOf(err))
		k.Clock.Advance(time.Minute)
		s.SignedIn, err = k.Services.MFA.Remove(ctx, s.AccountID, s.UserID, s.id(), iam.SecondFactor{TOTP: code()})
		require.NoError(t, err)
		subject, err := k.Authenticator.Tokens().Verify(ctx, s.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.False(t, subject.Claims.MFA)
		signIn(t, k, "acme")
		state, err := k.Services.MFA.State(ctx, n.Account.ID, n.User.ID)
		require.NoError(t, err)
		require.Zero(t, state)
	})
}

func TestOwnPasswordIsChangedInTheSessionThatGoesOn(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		s, other := signIn(t, k, "acme"), signIn(t, k, "acme")
		const next = "a new and better password"
		_, err := k.Services.Users.ChangePassword(ctx, s.AccountID, s.UserID, s.id(), "wrong password", next)
		require.Equal(t, errs.Unauthenticated, errs.CodeOf(err))
		for _, bad := range []string{"short", "password123", "Acme-2026!", "acme@example.com", "Queue12345"} {
			_, err = k.Services.Users.ChangePassword(ctx, s.AccountID, s.UserID, s.id(), iamtest.Password, bad)
			require.Equal(t, errs.Invalid, errs.CodeOf(err), bad)
			require.Equal(t, "/new", errs.As(err).Fields[0].Pointer)
		}
		require.Empty(t, other.access(), "nothing has changed so far")
		old := s.SignedIn
		s.SignedIn, err = k.Services.Users.ChangePassword(ctx, s.AccountID, s.UserID, s.id(), iamtest.Password, next)
		require.NoError(t, err)
		require.Empty(t, s.access())
		_, why := s.refresh(s.RefreshToken)
		require.Empty(t, why)
		require.NotEmpty(t, other.access())
		require.NotEmpty(t, (&session{t, k, old}).access(), "the tokens before it")
		_, err = k.Services.Sessions.SignIn(ctx, "acme", iamtest.Password)
		require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err))
		_, err = k.Services.Sessions.SignIn(ctx, "acme", next)
		require.NoError(t, err)
	})
}

func TestUsersSeeAndEndTheirSessions(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n, stranger := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		from := audit.With(ctx, audit.Call{Address: "192.0.2.1", UserAgent: strings.Repeat("é", 200)})
		in, err := k.Services.Sessions.SignIn(from, "acme", iamtest.Password)
		require.NoError(t, err)
		first := &session{t, k, in}
		k.Clock.Advance(time.Minute)
		second, third := signIn(t, k, "acme"), signIn(t, k, "acme")
		list := func() []iam.Session {
			t.Helper()
			all, err := k.Services.Sessions.List(ctx, n.Account.ID, n.User.ID)
			require.NoError(t, err)
			return all
		}
		all := list()
		require.Len(t, all, 3)
		require.Equal(t, first.id(), all[2].ID, "the newest first")
		require.Equal(t, "192.0.2.1", all[2].Address)
		require.Equal(t, strings.Repeat("é", 128), all[2].UserAgent, "bounded, and whole characters")

		require.Equal(t, errs.NotFound, errs.CodeOf(k.Services.Sessions.End(ctx, stranger.Account.ID, stranger.User.ID, second.id())))
		require.Equal(t, errs.NotFound, errs.CodeOf(k.Services.Sessions.End(ctx, n.Account.ID, stranger.User.ID, second.id())), "another user of the account")
		require.Empty(t, second.access())
		require.NoError(t, k.Services.Sessions.End(ctx, n.Account.ID, n.User.ID, second.id()))
		require.NotEmpty(t, second.access(), "when the call returns")
		require.Len(t, list(), 2)

		require.NoError(t, k.Services.Sessions.EndOthers(ctx, n.Account.ID, n.User.ID, first.id()))
		require.NotEmpty(t, third.access())
		require.Empty(t, first.access())
		require.Len(t, list(), 1)
		k.Clock.Advance(24 * time.Hour)
		require.Empty(t, list(), "it ran out")
	})
}

func TestAnImpersonatedSessionIsShortAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		operator, err := k.Services.Accounts.Bootstrap(ctx, iam.BootstrapInput{AccountName: "platform", UserName: "root", Password: iamtest.Password, Region: iamtest.Region, Operator: true})
		require.NoError(t, err)
		in, err := k.Services.Sessions.Start(ctx, iam.SessionStart{User: n.User, ImpersonatorID: operator.UserID, Life: time.Hour})
		require.NoError(t, err)
		subject, err := k.Authenticator.Tokens().Verify(ctx, in.AccessToken, iam.TokenSession)
		require.NoError(t, err)
		require.Equal(t, operator.UserID, subject.Claims.ImpersonatorID)
		k.Clock.Advance(50 * time.Minute)
		in, err = k.Services.Sessions.Refresh(ctx, in.RefreshToken)
		require.NoError(t, err)
		require.Equal(t, operator.UserID, in.ImpersonatorID)
		require.Equal(t, iamtest.Start.Add(time.Hour), in.AccessExpiresAt, "no token outlives its session")
		k.Clock.Advance(10 * time.Minute)
		_, err = k.Services.Sessions.Refresh(ctx, in.RefreshToken)
		require.Equal(t, reason.CredentialsExpired, errs.ReasonOf(err))
	})
}

// mailbox keeps what was sent, and tells of each.
type mailbox struct{ mails chan iam.Mail }

func (m *mailbox) Send(_ context.Context, mail iam.Mail) error {
	m.mails <- mail
	return nil
}

// countedHasher counts what is costly.
type countedHasher struct {
	iam.PasswordHasher
	n atomic.Int32
}

func (h *countedHasher) Hash(p string) (string, error) {
	h.n.Add(1)
	return h.PasswordHasher.Hash(p)
}

// eachWithMail is each with a mail server; the box holds what it delivered.
func eachWithMail(t *testing.T, f func(t *testing.T, k *iamtest.Kit, box *mailbox, hashes *atomic.Int32)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		box := &mailbox{mails: make(chan iam.Mail, 100)}
		outbox := iam.NewOutbox(box, slog.New(slog.DiscardHandler))
		running, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = outbox.Run(running)
		}()
		t.Cleanup(func() { stop(); <-done })
		h := &countedHasher{}
		k := iamtest.NewWith(t, db, func(d *iam.Deps) {
			h.PasswordHasher = d.Passwords
			d.Passwords, d.Outbox, d.RequireVerification = h, outbox, true
		})
		f(t, k, box, &h.n)
	})
}

// ticket returns the ticket in the next mail.
func (m *mailbox) ticket(t *testing.T, to, subject string) string {
	t.Helper()
	mail := <-m.mails
	require.Equal(t, to, mail.To)
	require.Equal(t, subject, mail.Subject)
	_, rest, ok := strings.Cut(mail.Text, "#")
	require.True(t, ok, mail.Text)
	ticket, _, _ := strings.Cut(rest, "\n")
	return ticket
}

const (
	base          = "https://console.example"
	confirmMail   = "Confirm your e-mail address"
	resetMail     = "Set another password"
	otherPassword = "a new and better password"
)

func TestSignUpByMailTellsNobodyWhichAddressesAreKnown(t *testing.T) {
	eachWithMail(t, func(t *testing.T, k *iamtest.Kit, box *mailbox, hashes *atomic.Int32) {
		in := iam.SignUpInput{AccountName: "acme", Email: "alice@example.com", Password: iamtest.Password}
		work := func(in iam.SignUpInput) int32 {
			t.Helper()
			before := hashes.Load()
			require.NoError(t, k.Services.Email.SignUp(ctx, base, in))
			return hashes.Load() - before
		}
		require.Equal(t, int32(1), work(in))
		_, err := k.Services.Accounts.Account(ctx, "acme")
		require.Equal(t, errs.NotFound, errs.CodeOf(err), "nothing is there before the address is confirmed")
		ticket := box.ticket(t, "alice@example.com", confirmMail)
		require.NoError(t, k.Services.Email.Confirm(ctx, ticket))
		s := signIn(t, k, "alice@example.com")
		a, err := k.Services.Accounts.Account(ctx, "acme")
		require.NoError(t, err)
		require.NoError(t, k.Services.Email.MayActivate(ctx, a.ID))
		require.Equal(t, s.AccountID, a.ID)
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Confirm(ctx, ticket)), "once")

		known := in
		known.AccountName, known.Email = "other", "ALICE@example.com"
		require.Equal(t, int32(1), work(known), "as many hashes as for an unknown one")
		require.Equal(t, "You have a DMS account already", (<-box.mails).Subject)
		_, err = k.Services.Accounts.Account(ctx, "other")
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		unknown := known
		unknown.Email = "bob@example.com"
		require.Equal(t, int32(1), work(unknown), "the name is as free as before: nothing tells of the sign-up before")
		first := box.ticket(t, "bob@example.com", confirmMail)
		unknown.Email = "carol@example.com"
		require.Equal(t, int32(1), work(unknown))
		second := box.ticket(t, "carol@example.com", confirmMail)
		require.NoError(t, k.Services.Email.Confirm(ctx, second))
		require.Equal(t, errs.Conflict, errs.CodeOf(k.Services.Email.Confirm(ctx, first)), "who confirms first has the name")
		unknown.AccountName = "ACME"
		require.Equal(t, errs.Conflict, errs.CodeOf(k.Services.Email.SignUp(ctx, base, unknown)), "names are public")
	})
}

func TestAddressIsConfirmedByItsOwnTicketAlone(t *testing.T) {
	eachWithMail(t, func(t *testing.T, k *iamtest.Kit, box *mailbox, _ *atomic.Int32) {
		n, other := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		require.Equal(t, reason.EmailUnverified, errs.ReasonOf(k.Services.Email.MayActivate(ctx, n.Account.ID)))
		ask := func(of iamtest.Tenant) string {
			t.Helper()
			require.NoError(t, k.Services.Email.RequestVerification(ctx, base, of.Account.ID, of.User.ID))
			return box.ticket(t, of.User.Email, confirmMail)
		}
		replaced, ticket := ask(n), ask(n)
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Confirm(ctx, replaced)))
		late := ask(other)
		require.NoError(t, k.Services.Email.Confirm(ctx, ticket))
		require.NoError(t, k.Services.Email.MayActivate(ctx, n.Account.ID))
		require.NoError(t, k.Services.Email.RequestVerification(ctx, base, n.Account.ID, n.User.ID), "it is confirmed")
		require.Equal(t, reason.EmailUnverified, errs.ReasonOf(k.Services.Email.MayActivate(ctx, other.Account.ID)))
		k.Clock.Advance(24 * time.Hour)
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Confirm(ctx, late)))
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Reset(ctx, ask(other), otherPassword)), "a ticket is good for its purpose alone")
		require.Empty(t, box.mails)

		res, err := k.Services.Accounts.Bootstrap(ctx, iam.BootstrapInput{AccountName: "gamma", UserName: "root", Password: iamtest.Password, Region: iamtest.Region})
		require.NoError(t, err)
		require.NoError(t, k.Services.Email.MayActivate(ctx, res.AccountID), "an account without an address is the operator's own doing")
	})
}

func TestForgottenPasswordIsReset(t *testing.T) {
	eachWithMail(t, func(t *testing.T, k *iamtest.Kit, box *mailbox, hashes *atomic.Int32) {
		n := k.SignUp(t, "acme")
		s := signIn(t, k, "acme")
		code, _ := appOf(t, k, s)
		before := hashes.Load()
		require.NoError(t, k.Services.Email.RequestReset(ctx, base, "nobody@example.com"))
		require.NoError(t, k.Services.Email.RequestReset(ctx, base, "ACME@example.com"))
		require.Equal(t, before, hashes.Load(), "no costly work for either")
		ticket := box.ticket(t, "acme@example.com", resetMail)
		require.Empty(t, box.mails, "nobody is told that they are unknown")

		err := k.Services.Email.Reset(ctx, ticket, "password123")
		require.Equal(t, "/new", errs.As(err).Fields[0].Pointer)
		require.NoError(t, k.Services.Email.Reset(ctx, ticket, otherPassword), "a refused password does not use the ticket up")
		require.Equal(t, "Your password was changed", (<-box.mails).Subject)
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Reset(ctx, ticket, otherPassword)), "once")
		require.NotEmpty(t, s.access(), "all sessions end")
		require.True(t, k.User(t, n).EmailVerified, "the mail has arrived")

		_, err = k.Services.Sessions.SignIn(ctx, "acme", otherPassword)
		var c *iam.Challenge
		require.True(t, errors.As(err, &c), "the second factor stays")
		k.Clock.Advance(time.Minute)
		_, err = k.Services.MFA.SignIn(ctx, c.Ticket, iam.SecondFactor{TOTP: code()})
		require.NoError(t, err)

		require.NoError(t, k.Services.Email.RequestReset(ctx, base, "acme@example.com"))
		late := box.ticket(t, "acme@example.com", resetMail)
		k.Clock.Advance(10 * time.Minute)
		require.Equal(t, errs.Invalid, errs.CodeOf(k.Services.Email.Reset(ctx, late, iamtest.Password)))

		u := k.User(t, n)
		u.Enabled = false
		require.NoError(t, k.Store.InTx(ctx, func(tx iam.Tx) error { return tx.UpdateUser(ctx, u) }))
		require.NoError(t, k.Services.Email.RequestReset(ctx, base, "acme@example.com"), "a disabled user is as an unknown one")
		require.Empty(t, box.mails)
	})
}

func TestWithoutAMailServerNothingIsPromised(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		require.False(t, k.Services.Email.Enabled())
		require.NoError(t, k.Services.Email.MayActivate(ctx, n.Account.ID))
		require.Equal(t, errs.Conflict, errs.CodeOf(k.Services.Email.RequestReset(ctx, base, "acme@example.com")))
		require.Equal(t, errs.Conflict, errs.CodeOf(k.Services.Email.RequestVerification(ctx, base, n.Account.ID, n.User.ID)))
	})
}
