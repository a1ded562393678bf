package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/cmd/dms/internal/app"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/id"
)

// updateMatrix writes the table anew, for a person to read and commit.
var updateMatrix = flag.Bool("update-matrix", false, "write testdata/matrix.txt")

// things are what the paths of the matrix name. One set belongs to one account.
type things struct {
	a         *account
	admin     *client
	guest     *account // who may use the queue by its policy; nil: nobody
	queue     string
	group     string
	user      string
	userGroup string
	role      string
}

// takenName is the name of a queue that each account has.
const takenName = "taken"

func (d *deployment) things(t *testing.T, a *account) *things {
	t.Helper()
	x := &things{a: a, admin: d.token(t, a)}
	x.admin.createQueue(t, map[string]any{"name": takenName})
	x.renew(t, "/:queue_id")
	x.renew(t, "/:user_id")
	x.renew(t, "/:user_group_id")
	x.renew(t, "/:role_id")
	return x
}

// unused returns a name that nothing has.
func unused() string { return "n" + id.NewHex()[:12] }

// make creates something of /api/v1 and returns its id.
func (x *things) make(t *testing.T, path string) string {
	t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	x.admin.do(t, http.StatusCreated, "POST", path, map[string]any{"name": unused()}).json(t, &made)
	return made.ID
}

// renew makes anew what a request took away whose path was the pattern.
func (x *things) renew(t *testing.T, pattern string) {
	t.Helper()
	switch {
	case strings.HasSuffix(pattern, "/members/:user_id"):
	case strings.HasSuffix(pattern, "/:queue_id"):
		x.queue = x.admin.createQueue(t, map[string]any{"name": unused(), "redrive_policy": "enable", "max_consume_count": 1})
		x.group = x.admin.createGroup(t, x.queue, "g")
		x.share(t)
	case strings.HasSuffix(pattern, "/groups/:group_id"):
		x.group = x.admin.createGroup(t, x.queue, "g")
	case strings.HasSuffix(pattern, "/:queue_id/policy"):
		x.share(t)
	case strings.HasSuffix(pattern, "/:user_id"):
		x.user = x.make(t, "/api/v1/users")
	case strings.HasSuffix(pattern, "/:user_group_id"):
		x.userGroup = x.make(t, "/api/v1/user-groups")
	case strings.HasSuffix(pattern, "/:role_id"):
		x.role = x.make(t, "/api/v1/roles")
	}
}

// share lets the guest do all to the queue that a queue's policy can give.
func (x *things) share(t *testing.T) {
	t.Helper()
	if x.guest == nil {
		return
	}
	x.admin.do(t, http.StatusOK, "PUT", "/api/v1/projects/"+x.a.ProjectID+"/queues/"+x.queue+"/policy", map[string]any{"Version": "1.1", "Statement": []any{
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"Account": []string{x.guest.AccountID}}, "Action": []string{"DMS:*"}},
	}})
}

// with makes a user of the account with one policy, "" for none.
func (x *things) with(t *testing.T, d *deployment, policy string) *client {
	t.Helper()
	name, password := unused(), "correct horse of a user"
	var made struct {
		ID string `json:"id"`
	}
	x.admin.do(t, http.StatusCreated, "POST", "/api/v1/users", map[string]any{"name": name, "password": password}).json(t, &made)
	if policy != "" {
		x.admin.do(t, http.StatusNoContent, "PUT", "/api/v1/users/"+made.ID+"/policies/"+strings.ReplaceAll(policy, " ", "%20"), nil)
	}
	user := *x.a
	user.UserID, user.UserName, user.password = made.ID, name, password
	return d.token(t, &user)
}

// assumed returns temporary credentials of a role that may do all with queues.
func (x *things) assumed(t *testing.T, d *deployment) *client {
	t.Helper()
	var made struct {
		ID, Name string
	}
	x.admin.do(t, http.StatusCreated, "POST", "/api/v1/roles", map[string]any{"name": unused()}).json(t, &made)
	x.admin.do(t, http.StatusNoContent, "PUT", "/api/v1/roles/"+made.ID+"/policies/DMS%20Administrator", nil)
	var lent struct {
		AccessKey     string `json:"access_key"`
		SecretKey     string `json:"secret_key"`
		SecurityToken string `json:"security_token"`
	}
	x.admin.do(t, http.StatusCreated, "POST", "/api/v1/temporary-credentials", map[string]any{"role": map[string]any{"name": made.Name}}).json(t, &lent)
	who := *x.a
	who.AccessKey, who.SecretKey = lent.AccessKey, &lent.SecretKey
	c := d.signed(&who)
	sign := c.sign
	c.sign = func(r *http.Request, body []byte) {
		sign(r, body)
		r.Header.Set("X-Security-Token", lent.SecurityToken)
	}
	return c
}

// role is a caller of the matrix: whose things it is tried on, and the credentials.
type role struct {
	name string
	on   *things
	c    *client
}

// TestEveryRouteForEveryRole asks for each route as each role, and compares who is let in with a table that was read by people. A letter says what came: 1 for 401, 3 for 403, and P
// when the gate let the request pass, whatever came of it: most requests are of a form that is refused behind the gate. A route without a line in the table is a difference.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	mine := d.things(t, d.first)
	roles := []role{{"anonymous", mine, &client{base: d.tenant.url, account: d.first}}}
	for _, policies := range []string{"", "Tenant Guest", "DMS ReadOnlyAccess", "DMS UserAccess", "DMS FullAccess", "DMS Administrator", "Tenant Administrator"} {
		name := policies
		if name == "" {
			name = "no policy"
		}
		roles = append(roles, role{name, mine, mine.with(t, d, policies)})
	}
	roles = append(roles, role{"assumed role", mine, mine.assumed(t, d)})

	operator := d.bootstrap(t, "operators", "operator", "--operator")
	roles = append(roles, role{"operator", d.things(t, operator), d.token(t, operator)})

	guest := d.bootstrap(t, "guests", "admin")
	mine.guest = guest
	mine.share(t)
	g := d.token(t, guest)
	g.do(t, http.StatusCreated, "POST", "/api/v1/policies", map[string]any{"name": "partner", "document": map[string]any{"Version": "1.1", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": []string{"dms:*"},
		"Resource": []string{"dms:*:" + mine.a.AccountID + ":queue:*", "dms:*:" + mine.a.AccountID + ":queue:*/group:*"},
	}}}})
	g.do(t, http.StatusNoContent, "PUT", "/api/v1/users/"+guest.UserID+"/policies/partner", nil)
	roles = append(roles, role{"guest", mine, g})

	suspended := d.bootstrap(t, "suspended", "admin")
	theirs := d.things(t, suspended)
	roles = append(roles, role{"suspended", theirs, d.token(t, suspended)})
	d.token(t, operator).do(t, http.StatusNoContent, "POST", "/api/v1/operator/accounts/"+suspended.AccountID+"/suspend", map[string]any{"reason": "test"})

	var table strings.Builder
	table.WriteString("# Who is let in where: 1 is 401, 3 is 403, P passes the gate. Written by go test -run TestEveryRouteForEveryRole -update-matrix, read by people.\n")
	for i, r := range roles {
		fmt.Fprintf(&table, "# %2d %s\n", i+1, r.name)
	}
	for _, e := range app.RouteTable() {
		var row strings.Builder
		for _, r := range roles {
			row.WriteString(" " + r.ask(t, e))
		}
		fmt.Fprintf(&table, "%-6s %-110s %-32s%s\n", e.Method, e.Path, e.Action, row.String())
	}
	file := filepath.Join("testdata", "matrix.txt")
	if *updateMatrix {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(table.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")))
}

// ask sends one request for the route and returns the letter of its answer.
func (r role) ask(t *testing.T, e app.RouteEntry) string {
	t.Helper()
	path := r.on.path(t, e.Path)
	var body any
	switch e.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		body = "not JSON"
	}
	// The DMS dialects look at the form of these before they ask who may. What is created is there already.
	tag := map[string]any{"key": "k", "value": "v"}
	switch dms := strings.HasPrefix(e.Wire, "controlplane dms"); {
	case dms && strings.HasSuffix(e.Path, "/tags/action"):
		body = map[string]any{"action": "create", "tags": []any{tag}}
	case dms && strings.HasSuffix(e.Path, "/tags"):
		body = map[string]any{"tag": tag}
	case dms && strings.HasSuffix(e.Path, "/queues"):
		body = map[string]any{"name": takenName}
	case dms && strings.HasSuffix(e.Path, "/groups"):
		body = map[string]any{"groups": []any{map[string]any{"name": "g"}}}
	}
	if e.Method == http.MethodGet && (strings.HasSuffix(e.Path, "/messages") || strings.HasSuffix(e.Path, "/deadletters")) {
		path += "?max_msgs=0" // refused before it waits
	}
	a, err := r.c.send(t.Context(), request{method: e.Method, path: path, body: body})
	require.NoError(t, err)
	require.Less(t, a.status, 500, "%s %s as %s\n%s", e.Method, path, r.name, a.body)
	if e.Method == http.MethodDelete && a.status < 300 {
		r.on.renew(t, e.Path)
	}
	switch a.status {
	case http.StatusUnauthorized:
		return "1"
	case http.StatusForbidden:
		return "3"
	}
	if e.Action != access.Public && (r.name == "anonymous" || r.name == "no policy" && e.Action != access.Self) {
		t.Errorf("%s %s as %s passed\n%d %s", e.Method, path, r.name, a.status, a.body)
	}
	return "P"
}

// path fills in what a gin path names.
func (x *things) path(t *testing.T, pattern string) string {
	t.Helper()
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if !strings.HasPrefix(s, ":") {
			continue
		}
		switch s {
		case ":project_id", ":project_again", ":project":
			segments[i] = x.a.ProjectID
		case ":queue_id":
			segments[i] = x.queue
		case ":group_id":
			segments[i] = x.group
		case ":prepared_id":
			segments[i] = uuid.NewString()
		case ":tag_key":
			segments[i] = "k"
		case ":access_key":
			segments[i] = "AKOFNOBODY"
		case ":account_id":
			segments[i] = x.a.AccountID
		case ":user_id":
			segments[i] = x.user
		case ":user_group_id":
			segments[i] = x.userGroup
		case ":role_id":
			segments[i] = x.role
		case ":session_id", ":id":
			segments[i] = id.NewHex()
		case ":policy_name":
			segments[i] = "Tenant%20Guest"
		default:
			t.Fatalf("%s: the matrix has no example for %s", pattern, s)
		}
	}
	return strings.Join(segments, "/")
}
