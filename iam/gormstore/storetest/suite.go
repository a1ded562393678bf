// Package storetest is the suite that every iam.Store must pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, 11, 24, 8, 0, 0, 123000, time.UTC)
)

// Run proves that the stores that open makes keep what iam.Store promises.
func Run(t *testing.T, open func(t *testing.T) iam.Store) {
	cases := map[string]func(t *testing.T, s iam.Store){
		"what was written is read":                  roundTrip,
		"names and addresses are unique":            unique,
		"a failed transaction leaves nothing":       rollBack,
		"lists are ordered and paged":               lists,
		"accounts without a project":                withoutProject,
		"accounts are found and suspended":          suspension,
		"changes of a user":                         updates,
		"policy versions count up":                  policyVersions,
		"access keys":                               accessKeys,
		"one signing key is next, one current":      signingKeys,
		"roles":                                     roles,
		"tokens are revoked until they expire":      revokedTokens,
		"sessions":                                  sessions,
		"revisions count up":                        revisions,
		"one account never sees another's":          isolation,
		"what is not there is not found everywhere": absent,
	}
	maps.Copy(cases, policyCases)
	maps.Copy(cases, signInCases)
	for name, f := range cases {
		t.Run(name, func(t *testing.T) { f(t, open(t)) })
	}
}

func inTx(t *testing.T, s iam.Store, f func(tx iam.Tx)) {
	t.Helper()
	require.NoError(t, s.InTx(ctx, func(tx iam.Tx) error {
		f(tx)
		return nil
	}))
}

func newAccount(name string) iam.Account {
	return iam.Account{ID: id.NewHex(), Name: name, FirstUserID: id.NewHex(), PolicyVersion: 1, CreatedAt: at}
}

func newUser(a iam.Account, name, email string) iam.User {
	return iam.User{ID: id.NewHex(), AccountID: a.ID, Name: name, Email: email, PasswordHash: "$x", Enabled: true, Operator: true, TokenEpoch: 2, CreatedAt: at}
}

// tenant is one of everything.
type tenant struct {
	account    iam.Account
	user       iam.User
	project    iam.Project
	key        iam.AccessKey
	group      iam.UserGroup
	policy     iam.ManagedPolicy
	attachment iam.Attachment
	session    iam.Session
}

func newTenant(t *testing.T, s iam.Store, name string) tenant {
	t.Helper()
	var n tenant
	n.account = newAccount(name)
	n.user = newUser(n.account, "Alice", name+"@example.com")
	n.user.ID = n.account.FirstUserID
	n.project = iam.Project{ID: id.NewHex(), AccountID: n.account.ID, Name: "r1", Region: "r1", CreatedAt: at}
	n.key = iam.AccessKey{ID: "AK" + name, AccountID: n.account.ID, UserID: n.user.ID, Description: "d", SealedSecret: "s", Enabled: true, CreatedAt: at}
	n.group = iam.UserGroup{ID: id.NewHex(), AccountID: n.account.ID, Name: "Staff", Description: "d", CreatedAt: at}
	n.policy = iam.ManagedPolicy{AccountID: n.account.ID, Name: "own", Description: "d", Version: 1, CreatedAt: at, UpdatedAt: at,
		Document: iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{{Effect: iam.EffectDeny, Action: []string{"a:b:c"}, Resource: []string{"*"}}}}}
	n.attachment = iam.Attachment{AccountID: n.account.ID, Subject: iam.UserSubject(n.user.ID), PolicyName: "own", CreatedAt: at}
	n.session = iam.Session{ID: id.NewHex(), AccountID: n.account.ID, UserID: n.user.ID, Epoch: 2, SealedRotationKey: "k", CurrentHash: []byte{1}, RotatedAt: at, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateAccount(ctx, n.account))
		require.NoError(t, tx.CreateUser(ctx, n.user))
		require.NoError(t, tx.CreateProject(ctx, n.project))
		require.NoError(t, tx.CreateAccessKey(ctx, n.key))
		require.NoError(t, tx.CreateUserGroup(ctx, n.group))
		require.NoError(t, tx.AddMember(ctx, iam.Membership{AccountID: n.account.ID, GroupID: n.group.ID, UserID: n.user.ID, CreatedAt: at}))
		require.NoError(t, tx.CreatePolicy(ctx, n.policy))
		require.NoError(t, tx.Attach(ctx, n.attachment))
		require.NoError(t, tx.CreateSession(ctx, n.session))
	})
	return n
}

func roundTrip(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	same := func(want, got any, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
	read := func(r iam.Reads) {
		a, err := r.Account(ctx, n.account.ID)
		same(n.account, a, err)
		a, err = r.AccountByName(ctx, "ACME")
		same(n.account, a, err)
		u, err := r.User(ctx, n.account.ID, n.user.ID)
		same(n.user, u, err)
		u, err = r.UserByName(ctx, n.account.ID, "alice")
		same(n.user, u, err)
		u, err = r.AcrossAccountsUser(ctx, n.user.ID)
		same(n.user, u, err)
		u, err = r.AcrossAccountsUserByEmail(ctx, "Acme@Example.COM")
		same(n.user, u, err)
		p, err := r.Project(ctx, n.account.ID, n.project.ID)
		same(n.project, p, err)
		ps, err := r.Projects(ctx, n.account.ID)
		same([]iam.Project{n.project}, ps, err)
		ks, err := r.AccessKeys(ctx, n.account.ID, n.user.ID)
		same([]iam.AccessKey{n.key}, ks, err)
		sn, err := r.AcrossAccountsSession(ctx, n.session.ID)
		same(n.session, sn, err)
	}
	read(s)
	inTx(t, s, func(tx iam.Tx) {
		read(tx)
		a, err := tx.LockAccount(ctx, n.account.ID)
		same(n.account, a, err)
		u, err := tx.LockUser(ctx, n.account.ID, n.user.ID)
		same(n.user, u, err)
	})
}

func unique(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	conflict := func(pointer string, f func(tx iam.Tx) error) {
		t.Helper()
		err := s.InTx(ctx, f)
		require.Equal(t, errs.Conflict, errs.CodeOf(err), "%v", err)
		if pointer != "" {
			require.Equal(t, pointer, errs.As(err).Fields[0].Pointer)
		}
	}
	conflict("/account_name", func(tx iam.Tx) error { return tx.CreateAccount(ctx, newAccount("AcmE")) })
	conflict("/user_name", func(tx iam.Tx) error { return tx.CreateUser(ctx, newUser(n.account, "ALICE", "")) })
	other := newAccount("other")
	conflict("/email", func(tx iam.Tx) error {
		require.NoError(t, tx.CreateAccount(ctx, other))
		return tx.CreateUser(ctx, newUser(other, "bob", "ACME@example.com"))
	})
	conflict("", func(tx iam.Tx) error {
		p := n.project
		p.ID = id.NewHex()
		return tx.CreateProject(ctx, p)
	})
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateUser(ctx, newUser(n.account, "bob", "")))
		require.NoError(t, tx.CreateUser(ctx, newUser(n.account, "carol", "")), "any number of users has no address")
	})
}

func rollBack(t *testing.T, s iam.Store) {
	a := newAccount("acme")
	boom := errors.New("boom")
	require.ErrorIs(t, s.InTx(ctx, func(tx iam.Tx) error {
		require.NoError(t, tx.CreateAccount(ctx, a))
		_, err := tx.Append(ctx, directory.Entry{Kind: directory.KindAccount, Key: a.ID, Value: []byte(`{}`)})
		require.NoError(t, err)
		return boom
	}), boom)
	_, err := s.Account(ctx, a.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
}

func lists(t *testing.T, s iam.Store) {
	var want []string
	inTx(t, s, func(tx iam.Tx) {
		for i := range 5 {
			a := newAccount(fmt.Sprintf("acme-%d", i))
			a.ID = fmt.Sprintf("%032x", i+1)
			want = append(want, a.ID)
			require.NoError(t, tx.CreateAccount(ctx, a))
		}
	})
	var got []string
	for after := ""; ; {
		page, err := s.AcrossAccountsList(ctx, after, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		require.LessOrEqual(t, len(page), 2)
		for _, a := range page {
			got = append(got, a.ID)
		}
		after = got[len(got)-1]
	}
	require.Equal(t, want, got)
	inTx(t, s, func(tx iam.Tx) {
		for _, name := range []string{"r2", "R1", "r10"} {
			require.NoError(t, tx.CreateProject(ctx, iam.Project{ID: id.NewHex(), AccountID: want[0], Name: name, Region: name, CreatedAt: at}))
		}
	})
	projects, err := s.Projects(ctx, want[0])
	require.NoError(t, err)
	require.Equal(t, []string{"R1", "r10", "r2"}, []string{projects[0].Name, projects[1].Name, projects[2].Name}, "byte by byte, on every database")
}

func withoutProject(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	list := func(region string, limit int) (out []string) {
		t.Helper()
		accounts, err := s.AcrossAccountsWithoutProject(ctx, region, limit)
		require.NoError(t, err)
		for _, a := range accounts {
			out = append(out, a.ID)
		}
		return out
	}
	require.Empty(t, list("r1", 10))
	require.ElementsMatch(t, []string{a.account.ID, b.account.ID}, list("r2", 10))
	require.Len(t, list("r2", 1), 1)
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateProject(ctx, iam.Project{ID: id.NewHex(), AccountID: a.account.ID, Name: "r2", Region: "r2", CreatedAt: at}))
	})
	require.Equal(t, []string{b.account.ID}, list("r2", 10))
}

func updates(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	u := n.user
	u.Email, u.PasswordHash, u.Enabled, u.Operator, u.TokenEpoch = "", "$y", false, false, 0
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateUser(ctx, u)) })
	got, err := s.User(ctx, u.AccountID, u.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(u, got), "zero values are written too")
	u.Name = "Mallory"
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateUser(ctx, u)) })
	got, err = s.User(ctx, u.AccountID, u.ID)
	require.NoError(t, err)
	require.Equal(t, "Alice", got.Name, "the name does not change")
}

func policyVersions(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	for want := int64(2); want < 5; want++ {
		inTx(t, s, func(tx iam.Tx) {
			a, err := tx.BumpPolicyVersion(ctx, n.account.ID)
			require.NoError(t, err)
			require.Equal(t, want, a.PolicyVersion)
		})
	}
	a, err := s.Account(ctx, n.account.ID)
	require.NoError(t, err)
	require.Equal(t, int64(4), a.PolicyVersion)
}

func accessKeys(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	second := n.key
	second.ID, second.CreatedAt = "AA", at.Add(time.Second)
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateAccessKey(ctx, second))
		k, err := tx.SetAccessKeyEnabled(ctx, n.account.ID, n.user.ID, "AA", false)
		require.NoError(t, err)
		require.False(t, k.Enabled)
	})
	second.Enabled = false
	got, err := s.AccessKeys(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.AccessKey{n.key, second}, got), "the oldest first")
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.DeleteAccessKey(ctx, n.account.ID, n.user.ID, n.key.ID))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteAccessKey(ctx, n.account.ID, n.user.ID, n.key.ID)))
	})
	got, err = s.AccessKeys(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.AccessKey{second}, got))
}

func sessions(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	changed := n.session
	changed.CurrentHash, changed.PreviousHash, changed.RotatedAt, changed.EndedAt = []byte{2}, []byte{1}, at.Add(time.Minute), at.Add(2*time.Minute)
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateSession(ctx, changed)) })
	got, err := s.AcrossAccountsSession(ctx, n.session.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(changed, got))

	ended := func(since time.Time) []string {
		t.Helper()
		ids, err := s.EndedSessions(ctx, n.account.ID, n.user.ID, since)
		require.NoError(t, err)
		return ids
	}
	require.Equal(t, []string{n.session.ID}, ended(changed.EndedAt))
	require.Empty(t, ended(changed.EndedAt.Add(time.Microsecond)))

	living := n.session
	living.ID = id.NewHex()
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateSession(ctx, living))
		require.NoError(t, tx.ForgetSessions(ctx, n.account.ID, n.user.ID, changed.EndedAt))
	})
	_, err = s.AcrossAccountsSession(ctx, n.session.ID)
	require.NoError(t, err, "it ended at that instant, not before")
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.ForgetSessions(ctx, n.account.ID, n.user.ID, changed.EndedAt.Add(time.Microsecond)))
	})
	_, err = s.AcrossAccountsSession(ctx, n.session.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.ForgetSessions(ctx, n.account.ID, n.user.ID, living.ExpiresAt.Add(time.Microsecond)))
	})
	_, err = s.AcrossAccountsSession(ctx, living.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err), "it ran out")
}

func revisions(t *testing.T, s iam.Store) {
	var last directory.Revision
	for i := range 3 {
		inTx(t, s, func(tx iam.Tx) {
			rev, err := tx.Append(ctx, directory.Entry{Kind: directory.KindUser, Key: fmt.Sprint(i), Value: []byte(`{}`)})
			require.NoError(t, err)
			require.Greater(t, rev, last)
			last = rev
		})
	}
}

// isolation asks for each thing of one account with the other account's id, both ways round.
func isolation(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	for _, c := range []struct{ me, other tenant }{{a, b}, {b, a}} {
		me, other := c.me.account.ID, c.other
		notFound := func(what string, err error) {
			t.Helper()
			require.Equal(t, errs.NotFound, errs.CodeOf(err), what)
		}
		_, err := s.User(ctx, me, other.user.ID)
		notFound("user", err)
		_, err = s.Project(ctx, me, other.project.ID)
		notFound("project", err)
		keys, err := s.AccessKeys(ctx, me, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, keys)
		projects, err := s.Projects(ctx, me)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.Project{c.me.project}, projects))
		inTx(t, s, func(tx iam.Tx) {
			_, err := tx.LockUser(ctx, me, other.user.ID)
			notFound("lock user", err)
			stolen := other.user
			stolen.AccountID, stolen.PasswordHash = me, "$stolen"
			notFound("update user", tx.UpdateUser(ctx, stolen))
			_, err = tx.SetAccessKeyEnabled(ctx, me, other.user.ID, other.key.ID, false)
			notFound("disable key", err)
			notFound("delete key", tx.DeleteAccessKey(ctx, me, other.user.ID, other.key.ID))
			notFound("delete key by own user", tx.DeleteAccessKey(ctx, me, c.me.user.ID, other.key.ID))
			sn := other.session
			sn.AccountID, sn.EndedAt = me, at
			notFound("end session", tx.UpdateSession(ctx, sn))
			require.NoError(t, tx.ForgetSessions(ctx, me, other.user.ID, at.Add(240*time.Hour)))
		})
		u, err := s.User(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(other.user, u))
		keys, err = s.AccessKeys(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.AccessKey{other.key}, keys))
		sn, err := s.AcrossAccountsSession(ctx, other.session.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(other.session, sn))
	}
}

func absent(t *testing.T, s iam.Store) {
	a := newTenant(t, s, "acme").account.ID
	nobody := id.NewHex()
	_, err := s.Account(ctx, nobody)
	answers := []error{err}
	_, err = s.AccountByName(ctx, "nobody")
	answers = append(answers, err)
	_, err = s.User(ctx, a, nobody)
	answers = append(answers, err)
	_, err = s.UserByName(ctx, a, "nobody")
	answers = append(answers, err)
	_, err = s.AcrossAccountsUser(ctx, nobody)
	answers = append(answers, err)
	_, err = s.AcrossAccountsUserByEmail(ctx, "nobody@example.com")
	answers = append(answers, err)
	_, err = s.AcrossAccountsUserByEmail(ctx, "")
	answers = append(answers, err)
	_, err = s.Project(ctx, a, nobody)
	answers = append(answers, err)
	_, err = s.CurrentSigningKey(ctx)
	answers = append(answers, err)
	_, err = s.AcrossAccountsSession(ctx, nobody)
	answers = append(answers, err)
	inTx(t, s, func(tx iam.Tx) {
		_, err := tx.LockAccount(ctx, nobody)
		answers = append(answers, err)
		_, err = tx.BumpPolicyVersion(ctx, nobody)
		answers = append(answers, err)
	})
	for i, err := range answers {
		require.Equal(t, errs.NotFound, errs.CodeOf(err), "look-up %d: %v", i, err)
	}
}

func suspension(t *testing.T, s iam.Store) {
	acme, other := newAccount("Acme_1"), newAccount("other")
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.CreateAccount(ctx, acme))
		require.NoError(t, tx.CreateAccount(ctx, other))
	})
	search := func(part string) (names []string) {
		found, err := s.AcrossAccountsSearch(ctx, part, "", 10)
		require.NoError(t, err)
		for _, a := range found {
			names = append(names, a.Name)
		}
		return names
	}
	require.Len(t, search(""), 2)
	require.Equal(t, []string{"Acme_1"}, search("cME"))
	require.Equal(t, []string{"Acme_1"}, search("_"), "no wildcard")
	require.Empty(t, search("%"))
	first, err := s.AcrossAccountsSearch(ctx, "", "", 1)
	require.NoError(t, err)
	rest, err := s.AcrossAccountsSearch(ctx, "", first[0].ID, 10)
	require.NoError(t, err)
	require.Len(t, rest, 1)

	acme.SuspendedAt, acme.SuspendedReason = at, "spam"
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.SetSuspended(ctx, acme)) })
	got, err := s.Account(ctx, acme.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(acme, got))
	acme.SuspendedAt, acme.SuspendedReason = time.Time{}, ""
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.SetSuspended(ctx, acme))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.SetSuspended(ctx, newAccount("nobody"))))
	})
	for _, want := range []iam.Account{acme, other} {
		got, err := s.Account(ctx, want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
}
