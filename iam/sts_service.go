package iam

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
	"dms/internal/seal"
)

// TemporaryKeyPrefix is what access keys of temporary credentials begin with, and no others.
const TemporaryKeyPrefix = "DMST"

// STSService lends credentials: an access key and its secret, which are good for a while and only together with a security token.
//
// Nothing of them is kept. The token says whose they are, what narrows them and when they end, and carries the secret, sealed once for each key that checks signatures: the
// platform's and each region's. What may end them early (the user, the role, the trust) is looked up at each request.
type STSService struct {
	store   Store
	write   writer
	clock   clock.Clock
	signer  *tokenSigner
	sealers func(ctx context.Context) ([]*seal.Key, error)
}

// TemporaryCredentials are shown once.
type TemporaryCredentials struct {
	AccessKey     string
	SecretKey     string
	SecurityToken string
	ExpiresAt     time.Time
}

// TemporaryInput says how the credentials shall be.
type TemporaryInput struct {
	Life time.Duration // 0: DefaultTemporaryLife. It is cut to what the role and the caller's own credential have left
	// Policy is a session policy, which narrows what the credentials may do; nil: none. A statement without Resource is for everything.
	Policy []byte
	// SessionName names the assumption of a role, for the audit trail; "": the user's name.
	SessionName string
}

var sessionNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$`)

// SessionToken lends the caller's own rights, or less. errs.Forbidden with reason.PersonalOnly: the caller's credentials are lent themselves.
func (s *STSService) SessionToken(ctx context.Context, a access.Actor, in TemporaryInput) (TemporaryCredentials, error) {
	if in.SessionName != "" {
		return TemporaryCredentials{}, errs.New(errs.Invalid, reasonInvalid, "Only the assumption of a role has a name.").WithField("/session_name", "needs a role")
	}
	return s.lend(ctx, a, nil, in)
}

// AssumeRole lends the rights of the role, or less. Requires: the role comes from RoleService.Assumable, and the caller may do access.RoleAssume to AssumeResource.
func (s *STSService) AssumeRole(ctx context.Context, a access.Actor, r Role, in TemporaryInput) (TemporaryCredentials, error) {
	return s.lend(ctx, a, &r, in)
}

func (s *STSService) lend(ctx context.Context, a access.Actor, r *Role, in TemporaryInput) (TemporaryCredentials, error) {
	now := s.clock.Now()
	c, err := s.claims(ctx, a, r, now, in)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	secret := newSecretKey()
	c.AccessKey = TemporaryKeyPrefix + randomString(accessKeyAlphabet, accessKeyChars-len(TemporaryKeyPrefix))
	keys, err := s.sealers(ctx)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	c.Sealed = make(map[string]string, len(keys))
	for _, k := range keys {
		c.Sealed[k.Fingerprint()] = k.Seal([]byte(secret), c.AccessKey)
	}
	raw, c, err := s.signer.sign(ctx, c)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	if len(raw) > MaxTokenBytes {
		return TemporaryCredentials{}, errs.New(errs.TooLarge, "policy_too_large", "The session policy makes the security token too long.")
	}
	if err := s.record(ctx, a, r, c); err != nil {
		return TemporaryCredentials{}, err
	}
	return TemporaryCredentials{AccessKey: c.AccessKey, SecretKey: secret, SecurityToken: raw, ExpiresAt: c.ExpiresAt}, nil
}

// claims says what the credentials are, up to the key.
func (s *STSService) claims(ctx context.Context, a access.Actor, r *Role, now time.Time, in TemporaryInput) (Claims, error) {
	if in.Life == 0 {
		in.Life = DefaultTemporaryLife
	}
	if in.Life < MinTemporaryLife || in.Life > MaxTemporaryLife {
		return Claims{}, errs.New(errs.Invalid, reasonInvalid, "Temporary credentials are good for 900 to 86400 seconds.").WithField("/duration_seconds", "must be 900 to 86400")
	}
	c, err := lentClaims(ctx, s.store, a, r, in.SessionName)
	if err != nil {
		return Claims{}, err
	}
	c.Kind = TokenSecurity
	if in.Policy != nil {
		if c.SessionPolicy, err = narrowing(in.Policy); err != nil {
			return Claims{}, err
		}
	}
	if r != nil {
		in.Life = min(in.Life, r.MaxLife)
	}
	c.ExpiresAt, err = lentUntil(a, now, in.Life)
	return c, err
}

// lentClaims are those of tokens that lend what the caller has, or assume a role.
func lentClaims(ctx context.Context, store Reads, a access.Actor, r *Role, sessionName string) (Claims, error) {
	if a.Temporary() || a.Guest {
		return Claims{}, errs.New(errs.Forbidden, reason.PersonalOnly, "Temporary and impersonated credentials cannot get others.")
	}
	u, err := store.User(ctx, a.AccountID, a.UserID)
	if err != nil {
		return Claims{}, err
	}
	c := Claims{ID: id.NewHex(), AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch, MFA: a.MFA}
	if r == nil {
		return c, nil
	}
	if !r.trusts(u.AccountID, u.ID) {
		return Claims{}, errs.New(errs.NotFound, "", "There is no such role, or it does not trust the user.")
	}
	if sessionName == "" {
		sessionName = u.Name
	}
	if !sessionNamePattern.MatchString(sessionName) {
		return Claims{}, errs.New(errs.Invalid, reasonInvalid, "The session's name is not valid.").WithField("/session_name", "must be 1 to 64 letters, digits, '_', '.', '@' or '-'")
	}
	c.AccountID, c.RoleID, c.RoleEpoch, c.SessionName = r.AccountID, r.ID, r.Epoch, sessionName
	if r.AccountID != u.AccountID {
		c.UserAccountID = u.AccountID
	}
	return c, nil
}

// lentUntil returns when a credential ends that the caller gets now: not after the caller's own. The console's session goes on when its access token ends, so that is no bound.
func lentUntil(a access.Actor, now time.Time, life time.Duration) (time.Time, error) {
	end := now.Add(life)
	if own := time.Unix(a.ExpiresAt, 0); a.ExpiresAt > 0 && a.Via != access.ViaSession && own.Before(end) {
		if own.Sub(now) < MinTemporaryLife {
			return time.Time{}, errs.New(errs.Invalid, reasonInvalid, "The token ends in less than 15 minutes, and what is got with it cannot be good for longer. Get a new one first.")
		}
		end = own
	}
	return end, nil
}

func (s *STSService) record(ctx context.Context, a access.Actor, r *Role, c Claims) error {
	detail := map[string]string{"access_key": c.AccessKey, "expires_at": c.ExpiresAt.Format(time.RFC3339)}
	events := []audit.Event{{AccountID: a.AccountID, Action: audit.TemporaryCreate, Resource: audit.Resource("iam", a.AccountID, "accesskey", a.UserName), Detail: detail}}
	if r != nil {
		events = assumeEvents(a, *r, c, detail)
	}
	return s.write.change(ctx, func(_ Tx, out *changes) error {
		for _, e := range events {
			if c.SessionPolicy != "" {
				e.After = []byte(c.SessionPolicy)
			}
			out.record(e)
		}
		return nil
	})
}

// assumeEvents are the assumption of a role, in the trail of the user's account and in that of the role's.
func assumeEvents(a access.Actor, r Role, c Claims, detail map[string]string) []audit.Event {
	detail["session_name"] = c.SessionName
	out := []audit.Event{{AccountID: a.AccountID, Action: access.RoleAssume, Resource: AssumeResource(a, r), Detail: detail}}
	if r.AccountID != a.AccountID {
		out = append(out, audit.Event{AccountID: r.AccountID, Action: access.RoleAssume, Resource: RoleResource(r), Detail: detail})
	}
	return out
}

// narrowing reads a session policy and returns it in one line.
func narrowing(document []byte) (string, error) {
	p, err := ParseSessionPolicy(document)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return "", err
	}
	if out.Len() > MaxSessionPolicyBytes+1 { // a resource was added
		return "", errs.New(errs.TooLarge, "policy_too_large", "A session policy has at most %d bytes; this one has %d.", MaxSessionPolicyBytes, out.Len()-1)
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
