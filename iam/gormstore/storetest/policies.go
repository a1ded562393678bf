package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/errs"
	"dms/internal/id"
)

// policyCases are about users' groups and policies.
var policyCases = map[string]func(t *testing.T, s iam.Store){
	"groups, policies and where they are attached are read": policyRoundTrip,
	"users are listed in pages":                             users,
	"groups change":                                         groups,
	"policies change":                                       policies,
	"policies are attached and detached":                    attachments,
	"administrators are those by themselves and by groups":  administrators,
	"a user goes with all it has":                           deletedUser,
	"an address is changed unless it is taken":              addresses,
	"one account never sees another's policies":             policyIsolation,
}

func policyRoundTrip(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	same := func(want, got any, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
	read := func(r iam.Reads) {
		us, err := r.Users(ctx, n.account.ID, "", 10)
		same([]iam.User{n.user}, us, err)
		g, err := r.UserGroup(ctx, n.account.ID, n.group.ID)
		same(n.group, g, err)
		gs, err := r.UserGroups(ctx, n.account.ID)
		same([]iam.UserGroup{n.group}, gs, err)
		us, err = r.Members(ctx, n.account.ID, n.group.ID)
		same([]iam.User{n.user}, us, err)
		ids, err := r.GroupsOfUser(ctx, n.account.ID, n.user.ID)
		same([]string{n.group.ID}, ids, err)
		p, err := r.Policy(ctx, n.account.ID, n.policy.Name)
		same(n.policy, p, err)
		ps, err := r.Policies(ctx, n.account.ID)
		same([]iam.ManagedPolicy{n.policy}, ps, err)
		as, err := r.Attachments(ctx, n.account.ID, n.attachment.Subject)
		same([]iam.Attachment{n.attachment}, as, err)
		as, err = r.AttachmentsOf(ctx, n.account.ID, n.policy.Name)
		same([]iam.Attachment{n.attachment}, as, err)
	}
	read(s)
	inTx(t, s, func(tx iam.Tx) { read(tx) })
}

func users(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	want := []string{n.user.ID}
	inTx(t, s, func(tx iam.Tx) {
		for _, name := range []string{"bob", "carol", "dave", "erin"} {
			u := newUser(n.account, name, "")
			want = append(want, u.ID)
			require.NoError(t, tx.CreateUser(ctx, u))
		}
	})
	slices.Sort(want)
	var got []string
	for after := ""; ; {
		page, err := s.Users(ctx, n.account.ID, after, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		require.LessOrEqual(t, len(page), 2)
		for _, u := range page {
			got = append(got, u.ID)
		}
		after = got[len(got)-1]
	}
	require.Equal(t, want, got)
}

func groups(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	taken := n.group
	taken.ID, taken.Name = id.NewHex(), "STAFF"
	require.Equal(t, errs.Conflict, errs.CodeOf(s.InTx(ctx, func(tx iam.Tx) error { return tx.CreateUserGroup(ctx, taken) })), "names are compared folded")
	changed := n.group
	changed.Name, changed.Description = "Other", ""
	second := iam.UserGroup{ID: id.NewHex(), AccountID: n.account.ID, Name: "Admins", CreatedAt: at}
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.UpdateUserGroup(ctx, changed))
		require.NoError(t, tx.CreateUserGroup(ctx, second))
		require.NoError(t, tx.AddMember(ctx, iam.Membership{AccountID: n.account.ID, GroupID: second.ID, UserID: n.user.ID, CreatedAt: at}))
	})
	changed.Name = n.group.Name
	got, err := s.UserGroups(ctx, n.account.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.UserGroup{second, changed}, got), "by name, and the name does not change")
	ids, err := s.GroupsOfUser(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	want := []string{n.group.ID, second.ID}
	slices.Sort(want)
	require.Equal(t, want, ids)

	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.RemoveMember(ctx, n.account.ID, n.group.ID, n.user.ID))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.RemoveMember(ctx, n.account.ID, n.group.ID, n.user.ID)))
		require.NoError(t, tx.DeleteUserGroup(ctx, n.account.ID, second.ID), "with its members")
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteUserGroup(ctx, n.account.ID, second.ID)))
	})
	ids, err = s.GroupsOfUser(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, ids)
}

func policies(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	require.Equal(t, errs.Conflict, errs.CodeOf(s.InTx(ctx, func(tx iam.Tx) error { return tx.CreatePolicy(ctx, n.policy) })))
	changed := n.policy
	changed.Description, changed.Version, changed.UpdatedAt = "", 2, at.Add(time.Minute)
	changed.Document = iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{{Effect: iam.EffectAllow, Action: []string{"*"}, Resource: []string{"*"},
		Condition: iam.Condition{"IpAddress": {iam.KeySourceIP: {"192.0.2.0/24"}}}}}}
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdatePolicy(ctx, changed)) })
	got, err := s.Policy(ctx, n.account.ID, "own")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(changed, got))
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.DeletePolicy(ctx, n.account.ID, "own"))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeletePolicy(ctx, n.account.ID, "own")))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.UpdatePolicy(ctx, changed)))
	})
	_, err = s.Policy(ctx, n.account.ID, "own")
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
}

func attachments(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	builtin := iam.Attachment{AccountID: n.account.ID, Subject: n.attachment.Subject, PolicyName: iam.PolicyTenantGuest, CreatedAt: at}
	again := n.attachment
	again.CreatedAt = at.Add(time.Hour)
	ofGroup := iam.Attachment{AccountID: n.account.ID, Subject: iam.GroupSubject(n.group.ID), PolicyName: "own", CreatedAt: at}
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.Attach(ctx, builtin))
		require.NoError(t, tx.Attach(ctx, again), "it stays as it is")
		require.NoError(t, tx.Attach(ctx, ofGroup))
	})
	got, err := s.Attachments(ctx, n.account.ID, n.attachment.Subject)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.Attachment{builtin, n.attachment}, got))
	got, err = s.AttachmentsOf(ctx, n.account.ID, "own")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.Attachment{ofGroup, n.attachment}, got), "in the order of subjects")
	inTx(t, s, func(tx iam.Tx) {
		require.NoError(t, tx.Detach(ctx, n.account.ID, n.attachment.Subject, "own"))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.Detach(ctx, n.account.ID, n.attachment.Subject, "own")))
	})
	got, err = s.Attachments(ctx, n.account.ID, n.attachment.Subject)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.Attachment{builtin}, got))
}

func administrators(t *testing.T, s iam.Store) {
	n, other := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	bob := newUser(n.account, "bob", "")
	admin := func(subject string) iam.Attachment {
		return iam.Attachment{AccountID: n.account.ID, Subject: subject, PolicyName: iam.PolicyTenantAdministrator, CreatedAt: at}
	}
	list := func() []string {
		t.Helper()
		ids, err := s.AdministratorIDs(ctx, n.account.ID)
		require.NoError(t, err)
		return ids
	}
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.CreateUser(ctx, bob)) })
	require.Empty(t, list())
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.Attach(ctx, admin(iam.UserSubject(bob.ID)))) })
	require.Equal(t, []string{bob.ID}, list())
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.Attach(ctx, admin(iam.GroupSubject(n.group.ID)))) })
	want := []string{bob.ID, n.user.ID}
	slices.Sort(want)
	require.Equal(t, want, list(), "one by a group")
	bob.Enabled = false
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateUser(ctx, bob)) })
	require.Equal(t, []string{n.user.ID}, list(), "the other is disabled")
	ids, err := s.AdministratorIDs(ctx, other.account.ID)
	require.NoError(t, err)
	require.Empty(t, ids)
}

func deletedUser(t *testing.T, s iam.Store) {
	n := newTenant(t, s, "acme")
	inTx(t, s, func(tx iam.Tx) {
		_, err := tx.LockUser(ctx, n.account.ID, n.user.ID)
		require.NoError(t, err)
		require.NoError(t, tx.DeleteUser(ctx, n.account.ID, n.user.ID))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteUser(ctx, n.account.ID, n.user.ID)))
	})
	_, err := s.User(ctx, n.account.ID, n.user.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	_, err = s.AcrossAccountsSession(ctx, n.session.ID)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	keys, err := s.AccessKeys(ctx, n.account.ID, n.user.ID)
	require.NoError(t, err)
	require.Empty(t, keys)
	members, err := s.Members(ctx, n.account.ID, n.group.ID)
	require.NoError(t, err)
	require.Empty(t, members)
}

func addresses(t *testing.T, s iam.Store) {
	n, other := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	u := n.user
	u.Email = "BETA@example.com"
	err := s.InTx(ctx, func(tx iam.Tx) error { return tx.UpdateUser(ctx, u) })
	require.Equal(t, errs.Conflict, errs.CodeOf(err))
	require.Equal(t, "/email", errs.As(err).Fields[0].Pointer)
	u.Email = "new@example.com"
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.UpdateUser(ctx, u)) })
	got, err := s.AcrossAccountsUserByEmail(ctx, "NEW@example.com")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(u, got))
	got, err = s.AcrossAccountsUserByEmail(ctx, other.user.Email)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(other.user, got))
}

// policyIsolation asks for each thing of one account with the other account's id, both ways round.
func policyIsolation(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	for _, c := range []struct{ me, other tenant }{{a, b}, {b, a}} {
		me, other := c.me.account.ID, c.other
		notFound := func(what string, err error) {
			t.Helper()
			require.Equal(t, errs.NotFound, errs.CodeOf(err), what)
		}
		_, err := s.UserGroup(ctx, me, other.group.ID)
		notFound("user group", err)
		list, err := s.Users(ctx, me, "", 10)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.User{c.me.user}, list))
		groups, err := s.UserGroups(ctx, me)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.UserGroup{c.me.group}, groups))
		members, err := s.Members(ctx, me, other.group.ID)
		require.NoError(t, err)
		require.Empty(t, members)
		ids, err := s.GroupsOfUser(ctx, me, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, ids)
		attached, err := s.Attachments(ctx, me, other.attachment.Subject)
		require.NoError(t, err)
		require.Empty(t, attached)
		of, err := s.AttachmentsOf(ctx, me, "own")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.Attachment{c.me.attachment}, of))
		inTx(t, s, func(tx iam.Tx) {
			stolen := other.group
			stolen.AccountID = me
			notFound("update user group", tx.UpdateUserGroup(ctx, stolen))
			notFound("delete user group", tx.DeleteUserGroup(ctx, me, other.group.ID))
			notFound("remove member", tx.RemoveMember(ctx, me, other.group.ID, other.user.ID))
			notFound("detach", tx.Detach(ctx, me, other.attachment.Subject, "own"))
			notFound("delete user", tx.DeleteUser(ctx, me, other.user.ID))
		})
		u, err := s.User(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(other.user, u))
		members, err = s.Members(ctx, other.account.ID, other.group.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.User{other.user}, members))
		keys, err := s.AccessKeys(ctx, other.account.ID, other.user.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.AccessKey{other.key}, keys))
	}
}
