package httpapi

import (
	"context"

	"dms/iam/httpapi/gen"
	"dms/internal/httpserve"
)

// RequestEmailVerification sends the caller a mail that confirms their address.
func (s *server) RequestEmailVerification(ctx context.Context, _ gen.RequestEmailVerificationRequestObject) (gen.RequestEmailVerificationResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	if err := s.Guard.Mail(c.Writer.Header(), s.address(c), a.UserID); err != nil {
		return nil, err
	}
	return gen.RequestEmailVerification202Response{}, s.Services.Email.RequestVerification(c.Request.Context(), s.BaseURL(c.Request), a.AccountID, a.UserID)
}

// ConfirmEmail takes the ticket out of a mail.
func (s *server) ConfirmEmail(ctx context.Context, req gen.ConfirmEmailRequestObject) (gen.ConfirmEmailResponseObject, error) {
	c := ginContext(ctx)
	return gen.ConfirmEmail204Response{}, s.Services.Email.Confirm(c.Request.Context(), req.Body.Token)
}

// RequestPasswordReset sends a mail that sets another password.
func (s *server) RequestPasswordReset(ctx context.Context, req gen.RequestPasswordResetRequestObject) (gen.RequestPasswordResetResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Guard.Mail(c.Writer.Header(), s.address(c), req.Body.Email); err != nil {
		return nil, err
	}
	return gen.RequestPasswordReset202Response{}, s.Services.Email.RequestReset(c.Request.Context(), s.BaseURL(c.Request), req.Body.Email)
}

// ResetPassword sets another password with the ticket out of a mail.
func (s *server) ResetPassword(ctx context.Context, req gen.ResetPasswordRequestObject) (gen.ResetPasswordResponseObject, error) {
	c := ginContext(ctx)
	return gen.ResetPassword204Response{}, s.Services.Email.Reset(c.Request.Context(), req.Body.Token, req.Body.New)
}
