// Package httpauth says who sent an HTTP request, from the facts of a directory: on the control plane those of its database, on
// a node those of its own copy.
//
// Three credentials are known, in this order: X-Auth-Token (a Keystone token), Authorization: SDK-HMAC-SHA256 (an access key, with
// X-Security-Token if it is a temporary one), and the console's session cookie. The first one that is there counts; a bad one is not made good by another.
package httpauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"dms/iam"
	"dms/iam/signature"
	"dms/internal/access"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/seal"
)

// Names of the session's access cookie. The first is what browsers keep when the console is served over https.
const (
	SecureSessionCookie = "__Host-dms_session"
	PlainSessionCookie  = "dms_session"
)

// HeaderToken carries a Keystone token, HeaderSecurityToken what goes with a temporary access key.
const (
	HeaderToken         = "X-Auth-Token"
	HeaderSecurityToken = "X-Security-Token"
)

const headerProject = "X-Project-Id"

// openSecrets bounds the opened secrets of access keys that are kept in memory.
const openSecrets = 16384

// unknownSecret is what the signature of an unknown access key is checked with, so that it takes as long as a wrong one.
const unknownSecret = "an access key that does not exist has no secret"

// Authenticator implements access.Authenticator. Safe for concurrent use.
type Authenticator struct {
	facts   *iam.FactReader
	tokens  *iam.TokenVerifier
	key     *seal.Key
	clock   clock.Clock
	secrets *lru.Cache[string, openSecret]
}

type openSecret struct{ sealed, secret string }

var _ access.Authenticator = (*Authenticator)(nil)

// New returns an authenticator over dir, whose secrets are sealed under key: the platform's key on the control plane, the
// region's on a node. codec is token.Codec.
func New(dir directory.Reader, key *seal.Key, codec iam.TokenCodec, c clock.Clock) *Authenticator {
	secrets, err := lru.New[string, openSecret](openSecrets)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	facts := iam.NewFactReader(dir)
	return &Authenticator{facts: facts, tokens: iam.NewTokenVerifier(codec, facts, c), key: key, clock: c, secrets: secrets}
}

// Tokens returns the verifier that the authenticator works with, for those who are shown a token that is not the caller's.
func (a *Authenticator) Tokens() *iam.TokenVerifier { return a.tokens }

// Token returns whom a Keystone token stands for, when it is not the request's own credential.
func (a *Authenticator) Token(ctx context.Context, raw string) (access.Actor, error) {
	return a.byToken(ctx, raw, asked{})
}

// Authenticate implements access.Authenticator. All refusals are errs.Unauthenticated: reason.CredentialsMissing without any
// credential, CredentialsExpired for an expired token or a skewed date, ProjectMismatch for a project that is not the
// credential's, CredentialsInvalid for all else.
func (a *Authenticator) Authenticate(ctx context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (access.Actor, error) {
	return a.caller(ctx, r, asked{path: projectID}, body)
}

func (a *Authenticator) caller(ctx context.Context, r *http.Request, project asked, body func() ([]byte, error)) (access.Actor, error) {
	actor, err := a.byCredential(ctx, r, project, body)
	if err != nil {
		return access.Actor{}, err
	}
	from := access.SourceOf(r)
	actor.Address, actor.TLS = from.Address, from.TLS
	return actor, nil
}

func (a *Authenticator) byCredential(ctx context.Context, r *http.Request, project asked, body func() ([]byte, error)) (access.Actor, error) {
	if tokens := r.Header.Values(HeaderToken); len(tokens) > 0 {
		if len(tokens) > 1 {
			return access.Actor{}, invalid(errors.New("X-Auth-Token is there twice"))
		}
		return a.byToken(ctx, tokens[0], project)
	}
	for _, v := range r.Header.Values("Authorization") {
		if strings.HasPrefix(v, signature.Algorithm) {
			return a.bySignature(ctx, r, project, body)
		}
	}
	if raw, ok := sessionCookie(r); ok {
		return a.bySession(ctx, raw, project)
	}
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "Send a token (X-Auth-Token) or sign the request with an access key.")
}

func (a *Authenticator) byToken(ctx context.Context, raw string, project asked) (access.Actor, error) {
	s, err := a.tokens.Verify(ctx, raw, iam.TokenKeystone)
	if err != nil {
		return access.Actor{}, err
	}
	if own := project.own(); own != "" && s.Claims.ProjectID != own {
		return access.Actor{}, mismatch()
	}
	actor := subjectActor(s, access.ViaToken)
	if s.Project != nil {
		actor.ProjectID, actor.ProjectName = s.Project.ID, s.Project.Name
	}
	return actor, nil
}

func (a *Authenticator) bySession(ctx context.Context, raw string, project asked) (access.Actor, error) {
	s, err := a.tokens.Verify(ctx, raw, iam.TokenSession)
	if err != nil {
		return access.Actor{}, err
	}
	return a.inProject(ctx, subjectActor(s, access.ViaSession), project.own())
}

// bySignature checks all that needs no secret first. From the look-up of the key on, an unknown key and a wrong signature are
// one answer and one amount of work.
func (a *Authenticator) bySignature(ctx context.Context, r *http.Request, project asked, body func() ([]byte, error)) (access.Actor, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return access.Actor{}, invalid(errors.New("Authorization is there twice"))
	}
	auth, err := signature.Parse(values[0])
	if err != nil {
		return access.Actor{}, invalid(err)
	}
	req := signature.Request{Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Host: r.Host, Header: r.Header}
	if err := auth.CheckDate(req, a.clock.Now()); err != nil {
		if errors.Is(err, signature.ErrSkew) {
			return access.Actor{}, errs.Wrap(err, errs.Unauthenticated, reason.CredentialsExpired, "The request's X-Sdk-Date differs from the server's clock (%s) by more than %.0f minutes.", a.clock.Now().UTC().Format("20060102T150405Z"), signature.MaxSkew.Minutes())
		}
		return access.Actor{}, invalid(err)
	}
	actor, secret, refused, err := a.signer(ctx, auth.AccessKey, r.Header.Values(HeaderSecurityToken))
	if err != nil {
		return access.Actor{}, err
	}
	if refused != nil {
		secret = unknownSecret
	}
	b, err := body()
	if err != nil {
		return access.Actor{}, err
	}
	if err := auth.Verify(secret, req, b); err != nil && refused == nil {
		return access.Actor{}, invalid(err)
	}
	if refused != nil {
		return access.Actor{}, refused
	}
	projectID, err := project.header(r.Header.Values(headerProject))
	if err != nil {
		return access.Actor{}, err
	}
	return a.inProject(ctx, actor, projectID)
}

// signer returns whom an access key stands for, and the secret that signs with it. refused says that there is no such key, or none that may be used: the caller
// answers so when it has done the work of a signature.
func (a *Authenticator) signer(ctx context.Context, accessKey string, securityTokens []string) (actor access.Actor, secret string, refused, err error) {
	if strings.HasPrefix(accessKey, iam.TemporaryKeyPrefix) {
		actor, secret, err = a.lent(ctx, accessKey, securityTokens)
	} else {
		actor, secret, err = a.owned(ctx, accessKey, securityTokens)
	}
	switch {
	case errs.ReasonOf(err) == reason.CredentialsExpired:
		return access.Actor{}, "", err, nil
	case errs.CodeOf(err) == errs.NotFound, errs.CodeOf(err) == errs.Unauthenticated:
		return access.Actor{}, "", invalid(err), nil
	}
	return actor, secret, nil, err
}

// owned is signer for the access key of a user. A disabled key, a gone or disabled user: errs.NotFound.
func (a *Authenticator) owned(ctx context.Context, accessKey string, securityTokens []string) (access.Actor, string, error) {
	key, err := a.facts.AccessKey(ctx, accessKey)
	if err != nil {
		// As many look-ups as for a key that exists: on the control plane each is a query, and the time would tell.
		_, _ = a.facts.User(ctx, "")
		_, _ = a.facts.Account(ctx, "")
		return access.Actor{}, "", err
	}
	user, err := a.facts.User(ctx, key.UserID)
	if err != nil {
		return access.Actor{}, "", err
	}
	account, err := a.facts.Account(ctx, key.AccountID)
	if err != nil {
		return access.Actor{}, "", err
	}
	if !key.Enabled || !user.Enabled || user.AccountID != key.AccountID {
		return access.Actor{}, "", errs.New(errs.NotFound, "", "The access key is disabled.")
	}
	for _, t := range securityTokens {
		if t != "" { // who sends one thinks that the key is narrowed by it
			return access.Actor{}, "", errs.New(errs.NotFound, "", "The access key has no security token.")
		}
	}
	secret, err := a.secret(key.SealedSecret, key.AccessKey)
	return actorOf(account, user, access.ViaSignature, key.AccessKey), secret, err
}

// lent is signer for the access key of temporary credentials, which the security token speaks of. It may be signed or not: one client adds it behind its signature.
func (a *Authenticator) lent(ctx context.Context, accessKey string, securityTokens []string) (access.Actor, string, error) {
	if len(securityTokens) != 1 {
		return access.Actor{}, "", errs.New(errs.NotFound, "", "A temporary access key needs one security token.")
	}
	s, err := a.tokens.Verify(ctx, securityTokens[0], iam.TokenSecurity)
	if err != nil {
		return access.Actor{}, "", err
	}
	if s.Claims.AccessKey != accessKey {
		return access.Actor{}, "", errs.New(errs.NotFound, "", "The security token is another access key's.")
	}
	sealed, ok := s.Claims.Sealed[a.key.Fingerprint()]
	if !ok { // the region is newer than the credentials
		return access.Actor{}, "", errs.New(errs.NotFound, "", "The security token is not for this region.")
	}
	secret, err := a.secret(sealed, accessKey)
	return subjectActor(s, access.ViaTemporary), secret, err
}

func (a *Authenticator) secret(sealed, accessKey string) (string, error) {
	if s, ok := a.secrets.Get(accessKey); ok && s.sealed == sealed {
		return s.secret, nil
	}
	secret, err := a.key.Open(sealed, accessKey)
	if err != nil {
		return "", fmt.Errorf("access key %s: %w", accessKey, err)
	}
	a.secrets.Add(accessKey, openSecret{sealed, string(secret)})
	return string(secret), nil
}

// inProject lets the actor act in a project of its account. Unknown and foreign projects are one answer.
func (a *Authenticator) inProject(ctx context.Context, actor access.Actor, projectID string) (access.Actor, error) {
	account, err := a.facts.Account(ctx, actor.AccountID)
	if err != nil {
		return access.Actor{}, err
	}
	if err := iam.CheckAccount(account, actor.Operator); err != nil {
		return access.Actor{}, err
	}
	if projectID == "" {
		return actor, nil
	}
	p, err := a.facts.Project(ctx, projectID)
	if errs.CodeOf(err) == errs.NotFound || err == nil && p.AccountID != actor.AccountID {
		return access.Actor{}, mismatch()
	}
	if err != nil {
		return access.Actor{}, err
	}
	actor.ProjectID, actor.ProjectName = p.ID, p.Name
	return actor, nil
}

func actorOf(account *iam.AccountFact, user *iam.UserFact, via access.Via, credentialID string) access.Actor {
	return access.Actor{AccountID: account.ID, AccountName: account.Name, UserID: user.ID, UserName: user.Name, Via: via, CredentialID: credentialID, Operator: user.Operator}
}

// subjectActor makes the actor of a token. Whoever acts as somebody else, or with what was lent, does not operate the platform meanwhile.
func subjectActor(s iam.Subject, via access.Via) access.Actor {
	c := s.Claims
	actor := actorOf(s.Account, s.User, via, c.ID)
	actor.MFA, actor.ImpersonatorID, actor.ExpiresAt = c.MFA, c.ImpersonatorID, c.ExpiresAt.Unix()
	if via == access.ViaTemporary {
		actor.CredentialID, actor.SessionPolicy, actor.ParentUserID, actor.ParentAccountID = c.AccessKey, c.SessionPolicy, s.User.ID, s.UserAccount.ID
	}
	if s.Role != nil {
		actor.UserID, actor.UserName = s.Role.ID, s.Role.Name+"/"+c.SessionName
		actor.RoleID, actor.ParentUserID, actor.ParentAccountID = s.Role.ID, s.User.ID, s.UserAccount.ID
	}
	actor.Operator = actor.Operator && !actor.Temporary()
	return actor
}

// sessionCookie returns the session's access token. The name that only https can have set goes first.
func sessionCookie(r *http.Request) (string, bool) {
	for _, name := range []string{SecureSessionCookie, PlainSessionCookie} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return c.Value, true
		}
	}
	return "", false
}

func invalid(cause error) error {
	return errs.Wrap(cause, errs.Unauthenticated, reason.CredentialsInvalid, "The access key is unknown or the signature is wrong.")
}

func mismatch() error {
	return errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project does not exist or is not one that the credentials are for.")
}

// Session returns whom the request's session cookie stands for; its claims say until when.
func (a *Authenticator) Session(ctx context.Context, r *http.Request) (iam.Subject, error) {
	raw, ok := sessionCookie(r)
	if !ok {
		return iam.Subject{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "Sign in first.")
	}
	return a.tokens.Verify(ctx, raw, iam.TokenSession)
}
