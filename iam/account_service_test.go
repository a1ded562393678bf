package iam_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

var ctx = context.Background()

// each runs f with iam on every database.
func each(t *testing.T, f func(t *testing.T, k *iamtest.Kit)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { f(t, iamtest.New(t, db)) })
}

// entries returns the live entries of the directory, by kind.
func entries(t *testing.T, k *iamtest.Kit) map[directory.Kind][]string {
	t.Helper()
	out := make(map[directory.Kind][]string)
	for _, kind := range []directory.Kind{directory.KindAccount, directory.KindProject, directory.KindUser, directory.KindAccessKey, directory.KindPolicy, directory.KindSigningKey} {
		require.NoError(t, k.Directory.Scan(ctx, kind, "", func(e directory.Entry) bool {
			out[kind] = append(out[kind], e.Key)
			return true
		}))
	}
	return out
}

func TestSignUpMakesEverythingAtOneRevision(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, u, err := k.Services.Accounts.SignUp(ctx, iam.SignUpInput{AccountName: "Acme-1", Email: "Boss@Example.com", Password: iamtest.Password})
		require.NoError(t, err)
		require.True(t, id.IsHex(a.ID))
		require.True(t, id.IsHex(u.ID))
		require.Equal(t, "Acme-1", u.Name, "the first user has the account's name")
		require.False(t, u.Operator, "sign-up never makes an operator")
		projects, err := k.Services.Accounts.Projects(ctx, a.ID)
		require.NoError(t, err)
		require.Len(t, projects, 1)
		require.Equal(t, iamtest.Region, projects[0].Name)

		want := map[directory.Kind][]string{
			directory.KindAccount: {a.ID}, directory.KindProject: {projects[0].ID}, directory.KindUser: {u.ID},
			directory.KindPolicy: {iam.PolicyKey(a.ID, iam.UserSubject(u.ID), iam.PolicyTenantAdministrator)},
		}
		require.Empty(t, cmp.Diff(want, entries(t, k)))
		rev, err := k.Directory.Revision(ctx)
		require.NoError(t, err)
		require.Equal(t, directory.Revision(1), rev)
		require.Equal(t, []directory.Revision{1}, k.Confirmer.Revisions())
	})
}

func TestSignUpNamesTheFieldThatIsTaken(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		k.SignUp(t, "acme")
		before := entries(t, k)
		for pointer, in := range map[string]iam.SignUpInput{
			"/account_name": {AccountName: "ACME", Email: "new@example.com", Password: iamtest.Password},
			"/email":        {AccountName: "other", Email: "Acme@EXAMPLE.com", Password: iamtest.Password},
		} {
			_, _, err := k.Services.Accounts.SignUp(ctx, in)
			require.Equal(t, errs.Conflict, errs.CodeOf(err))
			require.Equal(t, pointer, errs.As(err).Fields[0].Pointer)
		}
		require.Empty(t, cmp.Diff(before, entries(t, k)), "nothing is half-created")
		_, err := k.Services.Accounts.Account(ctx, "other")
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
	})
}

func TestSignUpsOfOneNameAtOnceHaveOneWinner(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		const n = 8
		results := make(chan error, n)
		for i := range n {
			go func() {
				_, _, err := k.Services.Accounts.SignUp(ctx, iam.SignUpInput{AccountName: "acme", Email: fmt.Sprintf("u%d@example.com", i), Password: iamtest.Password})
				results <- err
			}()
		}
		won := 0
		for range n {
			if err := <-results; err == nil {
				won++
			} else {
				require.Equal(t, errs.Conflict, errs.CodeOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, won)
		got := entries(t, k)
		require.Len(t, got[directory.KindAccount], 1)
		require.Len(t, got[directory.KindUser], 1)
	})
}

func TestSignUpChecksItsInput(t *testing.T) {
	good := iam.SignUpInput{AccountName: "acme", Email: "a@example.com", Password: "12345679"}
	require.NoError(t, good.Validate())
	with := func(f func(in *iam.SignUpInput)) iam.SignUpInput {
		in := good
		f(&in)
		return in
	}
	for _, name := range []string{"abcd", "A-_9", strings.Repeat("g", 32), "z123456789"} {
		require.NoError(t, with(func(in *iam.SignUpInput) { in.AccountName = name }).Validate(), name)
	}
	for _, name := range []string{"", "abc", strings.Repeat("a", 33), "1abc", "-abc", "ab c", "ab.c", "äbcd", "abcd\n", "abcdef0123456789abcdef0123456789"} {
		err := with(func(in *iam.SignUpInput) { in.AccountName = name }).Validate()
		require.Equal(t, errs.Invalid, errs.CodeOf(err), "%q", name)
		require.Equal(t, "/account_name", errs.As(err).Fields[0].Pointer)
	}
	for _, email := range []string{"a@b", "a.b+c@example.co.uk", strings.Repeat("a", 64) + "@example.com"} {
		require.NoError(t, with(func(in *iam.SignUpInput) { in.Email = email }).Validate(), email)
	}
	for _, email := range []string{"", "a", "@b", "a@", "a@@b", "a b@c.d", "ä@example.com", "a@exämple.com", "a@-b.c", "a@b..c", strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b.", 130) + "c", "a@b.c\n", `"a b"@c.d`, "<a@b.c>"} {
		err := with(func(in *iam.SignUpInput) { in.Email = email }).Validate()
		require.Equal(t, errs.Invalid, errs.CodeOf(err), "%q", email)
		require.Equal(t, "/email", errs.As(err).Fields[0].Pointer)
	}
	for _, password := range []string{"1234567x", "        ", strings.Repeat("x", 128), strings.Repeat("😀", 128), "пароль-пароль", "acme acme"} {
		require.NoError(t, with(func(in *iam.SignUpInput) { in.Password = password }).Validate(), password)
	}
	for _, password := range []string{"", "1234567", strings.Repeat("x", 129), strings.Repeat("😀", 7), "password", "PassWord1", " 12345678 ", "\xff\xfe12345678"} {
		err := with(func(in *iam.SignUpInput) { in.Password = password }).Validate()
		require.Equal(t, errs.Invalid, errs.CodeOf(err), "%q", password)
		require.Equal(t, "/password", errs.As(err).Fields[0].Pointer)
	}
	require.Error(t, with(func(in *iam.SignUpInput) { in.AccountName, in.Password = "MegaCorp", "megacorp" }).Validate(), "the account's name")
	require.Len(t, errs.As(iam.SignUpInput{}.Validate()).Fields, 3, "all problems at once")
}

func TestNewRegionGivesEveryAccountAProjectOnce(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, b := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		for range 2 {
			require.NoError(t, k.Services.Accounts.EnsureProjects(ctx, "local-2"))
		}
		for _, n := range []iamtest.Tenant{a, b} {
			projects, err := k.Services.Accounts.Projects(ctx, n.Account.ID)
			require.NoError(t, err)
			require.Len(t, projects, 2)
			require.Equal(t, "local-2", projects[1].Region)
			require.Contains(t, entries(t, k)[directory.KindProject], projects[1].ID)
		}
		rev, err := k.Directory.Revision(ctx)
		require.NoError(t, err)
		require.NoError(t, k.Services.Accounts.EnsureProjects(ctx, "local-2"))
		again, err := k.Directory.Revision(ctx)
		require.NoError(t, err)
		require.Equal(t, rev, again, "nothing to do writes nothing")
	})
}

func TestAccountIsFoundByIDAndByName(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a := k.SignUp(t, "acme").Account
		for _, s := range []string{a.ID, "acme", "Acme"} {
			got, err := k.Services.Accounts.Account(ctx, s)
			require.NoError(t, err)
			require.Equal(t, a.ID, got.ID)
		}
		_, err := k.Services.Accounts.Account(ctx, id.NewHex())
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		all, err := k.Services.Accounts.AcrossAccountsList(ctx, "", 10)
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}
