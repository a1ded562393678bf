package iam

import (
	"context"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/reason"
)

// ImpersonationLife is how long an operator may act as a user before they have to say why again.
const ImpersonationLife = time.Hour

// Impersonation is a session in which an operator acts as a user.
type Impersonation struct {
	SignedIn
	EndsAt time.Time
}

// Impersonate starts a session of a user of the account ("": its first) in which the operator acts as the user. It stands in the account's trail with the reason, as
// does, with the operator's id, all that is done in it. It ends with the operator's own rights. errs.Forbidden: the user is an operator, disabled or suspended,
// or whoever asks is no operator or acts with lent credentials.
func (s *OperatorService) Impersonate(ctx context.Context, operator access.Actor, accountID, userID, because string) (Impersonation, error) {
	if !operator.Operator || operator.Temporary() {
		return Impersonation{}, errs.New(errs.Forbidden, reason.PolicyDenied, "Only operators of the platform may act as others.")
	}
	if userID == "" {
		a, err := s.store.Account(ctx, accountID)
		if err != nil {
			return Impersonation{}, err
		}
		userID = a.FirstUserID
	}
	var (
		session Session
		user    User
		secret  []byte
	)
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		a, err := tx.Account(ctx, accountID)
		if err != nil {
			return err
		}
		if user, err = tx.LockUser(ctx, accountID, userID); err != nil {
			return err
		}
		if user.Operator || !user.Enabled || !a.SuspendedAt.IsZero() {
			return errs.New(errs.Forbidden, reason.PolicyDenied, "Nobody acts as an operator, or as a disabled user, or in a suspended account.")
		}
		session, secret = s.sessions.newSession(ctx, SessionStart{User: user, ImpersonatorID: operator.UserID, Life: ImpersonationLife})
		if err := tx.ForgetSessions(ctx, accountID, userID, session.CreatedAt.Add(-AccessTokenLife)); err != nil {
			return err
		}
		out.record(audit.Event{
			AccountID: accountID, Action: access.PlatformAccountImpersonate, Resource: audit.Resource("iam", accountID, "user", user.Name),
			Detail: map[string]string{"reason": because, "user_id": userID, "session_id": session.ID},
		})
		return tx.CreateSession(ctx, session)
	})
	if err != nil {
		return Impersonation{}, err
	}
	in, err := s.sessions.signedIn(ctx, session, user, secret)
	return Impersonation{SignedIn: in, EndsAt: session.ExpiresAt}, err
}
