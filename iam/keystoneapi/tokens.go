package keystoneapi

import (
	"mime"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"dms/iam"
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
	Catalog   []catalogEntry `json:"catalog,omitempty"`
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

// issueToken answers POST /v3/auth/tokens. Without a scope the token is for the user's account as a whole.
func (s *server) issueToken(c *gin.Context) error {
	if ct := c.GetHeader("Content-Type"); ct != "" {
		if media, _, err := mime.ParseMediaType(ct); err != nil || media != "application/json" {
			return errs.New(errs.Invalid, reason.Format, "Send the body as application/json.")
		}
	}
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	login, scope, err := parseAuthRequest(body)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var issued iam.IssuedToken
	err = s.Guard.SignIn(c.Writer.Header(), s.address(c.Request), loginKey(login), func() (err error) {
		issued, err = s.Services.Tokens.IssueToken(ctx, login, scope)
		return err
	})
	if err != nil {
		return err
	}
	t := describe(issued.Claims, ref{issued.Account.ID, issued.Account.Name}, ref{issued.User.ID, issued.User.Name}, issued.Policies)
	projects, err := s.Services.Accounts.Projects(ctx, issued.Account.ID)
	if err != nil {
		return err
	}
	s.complete(c, &t, issued.Claims.ProjectID, projects)
	c.Header(headerSubjectToken, issued.Raw)
	c.JSON(http.StatusCreated, tokenBody{t})
	return nil
}

// loginKey is what attempts are counted by.
func loginKey(l iam.PasswordLogin) string {
	if l.UserID != "" {
		return l.UserID
	}
	return l.AccountID + l.AccountName + "/" + l.UserName
}

// showToken answers GET /v3/auth/tokens: what the token in X-Subject-Token stands for. A token of another account is not found.
func (s *server) showToken(c *gin.Context) error {
	raw := c.GetHeader(headerSubjectToken)
	if raw == "" {
		return malformed("The header X-Subject-Token is required.")
	}
	ctx := c.Request.Context()
	subject, err := s.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
	if errs.CodeOf(err) == errs.Unauthenticated || err == nil && subject.Account.ID != httpserve.Actor(c).AccountID {
		return errs.New(errs.NotFound, "", "The token in X-Subject-Token was not found.")
	}
	if err != nil {
		return err
	}
	policies, err := s.Services.Policies.NamesOfUser(ctx, subject.Account.ID, subject.User.ID)
	if err != nil {
		return err
	}
	projects, err := s.Services.Accounts.Projects(ctx, subject.Account.ID)
	if err != nil {
		return err
	}
	t := describe(subject.Claims, ref{subject.Account.ID, subject.Account.Name}, ref{subject.User.ID, subject.User.Name}, policies)
	s.complete(c, &t, subject.Claims.ProjectID, projects)
	c.Header(headerSubjectToken, raw)
	c.JSON(http.StatusOK, tokenBody{t})
	return nil
}

func describe(claims iam.Claims, account, user ref, policies []string) token {
	t := token{
		Methods:   []string{"password"},
		IssuedAt:  instant(claims.IssuedAt),
		ExpiresAt: instant(claims.ExpiresAt),
		User:      tokenUser{ref: user, Domain: account},
		Roles:     make([]ref, 0, len(policies)),
	}
	for _, name := range policies {
		t.Roles = append(t.Roles, ref{stableID("role", name), name})
	}
	if claims.ProjectID == "" {
		t.Domain = &account
	}
	return t
}

// complete adds the project of a token, and the catalog unless the request asked for none.
func (s *server) complete(c *gin.Context, t *token, projectID string, projects []iam.Project) {
	for _, p := range projects {
		if p.ID == projectID {
			t.Project = &tokenProject{ref: ref{p.ID, p.Name}, Domain: t.User.Domain}
		}
	}
	if c.Query("nocatalog") == "" {
		t.Catalog = s.catalog(c.Request, projectID, projects)
	}
}

func instant(t time.Time) string { return t.UTC().Format(timeLayout) }
