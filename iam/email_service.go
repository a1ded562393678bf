package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/reason"
)

// EmailService confirms addresses and lets users in who forgot their password, by tickets in e-mails. Without an outbox (no mail server is configured)
// it refuses what needs one.
type EmailService struct {
	store    Store
	write    writer
	clock    clock.Clock
	outbox   *Outbox
	accounts *AccountService
	users    *UserService
	required bool
}

// Enabled reports whether mails can be sent.
func (s *EmailService) Enabled() bool { return s.outbox != nil }

func (s *EmailService) check() error {
	if s.outbox == nil {
		return errs.New(errs.Conflict, "mail_disabled", "No mail server is configured: ask the operator.")
	}
	return nil
}

// signUpData is what a ticket of a sign-up keeps until the address is confirmed.
type signUpData struct {
	AccountName  string `json:"account_name"`
	PasswordHash string `json:"password_hash"`
}

// SignUp sends a mail with a ticket that opens the account (Confirm), or tells the owner of a known address that they have one. The caller cannot tell
// which: the answer is the same and the work is too, and neither leaves anything behind that a second sign-up could find. base is how the console is
// reached. errs.Conflict: the name of the account, which is public, is taken.
func (s *EmailService) SignUp(ctx context.Context, base string, in SignUpInput) error {
	if err := s.check(); err != nil {
		return err
	}
	if err := in.Validate(); err != nil {
		return err
	}
	switch _, err := s.store.AccountByName(ctx, in.AccountName); {
	case err == nil:
		return ErrAccountNameTaken()
	case errs.CodeOf(err) != errs.NotFound:
		return err
	}
	hash, err := s.accounts.passwords.Hash(in.Password)
	if err != nil {
		return err
	}
	data, err := json.Marshal(signUpData{AccountName: in.AccountName, PasswordHash: hash})
	if err != nil {
		return err
	}
	ticket, secret := newTicket(TicketSignUp, s.clock.Now())
	ticket.Email, ticket.Data = in.Email, string(data)
	_, lookup := s.store.AcrossAccountsUserByEmail(ctx, in.Email)
	if lookup != nil && errs.CodeOf(lookup) != errs.NotFound {
		return lookup
	}
	// Written for a known address, too, where nobody is told its secret: the time of the answer would tell.
	if err := createTicket(ctx, s.store, ticket); err != nil {
		return err
	}
	if lookup == nil {
		s.outbox.Put(mailKnown(base, in.Email))
		return nil
	}
	s.outbox.Put(mailSignUp(base, in.Email, in.AccountName, secret))
	return nil
}

// RequestVerification sends the user a mail with a ticket that confirms their address. A confirmed one is a success, too.
func (s *EmailService) RequestVerification(ctx context.Context, base, accountID, userID string) error {
	if err := s.check(); err != nil {
		return err
	}
	u, err := s.store.User(ctx, accountID, userID)
	if err != nil || u.EmailVerified {
		return err
	}
	if u.Email == "" {
		return errs.New(errs.Conflict, "no_email", "The user has no e-mail address.")
	}
	secret, err := s.ticket(ctx, u, TicketVerify)
	if err == nil {
		s.outbox.Put(mailVerify(base, u.Email, secret))
	}
	return err
}

// ticket makes a ticket of the user, which replaces older ones of the purpose.
func (s *EmailService) ticket(ctx context.Context, u User, p TicketPurpose) (string, error) {
	now := s.clock.Now()
	t, secret := newTicket(p, now)
	t.AccountID, t.UserID, t.Email = u.AccountID, u.ID, u.Email
	err := s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.ForgetTickets(ctx, u.AccountID, u.ID, p); err != nil {
			return err
		}
		if err := tx.AcrossAccountsSweepTickets(ctx, now); err != nil {
			return err
		}
		return tx.CreateTicket(ctx, t)
	})
	return secret, err
}

// createTicket writes a ticket, and clears away what expired.
func createTicket(ctx context.Context, store Store, t Ticket) error {
	return store.InTx(ctx, func(tx Tx) error {
		if err := tx.AcrossAccountsSweepTickets(ctx, t.CreatedAt); err != nil {
			return err
		}
		return tx.CreateTicket(ctx, t)
	})
}

// Confirm takes the ticket out of a mail: it opens the account of a sign-up, or confirms the address of a user. It confirms no other address than the one
// that the mail went to.
func (s *EmailService) Confirm(ctx context.Context, ticket string) error {
	hash, now := ticketHash(ticket), s.clock.Now()
	t, err := s.store.AcrossAccountsTicket(ctx, hash, TicketSignUp, now)
	if err == nil {
		return s.open(ctx, hash, t)
	}
	if errs.CodeOf(err) != errs.NotFound {
		return err
	}
	if t, err = s.store.AcrossAccountsTicket(ctx, hash, TicketVerify, now); err != nil {
		return errTicket(err)
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, t.AccountID, t.UserID)
		if err != nil {
			return errTicket(err)
		}
		if _, err := tx.TakeTicket(ctx, hash, TicketVerify, now); err != nil {
			return errTicket(err)
		}
		if FoldName(u.Email) != FoldName(t.Email) {
			return errTicket(errs.New(errs.NotFound, "", "The user has another address now."))
		}
		u.EmailVerified = true
		out.record(userEvent(actionEmailVerify, u, nil))
		return updateUser(ctx, tx, out, u, s.clock.Now())
	})
}

// open opens the account that a ticket of a sign-up is for.
func (s *EmailService) open(ctx context.Context, hash []byte, t Ticket) error {
	var data signUpData
	if err := json.Unmarshal([]byte(t.Data), &data); err != nil {
		return fmt.Errorf("ticket of a sign-up: %w", err)
	}
	regions, err := s.accounts.regions(ctx)
	if err != nil {
		return err
	}
	a, u := s.accounts.newAccount(data.AccountName, data.AccountName)
	u.Email, u.EmailVerified, u.PasswordHash = t.Email, true, data.PasswordHash
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := tx.TakeTicket(ctx, hash, TicketSignUp, s.clock.Now()); err != nil {
			return errTicket(err)
		}
		return createAccount(ctx, tx, out, a, u, regions)
	})
}

// RequestReset sends a mail with a ticket that sets another password, if a user has the address. Whether one has cannot be told by the answer or the
// work.
func (s *EmailService) RequestReset(ctx context.Context, base, email string) error {
	if err := s.check(); err != nil {
		return err
	}
	u, err := s.store.AcrossAccountsUserByEmail(ctx, email)
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return err
	}
	unknown := err != nil || !u.Enabled
	if unknown {
		u = User{Email: email} // a ticket of nobody, whose secret nobody is told
	}
	secret, err := s.ticket(ctx, u, TicketReset)
	if err == nil && !unknown {
		s.outbox.Put(mailReset(base, u.Email, secret))
	}
	return err
}

// Reset sets another password, with the ticket out of a mail, and ends all tokens and sessions of the user. A second factor stays: who took over the
// mailbox alone does not get in. The owner is told.
func (s *EmailService) Reset(ctx context.Context, ticket, password string) error {
	hash := ticketHash(ticket)
	t, err := s.store.AcrossAccountsTicket(ctx, hash, TicketReset, s.clock.Now())
	if err != nil {
		return errTicket(err)
	}
	newHash, err := s.users.newHash(ctx, t.AccountID, t.UserID, password, "/new") // first: a password that is refused does not use the ticket up
	if err != nil {
		return errTicket(err)
	}
	var u User
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		if u, err = tx.LockUser(ctx, t.AccountID, t.UserID); err != nil {
			return errTicket(err)
		}
		if _, err := tx.TakeTicket(ctx, hash, TicketReset, s.clock.Now()); err != nil {
			return errTicket(err)
		}
		if FoldName(u.Email) != FoldName(t.Email) {
			return errTicket(errs.New(errs.NotFound, "", "The user has another address now."))
		}
		u.PasswordHash, u.EmailVerified = newHash, true // the mail has arrived
		u.TokenEpoch++
		out.record(userEvent(actionPasswordReset, u, nil))
		return updateUser(ctx, tx, out, u, s.clock.Now())
	})
	if err == nil && s.outbox != nil {
		s.outbox.Put(mailPasswordChanged(u.Email))
	}
	return err
}

// MayActivate refuses, with reason.EmailUnverified, an account whose first user has an address that is not confirmed. Accounts without an address are
// the operator's own doing.
func (s *EmailService) MayActivate(ctx context.Context, accountID string) error {
	if s.outbox == nil || !s.required {
		return nil
	}
	a, err := s.store.Account(ctx, accountID)
	if err != nil {
		return err
	}
	u, err := s.store.User(ctx, accountID, a.FirstUserID)
	if err != nil {
		return err
	}
	if u.Email != "" && !u.EmailVerified {
		return errs.New(errs.Forbidden, reason.EmailUnverified, "Confirm the e-mail address of %s first: ask for a mail and open its link.", u.Name)
	}
	return nil
}

// The tickets stand behind "#": browsers send that part to no server and in no Referer.

func mailSignUp(base, to, accountName, secret string) Mail {
	return Mail{to, "Confirm your e-mail address", lines(
		"Somebody, probably you, opens the DMS account "+accountName+" with this address.",
		"To confirm it and open the account, go to", base+"/verify-email#"+secret,
		"The link is good for 24 hours and works once. If it was not you, do nothing.",
	)}
}

func mailKnown(base, to string) Mail {
	return Mail{to, "You have a DMS account already", lines(
		"Somebody, probably you, tried to open a DMS account with this address, which has one already.",
		"Sign in at "+base+"/sign-in", "If you forgot the password, ask for another one there. If it was not you, do nothing.",
	)}
}

func mailVerify(base, to, secret string) Mail {
	return Mail{to, "Confirm your e-mail address", lines(
		"To confirm that this is your address, go to", base+"/verify-email#"+secret,
		"The link is good for 24 hours and works once.",
	)}
}

func mailReset(base, to, secret string) Mail {
	return Mail{to, "Set another password", lines(
		"Somebody, probably you, asked for another password of your DMS user.",
		"To set one, go to", base+"/reset-password#"+secret,
		"The link is good for 10 minutes and works once. If it was not you, do nothing: your password stays.",
	)}
}

func mailPasswordChanged(to string) Mail {
	return Mail{to, "Your password was changed", lines(
		"The password of your DMS user was changed through a link that was sent to this address. All sessions have ended.",
		"If it was not you, ask for another password at once, and tell your administrator.",
	)}
}

func lines(paragraphs ...string) string { return strings.Join(paragraphs, "\n\n") + "\n" }
