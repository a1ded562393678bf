// Package token writes and reads JSON Web Tokens, signed with Ed25519.
//
//	header   {"alg":"EdDSA","kid":key id,"typ":"dms-keystone+jwt", "dms-session+jwt" or "dms-sts+jwt"}    nothing else is accepted in it
//	payload  iss "dms", aud "dms:keystone", "dms:session" or "dms:sts", jti, sub (user), acc (account), prj (project), epo (epoch), iat, exp
//	         mfa (a second factor was there), imp (who acts as the user)
//	         rol (role), rep (its epoch), ses (name of the assumption), uac (account of the user, if it is another than acc)
//	         ak (access key), sks (its secret, sealed, by fingerprint of the key that opens it), pol (session policy)     of "sts" alone
//
// The kinds differ in typ and in aud, so that none can stand for another.
package token

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"dms/iam"
)

const issuer = "dms"

// Codec implements iam.TokenCodec.
type Codec struct{}

var _ iam.TokenCodec = Codec{}

type payload struct {
	jwt.RegisteredClaims
	AccountID string `json:"acc"`
	ProjectID string `json:"prj,omitempty"`
	Epoch     int64  `json:"epo"`

	MFA            bool              `json:"mfa,omitempty"`
	ImpersonatorID string            `json:"imp,omitempty"`
	RoleID         string            `json:"rol,omitempty"`
	RoleEpoch      int64             `json:"rep,omitempty"`
	SessionName    string            `json:"ses,omitempty"`
	UserAccountID  string            `json:"uac,omitempty"`
	AccessKey      string            `json:"ak,omitempty"`
	Sealed         map[string]string `json:"sks,omitempty"`
	SessionPolicy  string            `json:"pol,omitempty"`
}

func typ(k iam.TokenKind) string      { return "dms-" + string(k) + "+jwt" }
func audience(k iam.TokenKind) string { return "dms:" + string(k) }

// Sign implements iam.TokenCodec.
func (Codec) Sign(c iam.Claims, keyID string, key ed25519.PrivateKey) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, payload{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience(c.Kind)}, ID: c.ID, Subject: c.UserID,
			IssuedAt: jwt.NewNumericDate(c.IssuedAt), ExpiresAt: jwt.NewNumericDate(c.ExpiresAt),
		},
		AccountID: c.AccountID, ProjectID: c.ProjectID, Epoch: c.Epoch,
		MFA: c.MFA, ImpersonatorID: c.ImpersonatorID,
		RoleID: c.RoleID, RoleEpoch: c.RoleEpoch, SessionName: c.SessionName, UserAccountID: c.UserAccountID,
		AccessKey: c.AccessKey, Sealed: c.Sealed, SessionPolicy: c.SessionPolicy,
	})
	t.Header["typ"] = typ(c.Kind)
	t.Header["kid"] = keyID
	return t.SignedString(key)
}

// Parse implements iam.TokenCodec.
func (Codec) Parse(raw string, kind iam.TokenKind, now time.Time, key func(keyID string) (ed25519.PublicKey, error)) (iam.Claims, error) {
	if len(raw) > iam.MaxTokenBytes {
		return iam.Claims{}, fmt.Errorf("%w: it is %d bytes long", iam.ErrTokenInvalid, len(raw))
	}
	var (
		keyErr error
		keyID  string
	)
	p := &payload{}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience(kind)), jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return now }),
	)
	_, err := parser.ParseWithClaims(raw, p, func(t *jwt.Token) (any, error) {
		if err := checkHeader(t.Header, kind); err != nil {
			return nil, err
		}
		keyID = t.Header["kid"].(string)
		var public ed25519.PublicKey
		public, keyErr = key(keyID)
		return public, keyErr
	})
	switch {
	case keyErr != nil:
		return iam.Claims{}, keyErr
	case errors.Is(err, jwt.ErrTokenExpired):
		return iam.Claims{}, fmt.Errorf("%w: %w", iam.ErrTokenExpired, err)
	case err != nil:
		return iam.Claims{}, fmt.Errorf("%w: %w", iam.ErrTokenInvalid, err)
	}
	if err := checkPayload(raw, p, kind); err != nil {
		return iam.Claims{}, fmt.Errorf("%w: %w", iam.ErrTokenInvalid, err)
	}
	return iam.Claims{
		Kind: kind, ID: p.ID, AccountID: p.AccountID, UserID: p.Subject, ProjectID: p.ProjectID, Epoch: p.Epoch,
		IssuedAt: p.IssuedAt.UTC(), ExpiresAt: p.ExpiresAt.UTC(), KeyID: keyID,
		MFA: p.MFA, ImpersonatorID: p.ImpersonatorID,
		RoleID: p.RoleID, RoleEpoch: p.RoleEpoch, SessionName: p.SessionName, UserAccountID: p.UserAccountID,
		AccessKey: p.AccessKey, Sealed: p.Sealed, SessionPolicy: p.SessionPolicy,
	}, nil
}

// checkHeader lets through what Sign writes and nothing else: no key, no place to get one from (jwk, jku, x5c, x5u), no crit.
func checkHeader(h map[string]any, kind iam.TokenKind) error {
	for name := range h {
		if name != "alg" && name != "typ" && name != "kid" {
			return fmt.Errorf("header %q is not allowed", name)
		}
	}
	if h["typ"] != typ(kind) {
		return errors.New("token is of another type")
	}
	if kid, ok := h["kid"].(string); !ok || kid == "" {
		return errors.New("token names no key")
	}
	return nil
}

func checkPayload(raw string, p *payload, kind iam.TokenKind) error {
	switch {
	case p.ID == "" || p.Subject == "" || p.AccountID == "" || p.IssuedAt == nil:
		return errors.New("a claim is missing")
	case (p.AccessKey != "") != (kind == iam.TokenSecurity) || (len(p.Sealed) > 0) != (kind == iam.TokenSecurity):
		return errors.New("a security token has an access key with its secret, other tokens have none")
	case kind == iam.TokenSession && p.RoleID != "":
		return errors.New("a session assumes no role")
	case len(p.Audience) != 1:
		return errors.New("token is for more than one audience")
	case p.ExpiresAt.Sub(p.IssuedAt.Time) > kind.Life() || p.ExpiresAt.Before(p.IssuedAt.Time):
		return errors.New("token lives longer than its type may") // also what an exp in milliseconds looks like
	}
	return checkDuplicates(raw)
}

// checkDuplicates refuses a payload that says one thing twice: readers differ in which of the two they take.
func checkDuplicates(raw string) error {
	encoded := strings.Split(raw, ".")[1]
	b, err := jwt.NewParser(jwt.WithStrictDecoding()).DecodeSegment(encoded)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	d := json.NewDecoder(strings.NewReader(string(b)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		folded := strings.ToLower(name.(string)) // the decoder of the claims ignores case
		if seen[folded] {
			return fmt.Errorf("claim %q is there twice", name)
		}
		seen[folded] = true
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}
