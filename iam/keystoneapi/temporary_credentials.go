package keystoneapi

import (
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// temporaryRequest is the body of POST /v3.0/OS-CREDENTIAL/securitytokens.
type temporaryRequest struct {
	Auth *struct {
		Identity *struct {
			Methods []string `json:"methods"`
			Token   *struct {
				ID              string `json:"id"`
				DurationSeconds *int64 `json:"duration_seconds"`
			} `json:"token"`
			AssumeRole *assumeRequest  `json:"assume_role"`
			Policy     json.RawMessage `json:"policy"`
		} `json:"identity"`
	} `json:"auth"`
}

type temporaryBody struct {
	Credential temporaryCredential `json:"credential"`
}

type temporaryCredential struct {
	Access        string `json:"access"`
	Secret        string `json:"secret"`
	SecurityToken string `json:"securitytoken"`
	ExpiresAt     string `json:"expires_at"`
}

// createTemporary answers POST /v3.0/OS-CREDENTIAL/securitytokens: an access key for a while, of the caller's own rights or of a role.
func (s *server) createTemporary(c *gin.Context) error {
	body, err := jsonBody(c)
	if err != nil {
		return err
	}
	var req temporaryRequest
	if err := unmarshal(body, &req); err != nil {
		return err
	}
	if req.Auth == nil || req.Auth.Identity == nil || len(req.Auth.Identity.Methods) != 1 {
		return errTemporaryMethods
	}
	identity, a := req.Auth.Identity, httpserve.Actor(c)
	var in iam.TemporaryInput
	if len(identity.Policy) > 0 && string(identity.Policy) != "null" {
		in.Policy = identity.Policy
	}
	ctx := c.Request.Context()
	var lent iam.TemporaryCredentials
	switch identity.Methods[0] {
	case methodToken:
		if identity.Token != nil {
			if a, err = s.holder(c, a, identity.Token.ID); err != nil {
				return err
			}
			in.Life = seconds(identity.Token.DurationSeconds)
		}
		lent, err = s.Services.STS.SessionToken(ctx, a, in)
	case methodAssumeRole:
		role := identity.AssumeRole
		if role == nil || role.AgencyName == "" {
			return malformed("auth.identity.assume_role.agency_name is required.")
		}
		in.Life = seconds(role.DurationSeconds)
		if role.SessionUser != nil {
			in.SessionName = role.SessionUser.Name
		}
		var r iam.Role
		if r, err = s.assumable(c, a, *role); err != nil {
			return err
		}
		lent, err = s.Services.STS.AssumeRole(ctx, a, r, in)
	default:
		return errTemporaryMethods
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, temporaryBody{temporaryCredential{lent.AccessKey, lent.SecretKey, lent.SecurityToken, instant(lent.ExpiresAt)}})
	return nil
}

var errTemporaryMethods = malformed(`auth.identity.methods must be ["token"] or ["assume_role"].`)

// holder returns the caller as the token in the body knows it: what is lent ends with that token. It must be the caller's own.
func (s *server) holder(c *gin.Context, a access.Actor, raw string) (access.Actor, error) {
	if raw == "" {
		return a, nil
	}
	by, err := s.Authenticator.Token(c.Request.Context(), raw)
	if err != nil {
		return access.Actor{}, err
	}
	if by.AccountID != a.AccountID || by.UserID != a.UserID {
		return access.Actor{}, errs.New(errs.Forbidden, reason.PersonalOnly, "The token in auth.identity.token.id is another user's.")
	}
	return by, nil
}

// seconds returns a duration that was asked for; one that is out of range stays so.
func seconds(n *int64) time.Duration {
	switch {
	case n == nil:
		return 0
	case *n <= 0:
		return -1
	case *n > math.MaxInt32:
		return math.MaxInt64
	}
	return time.Duration(*n) * time.Second
}
