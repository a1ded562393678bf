package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/httpapi/gen"
	"dms/iam/iamtest"
	"dms/iam/totp"
	"dms/internal/dbtest"
)

func TestSignInTakesTwoStepsWithASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		in := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		s.refuses(s.do("POST", "/api/v1/me/totp", "", header("X-Auth-Token", s.k.Token(t, n))), 400, "no_session")
		r := s.do("POST", "/api/v1/me/totp", "", browser(in.cookies))
		require.Equal(t, http.StatusCreated, r.status, r.raw)
		var made struct{ Secret, Uri string }
		r.decode(t, &made)
		require.Contains(t, made.Uri, "otpauth://totp/DMS:acme/acme?")
		code := func() string {
			c, err := totp.At(made.Secret, s.k.Clock.Now())
			require.NoError(t, err)
			return c
		}
		s.refuses(s.do("POST", "/api/v1/me/totp/confirm", `{"totp":"12345"}`, browser(in.cookies)), 400, "invalid_request")
		r = s.do("POST", "/api/v1/me/totp/confirm", `{"totp":"`+code()+`"}`, browser(in.cookies))
		require.Equal(t, http.StatusOK, r.status, r.raw)
		var codes gen.RecoveryCodes
		r.decode(t, &codes)
		require.Len(t, codes.RecoveryCodes, 10)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(in.cookies)), 401, "credentials_invalid")
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(r.cookies)).status, "the session goes on with new cookies")

		s.k.Clock.Advance(time.Minute)
		first := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		require.Equal(t, http.StatusAccepted, first.status, first.raw)
		require.Empty(t, first.cookies)
		var c gen.SignInChallenge
		first.decode(t, &c)
		s.refuses(s.do("POST", "/api/v1/sessions/second-factor", `{"ticket":"`+c.Ticket+`"}`), 401, "second_factor_needed")
		second := s.do("POST", "/api/v1/sessions/second-factor", `{"ticket":"`+c.Ticket+`","totp":"`+code()+`"}`)
		require.Equal(t, http.StatusCreated, second.status, second.raw)
		var me gen.Me
		second.decode(t, &me)
		require.True(t, *me.User.Mfa)
		s.refuses(s.do("DELETE", "/api/v1/me/totp", `{"recovery_code":"AAAA"}`, browser(second.cookies)), 403, "second_factor_needed")
		gone := s.do("DELETE", "/api/v1/me/totp", `{"recovery_code":"`+codes.RecoveryCodes[3]+`"}`, browser(second.cookies))
		require.Equal(t, http.StatusNoContent, gone.status, gone.raw)
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(gone.cookies)).status)
		require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sessions", signInBody("acme")).status)
	})
}

func TestOwnSessionsAndPasswordOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		s.k.SignUp(t, "beta")
		first, second, third := s.do("POST", "/api/v1/sessions", signInBody("acme")), s.do("POST", "/api/v1/sessions", signInBody("acme")), s.do("POST", "/api/v1/sessions", signInBody("acme"))
		stranger := s.do("POST", "/api/v1/sessions", signInBody("beta"))
		list := func(who reply) (out struct{ Sessions []gen.Session }) {
			t.Helper()
			r := s.do("GET", "/api/v1/sessions", "", browser(who.cookies))
			require.Equal(t, http.StatusOK, r.status, r.raw)
			r.decode(t, &out)
			return out
		}
		require.Len(t, list(first).Sessions, 3)
		var secondID string
		for _, n := range list(second).Sessions {
			if n.Current {
				secondID = n.Id
			}
		}
		s.refuses(s.do("DELETE", "/api/v1/sessions/"+secondID, "", browser(stranger.cookies)), 404, "not_found")
		require.Equal(t, http.StatusNoContent, s.do("DELETE", "/api/v1/sessions/"+secondID, "", browser(first.cookies)).status)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(second.cookies)), 401, "credentials_invalid")
		require.Equal(t, http.StatusNoContent, s.do("DELETE", "/api/v1/sessions", "", browser(first.cookies)).status)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(third.cookies)), 401, "credentials_invalid")
		require.Len(t, list(first).Sessions, 1)

		p := s.refuses(s.do("PUT", "/api/v1/me/password", `{"current":"wrong password","new":"a new and better password"}`, browser(first.cookies)), 400, "password_wrong")
		require.Equal(t, "/current", (*p.Errors)[0].Pointer)
		r := s.do("PUT", "/api/v1/me/password", `{"current":"`+iamtest.Password+`","new":"a new and better password"}`, browser(first.cookies))
		require.Equal(t, http.StatusNoContent, r.status, r.raw)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(first.cookies)), 401, "credentials_invalid")
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(r.cookies)).status)
		s.refuses(s.do("POST", "/api/v1/sessions", signInBody("acme")), 401, "credentials_invalid")
	})
}

type mailbox chan iam.Mail

func (m mailbox) Send(_ context.Context, mail iam.Mail) error {
	m <- mail
	return nil
}

func TestAnswersDoNotTellWhichAddressesAreKnown(t *testing.T) {
	t.Parallel()
	box := make(mailbox, 10)
	outbox := iam.NewOutbox(box, slog.New(slog.DiscardHandler))
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = outbox.Run(running)
	}()
	t.Cleanup(func() { stop(); <-done })
	s := serve(t, iamtest.NewWith(t, dbtest.Open(t, dbtest.SQLiteURL(t)), func(d *iam.Deps) { d.Outbox = outbox }), nil)
	s.k.SignUp(t, "acme")
	same := func(known, unknown reply) {
		t.Helper()
		require.Equal(t, http.StatusAccepted, known.status, known.raw)
		require.Equal(t, unknown.status, known.status)
		require.Equal(t, unknown.raw, known.raw)
		require.Empty(t, known.cookies)
		require.Empty(t, unknown.cookies)
	}
	same(s.do("POST", "/api/v1/password-resets", `{"email":"acme@example.com"}`), s.do("POST", "/api/v1/password-resets", `{"email":"nobody@example.com"}`))
	reset := <-box
	same(s.do("POST", "/api/v1/sign-up", strings.Replace(signUpBody("other"), "other@", "acme@", 1)), s.do("POST", "/api/v1/sign-up", signUpBody("other")))
	require.Equal(t, "You have a DMS account already", (<-box).Subject)
	confirm := <-box
	ticket := func(m iam.Mail) string {
		t.Helper()
		require.Contains(t, m.Text, "https://console.example/")
		_, rest, _ := strings.Cut(m.Text, "#")
		ticket, _, _ := strings.Cut(rest, "\n")
		return ticket
	}
	require.Equal(t, http.StatusNoContent, s.do("POST", "/api/v1/email-verifications", `{"token":"`+ticket(confirm)+`"}`).status)
	require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sessions", signInBody("other")).status)
	s.refuses(s.do("POST", "/api/v1/email-verifications", `{"token":"`+ticket(confirm)+`"}`), 400, "ticket_invalid")
	r := s.do("PUT", "/api/v1/password-resets", `{"token":"`+ticket(reset)+`","new":"a new and better password"}`)
	require.Equal(t, http.StatusNoContent, r.status, r.raw)
	require.Empty(t, r.cookies)
	s.refuses(s.do("POST", "/api/v1/sessions", signInBody("acme")), 401, "credentials_invalid")
}
