package httpapi

import (
	"context"

	"dms/iam"
	"dms/iam/httpapi/gen"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// CompleteSignIn is the second step of a sign-in.
func (s *server) CompleteSignIn(ctx context.Context, req gen.CompleteSignInRequestObject) (gen.CompleteSignInResponseObject, error) {
	c := ginContext(ctx)
	var in iam.SignedIn
	err := s.Guard.SecondFactor(c.Writer.Header(), s.address(c), func() (err error) {
		in, err = s.Services.MFA.SignIn(c.Request.Context(), req.Body.Ticket, factor(req.Body.Totp, req.Body.RecoveryCode))
		return err
	})
	if err != nil {
		return nil, err
	}
	me, err := s.welcome(c, in)
	return gen.CompleteSignIn201JSONResponse(me), err
}

func factor(totp, recoveryCode *string) iam.SecondFactor {
	var f iam.SecondFactor
	if totp != nil {
		f.TOTP = *totp
	}
	if recoveryCode != nil {
		f.RecoveryCode = *recoveryCode
	}
	return f
}

// GetTOTP says whether the caller has a second factor.
func (s *server) GetTOTP(ctx context.Context, _ gen.GetTOTPRequestObject) (gen.GetTOTPResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	state, err := s.Services.MFA.State(c.Request.Context(), a.AccountID, a.UserID)
	return gen.GetTOTP200JSONResponse{Enabled: state.TOTP, RecoveryCodesLeft: state.RecoveryCodesLeft}, err
}

// BeginTOTP makes a secret for the caller's app.
func (s *server) BeginTOTP(ctx context.Context, _ gen.BeginTOTPRequestObject) (gen.BeginTOTPResponseObject, error) {
	c := ginContext(ctx)
	a, _, err := session(c)
	if err != nil {
		return nil, err
	}
	typed, uri, err := s.Services.MFA.Begin(c.Request.Context(), a.AccountID, a.UserID)
	return gen.BeginTOTP201JSONResponse{Secret: typed, Uri: uri}, err
}

// ConfirmTOTP makes the caller's second factor count.
func (s *server) ConfirmTOTP(ctx context.Context, req gen.ConfirmTOTPRequestObject) (gen.ConfirmTOTPResponseObject, error) {
	c := ginContext(ctx)
	a, sessionID, err := session(c)
	if err != nil {
		return nil, err
	}
	in, codes, err := s.Services.MFA.Confirm(c.Request.Context(), a.AccountID, a.UserID, sessionID, req.Body.Totp)
	if err != nil {
		return nil, ownCode(err)
	}
	s.setCookies(c, in)
	return gen.ConfirmTOTP200JSONResponse{RecoveryCodes: codes}, nil
}

// RemoveTOTP removes the caller's second factor.
func (s *server) RemoveTOTP(ctx context.Context, req gen.RemoveTOTPRequestObject) (gen.RemoveTOTPResponseObject, error) {
	c := ginContext(ctx)
	a, sessionID, err := session(c)
	if err != nil {
		return nil, err
	}
	in, err := s.Services.MFA.Remove(c.Request.Context(), a.AccountID, a.UserID, sessionID, factor(req.Body.Totp, req.Body.RecoveryCode))
	if err != nil {
		return nil, ownCode(err)
	}
	s.setCookies(c, in)
	return gen.RemoveTOTP204Response{}, nil
}

// ReplaceRecoveryCodes makes new recovery codes for the caller.
func (s *server) ReplaceRecoveryCodes(ctx context.Context, req gen.ReplaceRecoveryCodesRequestObject) (gen.ReplaceRecoveryCodesResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	codes, err := s.Services.MFA.ReplaceRecoveryCodes(c.Request.Context(), a.AccountID, a.UserID, req.Body.Totp)
	if err != nil {
		return nil, ownCode(err)
	}
	return gen.ReplaceRecoveryCodes201JSONResponse{RecoveryCodes: codes}, nil
}

// ownCode says that a code was wrong without saying that the session is: the console would sign out.
func ownCode(err error) error {
	if errs.ReasonOf(err) == reason.SecondFactor {
		return errs.Wrap(err, errs.Forbidden, reason.SecondFactor, "%s", errs.MessageOf(err))
	}
	return err
}
