package httpauth_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/httpauth"
	"dms/iam/iamtest"
	"dms/iam/token"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
	"dms/internal/seal"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, k *iamtest.Kit)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { f(t, iamtest.New(t, db)) })
}

// noBody fails the test when the body is asked for.
func noBody(t testing.TB) func() ([]byte, error) {
	return func() ([]byte, error) {
		t.Helper()
		t.Fatal("the body was read")
		return nil, nil
	}
}

func bodyOf(b string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(b), nil } }

func withToken(raw string) *http.Request {
	r := httptest.NewRequest("GET", "/v2/p/queues", nil)
	r.Header.Set("X-Auth-Token", raw)
	return r
}

func withCookie(name, raw string) *http.Request {
	r := httptest.NewRequest("GET", "/api/v1/me", nil)
	r.AddCookie(&http.Cookie{Name: name, Value: raw})
	return r
}

func signed(n iamtest.Tenant, at time.Time, body, project string) *http.Request {
	r := httptest.NewRequest("POST", "/v2/p/queues?b=2&a=1", strings.NewReader(body))
	if project != "" {
		r.Header.Set("X-Project-Id", project)
	}
	iamtest.Sign(r, []byte(body), n.AccessKey, n.SecretKey, at)
	return r
}

func refused(t *testing.T, want errs.Reason, err error, msg ...any) {
	t.Helper()
	require.Equal(t, errs.Unauthenticated, errs.CodeOf(err), msg...)
	require.Equal(t, want, errs.ReasonOf(err), msg...)
}

func TestEachCredentialSaysWhoCalls(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		want := access.Actor{AccountID: n.Account.ID, AccountName: "acme", UserID: n.User.ID, UserName: "acme", ProjectID: n.Project.ID, ProjectName: iamtest.Region, Address: netip.MustParseAddr("192.0.2.1")}

		in, err := k.Services.Sessions.SignIn(ctx, "acme", iamtest.Password)
		require.NoError(t, err)
		sessionID, _, _ := strings.Cut(in.RefreshToken, ".")
		for name, c := range map[string]struct {
			r          *http.Request
			via        access.Via
			credential string
			life       time.Duration
		}{
			"token":         {withToken(k.Token(t, n)), access.ViaToken, "", iam.KeystoneTokenLife},
			"signature":     {signed(n, iamtest.Start, "{}", ""), access.ViaSignature, n.AccessKey, 0},
			"plain cookie":  {withCookie("dms_session", in.AccessToken), access.ViaSession, sessionID, iam.AccessTokenLife},
			"secure cookie": {withCookie("__Host-dms_session", in.AccessToken), access.ViaSession, sessionID, iam.AccessTokenLife},
		} {
			t.Run(name, func(t *testing.T) {
				got, err := k.Authenticator.Authenticate(ctx, c.r, n.Project.ID, bodyOf("{}"))
				require.NoError(t, err)
				if c.credential == "" {
					c.credential = got.CredentialID
					require.True(t, id.IsHex(c.credential), "the token's id")
				}
				want := want
				want.Via, want.CredentialID = c.via, c.credential
				if c.life > 0 {
					want.ExpiresAt = iamtest.Start.Add(c.life).Unix()
				}
				require.Empty(t, cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})))

				got, err = k.Authenticator.Authenticate(ctx, c.r, "", bodyOf("{}"))
				require.NoError(t, err)
				if c.via != access.ViaToken { // a token is bound to its project
					want.ProjectID, want.ProjectName = "", ""
				}
				require.Empty(t, cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})))
			})
		}
	})
}

func TestProjectsOfOthersAreAsUnknown(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, b := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		require.NoError(t, k.Services.Accounts.EnsureProjects(ctx, "local-2"))
		for _, c := range []struct{ me, other iamtest.Tenant }{{a, b}, {b, a}} {
			projects, err := k.Services.Accounts.Projects(ctx, c.me.Account.ID)
			require.NoError(t, err)
			second := projects[1].ID
			in, err := k.Services.Sessions.SignIn(ctx, c.me.Account.Name, iamtest.Password)
			require.NoError(t, err)
			domain, err := k.Services.Tokens.IssueToken(ctx, iam.PasswordLogin{UserID: c.me.User.ID, Password: iamtest.Password}, iam.Scope{})
			require.NoError(t, err)
			credentials := map[string]*http.Request{
				"token": withToken(k.Token(t, c.me)), "account token": withToken(domain.Raw), "cookie": withCookie("dms_session", in.AccessToken), "signature": signed(c.me, iamtest.Start, "", ""),
			}
			for name, r := range credentials {
				_, unknown := k.Authenticator.Authenticate(ctx, r, id.NewHex(), bodyOf(""))
				refused(t, reason.ProjectMismatch, unknown, name)
				for _, project := range []string{c.other.Project.ID, "not-an-id", strings.ToUpper(c.me.Project.ID)} {
					_, err := k.Authenticator.Authenticate(ctx, r, project, bodyOf(""))
					require.Equal(t, unknown, err, name)
				}
				_, err := k.Authenticator.Authenticate(ctx, r, second, bodyOf(""))
				if strings.Contains(name, "token") {
					refused(t, reason.ProjectMismatch, err, "%s is for one project", name)
				} else {
					require.NoError(t, err, "%s is good for every project of the account", name)
				}
			}
			for name, h := range map[string]struct {
				path, header string
				good         bool
			}{
				"header alone":            {"", c.me.Project.ID, true},
				"both the same":           {c.me.Project.ID, c.me.Project.ID, true},
				"both own but not one":    {c.me.Project.ID, second, false},
				"foreign header":          {"", c.other.Project.ID, false},
				"foreign header on path":  {c.me.Project.ID, c.other.Project.ID, false},
				"foreign path and header": {c.other.Project.ID, c.other.Project.ID, false},
			} {
				got, err := k.Authenticator.Authenticate(ctx, signed(c.me, iamtest.Start, "", h.header), h.path, bodyOf(""))
				if h.good {
					require.NoError(t, err, name)
					require.Equal(t, h.header, got.ProjectID)
				} else {
					refused(t, reason.ProjectMismatch, err, name)
				}
			}
		}
	})
}

func TestWithoutCredentialsTheyAreMissing(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		for name, edit := range map[string]func(r *http.Request){
			"nothing":         func(*http.Request) {},
			"empty cookie":    func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "dms_session"}) },
			"another scheme":  func(r *http.Request) { r.Header.Set("Authorization", "Bearer abc") },
			"another cookie":  func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "session", Value: "x"}) },
			"project alone":   func(r *http.Request) { r.Header.Set("X-Project-Id", id.NewHex()) },
			"subject token":   func(r *http.Request) { r.Header.Set("X-Subject-Token", "x") },
			"token as cookie": func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "X-Auth-Token", Value: "x"}) },
		} {
			r := httptest.NewRequest("GET", "/", nil)
			edit(r)
			_, err := k.Authenticator.Authenticate(ctx, r, "", noBody(t))
			refused(t, reason.CredentialsMissing, err, name)
		}
	})
}

func TestBadTokensAreRefused(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		good := k.Token(t, n)
		in, err := k.Services.Sessions.SignIn(ctx, "acme", iamtest.Password)
		require.NoError(t, err)
		twice := withToken(good)
		twice.Header.Add("X-Auth-Token", good)
		for name, r := range map[string]*http.Request{
			"garbage":                    withToken("garbage"),
			"empty":                      withToken(""),
			"cut":                        withToken(good[:len(good)-1]),
			"too long":                   withToken(good + strings.Repeat("A", 8<<10)),
			"twice":                      twice,
			"session token as a header":  withToken(in.AccessToken),
			"refresh token as a header":  withToken(in.RefreshToken),
			"keystone token as a cookie": withCookie("dms_session", good),
			"refresh token as a cookie":  withCookie("dms_session", in.RefreshToken),
		} {
			_, err := k.Authenticator.Authenticate(ctx, r, "", noBody(t))
			refused(t, reason.CredentialsInvalid, err, name)
		}
		k.Clock.Advance(24 * time.Hour)
		_, err = k.Authenticator.Authenticate(ctx, withToken(good), "", noBody(t))
		refused(t, reason.CredentialsExpired, err)
	})
}

func TestBadTokenIsNotMadeGoodByAnotherCredential(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		in, err := k.Services.Sessions.SignIn(ctx, "acme", iamtest.Password)
		require.NoError(t, err)
		r := signed(n, iamtest.Start, "", "")
		r.AddCookie(&http.Cookie{Name: "dms_session", Value: in.AccessToken})
		r.Header.Set("X-Auth-Token", "garbage")
		_, err = k.Authenticator.Authenticate(ctx, r, "", bodyOf(""))
		refused(t, reason.CredentialsInvalid, err)

		r = withCookie("dms_session", in.AccessToken)
		r.Header.Set("Authorization", "SDK-HMAC-SHA256 nonsense")
		_, err = k.Authenticator.Authenticate(ctx, r, "", bodyOf(""))
		refused(t, reason.CredentialsInvalid, err)
	})
}

func TestBadSignaturesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n, other := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		authenticate := func(r *http.Request, body string) error {
			_, err := k.Authenticator.Authenticate(ctx, r, "", bodyOf(body))
			return err
		}
		require.NoError(t, authenticate(signed(n, iamtest.Start, "{}", ""), "{}"))

		wrongSecret, unknownKey := n, n
		wrongSecret.SecretKey = other.SecretKey
		unknownKey.AccessKey = "AKDOESNOTEXIST000000"
		wrong := authenticate(signed(wrongSecret, iamtest.Start, "{}", ""), "{}")
		unknown := authenticate(signed(unknownKey, iamtest.Start, "{}", ""), "{}")
		refused(t, reason.CredentialsInvalid, wrong)
		refused(t, reason.CredentialsInvalid, unknown)
		require.Equal(t, errs.MessageOf(wrong), errs.MessageOf(unknown), "not told apart")

		refused(t, reason.CredentialsInvalid, authenticate(signed(n, iamtest.Start, "{}", ""), "{ }"), "another body")
		twice := signed(n, iamtest.Start, "{}", "")
		twice.Header.Add("Authorization", twice.Header.Get("Authorization"))
		refused(t, reason.CredentialsInvalid, authenticate(twice, "{}"), "two of them")

		for _, off := range []time.Duration{15 * time.Minute, -15 * time.Minute} {
			require.NoError(t, authenticate(signed(n, iamtest.Start.Add(off), "{}", ""), "{}"), off)
		}
		for _, off := range []time.Duration{15*time.Minute + time.Second, -15*time.Minute - time.Second} {
			err := authenticate(signed(n, iamtest.Start.Add(off), "{}", ""), "{}")
			refused(t, reason.CredentialsExpired, err, off)
			require.Contains(t, errs.MessageOf(err), "20261124T080000Z", "the server's clock is told")
		}

		broken := errors.New("connection reset")
		_, err := k.Authenticator.Authenticate(ctx, signed(n, iamtest.Start, "{}", ""), "", func() ([]byte, error) { return nil, broken })
		require.ErrorIs(t, err, broken)
	})
}

func TestRevocationBitesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		try := func(r *http.Request) error {
			_, err := k.Authenticator.Authenticate(ctx, r, n.Project.ID, bodyOf(""))
			return err
		}
		r := signed(n, iamtest.Start, "", "")
		for range 2 {
			require.NoError(t, try(r))
			require.NoError(t, k.Services.AccessKeys.SetEnabled(ctx, n.Account.ID, n.User.ID, n.AccessKey, false))
			refused(t, reason.CredentialsInvalid, try(r), "disabled key")
			require.NoError(t, k.Services.AccessKeys.SetEnabled(ctx, n.Account.ID, n.User.ID, n.AccessKey, true))
			require.NoError(t, try(r))
			k.SetEnabled(t, n, false)
			refused(t, reason.CredentialsInvalid, try(r), "disabled user")
			k.SetEnabled(t, n, true)
		}
		require.NoError(t, k.Services.AccessKeys.Delete(ctx, n.Account.ID, n.User.ID, n.AccessKey))
		refused(t, reason.CredentialsInvalid, try(r), "deleted key")
	})
}

// A node has a copy of the directory whose secrets are sealed under its region's key.
func TestNodeAuthenticatesFromItsCopy(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		raw := k.Token(t, n)
		region, err := seal.Derive([]byte("the secret of one region"), "region local-1")
		require.NoError(t, err)
		reseal := iam.Resealer{From: k.Seal, To: region}
		entries, _, _, err := k.Directory.Since(ctx, 0, 1000)
		require.NoError(t, err)
		node := memory{}
		for _, e := range entries {
			e, err = reseal.Reseal(e)
			require.NoError(t, err)
			require.NotContains(t, string(e.Value), n.SecretKey)
			node[string(e.Kind)+"/"+e.Key] = e
		}
		auth := httpauth.New(node, region, token.Codec{}, k.Clock)
		for _, r := range []*http.Request{withToken(raw), signed(n, iamtest.Start, "", "")} {
			a, err := auth.Authenticate(ctx, r, n.Project.ID, bodyOf(""))
			require.NoError(t, err)
			require.Equal(t, n.Account.ID, a.AccountID)
		}
		wrong := httpauth.New(node, k.Seal, token.Codec{}, k.Clock)
		_, err = wrong.Authenticate(ctx, signed(n, iamtest.Start, "", ""), "", bodyOf(""))
		require.Equal(t, errs.Internal, errs.CodeOf(err), "the platform's key opens nothing there")
	})
}

// memory is a directory in memory, by kind and key.
type memory map[string]directory.Entry

func (m memory) Get(_ context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	e, ok := m[string(kind)+"/"+key]
	if !ok {
		return directory.Entry{}, errs.New(errs.NotFound, "", "nothing")
	}
	return e, nil
}

func (m memory) Scan(context.Context, directory.Kind, string, func(directory.Entry) bool) error {
	return nil
}

func (m memory) Revision(context.Context) (directory.Revision, error) { return 1, nil }

// unreachable is a directory that cannot be read.
type unreachable struct{ memory }

func (unreachable) Get(context.Context, directory.Kind, string) (directory.Entry, error) {
	return directory.Entry{}, errs.New(errs.Unavailable, "", "The directory is too old.")
}

func TestUnreachableDirectoryIsNotABadCredential(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		auth := httpauth.New(unreachable{}, k.Seal, token.Codec{}, k.Clock)
		for _, r := range []*http.Request{withToken(k.Token(t, n)), signed(n, iamtest.Start, "", "")} {
			_, err := auth.Authenticate(ctx, r, "", bodyOf(""))
			require.Equal(t, errs.Unavailable, errs.CodeOf(err))
		}
	})
}

// The vectors are requests of real clients; their key is put into a directory as if it had been made here.
func TestRequestsOfRealClientsAreAuthenticated(t *testing.T) {
	const accessKey, secretKey, projectID = "AKTEST0000000000001", "SKTEST0000000000000000000000000000000001", "0123456789abcdef0123456789abcdef"
	key, err := seal.Derive([]byte("the platform's secret of the tests"), "platform")
	require.NoError(t, err)
	dir := memory{}
	put := func(kind directory.Kind, key, value string) {
		dir[string(kind)+"/"+key] = directory.Entry{Kind: kind, Key: key, Value: []byte(value)}
	}
	put(directory.KindAccount, "a1", `{"id":"a1","name":"acme","policy_version":1}`)
	put(directory.KindUser, "u1", `{"id":"u1","account_id":"a1","name":"alice","enabled":true}`)
	put(directory.KindProject, projectID, `{"id":"`+projectID+`","account_id":"a1","name":"r1","region":"r1"}`)
	put(directory.KindAccessKey, accessKey, fmt.Sprintf(`{"access_key":%q,"account_id":"a1","user_id":"u1","sealed_secret":%q,"enabled":true}`, accessKey, key.Seal([]byte(secretKey), accessKey)))

	files, err := filepath.Glob("../signature/testdata/*/*.http")
	require.NoError(t, err)
	require.Len(t, files, 33)
	lent := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Sdk-Date"))
		require.NoError(t, err)
		project := ""
		if strings.Contains(r.URL.Path, projectID) {
			project = projectID
		}
		auth := httpauth.New(dir, key, token.Codec{}, clocktest.New(at.Add(time.Minute)))
		a, err := auth.Authenticate(ctx, r, project, func() ([]byte, error) { return io.ReadAll(r.Body) })
		if r.Header.Get(httpauth.HeaderSecurityToken) != "" {
			lent++
			refused(t, reason.CredentialsInvalid, err, "the key is not a temporary one: "+file)
			continue
		}
		require.NoError(t, err, file)
		require.Equal(t, "u1", a.UserID)
	}
	require.NotZero(t, lent)
}

func BenchmarkAuthenticate(b *testing.B) {
	k := iamtest.New(b, dbtest.Open(b, dbtest.SQLiteURL(b)))
	n := k.SignUp(b, "acme")
	raw := k.Token(b, n)
	entries, _, _, err := k.Directory.Since(ctx, 0, 1000)
	require.NoError(b, err)
	node := memory{}
	for _, e := range entries {
		node[string(e.Kind)+"/"+e.Key] = e
	}
	auth := httpauth.New(node, k.Seal, token.Codec{}, k.Clock)
	body := strings.Repeat("x", 10<<10)
	for name, r := range map[string]*http.Request{"token": withToken(raw), "signature": signed(n, iamtest.Start, body, "")} {
		b.Run("credential="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := auth.Authenticate(ctx, r, n.Project.ID, bodyOf(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
