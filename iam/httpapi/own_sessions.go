package httpapi

import (
	"context"

	"github.com/gin-gonic/gin"

	"dms/iam/httpapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
)

// session returns the caller and the session that the request came with: what changes how its user signs in goes on in it.
func session(c *gin.Context) (a access.Actor, sessionID string, err error) {
	a = httpserve.Actor(c)
	if a.Via != access.ViaSession {
		return access.Actor{}, "", errs.New(errs.Invalid, "no_session", "The request did not come with a session.")
	}
	return a, a.CredentialID, nil
}

// ListSessions lists the caller's sessions.
func (s *server) ListSessions(ctx context.Context, _ gen.ListSessionsRequestObject) (gen.ListSessionsResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	sessions, err := s.Services.Sessions.List(c.Request.Context(), a.AccountID, a.UserID)
	if err != nil {
		return nil, err
	}
	out := gen.ListSessions200JSONResponse{Sessions: make([]gen.Session, 0, len(sessions))}
	for _, n := range sessions {
		item := gen.Session{
			Id: n.ID, CreatedAt: n.CreatedAt.UTC(), SeenAt: n.RotatedAt.UTC(), ExpiresAt: n.ExpiresAt.UTC(), Address: nonEmpty(n.Address), UserAgent: nonEmpty(n.UserAgent),
			Mfa: n.MFA, Current: a.Via == access.ViaSession && n.ID == a.CredentialID,
		}
		if n.ImpersonatorID != "" {
			item.Impersonated = new(true)
		}
		out.Sessions = append(out.Sessions, item)
	}
	return out, nil
}

// EndSession ends one of the caller's sessions.
func (s *server) EndSession(ctx context.Context, req gen.EndSessionRequestObject) (gen.EndSessionResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	if err := s.Services.Sessions.End(c.Request.Context(), a.AccountID, a.UserID, req.SessionId); err != nil {
		return nil, err
	}
	if a.Via == access.ViaSession && a.CredentialID == req.SessionId {
		s.clearCookies(c)
	}
	return gen.EndSession204Response{}, nil
}

// EndOtherSessions ends all of the caller's sessions but the one that the request came with.
func (s *server) EndOtherSessions(ctx context.Context, _ gen.EndOtherSessionsRequestObject) (gen.EndOtherSessionsResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	except := ""
	if a.Via == access.ViaSession {
		except = a.CredentialID
	}
	return gen.EndOtherSessions204Response{}, s.Services.Sessions.EndOthers(c.Request.Context(), a.AccountID, a.UserID, except)
}

// ChangePassword changes the caller's password. Guesses at the present one are slowed down as those of a sign-in.
func (s *server) ChangePassword(ctx context.Context, req gen.ChangePasswordRequestObject) (gen.ChangePasswordResponseObject, error) {
	c := ginContext(ctx)
	a, sessionID, err := session(c)
	if err != nil {
		return nil, err
	}
	err = s.Guard.SignIn(c.Writer.Header(), s.address(c), a.UserID, func() error {
		in, err := s.Services.Users.ChangePassword(c.Request.Context(), a.AccountID, a.UserID, sessionID, req.Body.Current, req.Body.New)
		if err == nil {
			s.setCookies(c, in)
		}
		return err
	})
	if errs.CodeOf(err) == errs.Unauthenticated {
		// Not 401: that says that the session has ended.
		return nil, errs.Wrap(err, errs.Invalid, "password_wrong", "The present password is wrong.").WithField("/current", "is wrong")
	}
	return gen.ChangePassword204Response{}, err
}
