package httpauth

import (
	"context"
	"net/http"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

// AuthenticateGuest implements access.Authenticator. The credential is proved before anything is looked up: who has none learns nothing, and
// who has one is told of another's project what is told of one that does not exist.
func (a *Authenticator) AuthenticateGuest(ctx context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (access.Actor, error) {
	actor, err := a.caller(ctx, r, asked{path: projectID, guest: true}, body)
	if err != nil {
		return access.Actor{}, err
	}
	p, err := a.facts.Project(ctx, projectID)
	if errs.CodeOf(err) == errs.NotFound || err == nil && p.AccountID == actor.AccountID {
		return access.Actor{}, mismatch()
	}
	if err != nil {
		return access.Actor{}, err
	}
	owner, err := a.facts.Account(ctx, p.AccountID)
	if err != nil {
		return access.Actor{}, err
	}
	if owner.State == iam.StateSuspended { // its queues are as good as none
		return access.Actor{}, mismatch()
	}
	actor.Guest = true
	return actor, nil
}

// asked are the projects that a request names.
type asked struct {
	path  string // "": none
	guest bool   // path is taken to be another account's
}

// own returns the project of the actor's own account that the path names, "" for none.
func (p asked) own() string {
	if p.guest {
		return ""
	}
	return p.path
}

// header returns the project that path and X-Project-Id name together: a header that names the path's project adds nothing, and on the path of
// another account's project it may name one of the actor's own.
func (p asked) header(values []string) (projectID string, err error) {
	switch {
	case len(values) > 1:
		return "", mismatch()
	case len(values) == 0 || values[0] == "" || values[0] == p.path:
		return p.own(), nil
	case p.own() != "":
		return "", mismatch()
	}
	return values[0], nil
}
