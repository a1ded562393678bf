package policyapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/iam/policyapi"
	"dms/iam/policyapi/gen"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/httpserve"
)

type server struct {
	k   *iamtest.Kit
	url string
}

func each(t *testing.T, f func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		k := iamtest.New(t, db)
		e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
		e.NoRoute(httpserve.NotFound)
		e.NoMethod(httpserve.MethodNotAllowed)
		policyapi.Register(e, policyapi.Deps{Services: k.Services, Gate: httpserve.Gate{Authenticator: k.Authenticator, Authorizer: k.Authorizer}, Simulator: k.Authorizer})
		ts := httptest.NewServer(e)
		t.Cleanup(ts.Close)
		f(t, &server{k: k, url: ts.URL})
	})
}

// do sends a request as the tenant's user and returns the answer's status and, decoded, its body.
func (s *server) do(t *testing.T, of iamtest.Tenant, method, path string, body any) (int, reply) {
	t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(t, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(raw))
	require.NoError(t, err)
	r.Header.Set("X-Auth-Token", s.k.Token(t, of))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, answer
}

type reply []byte

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(r))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(v), "%s", r)
}

func (r reply) code(t *testing.T) string {
	t.Helper()
	var p gen.Problem
	r.into(t, &p)
	return p.Code
}

// must is do for requests that succeed.
func (s *server) must(t *testing.T, status int, of iamtest.Tenant, method, path string, body, into any) {
	t.Helper()
	got, answer := s.do(t, of, method, path, body)
	require.Equal(t, status, got, "%s %s: %s", method, path, answer)
	if into != nil {
		answer.into(t, into)
	}
}

type object = map[string]any

func document(effect, action, resource string) object {
	return object{"Version": "1.1", "Statement": []object{{"Effect": effect, "Action": []string{action}, "Resource": []string{resource}}}}
}

func TestTableAndDocumentAgree(t *testing.T) {
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "policies", policyapi.Table()))
}

func TestUserLivesFromCreationToDeletion(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		var g gen.UserGroup
		s.must(t, 201, n, "POST", "/api/v1/user-groups", object{"name": "Readers", "description": "d"}, &g)
		var u gen.ManagedUser
		s.must(t, 201, n, "POST", "/api/v1/users", object{"name": "bob", "email": "bob@example.com", "password": iamtest.Password, "group_ids": []string{g.Id}}, &u)
		require.Equal(t, []gen.NamedId{{Id: g.Id, Name: "Readers"}}, u.Groups)
		require.True(t, u.Enabled)
		bob := iamtest.Tenant{Account: n.Account, User: iam.User{ID: u.Id, AccountID: n.Account.ID, Name: "bob"}, Project: n.Project}

		status, _ := s.do(t, bob, "GET", "/api/v1/users", nil)
		require.Equal(t, 403, status, "the group allows nothing yet")
		s.must(t, 204, n, "PUT", "/api/v1/user-groups/"+g.Id+"/policies/"+url.PathEscape(iam.PolicyTenantGuest), nil, nil)
		var page gen.UserPage
		s.must(t, 200, bob, "GET", "/api/v1/users?page_size=1", nil, &page)
		require.Len(t, page.Users, 1)
		require.NotNil(t, page.NextPageToken)
		s.must(t, 200, bob, "GET", "/api/v1/users?page_size=1&page_token="+*page.NextPageToken, nil, &page)
		require.Len(t, page.Users, 1)

		s.must(t, 200, n, "PATCH", "/api/v1/users/"+u.Id, object{"email": "robert@example.com"}, &u)
		require.Equal(t, "robert@example.com", *u.Email)
		token := s.k.Token(t, bob)
		s.must(t, 204, n, "PUT", "/api/v1/users/"+u.Id+"/password", object{"password": iamtest.Password + " again"}, nil)
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/v1/users", nil)
		require.NoError(t, err)
		r.Header.Set("X-Auth-Token", token)
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 401, res.StatusCode, "tokens end with the password")

		var key gen.CreatedUserAccessKey
		s.must(t, 201, n, "POST", "/api/v1/users/"+u.Id+"/access-keys", object{"description": "job"}, &key)
		s.must(t, 204, n, "PATCH", "/api/v1/users/"+u.Id+"/access-keys/"+key.AccessKey, object{"enabled": false}, nil)
		var keys gen.UserAccessKeys
		s.must(t, 200, n, "GET", "/api/v1/users/"+u.Id+"/access-keys", nil, &keys)
		require.False(t, keys.AccessKeys[0].Enabled)
		s.must(t, 204, n, "PATCH", "/api/v1/users/"+u.Id+"/access-keys/"+key.AccessKey, object{"enabled": true}, nil)
		s.must(t, 204, n, "DELETE", "/api/v1/users/"+u.Id+"/access-keys/"+key.AccessKey, nil, nil)

		s.must(t, 204, n, "PUT", "/api/v1/users/"+u.Id+"/policies/"+url.PathEscape(iam.PolicyDMSUserAccess), nil, nil)
		s.must(t, 204, n, "DELETE", "/api/v1/users/"+u.Id, nil, nil)
		status, answer := s.do(t, n, "GET", "/api/v1/users/"+u.Id, nil)
		require.Equal(t, 404, status, "%s", answer)
		facts := iam.NewFactReader(s.k.Directory)
		_, err = facts.User(t.Context(), u.Id)
		require.Error(t, err)
		policies, err := facts.Policies(t.Context(), n.Account.ID)
		require.NoError(t, err)
		for _, p := range policies {
			require.NotEqual(t, iam.UserSubject(u.Id), p.Subject)
		}
		status, answer = s.do(t, n, "DELETE", "/api/v1/users/"+n.User.ID, nil)
		require.Equal(t, 409, status)
		require.Equal(t, "first_user", answer.code(t))
	})
}

func TestPolicyIsWrittenAttachedChangedAndSimulated(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		bob := s.k.As(t, n)
		var p gen.ManagedPolicy
		s.must(t, 201, n, "POST", "/api/v1/policies", object{"name": "List users", "document": document("Allow", "iam:user:list", "*")}, &p)
		require.Equal(t, int64(1), *p.Version)
		status, answer := s.do(t, n, "POST", "/api/v1/policies", object{"name": "List users", "document": document("Allow", "iam:user:list", "*")})
		require.Equal(t, 409, status)
		require.Equal(t, "policy_name_taken", answer.code(t))
		status, answer = s.do(t, n, "POST", "/api/v1/policies", object{"name": "tenant guest", "document": document("Allow", "*", "*")})
		require.Equal(t, 400, status, "%s", answer)
		status, answer = s.do(t, n, "POST", "/api/v1/policies", object{"name": "x", "document": document("Maybe", "*", "*")})
		require.Equal(t, 400, status)
		var problem gen.Problem
		answer.into(t, &problem)
		require.Equal(t, "/document/Statement/0/Effect", (*problem.Errors)[0].Pointer)

		attachment := "/api/v1/users/" + bob.User.ID + "/policies/List%20users"
		status, _ = s.do(t, bob, "GET", "/api/v1/users", nil)
		require.Equal(t, 403, status)
		simulation := object{"subject": object{"kind": "user", "id": bob.User.ID}, "actions": []string{"iam:user:list"},
			"resources": []string{"iam::" + n.Account.ID + ":user:*"}}
		var sim gen.Simulation
		s.must(t, 200, n, "POST", "/api/v1/policy-simulations", simulation, &sim)
		require.Equal(t, gen.SimulatedDecisionEffect("implicit_deny"), sim.Decisions[0].Effect)
		simulation["attach"] = []object{document("Allow", "iam:user:list", "*")}
		s.must(t, 200, n, "POST", "/api/v1/policy-simulations", simulation, &sim)
		require.Equal(t, gen.SimulatedDecisionEffect("allow"), sim.Decisions[0].Effect)
		status, _ = s.do(t, bob, "GET", "/api/v1/users", nil)
		require.Equal(t, 403, status, "a simulation changes nothing")

		s.must(t, 204, n, "PUT", attachment, nil, nil)
		s.must(t, 200, bob, "GET", "/api/v1/users", nil, nil)
		status, answer = s.do(t, n, "DELETE", "/api/v1/policies/List%20users", nil)
		require.Equal(t, 409, status)
		require.Equal(t, "policy_attached", answer.code(t))
		s.must(t, 200, n, "PUT", "/api/v1/policies/List%20users", object{"document": document("Deny", "iam:user:list", "*"), "version": 1}, &p)
		require.Equal(t, int64(2), *p.Version)
		status, answer = s.do(t, bob, "GET", "/api/v1/users", nil)
		require.Equal(t, 403, status)
		require.NotContains(t, string(answer), "List users", "bob may not simulate, so the statement stays the account's")
		status, answer = s.do(t, n, "PUT", "/api/v1/policies/List%20users", object{"document": document("Allow", "iam:user:list", "*"), "version": 1})
		require.Equal(t, 409, status, "somebody else was quicker")
		require.Equal(t, "policy_changed", answer.code(t))
		s.must(t, 200, n, "GET", "/api/v1/policies/List%20users", nil, &p)
		require.Equal(t, []gen.PolicySubject{{Kind: gen.PolicySubjectKindUser, Id: bob.User.ID}}, *p.AttachedTo)
		var list gen.Policies
		s.must(t, 200, n, "GET", "/api/v1/policies", nil, &list)
		require.Len(t, list.Policies, len(iam.BuiltinPolicies())+1)
		s.must(t, 204, n, "DELETE", attachment, nil, nil)
		s.must(t, 204, n, "DELETE", "/api/v1/policies/List%20users", nil, nil)

		status, answer = s.do(t, n, "PUT", "/api/v1/policies/"+url.PathEscape(iam.PolicyTenantGuest), object{"document": document("Allow", "*", "*")})
		require.Equal(t, 409, status)
		require.Equal(t, "policy_builtin", answer.code(t))
		var actions gen.Actions
		s.must(t, 200, bob, "GET", "/api/v1/actions", nil, &actions)
		require.Len(t, actions.Actions, len(access.Actions))
	})
}

func TestSimulationSaysWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		base := func() object {
			return object{"subject": object{"kind": "user", "id": n.User.ID}, "actions": []string{"iam:user:list"}, "resources": []string{"iam::" + n.Account.ID + ":user:*"}}
		}
		many := make([]string, 100)
		for i := range many {
			many[i] = "x"
		}
		for name, c := range map[string]struct {
			edit    func(o object)
			status  int
			pointer string
		}{
			"unknown action":  {func(o object) { o["actions"] = []string{"iam:user:frobnicate"} }, 400, "/actions/0"},
			"too much":        {func(o object) { o["actions"], o["resources"] = []string{"iam:user:list", "iam:user:get"}, many }, 400, "/resources"},
			"no address":      {func(o object) { o["context"] = object{"source_address": "here"} }, 400, "/context/source_address"},
			"no such user":    {func(o object) { o["subject"] = object{"kind": "user", "id": "00000000000000000000000000000000"} }, 404, ""},
			"no such group":   {func(o object) { o["subject"] = object{"kind": "user_group", "id": "00000000000000000000000000000000"} }, 404, ""},
			"a wrong policy":  {func(o object) { o["attach"] = []object{document("Allow", "iam", "*")} }, 400, "/attach/0/Statement/0/Action/0"},
			"a wrong replace": {func(o object) { o["replace"] = object{"p": document("Allow", "iam", "*")} }, 400, "/replace/p/Statement/0/Action/0"},
		} {
			body := base()
			c.edit(body)
			status, answer := s.do(t, n, "POST", "/api/v1/policy-simulations", body)
			require.Equal(t, c.status, status, "%s: %s", name, answer)
			if c.pointer != "" {
				var p gen.Problem
				answer.into(t, &p)
				require.Equal(t, c.pointer, (*p.Errors)[0].Pointer, name)
			}
		}
	})
}

// TestAnothersUsersGroupsAndPoliciesDoNotExist tries every route with the ids of another account, both ways round: the answer is the one for ids that are nobody's.
func TestAnothersUsersGroupsAndPoliciesDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		const nobody = "00000000000000000000000000000000"
		tenants := []iamtest.Tenant{s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")}
		var groups []string
		for _, n := range tenants {
			var g gen.UserGroup
			s.must(t, 201, n, "POST", "/api/v1/user-groups", object{"name": "g"}, &g)
			groups = append(groups, g.Id)
			s.must(t, 201, n, "POST", "/api/v1/policies", object{"name": "of " + n.Account.Name, "document": document("Allow", "dms:queue:get", "*")}, nil)
		}
		for i, n := range tenants {
			other := tenants[1-i]
			ask := func(user, group, policy, key string) (out []string) {
				paths := []struct {
					method, path string
					body         any
				}{
					{"GET", "/api/v1/users/" + user, nil}, {"DELETE", "/api/v1/users/" + user, nil}, {"PATCH", "/api/v1/users/" + user, object{"enabled": false}},
					{"PUT", "/api/v1/users/" + user + "/password", object{"password": "a wholly new password"}},
					{"GET", "/api/v1/users/" + user + "/access-keys", nil}, {"POST", "/api/v1/users/" + user + "/access-keys", object{}},
					{"PATCH", "/api/v1/users/" + user + "/access-keys/" + key, object{"enabled": false}}, {"DELETE", "/api/v1/users/" + user + "/access-keys/" + key, nil},
					{"PATCH", "/api/v1/users/" + n.User.ID + "/access-keys/" + key, object{"enabled": false}}, {"DELETE", "/api/v1/users/" + n.User.ID + "/access-keys/" + key, nil},
					{"GET", "/api/v1/users/" + user + "/policies", nil}, {"PUT", "/api/v1/users/" + user + "/policies/DMS%20UserAccess", nil},
					{"DELETE", "/api/v1/users/" + user + "/policies/Tenant%20Administrator", nil},
					{"PUT", "/api/v1/users/" + n.User.ID + "/policies/" + policy, nil},
					{"GET", "/api/v1/user-groups/" + group, nil}, {"PATCH", "/api/v1/user-groups/" + group, object{"description": "x"}}, {"DELETE", "/api/v1/user-groups/" + group, nil},
					{"PUT", "/api/v1/user-groups/" + group + "/members/" + n.User.ID, nil}, {"PUT", "/api/v1/user-groups/" + groups[i] + "/members/" + user, nil},
					{"DELETE", "/api/v1/user-groups/" + groups[i] + "/members/" + user, nil},
					{"GET", "/api/v1/user-groups/" + group + "/policies", nil}, {"PUT", "/api/v1/user-groups/" + group + "/policies/DMS%20UserAccess", nil},
					{"GET", "/api/v1/policies/" + policy, nil}, {"PUT", "/api/v1/policies/" + policy, object{"document": document("Deny", "*", "*")}}, {"DELETE", "/api/v1/policies/" + policy, nil},
					{"POST", "/api/v1/users", object{"name": "mallory", "group_ids": []string{group}}},
					{"POST", "/api/v1/policy-simulations", object{"subject": object{"kind": "user", "id": user}, "actions": []string{"dms:queue:get"}, "resources": []string{"*"}}},
				}
				for _, p := range paths {
					status, answer := s.do(t, n, p.method, p.path, p.body)
					require.Equal(t, 404, status, "%s %s: %s", p.method, p.path, answer)
					var problem gen.Problem
					answer.into(t, &problem)
					out = append(out, p.method+" "+problem.Code+" "+value(problem.Detail))
				}
				return out
			}
			want := ask(nobody, nobody, "of%20nobody", "AKNOBODY")
			got := ask(other.User.ID, groups[1-i], url.PathEscape("of "+other.Account.Name), other.AccessKey)
			for j := range want {
				require.Equal(t, hideIDs(want[j], nobody, "of nobody"), hideIDs(got[j], other.User.ID, "of "+other.Account.Name))
			}
		}
		for i, n := range tenants {
			require.True(t, s.k.User(t, n).Enabled)
			s.must(t, 200, n, "GET", "/api/v1/user-groups/"+groups[i], nil, nil)
		}
	})
}

func hideIDs(s, id, policy string) string {
	return string(bytes.ReplaceAll(bytes.ReplaceAll([]byte(s), []byte(id), []byte("ID")), []byte(policy), []byte("POLICY")))
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
