package iam_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// sharing is the policy of a queue with one statement.
func sharing(effect, principal string, actions ...string) string {
	quoted, _ := json.Marshal(actions) // strings always have a JSON form
	return fmt.Sprintf(`{"Version":"1.1","Statement":[{"Effect":%q,"Principal":{"Account":[%q]},"Action":%s}]}`, effect, principal, quoted)
}

func TestAccountsInQueuePoliciesAreKeptByID(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		owner, friend := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		queue := access.QueueResource(iamtest.Region, owner.Account.ID, "orders")
		check := func(document string) (string, error) {
			got, err := k.Services.QueuePolicies.CheckQueuePolicy(ctx, owner.Administrator(), queue, nil, []byte(document))
			return string(got), err
		}
		want := sharing("Allow", friend.Account.ID, "DMS:GetQueue")
		for _, name := range []string{"beta", "BETA", friend.Account.ID} {
			got, err := check(sharing("Allow", name, "DMS:GetQueue"))
			require.NoError(t, err, name)
			require.JSONEq(t, want, got, name)
		}
		got, err := check(sharing("Allow", "*", "DMS:*"))
		require.NoError(t, err)
		require.JSONEq(t, sharing("Allow", "*", "DMS:*"), got)

		for name, document := range map[string]string{
			"unknown name":       sharing("Allow", "nobody", "DMS:GetQueue"),
			"unknown id":         sharing("Allow", id.NewHex(), "DMS:GetQueue"),
			"unknown action":     sharing("Allow", "beta", "DMS:PurgeQueue"),
			"our action":         sharing("Allow", "beta", "dms:queue:get"),
			"no statement":       `{"Version":"1.1","Statement":[]}`,
			"user by name":       `{"Version":"1.1","Statement":[{"Principal":{"User":["beta:beta"]},"Action":["DMS:GetQueue"]}]}`,
			"field of tomorrow":  `{"Version":"1.1","Statement":[{"Principal":{"Account":["beta"]},"Action":["DMS:GetQueue"],"NotAction":["DMS:*"]}]}`,
			"resource":           `{"Version":"1.1","Statement":[{"Principal":{"Account":["beta"]},"Action":["DMS:GetQueue"],"Resource":["*"]}]}`,
			"nothing":            ``,
			"something else too": sharing("Allow", "beta", "DMS:GetQueue") + "{}",
		} {
			_, err := check(document)
			require.Equal(t, errs.Invalid, errs.CodeOf(err), "%s: %v", name, err)
		}
		_, err = check(strings.Repeat(" ", iam.MaxQueuePolicyBytes) + want)
		require.Equal(t, errs.TooLarge, errs.CodeOf(err))
	})
}

func TestQueuePolicyGivesNoMoreThanItsSetterHas(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		owner, friend := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		queue := access.QueueResource(iamtest.Region, owner.Account.ID, "orders")
		policy := func(name string, statements ...iam.Statement) string {
			_, err := k.Services.Policies.Create(ctx, owner.Administrator(), name, "", iam.Policy{Version: iam.PolicyVersion1, Statement: statements})
			require.NoError(t, err)
			return name
		}
		sends := policy("Sends", iam.Statement{Effect: iam.EffectAllow, Action: []string{"dms:message:*"}, Resource: []string{string(queue)}},
			iam.Statement{Effect: iam.EffectAllow, Action: []string{"dms:queuepolicy:*"}, Resource: []string{"*"}})
		elsewhere := policy("Elsewhere", iam.Statement{Effect: iam.EffectAllow, Action: []string{"dms:*"}, Resource: []string{string(access.QueueResource(iamtest.Region, owner.Account.ID, "others"))}})
		barred := policy("Barred", iam.Statement{Effect: iam.EffectDeny, Action: []string{"dms:message:receive"}, Resource: []string{"*"}})

		full := k.As(t, owner, iam.PolicyDMSFullAccess).Administrator()
		sender := k.As(t, owner, sends).Administrator()
		other := k.As(t, owner, elsewhere).Administrator()
		notReceiver := k.As(t, owner, iam.PolicyDMSFullAccess, barred).Administrator()
		narrowed := full
		narrowed.SessionPolicy = `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`
		stranger := friend.Administrator()

		produce, consume := sharing("Allow", friend.Account.ID, "DMS:ProduceMessages"), sharing("Allow", friend.Account.ID, "DMS:ConsumeMessages")
		everything, denial := sharing("Allow", "*", "DMS:*"), sharing("Deny", friend.Account.ID, "DMS:ConsumeMessages")
		renamed := strings.Replace(denial, `"Effect"`, `"Sid":"no","Effect"`, 1)
		weaker := sharing("Deny", owner.Account.ID, "DMS:ConsumeMessages")
		for _, c := range []struct {
			name          string
			caller        access.Actor
			before, after string
			good          bool
		}{
			{"all by one who may all", full, "", everything, true},
			{"sending by a sender", sender, "", produce, true},
			{"receiving by a sender", sender, "", consume, false},
			{"all by a sender", sender, "", everything, false},
			{"a denial by a sender", sender, "", denial, true},
			{"the same denial again", sender, denial, renamed, true},
			{"a denial taken away by a sender", sender, denial, "", false},
			{"a denial weakened by a sender", sender, denial, weaker, false},
			{"a denial taken away by one who may receive", full, denial, "", true},
			{"a permission taken away by a sender", sender, consume, "", true},
			{"what cannot be read, by a sender", sender, `{"Version":"9"}`, produce, false},
			{"by one who may all to another queue", other, "", produce, false},
			{"receiving by one to whom it is denied", notReceiver, "", consume, false},
			{"sending by one to whom receiving is denied", notReceiver, "", produce, true},
			{"with a session policy", narrowed, "", produce, false},
			{"by another account", stranger, "", produce, false},
		} {
			bytesOf := func(s string) []byte {
				if s == "" {
					return nil
				}
				return []byte(s)
			}
			_, err := k.Services.QueuePolicies.CheckQueuePolicy(ctx, c.caller, queue, bytesOf(c.before), bytesOf(c.after))
			if c.good {
				require.NoError(t, err, c.name)
			} else {
				require.Equal(t, reason.GrantTooMuch, errs.ReasonOf(err), "%s: %v", c.name, err)
			}
		}
	})
}
