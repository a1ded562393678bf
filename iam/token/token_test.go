package token_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/token"
)

var (
	now    = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	public = private.Public().(ed25519.PublicKey)
	// private is a fixed key, so that a failure can be repeated.
	private = ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
)

const keyID = "k1"

func keys(id string) (ed25519.PublicKey, error) {
	if id != keyID {
		return nil, iam.ErrTokenInvalid
	}
	return public, nil
}

func claims(kind iam.TokenKind) iam.Claims {
	c := iam.Claims{Kind: kind, ID: "t1", AccountID: "a1", UserID: "u1", ProjectID: "p1", Epoch: 3, IssuedAt: now, ExpiresAt: now.Add(kind.Life()), KeyID: keyID,
		MFA: true, ImpersonatorID: "o1"}
	if kind == iam.TokenSecurity {
		c.AccessKey, c.Sealed, c.SessionPolicy = "DMSTKEY", map[string]string{"f1": "sealed"}, `{"Version":"1.1","Statement":[]}`
	}
	if kind != iam.TokenSession {
		c.RoleID, c.RoleEpoch, c.SessionName, c.UserAccountID = "r1", 4, "nightly", "a2"
	}
	return c
}

var kinds = []iam.TokenKind{iam.TokenKeystone, iam.TokenSession, iam.TokenSecurity}

func TestTokenSaysWhatWasSigned(t *testing.T) {
	for _, kind := range kinds {
		want := claims(kind)
		raw, err := token.Codec{}.Sign(want, keyID, private)
		require.NoError(t, err)
		got, err := token.Codec{}.Parse(raw, kind, now, keys)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
}

func TestTokenExpires(t *testing.T) {
	c := claims(iam.TokenKeystone)
	raw, err := token.Codec{}.Sign(c, keyID, private)
	require.NoError(t, err)
	_, err = token.Codec{}.Parse(raw, c.Kind, c.ExpiresAt.Add(-time.Second), keys)
	require.NoError(t, err)
	_, err = token.Codec{}.Parse(raw, c.Kind, c.ExpiresAt, keys)
	require.ErrorIs(t, err, iam.ErrTokenExpired)
}

func TestKindsAreNotInterchangeable(t *testing.T) {
	for _, kind := range kinds {
		c := claims(kind)
		c.ExpiresAt = now.Add(time.Minute) // no kind is refused for its life
		raw, err := token.Codec{}.Sign(c, keyID, private)
		require.NoError(t, err)
		for _, other := range kinds {
			_, err = token.Codec{}.Parse(raw, other, now, keys)
			if kind == other {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, iam.ErrTokenInvalid, "%s taken for %s", kind, other)
			}
		}
	}
}

func TestFailureOfTheKeySourceIsNotABadToken(t *testing.T) {
	raw, err := token.Codec{}.Sign(claims(iam.TokenKeystone), keyID, private)
	require.NoError(t, err)
	broken := errors.New("the directory is closed")
	_, err = token.Codec{}.Parse(raw, iam.TokenKeystone, now, func(string) (ed25519.PublicKey, error) { return nil, broken })
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, iam.ErrTokenInvalid)
}

// forge signs a Keystone token whose header and payload the case has changed.
func forge(t *testing.T, method jwt.SigningMethod, key any, edit func(header, payload map[string]any)) string {
	t.Helper()
	body := jwt.MapClaims{"iss": "dms", "aud": []string{"dms:keystone"}, "jti": "t1", "sub": "u1", "acc": "a1", "epo": 3, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	tok := jwt.NewWithClaims(method, body)
	maps.Copy(tok.Header, map[string]any{"typ": "dms-keystone+jwt", "kid": keyID})
	if edit != nil {
		edit(tok.Header, body)
	}
	raw, err := tok.SignedString(key)
	require.NoError(t, err)
	return raw
}

func TestForgeriesAreRefused(t *testing.T) {
	ed := jwt.SigningMethodEdDSA
	_, err := token.Codec{}.Parse(forge(t, ed, private, nil), iam.TokenKeystone, now, keys)
	require.NoError(t, err, "what the cases change is good by itself")

	header := func(name string, value any) func(h, p map[string]any) {
		return func(h, _ map[string]any) { h[name] = value }
	}
	claim := func(name string, value any) func(h, p map[string]any) {
		return func(_, p map[string]any) {
			p[name] = value
			if value == nil {
				delete(p, name)
			}
		}
	}
	stranger := ed25519.NewKeyFromSeed([]byte("ffffffffffffffffffffffffffffffff"))
	cases := map[string]string{
		"alg none":                    forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"HS256 with the public key":   forge(t, jwt.SigningMethodHS256, []byte(public), nil),
		"another key":                 forge(t, ed, stranger, nil),
		"wrong typ":                   forge(t, ed, private, header("typ", "JWT")),
		"no typ":                      forge(t, ed, private, func(h, _ map[string]any) { delete(h, "typ") }),
		"session typ":                 forge(t, ed, private, header("typ", "dms-session+jwt")),
		"unknown kid":                 forge(t, ed, stranger, header("kid", "k2")),
		"no kid":                      forge(t, ed, private, func(h, _ map[string]any) { delete(h, "kid") }),
		"kid of another type":         forge(t, ed, private, header("kid", 7)),
		"jku":                         forge(t, ed, private, header("jku", "https://attacker.example/keys")),
		"jwk":                         forge(t, ed, stranger, header("jwk", map[string]any{"kty": "OKP", "crv": "Ed25519"})),
		"x5u":                         forge(t, ed, private, header("x5u", "https://attacker.example/cert")),
		"x5c":                         forge(t, ed, private, header("x5c", []string{"AAAA"})),
		"crit":                        forge(t, ed, private, header("crit", []string{"exp"})),
		"wrong issuer":                forge(t, ed, private, claim("iss", "other")),
		"no issuer":                   forge(t, ed, private, claim("iss", nil)),
		"wrong audience":              forge(t, ed, private, claim("aud", "dms:session")),
		"two audiences":               forge(t, ed, private, claim("aud", []string{"dms:keystone", "dms:session"})),
		"no audience":                 forge(t, ed, private, claim("aud", nil)),
		"no expiry":                   forge(t, ed, private, claim("exp", nil)),
		"expiry in milliseconds":      forge(t, ed, private, claim("exp", now.Add(time.Hour).UnixMilli())),
		"longer than its type may":    forge(t, ed, private, claim("exp", now.Add(25*time.Hour).Unix())),
		"no user":                     forge(t, ed, private, claim("sub", nil)),
		"no account":                  forge(t, ed, private, claim("acc", nil)),
		"no id":                       forge(t, ed, private, claim("jti", nil)),
		"no time of issue":            forge(t, ed, private, claim("iat", nil)),
		"not yet valid":               forge(t, ed, private, claim("nbf", now.Add(time.Minute).Unix())),
		"a claim of the wrong type":   forge(t, ed, private, claim("acc", 5)),
		"a claim that is there twice": rawToken(t, `{"alg":"EdDSA","typ":"dms-keystone+jwt","kid":"k1"}`, `{"iss":"dms","aud":["dms:keystone"],"jti":"t1","sub":"u1","acc":"a1","acc":"a2","epo":3,"iat":1795507200,"exp":1795510800}`),
		"an access key":               forge(t, ed, private, claim("ak", "DMSTKEY")),
		"a sealed secret":             forge(t, ed, private, claim("sks", map[string]string{"f1": "sealed"})),
		"empty":                       "",
		"one dot":                     "a.b",
		"dots":                        strings.Repeat(".", 4000),
		"a mebibyte of dots":          strings.Repeat(".", 1<<20),
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := token.Codec{}.Parse(raw, iam.TokenKeystone, now, keys)
			require.ErrorIs(t, err, iam.ErrTokenInvalid)
		})
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	good := forge(t, jwt.SigningMethodEdDSA, private, nil)
	for i := range len(good) {
		raw := []byte(good)
		raw[i] ^= 1
		_, err := token.Codec{}.Parse(string(raw), iam.TokenKeystone, now, keys)
		require.ErrorIs(t, err, iam.ErrTokenInvalid, "byte %d", i)
	}
}

func TestTokenPastTheLimitIsNotParsed(t *testing.T) {
	long := forge(t, jwt.SigningMethodEdDSA, private, func(_, p map[string]any) { p["pad"] = strings.Repeat("x", iam.MaxTokenBytes) })
	_, err := token.Codec{}.Parse(long, iam.TokenKeystone, now, func(string) (ed25519.PublicKey, error) {
		t.Fatal("it was parsed")
		return nil, nil
	})
	require.ErrorIs(t, err, iam.ErrTokenInvalid)
}

func rawToken(t *testing.T, header, body string) string {
	t.Helper()
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(body))
	return signed + "." + enc.EncodeToString(ed25519.Sign(private, []byte(signed)))
}

func TestTokenWithoutTheDuplicateIsGood(t *testing.T) {
	raw := rawToken(t, `{"alg":"EdDSA","typ":"dms-keystone+jwt","kid":"k1"}`, `{"iss":"dms","aud":["dms:keystone"],"jti":"t1","sub":"u1","acc":"a1","epo":3,"iat":1795507200,"exp":1795510800}`)
	_, err := token.Codec{}.Parse(raw, iam.TokenKeystone, now, keys)
	require.NoError(t, err)
}

func BenchmarkParse(b *testing.B) {
	raw, err := token.Codec{}.Sign(claims(iam.TokenKeystone), keyID, private)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (token.Codec{}).Parse(raw, iam.TokenKeystone, now, keys); err != nil {
			b.Fatal(err)
		}
	}
}
