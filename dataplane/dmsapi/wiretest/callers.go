package wiretest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Callers says who may call: it knows a few actors by their token and what each of them may not do. It stands for the module that
// does this in the product, which the data plane knows by the two interfaces alone.
type Callers struct {
	mu       sync.Mutex // guards: the rest
	actors   map[string]access.Actor
	projects map[string][]string        // of each account
	denied   map[string][]access.Action // of each user
	asked    []access.Resource
}

// NewCallers returns a service without actors.
func NewCallers() *Callers {
	return &Callers{actors: map[string]access.Actor{}, projects: map[string][]string{}, denied: map[string][]access.Action{}}
}

var (
	_ access.Authenticator = (*Callers)(nil)
	_ access.Authorizer    = (*Callers)(nil)
)

// Add makes token the credential of a, who may act in a.ProjectID.
func (k *Callers) Add(token string, a access.Actor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.actors[token] = a
	k.projects[a.AccountID] = append(k.projects[a.AccountID], a.ProjectID)
}

// Revoke makes token a credential of nobody.
func (k *Callers) Revoke(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.actors, token)
}

// Deny forbids the user to do action.
func (k *Callers) Deny(userID string, action access.Action) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.denied[userID] = append(k.denied[userID], action)
}

// Asked returns the resources that were asked about, in order.
func (k *Callers) Asked() []access.Resource {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.asked)
}

// SignedPrefix before a token stands for a signature over the body: the body is read to check it.
const SignedPrefix = "signed:"

// Authenticate implements access.Authenticator.
func (k *Callers) Authenticate(_ context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (access.Actor, error) {
	token, signed := strings.CutPrefix(r.Header.Get("X-Auth-Token"), SignedPrefix)
	if token == "" {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "The request has no credentials.")
	}
	if signed {
		if _, err := body(); err != nil {
			return access.Actor{}, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.actors[token]
	if !ok {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "The token is invalid.")
	}
	if projectID == "" {
		return a, nil
	}
	if !slices.Contains(k.projects[a.AccountID], projectID) {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
	}
	a.ProjectID = projectID
	return a, nil
}

// Authorize implements access.Authorizer.
func (k *Callers) Authorize(_ context.Context, a access.Actor, action access.Action, o access.Object) error {
	resource := o.Resource
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, resource)
	if slices.Contains(k.denied[a.UserID], action) {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "The user may not do %s to %s.", action, resource)
	}
	return nil
}

// Allow takes back what was denied to the user.
func (k *Callers) Allow(userID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.denied, userID)
}

// AuthenticateGuest implements access.Authenticator: nothing is shared here.
func (*Callers) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
}

// Named implements access.Authorizer.
func (*Callers) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }
