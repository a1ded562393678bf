package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

// foreignRequests is how many requests with another account's ids make test tries; DMS_TEST_FOREIGN_REQUESTS says more.
const foreignRequests = 400

// estate is what an account has, by the placeholders that stand for it in paths and bodies.
type estate map[string]string

// nothing returns an estate of the same forms that nobody has.
func nothing() estate {
	x := nowhere()
	return estate{
		"{p}": x.project, "{q}": x.queue, "{g}": x.group, "{m}": uuid.NewString(), "{a}": nowhere().project, "{u}": nowhere().project, "{ug}": nowhere().project,
		"{policy}": "Policy-" + nowhere().project[:12], "{ak}": "AK" + strings.ToUpper(nowhere().project[:18]), "{role}": nowhere().project,
	}
}

// foreignOperations are the operations of all routes on which an id of another account can stand, in the path or in the body.
func foreignOperations() []operation {
	statement := map[string]any{"Effect": "Allow", "Action": []string{"dms:queue:get"}, "Resource": []string{"*"}}
	document := map[string]any{"Version": "1.1", "Statement": []any{statement}}
	ops := slices.Concat(operations(), projectOperations())
	queue := "/api/v1/projects/{p}/queues/{q}"
	return append(ops,
		operation{"GET", queue + "/policy", nil},
		operation{"PUT", queue + "/policy", map[string]any{"Statement": []any{map[string]any{"Principal": map[string]any{"Account": []string{"*"}}, "Action": []string{"DMS:*"}}}}},
		operation{"DELETE", queue + "/policy", nil},
		operation{"POST", queue + "/prepared/{m}/commit", nil},
		operation{"GET", "/api/v1/users/{u}", nil},
		operation{"PATCH", "/api/v1/users/{u}", map[string]any{"enabled": false}},
		operation{"DELETE", "/api/v1/users/{u}", nil},
		operation{"PUT", "/api/v1/users/{u}/password", map[string]any{"password": "another horse battery"}},
		operation{"GET", "/api/v1/users/{u}/access-keys", nil},
		operation{"POST", "/api/v1/users/{u}/access-keys", map[string]any{}},
		operation{"PATCH", "/api/v1/users/{u}/access-keys/{ak}", map[string]any{"enabled": false}},
		operation{"DELETE", "/api/v1/users/{u}/access-keys/{ak}", nil},
		operation{"GET", "/api/v1/users/{u}/policies", nil},
		operation{"PUT", "/api/v1/users/{u}/policies/{policy}", nil},
		operation{"DELETE", "/api/v1/users/{u}/policies/{policy}", nil},
		operation{"GET", "/api/v1/user-groups/{ug}", nil},
		operation{"PATCH", "/api/v1/user-groups/{ug}", map[string]any{"name": "intruders"}},
		operation{"DELETE", "/api/v1/user-groups/{ug}", nil},
		operation{"PUT", "/api/v1/user-groups/{ug}/members/{u}", nil},
		operation{"DELETE", "/api/v1/user-groups/{ug}/members/{u}", nil},
		operation{"GET", "/api/v1/user-groups/{ug}/policies", nil},
		operation{"PUT", "/api/v1/user-groups/{ug}/policies/{policy}", nil},
		operation{"DELETE", "/api/v1/user-groups/{ug}/policies/{policy}", nil},
		operation{"GET", "/api/v1/policies/{policy}", nil},
		operation{"PUT", "/api/v1/policies/{policy}", map[string]any{"document": document}},
		operation{"DELETE", "/api/v1/policies/{policy}", nil},
		operation{"POST", "/api/v1/policy-simulations", map[string]any{"subject": map[string]any{"kind": "user", "id": "{u}"}, "actions": []string{"dms:queue:get"}, "resources": []string{"dms:" + region + ":{a}:queue:shared"}}},
		operation{"POST", "/api/v1/policy-simulations", map[string]any{"subject": map[string]any{"kind": "user_group", "id": "{ug}"}, "actions": []string{"dms:queue:get"}, "resources": []string{"*"}}},
		operation{"DELETE", "/api/v1/access-keys/{ak}", nil},
		operation{"GET", "/api/v1/bill?account_id={a}&project_id={p}", nil},
		operation{"GET", "/api/v1/projects?account_id={a}", nil},
		operation{"GET", "/api/v1/audit?user={u}&account={a}", nil},
		operation{"GET", "/api/v1/operator/accounts/{a}", nil},
		operation{"POST", "/api/v1/operator/accounts/{a}/suspend", map[string]any{"reason": "none"}},
		operation{"GET", "/v3/projects?domain_id={a}&name={p}", nil},
	)
}

// TestNoIDOfAnotherAccountTellsAnything sends requests of every route in which some ids, in the path, the query, the body, X-Project-Id or the scope of the signature, are another
// account's, and the same requests with ids that nobody has. No two answers may differ. The owner shares the queue with a third account meanwhile.
func TestNoIDOfAnotherAccountTellsAnything(t *testing.T) {
	t.Parallel()
	count, seed := foreignRequests, uint64(time.Now().UnixNano())
	if s := os.Getenv("DMS_TEST_FOREIGN_REQUESTS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		count = n
	}
	if s := os.Getenv("DMS_TEST_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	t.Logf("DMS_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i, top := range []topology{oneProcess, twoProcesses} {
		d := boot(t, top, dbtest.SQLiteURL(t))
		f := newForeign(t, d)
		for n := range count / 2 {
			f.try(t, random, fmt.Sprintf("topology %d, request %d", i, n))
		}
		f.unharmed(t)
	}
}

// foreign is two accounts, each with things of all kinds, and their ways to call.
type foreign struct {
	d       *deployment
	pairs   []sharedPair
	estates []estate
	callers []map[string]*client
	ops     []operation
}

func newForeign(t *testing.T, d *deployment) *foreign {
	t.Helper()
	third := d.bootstrap(t, "third-account", "admin")
	f := &foreign{d: d, pairs: sharedPairs(t, d), ops: foreignOperations()}
	for i, p := range f.pairs {
		p.share(t, statement("Allow", third.AccountID, "DMS:*"))
		p.o.sendText(t, p.queue, "secret of "+p.owner.AccountName)
		var user, group struct{ ID string }
		p.o.do(t, 201, "POST", "/api/v1/users", map[string]any{"name": "colleague"}).json(t, &user)
		p.o.do(t, 201, "POST", "/api/v1/user-groups", map[string]any{"name": "colleagues"}).json(t, &group)
		policy := fmt.Sprintf("Own-%d", i)
		p.o.do(t, 201, "POST", "/api/v1/policies", map[string]any{"name": policy, "document": map[string]any{
			"Version": "1.1", "Statement": []any{map[string]any{"Effect": "Allow", "Action": []string{"dms:queue:get"}, "Resource": []string{"*"}}},
		}})
		f.estates = append(f.estates, estate{
			"{p}": p.owner.ProjectID, "{q}": p.queue, "{g}": p.group, "{m}": uuid.NewString(), "{a}": p.owner.AccountID, "{u}": user.ID, "{ug}": group.ID,
			"{policy}": policy, "{ak}": p.owner.AccessKey, "{role}": nowhere().project,
		})
		f.callers = append(f.callers, map[string]*client{"token": d.token(t, p.owner), "signature": d.signed(p.owner)})
	}
	return f
}

// try sends one request twice.
func (f *foreign) try(t *testing.T, random *rand.Rand, what string) {
	t.Helper()
	o := f.ops[random.IntN(len(f.ops))]
	thief := random.IntN(2)
	mine, theirs, none := f.estates[thief], f.estates[1-thief], nothing()
	text := o.path + flat(t, o.body)
	var stand []string
	for _, k := range slices.Sorted(maps.Keys(mine)) {
		if strings.Contains(text, k) {
			stand = append(stand, k)
		}
	}
	if len(stand) == 0 {
		return
	}
	foreign := map[string]bool{stand[random.IntN(len(stand))]: true} // one at least, and then some
	for _, k := range stand {
		if random.IntN(2) == 0 {
			foreign[k] = true
		}
	}
	header := []string{"", "", "", "{p}", "mine"}[random.IntN(5)]
	way := []string{"token", "signature", "scoped signature"}[random.IntN(3)]
	ask := func(other estate) (answer, string) {
		ids := maps.Clone(mine)
		for k := range foreign {
			ids[k] = other[k]
		}
		var pairs []string
		for k, v := range ids {
			pairs = append(pairs, k, v)
		}
		fill := strings.NewReplacer(pairs...)
		r := request{method: o.method, path: fill.Replace(o.path), header: http.Header{}}
		if o.body != nil {
			r.body = fill.Replace(flat(t, o.body))
		}
		switch header {
		case "{p}":
			r.header.Set("X-Project-Id", other["{p}"])
		case "mine":
			r.header.Set("X-Project-Id", mine["{p}"])
		}
		c := f.callers[thief][way]
		if way == "scoped signature" {
			owner := f.pairs[thief].owner
			c = &client{base: f.d.tenant.url, account: owner, sign: func(r *http.Request, body []byte) { signScoped(r, body, owner, other["{p}"]) }}
		}
		a, err := c.send(t.Context(), r)
		require.NoError(t, err)
		require.Less(t, a.status, 500, "%s: %s %s\n%s", what, r.method, r.path, a.body)
		hidden := []string{a.header.Get("X-Request-Id"), "REQUEST"}
		for k := range foreign {
			hidden = append(hidden, other[k], k)
		}
		return a, fmt.Sprintf("%d %s\n%s", a.status, a.header.Get("Content-Type"), strings.NewReplacer(hidden...).Replace(string(a.body)))
	}
	_, want := ask(none)
	a, got := ask(theirs)
	say := fmt.Sprintf("%s: account %d by %s, X-Project-Id %q: %s %s with another's %v (-nobody's +another's)", what, thief, way, header, o.method, o.path, slices.Sorted(maps.Keys(foreign)))
	if a.status < 300 && strings.HasPrefix(want, strconv.Itoa(a.status)) {
		// What was asked for is the caller's own, and may change; of the other account there must be nothing in it.
		for k, v := range theirs {
			if !foreign[k] { // what was named may be repeated
				require.NotContains(t, string(a.body), v, say)
			}
		}
		require.NotContains(t, string(a.body), "secret of "+f.pairs[1-thief].owner.AccountName, say)
		return
	}
	require.Empty(t, cmp.Diff(want, got), say)
}

// flat returns the body as it is sent.
func flat(t *testing.T, body any) string {
	t.Helper()
	if body == nil {
		return ""
	}
	b, err := json.Marshal(body)
	require.NoError(t, err)
	return string(b)
}

// unharmed requires that the accounts have what they had.
func (f *foreign) unharmed(t *testing.T) {
	t.Helper()
	for i, p := range f.pairs {
		e := f.estates[i]
		for _, path := range []string{"/api/v1/users/" + e["{u}"], "/api/v1/user-groups/" + e["{ug}"], "/api/v1/policies/" + e["{policy}"], p.queuePath, p.queuePath + "/policy"} {
			p.o.do(t, 200, "GET", path, nil)
		}
		f.d.signed(p.owner).do(t, 200, "GET", p.o.project()+"/queues", nil)
		got := p.o.receiveAll(t, p.queue, p.group, 1)
		require.Equal(t, "secret of "+p.owner.AccountName, got[0].text(t))
	}
}
