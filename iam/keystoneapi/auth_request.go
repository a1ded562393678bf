package keystoneapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"

	"dms/iam"
	"dms/internal/errs"
	"dms/internal/reason"
)

// authRequest is the body of POST /v3/auth/tokens. Fields that are not here are ignored, as clients were promised.
type authRequest struct {
	Auth *struct {
		Identity *struct {
			Methods  []string `json:"methods"`
			Password *struct {
				User *struct {
					named
					Password string `json:"password"`
					Domain   *named `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope json.RawMessage `json:"scope"`
	} `json:"auth"`
}

// named refers to something by its id or its name.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type scopeRequest struct {
	Project *struct {
		named
		Domain *named `json:"domain"`
	} `json:"project"`
	Domain   *named          `json:"domain"`
	Unscoped json.RawMessage `json:"unscoped"`
}

// parseAuthRequest reads who wants a token, and for what.
func parseAuthRequest(body []byte) (iam.PasswordLogin, iam.Scope, error) {
	var req authRequest
	if !utf8.Valid(body) {
		return iam.PasswordLogin{}, iam.Scope{}, malformed("The request body is not valid UTF-8.")
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return iam.PasswordLogin{}, iam.Scope{}, badJSON(err)
	}
	switch {
	case req.Auth == nil || req.Auth.Identity == nil:
		return iam.PasswordLogin{}, iam.Scope{}, malformed("auth.identity is required.")
	case !slices.Equal(req.Auth.Identity.Methods, []string{"password"}):
		return iam.PasswordLogin{}, iam.Scope{}, malformed(`auth.identity.methods must be ["password"].`)
	case req.Auth.Identity.Password == nil || req.Auth.Identity.Password.User == nil:
		return iam.PasswordLogin{}, iam.Scope{}, malformed("auth.identity.password.user is required.")
	}
	u := req.Auth.Identity.Password.User
	login := iam.PasswordLogin{UserID: u.ID, UserName: u.Name, Password: u.Password}
	if u.Domain != nil {
		login.AccountID, login.AccountName = u.Domain.ID, u.Domain.Name
	}
	if login.UserID == "" && (login.UserName == "" || login.AccountID == "" && login.AccountName == "") {
		return iam.PasswordLogin{}, iam.Scope{}, malformed("The user must be named by id, or by name and domain.")
	}
	scope, err := parseScope(req.Auth.Scope)
	return login, scope, err
}

func parseScope(raw json.RawMessage) (iam.Scope, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `"unscoped"` {
		return iam.Scope{}, nil
	}
	var req scopeRequest
	if err := json.Unmarshal(raw, &req); err != nil {
		return iam.Scope{}, badJSON(err)
	}
	switch {
	case req.Project != nil && req.Domain != nil:
		return iam.Scope{}, malformed("auth.scope is a project or a domain, not both.")
	case req.Project != nil:
		p := req.Project
		if p.ID == "" && p.Name == "" {
			return iam.Scope{}, malformed("auth.scope.project must have an id or a name.")
		}
		s := iam.Scope{ProjectID: p.ID, ProjectName: p.Name}
		if p.Domain != nil {
			s.AccountID, s.AccountName = p.Domain.ID, p.Domain.Name
		}
		return s, nil
	case req.Domain != nil:
		if req.Domain.ID == "" && req.Domain.Name == "" {
			return iam.Scope{}, malformed("auth.scope.domain must have an id or a name.")
		}
		return iam.Scope{AccountID: req.Domain.ID, AccountName: req.Domain.Name}, nil
	case len(req.Unscoped) > 0:
		return iam.Scope{}, nil
	}
	return iam.Scope{}, malformed("auth.scope must be a project or a domain.")
}

func malformed(message string) error {
	return errs.New(errs.Invalid, reason.Format, "%s", message)
}

func badJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return errs.Wrap(err, errs.Invalid, reason.FieldInvalid, "%s must not be a JSON %s.", wrong.Field, wrong.Value)
	}
	return errs.Wrap(err, errs.Invalid, reason.BodyNotJSON, "The request body is not valid JSON.")
}
