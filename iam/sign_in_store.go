package iam

import (
	"context"
	"time"
)

// SignInReads are the look-ups of how users sign in.
type SignInReads interface {
	// Sessions returns the user's sessions that have not ended, the newest first; some may have run out.
	Sessions(ctx context.Context, accountID, userID string) ([]Session, error)
	// AcrossAccountsTicket returns a ticket that has not expired by now: its secret is all that its holder shows.
	AcrossAccountsTicket(ctx context.Context, hash []byte, purpose TicketPurpose, now time.Time) (Ticket, error)
	TOTP(ctx context.Context, accountID, userID string) (TOTP, error)
	// RecoveryCodesLeft counts the user's recovery codes that were not used.
	RecoveryCodesLeft(ctx context.Context, accountID, userID string) (int, error)
}

// SignInTx changes how users sign in. The user is locked.
type SignInTx interface {
	CreateTicket(ctx context.Context, t Ticket) error
	// TakeTicket uses a ticket up: of any number of callers one gets it, the others an errs.NotFound.
	TakeTicket(ctx context.Context, hash []byte, purpose TicketPurpose, now time.Time) (Ticket, error)
	// ForgetTickets deletes the user's tickets of the purpose.
	ForgetTickets(ctx context.Context, accountID, userID string, purpose TicketPurpose) error
	// AcrossAccountsSweepTickets deletes the tickets that expired by now.
	AcrossAccountsSweepTickets(ctx context.Context, now time.Time) error

	// PutTOTP writes the user's second factor, or replaces it.
	PutTOTP(ctx context.Context, t TOTP) error
	// TakeTOTPStep moves the last step of time forward to step; false: it is there already, and its code was used.
	TakeTOTPStep(ctx context.Context, accountID, userID string, step int64) (bool, error)
	// DeleteTOTP deletes the second factor and the recovery codes, if there are any.
	DeleteTOTP(ctx context.Context, accountID, userID string) error
	// PutRecoveryCodes replaces all recovery codes of the user by those with the hashes.
	PutRecoveryCodes(ctx context.Context, accountID, userID string, hashes [][]byte) error
	// TakeRecoveryCode uses a code up; false: there is none with the hash.
	TakeRecoveryCode(ctx context.Context, accountID, userID string, hash []byte) (bool, error)
}
