// Package token writes and reads JSON Web Tokens, signed with Ed25519.
//
//	header   {"alg":"EdDSA","kid":key id,"typ":"dms-keystone+jwt" or "dms-session+jwt"}    nothing else is accepted in it
//	payload  iss "dms", aud "dms:keystone" or "dms:session", jti, sub (user), acc (account), prj (project), epo (epoch), iat, exp
//
// The two kinds differ in typ and in aud, so that neither can stand for the other.
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
