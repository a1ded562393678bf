package keystoneapi

import (
	"mime"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/httpauth"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

const headerSubjectToken = "X-Subject-Token"

// timeLayout is how Keystone writes instants.
const timeLayout = "2006-01-02T15:04:05.000000Z"

type tokenBody struct {
	Token token `json:"token"`
}

type token struct {
	Methods   []string       `json:"methods"`
	IssuedAt  string         `json:"issued_at"`
	ExpiresAt string         `json:"expires_at"`
	User      tokenUser      `json:"user"`
	Project   *tokenProject  `json:"project,omitempty"`
	Domain    *ref           `json:"domain,omitempty"`
	Roles     []ref          `json:"roles"`
	AssumedBy *assumedBy     `json:"assumed_by,omitempty"` // who assumed the role that User is then
	Catalog   []catalogEntry `json:"catalog,omitempty"`
}

type assumedBy struct {
	User tokenUser `json:"user"`
}

type ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type tokenUser struct {
	ref
	Domain            ref    `json:"domain"`
	PasswordExpiresAt string `json:"password_expires_at"` // "": never
}

type tokenProject struct {
	ref
	Domain ref `json:"domain"`
}

// issueToken answers POST /v3/auth/tokens. Without a scope the token is for the account as a whole. The route is public, since a password needs no other
// credential; the other methods ask for one themselves.
func (s *server) issueToken(c *gin.Context) error {
	body, err := jsonBody(c)
	if err != nil {
		return err
	}
	req, err := parseAuthRequest(body)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var issued iam.IssuedToken
	switch req.method {
	case methodPassword:
		err = s.Guard.SignIn(c.Writer.Header(), s.address(c.Request), loginKey(req.password), func() (err error) {
			issued, err = s.Services.Tokens.IssueToken(ctx, req.password, req.scope)
			return err
		})
	case methodToken:
		issued, err = s.rescope(c, req)
	case methodAssumeRole:
		issued, err = s.assumeRole(c, req)
	}
	if err != nil {
		return err
	}
	t := describe(issued, req.methods)
	projects, err := s.Services.Accounts.Projects(ctx, issued.Account.ID)
	if err != nil {
		return err
	}
	s.complete(c, &t, issued, projects)
	c.Header(headerSubjectToken, issued.Raw)
	c.JSON(http.StatusCreated, tokenBody{t})
	return nil
}

func jsonBody(c *gin.Context) ([]byte, error) {
	if ct := c.GetHeader("Content-Type"); ct != "" {
		if media, _, err := mime.ParseMediaType(ct); err != nil || media != "application/json" {
			return nil, errs.New(errs.Invalid, reason.Format, "Send the body as application/json.")
		}
	}
	return httpserve.Body(c)
}

// rescope issues a token to the holder of another.
func (s *server) rescope(c *gin.Context, req tokenRequest) (iam.IssuedToken, error) {
	raw := req.token
	if raw == "" {
		raw = c.GetHeader(httpauth.HeaderToken)
	}
	if raw == "" {
		return iam.IssuedToken{}, malformed("auth.identity.token.id is required.")
	}
	subject, err := s.Authenticator.Tokens().Verify(c.Request.Context(), raw, iam.TokenKeystone)
	if err != nil {
		return iam.IssuedToken{}, err
	}
	return s.Services.Tokens.Rescope(c.Request.Context(), subject, req.scope)
}

// assumeRole issues a token of a role to a caller who may assume it.
func (s *server) assumeRole(c *gin.Context, req tokenRequest) (iam.IssuedToken, error) {
	ctx := c.Request.Context()
	a, err := s.Authenticator.Authenticate(ctx, c.Request, "", func() ([]byte, error) { return httpserve.Body(c) })
	if err != nil {
		return iam.IssuedToken{}, err
	}
	if a.Via == access.ViaSession { // the console has no use for it, and its cookie would make this a target of other sites' pages
		return iam.IssuedToken{}, errs.New(errs.Forbidden, reason.PolicyDenied, "Send a token or sign the request.")
	}
	r, err := s.assumable(c, a, req.role)
	if err != nil {
		return iam.IssuedToken{}, err
	}
	return s.Services.Tokens.AssumeRole(ctx, a, r, req.scope)
}

// assumable returns the role, which the caller is trusted with and whose own policies let it be assumed.
func (s *server) assumable(c *gin.Context, a access.Actor, req assumeRequest) (iam.Role, error) {
	r, err := s.Services.Roles.Assumable(c.Request.Context(), a, req.account(), req.AgencyName)
	if err != nil {
		return iam.Role{}, err
	}
	return r, s.Authorizer.Authorize(c.Request.Context(), a, access.RoleAssume, iam.AssumeResource(a, r).Object())
}

// loginKey is what attempts are counted by.
func loginKey(l iam.PasswordLogin) string {
	if l.UserID != "" {
		return l.UserID
	}
	return l.AccountID + l.AccountName + "/" + l.UserName
}

// showToken answers GET and HEAD /v3/auth/tokens: what the token in X-Subject-Token stands for. A token of another account is not found.
func (s *server) showToken(c *gin.Context) error {
	subject, raw, err := s.subject(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	shown, err := s.Services.Tokens.Describe(ctx, subject)
	if err != nil {
		return err
	}
	methods := []string{methodPassword}
	switch {
	case shown.Role != nil:
		methods = []string{methodAssumeRole}
	case shown.Claims.MFA:
		methods = append(methods, methodTOTP)
	}
	t := describe(shown, methods)
	projects, err := s.Services.Accounts.Projects(ctx, shown.Account.ID)
	if err != nil {
		return err
	}
	s.complete(c, &t, shown, projects)
	c.Header(headerSubjectToken, raw)
	c.JSON(http.StatusOK, tokenBody{t})
	return nil
}

// revokeToken answers DELETE /v3/auth/tokens: the token in X-Subject-Token is refused from now on. Everybody may revoke their own; those of others of the account need
// a policy.
func (s *server) revokeToken(c *gin.Context) error {
	subject, _, err := s.subject(c)
	if err != nil {
		return err
	}
	a := httpserve.Actor(c)
	own := subject.User.ID == a.UserID || subject.Role != nil && subject.Role.ID == a.RoleID && subject.User.ID == a.ParentUserID
	if !own || a.SessionPolicy != "" {
		o := access.NamedResource("iam", a.AccountID, "user", subject.User.Name).Object()
		if err := s.Authorizer.Authorize(c.Request.Context(), a, access.TokenRevoke, o); err != nil {
			return err
		}
	}
	if err := s.Services.Tokens.Revoke(c.Request.Context(), subject); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// subject returns what the token in X-Subject-Token stands for. One of another account is not found, nor is one that acts in another.
func (s *server) subject(c *gin.Context) (iam.Subject, string, error) {
	raw := c.GetHeader(headerSubjectToken)
	if raw == "" {
		return iam.Subject{}, "", malformed("The header X-Subject-Token is required.")
	}
	subject, err := s.Authenticator.Tokens().Verify(c.Request.Context(), raw, iam.TokenKeystone)
	a := httpserve.Actor(c)
	foreign := err == nil && (subject.Account.ID != a.AccountID || subject.UserAccount.ID != a.AccountID && subject.User.ID != a.ParentUserID)
	if errs.CodeOf(err) == errs.Unauthenticated || foreign {
		return iam.Subject{}, "", errs.New(errs.NotFound, "", "The token in X-Subject-Token was not found.")
	}
	return subject, raw, err
}

func describe(of iam.IssuedToken, methods []string) token {
	account := ref{of.Account.ID, of.Account.Name}
	t := token{
		Methods:   methods,
		IssuedAt:  instant(of.Claims.IssuedAt),
		ExpiresAt: instant(of.Claims.ExpiresAt),
		User:      tokenUser{ref: ref{of.User.ID, of.User.Name}, Domain: ref{of.Owner.ID, of.Owner.Name}},
		Roles:     make([]ref, 0, len(of.Policies)),
	}
	if of.Role != nil {
		t.AssumedBy = &assumedBy{t.User}
		t.User = tokenUser{ref: ref{of.Role.ID, of.Account.Name + "/" + of.Role.Name}, Domain: account}
	}
	for _, name := range of.Policies {
		t.Roles = append(t.Roles, ref{stableID("role", name), name})
	}
	if of.Claims.ProjectID == "" {
		t.Domain = &account
	}
	return t
}

// complete adds the project of a token, and the catalog unless the request asked for none.
func (s *server) complete(c *gin.Context, t *token, of iam.IssuedToken, projects []iam.Project) {
	for _, p := range projects {
		if p.ID == of.Claims.ProjectID {
			t.Project = &tokenProject{ref: ref{p.ID, p.Name}, Domain: ref{of.Account.ID, of.Account.Name}}
		}
	}
	if c.Query("nocatalog") == "" {
		t.Catalog = s.catalog(c.Request, of.Claims.ProjectID, projects)
	}
}

func instant(t time.Time) string { return t.UTC().Format(timeLayout) }
