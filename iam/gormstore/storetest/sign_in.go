package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/errs"
)

// signInCases are about how users sign in.
var signInCases = map[string]func(t *testing.T, s iam.Store){
	"tickets are good once":                tickets,
	"living sessions, the newest first":    livingSessions,
	"steps of a second factor only go on":  secondFactor,
	"recovery codes are good once":         recoveryCodes,
	"nobody sees another's second factors": signInIsolation,
}

func tickets(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	k := iam.Ticket{Hash: []byte{1}, Purpose: iam.TicketReset, AccountID: n.account.ID, UserID: n.user.ID, Email: "a@example.com", Data: "{}", CreatedAt: at, ExpiresAt: at.Add(time.Minute)}
	other := k
	other.Hash, other.Purpose = []byte{2}, iam.TicketVerify
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateTicket(ctx, k))
		require.NoError(t, tx.CreateTicket(ctx, other))
	})
	got, err := s.AcrossAccountsTicket(ctx, k.Hash, k.Purpose, at)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(k, got))
	_, err = s.AcrossAccountsTicket(ctx, k.Hash, iam.TicketVerify, at)
	require.Equal(t, errs.NotFound, errs.CodeOf(err), "of another purpose")
	_, err = s.AcrossAccountsTicket(ctx, k.Hash, k.Purpose, k.ExpiresAt)
	require.Equal(t, errs.NotFound, errs.CodeOf(err), "expired")
	inTx(t, s, func(tx iam.Tx) {
		taken, err := tx.TakeTicket(ctx, k.Hash, k.Purpose, at)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(k, taken))
		_, err = tx.TakeTicket(ctx, k.Hash, k.Purpose, at)
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		require.NoError(t, tx.ForgetTickets(ctx, n.account.ID, n.user.ID, iam.TicketReset))
		require.NoError(t, tx.AcrossAccountsSweepTickets(ctx, at))
		_, err = tx.AcrossAccountsTicket(ctx, other.Hash, other.Purpose, at)
		require.NoError(t, err, "neither of that purpose nor expired")
		require.NoError(t, tx.AcrossAccountsSweepTickets(ctx, other.ExpiresAt))
		_, err = tx.AcrossAccountsTicket(ctx, other.Hash, other.Purpose, at)
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
	})
}

func livingSessions(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	newer, ended := n.session, n.session
	newer.ID, newer.CreatedAt, newer.MFA, newer.Address, newer.UserAgent, newer.ImpersonatorID = "b", at.Add(time.Second), true, "192.0.2.1", "browser", "o"
	ended.ID, ended.EndedAt = "c", at
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateSession(ctx, newer))
		require.NoError(t, tx.CreateSession(ctx, ended))
	})
	got, err := s.Sessions(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.Session{newer, n.session}, got))
	newer.Epoch, newer.MFA = 7, false
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateSession(ctx, newer)) })
	again, err := s.AcrossAccountsSession(ctx, newer.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(newer, again))
}

func secondFactor(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	_, err := s.TOTP(ctx, n.account.ID, n.user.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	f := iam.TOTP{AccountID: n.account.ID, UserID: n.user.ID, SealedSecret: "s", LastStep: 5, Failures: 2, FailedAt: at}
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.PutTOTP(ctx, f))
		f.SealedSecret, f.Confirmed, f.Failures = "other", true, 0
		require.NoError(t, tx.PutTOTP(ctx, f))
		for step, want := range map[int64]bool{4: false, 5: false} {
			ok, err := tx.TakeTOTPStep(ctx, n.account.ID, n.user.ID, step)
			require.NoError(t, err)
			require.Equal(t, want, ok)
		}
		ok, err := tx.TakeTOTPStep(ctx, n.account.ID, n.user.ID, 6)
		require.NoError(t, err)
		require.True(t, ok)
	})
	f.LastStep = 6
	got, err := s.TOTP(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(f, got))
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.DeleteTOTP(ctx, n.account.ID, n.user.ID))
		require.NoError(t, tx.DeleteTOTP(ctx, n.account.ID, n.user.ID), "twice is once")
	})
	_, err = s.TOTP(ctx, n.account.ID, n.user.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
}

func recoveryCodes(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	left := func(want int) {
		t.Helper()
		got, err := s.RecoveryCodesLeft(ctx, n.account.ID, n.user.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.PutRecoveryCodes(ctx, n.account.ID, n.user.ID, [][]byte{{9}}))
		require.NoError(t, tx.PutRecoveryCodes(ctx, n.account.ID, n.user.ID, [][]byte{{1}, {2}}))
	})
	left(2)
	inTx(t, s, func(tx iam.Tx) {
		for _, want := range []bool{true, false} {
			ok, err := tx.TakeRecoveryCode(ctx, n.account.ID, n.user.ID, []byte{1})
			require.NoError(t, err)
			require.Equal(t, want, ok)
		}
	})
	left(1)
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.DeleteTOTP(ctx, n.account.ID, n.user.ID)) })
	left(0)
}

// signInIsolation asks for each thing of one account with the other account's id, both ways round.
func signInIsolation(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	for i, n := range []tenant{a, b} {
		inTx(t, s, func(tx iam.Tx) {
			require.NoError(t, tx.PutTOTP(ctx, iam.TOTP{AccountID: n.account.ID, UserID: n.user.ID, SealedSecret: n.account.Name, FailedAt: at}))
			require.NoError(t, tx.PutRecoveryCodes(ctx, n.account.ID, n.user.ID, [][]byte{{byte(i)}}))
		})
	}
	for i, c := range []struct{ me, other tenant }{{b, a}, {a, b}} {
		me, other := c.me.account.ID, c.other
		_, err := s.TOTP(ctx, me, other.user.ID)
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		sessions, err := s.Sessions(ctx, me, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, sessions)
		n, err := s.RecoveryCodesLeft(ctx, me, other.user.ID)
		require.NoError(t, err)
		require.Zero(t, n)
		inTx(t, s, func(tx iam.Tx) {
			require.Equal(t, errs.NotFound, errs.CodeOf(tx.PutTOTP(ctx, iam.TOTP{AccountID: me, UserID: other.user.ID, SealedSecret: "stolen", FailedAt: at})))
			ok, err := tx.TakeTOTPStep(ctx, me, other.user.ID, 99)
			require.NoError(t, err)
			require.False(t, ok)
			ok, err = tx.TakeRecoveryCode(ctx, me, other.user.ID, []byte{byte(i)})
			require.NoError(t, err)
			require.False(t, ok)
			require.NoError(t, tx.DeleteTOTP(ctx, me, other.user.ID))
			require.NoError(t, tx.ForgetTickets(ctx, me, other.user.ID, iam.TicketReset))
		})
		f, err := s.TOTP(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Equal(t, other.account.Name, f.SealedSecret)
		n, err = s.RecoveryCodesLeft(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
}
