package httpapi

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/httpapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// server implements the generated interface. The contexts that it is given are gin's own.
type server struct{ Deps }

var _ gen.StrictServerInterface = (*server)(nil)

func ginContext(ctx context.Context) *gin.Context { return ctx.(*gin.Context) }

func (s *server) address(c *gin.Context) string {
	if s.Address != nil {
		return s.Address(c.Request)
	}
	host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		return c.Request.RemoteAddr
	}
	return host
}

// SignUp opens an account and signs its first user in; where mails can be sent it sends one that opens it.
func (s *server) SignUp(ctx context.Context, req gen.SignUpRequestObject) (gen.SignUpResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Guard.SignUp(c.Writer.Header(), s.address(c)); err != nil {
		return nil, err
	}
	asked := iam.SignUpInput{AccountName: req.Body.AccountName, Email: req.Body.Email, Password: req.Body.Password}
	if s.Services.Email.Enabled() {
		return gen.SignUp202Response{}, s.Services.Email.SignUp(c.Request.Context(), s.BaseURL(c.Request), asked)
	}
	_, u, err := s.Services.Accounts.SignUp(c.Request.Context(), asked)
	if err != nil {
		return nil, err
	}
	in, err := s.Services.Sessions.Start(c.Request.Context(), iam.SessionStart{User: u})
	if err != nil {
		return nil, err
	}
	me, err := s.welcome(c, in)
	return gen.SignUp201JSONResponse(me), err
}

// SignIn starts a session.
func (s *server) SignIn(ctx context.Context, req gen.SignInRequestObject) (gen.SignInResponseObject, error) {
	c := ginContext(ctx)
	var (
		in        iam.SignedIn
		challenge *iam.Challenge
	)
	err := s.Guard.SignIn(c.Writer.Header(), s.address(c), req.Body.Login, func() (err error) {
		in, err = s.Services.Sessions.SignIn(c.Request.Context(), req.Body.Login, req.Body.Password)
		if errors.As(err, &challenge) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if challenge != nil {
		return gen.SignIn202JSONResponse{Ticket: challenge.Ticket, ExpiresAt: challenge.ExpiresAt.UTC(), Methods: []gen.SignInChallengeMethods{gen.SignInChallengeMethodsTotp, gen.SignInChallengeMethodsRecoveryCode}}, nil
	}
	me, err := s.welcome(c, in)
	return gen.SignIn201JSONResponse(me), err
}

// RefreshSession renews the access cookie with the refresh cookie.
func (s *server) RefreshSession(ctx context.Context, _ gen.RefreshSessionRequestObject) (gen.RefreshSessionResponseObject, error) {
	c := ginContext(ctx)
	raw, ok := s.refreshToken(c)
	if !ok {
		return nil, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "There is no session to renew. Sign in.")
	}
	in, err := s.Services.Sessions.Refresh(c.Request.Context(), raw)
	if err != nil {
		if errs.CodeOf(err) == errs.Unauthenticated {
			s.clearCookies(c)
		}
		return nil, err
	}
	me, err := s.welcome(c, in)
	return gen.RefreshSession200JSONResponse(me), err
}

// SignOut ends the session that the request came with.
func (s *server) SignOut(ctx context.Context, _ gen.SignOutRequestObject) (gen.SignOutResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	if a.Via != access.ViaSession {
		return nil, errs.New(errs.Invalid, "no_session", "The request did not come with a session.")
	}
	if err := s.Services.Sessions.SignOut(c.Request.Context(), a.AccountID, a.CredentialID); err != nil {
		return nil, err
	}
	s.clearCookies(c)
	return gen.SignOut204Response{}, nil
}

// GetMe says who calls.
func (s *server) GetMe(ctx context.Context, _ gen.GetMeRequestObject) (gen.GetMeResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	var expires *time.Time
	if a.Via == access.ViaSession {
		subject, err := s.Authenticator.Session(c.Request.Context(), c.Request)
		if err != nil {
			return nil, err
		}
		expires = &subject.Claims.ExpiresAt
	}
	me, err := s.me(c, a.AccountID, a.UserID, expires, a.ImpersonatorID)
	return gen.GetMe200JSONResponse(me), err
}

// welcome sets the cookies of a fresh or renewed session and describes its user.
func (s *server) welcome(c *gin.Context, in iam.SignedIn) (gen.Me, error) {
	me, err := s.me(c, in.AccountID, in.UserID, &in.AccessExpiresAt, in.ImpersonatorID)
	if err != nil {
		return gen.Me{}, err
	}
	s.setCookies(c, in)
	return me, nil
}

func (s *server) me(c *gin.Context, accountID, userID string, expires *time.Time, impersonatorID string) (gen.Me, error) {
	ctx := c.Request.Context()
	a, err := s.Services.Accounts.Account(ctx, accountID)
	if err != nil {
		return gen.Me{}, err
	}
	u, err := s.Services.Users.User(ctx, accountID, userID)
	if err != nil {
		return gen.Me{}, err
	}
	projects, err := s.Services.Accounts.Projects(ctx, accountID)
	if err != nil {
		return gen.Me{}, err
	}
	me := gen.Me{Projects: make([]gen.Project, 0, len(projects)), SessionExpiresAt: expires}
	me.Account.Id, me.Account.Name = a.ID, a.Name
	me.User.Id, me.User.Name = u.ID, u.Name
	if u.Email != "" {
		me.User.Email, me.User.EmailVerified = &u.Email, &u.EmailVerified
	}
	me.User.Mfa, me.User.Operator, me.ImpersonatorId = &u.MFA, &u.Operator, nonEmpty(impersonatorID)
	for _, p := range projects {
		me.Projects = append(me.Projects, gen.Project{Id: p.ID, Name: p.Name, Region: p.Region})
	}
	return me, nil
}
