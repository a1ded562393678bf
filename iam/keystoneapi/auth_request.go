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
			TOTP *struct {
				User *struct {
					named
					Passcode string `json:"passcode"`
				} `json:"user"`
			} `json:"totp"`
			Token *struct {
				ID string `json:"id"`
			} `json:"token"`
			AssumeRole *assumeRequest `json:"assume_role"`
		} `json:"identity"`
		Scope json.RawMessage `json:"scope"`
	} `json:"auth"`
}

// assumeRequest names a role by its account and name.
type assumeRequest struct {
	AgencyName      string `json:"agency_name"`
	DomainID        string `json:"domain_id"`
	DomainName      string `json:"domain_name"`
	DurationSeconds *int64 `json:"duration_seconds"` // of temporary credentials alone
	SessionUser     *named `json:"session_user"`     // likewise
}

func (r assumeRequest) account() string {
	if r.DomainID != "" {
		return r.DomainID
	}
	return r.DomainName
}

// The ways to get a token.
const (
	methodPassword   = "password"
	methodTOTP       = "totp" // beside a password alone
	methodToken      = "token"
	methodAssumeRole = "assume_role"
)

// tokenRequest is who wants a token, and for what.
type tokenRequest struct {
	method   string
	methods  []string // method and what stands beside it
	password iam.PasswordLogin
	token    string // "": the one in X-Auth-Token
	role     assumeRequest
	scope    iam.Scope
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
func parseAuthRequest(body []byte) (out tokenRequest, err error) {
	var req authRequest
	if err := unmarshal(body, &req); err != nil {
		return tokenRequest{}, err
	}
	if req.Auth == nil || req.Auth.Identity == nil {
		return tokenRequest{}, malformed("auth.identity is required.")
	}
	identity := req.Auth.Identity
	if out.methods = identity.Methods; len(out.methods) == 0 {
		return tokenRequest{}, errMethods
	}
	out.method = out.methods[0]
	withTOTP := len(out.methods) == 2 && slices.Contains(out.methods, methodPassword) && slices.Contains(out.methods, methodTOTP)
	switch {
	case withTOTP:
		out.method = methodPassword
	case len(out.methods) > 1:
		return tokenRequest{}, errMethods
	}
	switch out.method {
	case methodPassword:
		if identity.Password == nil || identity.Password.User == nil {
			return tokenRequest{}, malformed("auth.identity.password.user is required.")
		}
		u := identity.Password.User
		out.password = iam.PasswordLogin{UserID: u.ID, UserName: u.Name, Password: u.Password}
		if u.Domain != nil {
			out.password.AccountID, out.password.AccountName = u.Domain.ID, u.Domain.Name
		}
		if l := out.password; l.UserID == "" && (l.UserName == "" || l.AccountID == "" && l.AccountName == "") {
			return tokenRequest{}, malformed("The user must be named by id, or by name and domain.")
		}
		if withTOTP {
			if identity.TOTP == nil || identity.TOTP.User == nil || identity.TOTP.User.Passcode == "" {
				return tokenRequest{}, malformed("auth.identity.totp.user.passcode is required.")
			}
			// Both speak of one user: a code of another would prove nothing.
			if other := identity.TOTP.User; other.ID != u.ID && other.ID != "" || other.Name != u.Name && other.Name != "" {
				return tokenRequest{}, malformed("auth.identity.totp.user is another than that of the password.")
			}
			out.password.TOTP = identity.TOTP.User.Passcode
		}
	case methodToken:
		if identity.Token != nil {
			out.token = identity.Token.ID
		}
	case methodAssumeRole:
		if identity.AssumeRole == nil || identity.AssumeRole.AgencyName == "" {
			return tokenRequest{}, malformed("auth.identity.assume_role.agency_name is required.")
		}
		out.role = *identity.AssumeRole
	default:
		return tokenRequest{}, errMethods
	}
	out.scope, err = parseScope(req.Auth.Scope)
	return out, err
}

var errMethods = malformed(`auth.identity.methods must be ["password"], ["password", "totp"], ["token"] or ["assume_role"].`)

// unmarshal reads a JSON body.
func unmarshal(body []byte, into any) error {
	if !utf8.Valid(body) {
		return malformed("The request body is not valid UTF-8.")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return badJSON(err)
	}
	return nil
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
