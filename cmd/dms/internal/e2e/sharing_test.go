package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// sharedActions are what the policy of a queue can give.
var sharedActions = []string{"DMS:GetQueue", "DMS:CreateGroup", "DMS:GetGroups", "DMS:DeleteGroup", "DMS:ProduceMessages", "DMS:ConsumeMessages"}

// sharedBy returns the action by which the policy of a queue opens an operation to others; "": none does.
func (o operation) sharedBy() string {
	path, _, _ := strings.Cut(o.path, "?")
	_, at, _ := strings.Cut(path, "/{q}")
	if strings.Contains(path, "/queue/") { // tags
		return ""
	}
	if strings.Contains(at, "/prepared/") {
		at = "/prepared" // who has an id was given it
	}
	switch o.method + " " + at {
	case "GET ", "GET /statistics", "GET /groups/{g}/statistics", "GET /groups/{g}/redrive":
		return "DMS:GetQueue"
	case "POST /groups":
		return "DMS:CreateGroup"
	case "GET /groups", "GET /resourcePathGroups":
		return "DMS:GetGroups"
	case "DELETE /groups/{g}":
		return "DMS:DeleteGroup"
	case "POST /messages", "POST /prepared":
		return "DMS:ProduceMessages"
	case "GET /groups/{g}/messages", "POST /groups/{g}/ack", "GET /groups/{g}/deadletters", "POST /groups/{g}/deadletters/ack", "POST /groups/{g}/receive", "POST /groups/{g}/settle",
		"POST /groups/{g}/extend", "POST /groups/{g}/dead-letters/receive", "POST /groups/{g}/dead-letters/settle", "POST /groups/{g}/dead-letters/extend":
		return "DMS:ConsumeMessages"
	}
	return ""
}

// sharedPair is a queue's owner and an account that it may be shared with.
type sharedPair struct {
	d            *deployment
	owner, guest *account
	o            *client // the owner's
	queue, group string
	queuePath    string // under /api/v1
}

// sharedPairs makes both accounts owners of a queue that the other may be given; the other's own policies allow it.
func sharedPairs(t *testing.T, d *deployment) []sharedPair {
	t.Helper()
	accounts := []*account{d.first, d.bootstrap(t, "second-account", "admin")}
	var pairs []sharedPair
	for i, a := range accounts {
		p := sharedPair{d: d, owner: a, guest: accounts[1-i], o: d.token(t, a)}
		p.queue = p.o.createQueue(t, map[string]any{"name": "shared", "redrive_policy": "enable", "max_consume_count": 1})
		p.group = p.o.createGroup(t, p.queue, "g")
		p.queuePath = "/api/v1/projects/" + a.ProjectID + "/queues/" + p.queue
		g := d.token(t, p.guest)
		g.do(t, 201, "POST", "/api/v1/policies", map[string]any{"name": "Partner", "document": map[string]any{"Version": "1.1", "Statement": []any{map[string]any{
			"Effect": "Allow", "Action": []string{"dms:*"},
			"Resource": []string{"dms:" + region + ":" + a.AccountID + ":queue:shared", "dms:" + region + ":" + a.AccountID + ":queue:shared/group:*"},
		}}}})
		g.do(t, 204, "PUT", "/api/v1/users/"+p.guest.UserID+"/policies/Partner", nil)
		pairs = append(pairs, p)
	}
	return pairs
}

func (p sharedPair) target() target { return target{p.owner.ProjectID, p.queue, p.group} }

// share sets the queue's policy.
func (p sharedPair) share(t *testing.T, statements ...map[string]any) {
	t.Helper()
	p.o.do(t, 200, "PUT", p.queuePath+"/policy", map[string]any{"Version": "1.1", "Statement": statements})
}

func statement(effect, account string, actions ...string) map[string]any {
	return map[string]any{"Effect": effect, "Principal": map[string]any{"Account": []string{account}}, "Action": actions}
}

// callers are an account's ways to call in another's project.
func (d *deployment) callers(t *testing.T, a *account, project string) map[string]*client {
	in := *a
	in.ProjectID = project
	token, signed := d.token(t, a), d.signed(a)
	token.account, signed.account = &in, &in
	scoped := &client{base: signed.base, account: &in, sign: func(r *http.Request, body []byte) { signScoped(r, body, a, region) }}
	return map[string]*client{"token": token, "signature": signed, "signature with X-Project-Id": naming(signed, project), "scoped signature": scoped}
}

// naming returns the client with the project in its header: the SDKs name the one that they were told.
func naming(c *client, project string) *client {
	return &client{base: c.base, account: c.account, sign: func(r *http.Request, body []byte) {
		r.Header.Set("X-Project-Id", project)
		c.sign(r, body)
	}}
}

// signScoped signs as the older clients do: with a key that is derived for a date, a region and a service.
func signScoped(r *http.Request, body []byte, a *account, scopeRegion string) {
	date := time.Now().UTC().Format("20060102T150405Z")
	r.Header.Set("X-Sdk-Date", date)
	path := r.URL.EscapedPath()
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	canonical := strings.Join([]string{
		r.Method, path, strings.ReplaceAll(query.Encode(), "+", "%20"), "host:" + r.URL.Host + "\nx-sdk-date:" + date + "\n", "host;x-sdk-date", hexSHA256(body),
	}, "\n")
	scope := date[:8] + "/" + scopeRegion + "/dms/sdk_request"
	key := []byte("SDK" + *a.SecretKey)
	for _, part := range append(strings.Split(scope, "/"), "SDK-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hexSHA256([]byte(canonical))) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Credential=%s/%s, SignedHeaders=host;x-sdk-date, Signature=%s", a.AccessKey, scope, hex.EncodeToString(key)))
}

// TestQueuePolicyGivesEachActionAlone shares a queue by one action at a time: what it gives works, all else on the queue is refused, and what no policy of a queue
// gives is as if there were no queue.
func TestQueuePolicyGivesEachActionAlone(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		for _, p := range sharedPairs(t, d) {
			ways := []string{"token", "signature", "signature with X-Project-Id", "scoped signature"}
			callers := d.callers(t, p.guest, p.owner.ProjectID)
			for n, action := range sharedActions {
				p.share(t, statement("Allow", p.guest.AccountName, action))
				p.o.sendText(t, p.queue, "for "+action)
				to := p.target()
				to.group = p.o.createGroup(t, p.queue, "of-the-round")
				var first, last []operation
				for _, o := range operations() {
					if strings.HasPrefix(o.method+o.path, "DELETE/") && strings.HasSuffix(o.path, "{g}") {
						last = append(last, o)
					} else {
						first = append(first, o)
					}
				}
				for i, o := range append(first, last...) {
					way := ways[(i+n)%len(ways)]
					a, err := callers[way].send(t.Context(), request{method: o.method, path: to.path(o.path), body: o.body})
					require.NoError(t, err)
					what := fmt.Sprintf("%s: %s: %s %s\n%s", way, action, o.method, o.path, a.body)
					switch o.sharedBy() {
					case action:
						require.NotContains(t, []int{401, 403}, a.status, what)
						require.Less(t, a.status, 500, what)
					case "":
						require.Equal(t, 401, a.status, what)
					default:
						require.Equal(t, 403, a.status, what)
					}
				}
				var list struct{ Groups []struct{ ID, Name string } }
				p.o.do(t, 200, "GET", p.o.project()+"/queues/"+p.queue+"/groups", nil).json(t, &list)
				for _, g := range list.Groups {
					if g.ID != p.group {
						p.o.do(t, 204, "DELETE", p.o.project()+"/queues/"+p.queue+"/groups/"+g.ID, nil)
					}
				}
			}
		}
	})
}

// TestGuestsWorkOnASharedQueue sends and receives there and back, with each way to call.
func TestGuestsWorkOnASharedQueue(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		for _, p := range sharedPairs(t, d) {
			p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"))
			for way, g := range d.callers(t, p.guest, p.owner.ProjectID) {
				p.o.sendText(t, p.queue, "to "+way)
				got := g.receiveAll(t, p.queue, p.group, 1)
				require.Equal(t, "to "+way, got[0].text(t))
				g.ack(t, p.queue, p.group, "success", got...)
				g.sendText(t, p.queue, "from "+way)
				got = p.o.receiveAll(t, p.queue, p.group, 1)
				require.Equal(t, "from "+way, got[0].text(t))
				p.o.ack(t, p.queue, p.group, "success", got...)
				made := g.createGroup(t, p.queue, "guests")
				g.do(t, 204, "DELETE", g.project()+"/queues/"+p.queue+"/groups/"+made, nil)
				g.refuse(t, 404, 10240405, "DELETE", g.project()+"/queues/"+p.queue+"/groups/"+made, nil)
				g.refuse(t, 400, 10540010, "POST", g.project()+"/queues/"+p.queue+"/messages", map[string]any{"messages": []any{}})
			}

			// A denial beats, for the whole account or for one user of it.
			g := d.callers(t, p.guest, p.owner.ProjectID)["token"]
			messages, sent := g.project()+"/queues/"+p.queue+"/groups/"+p.group+"/messages", g.project()+"/queues/"+p.queue+"/messages"
			body := map[string]any{"messages": []any{map[string]any{"body": "x"}}}
			user := map[string]any{"Effect": "Deny", "Principal": map[string]any{"User": []string{p.guest.AccountID + ":" + p.guest.UserID}}, "Action": []string{"DMS:ConsumeMessages"}}
			for _, denial := range []map[string]any{user, statement("Deny", p.guest.AccountID, "DMS:ConsumeMessages"), statement("Deny", "*", "DMS:ConsumeMessages")} {
				p.share(t, statement("Allow", "*", "DMS:*"), denial)
				g.refuse(t, 403, 10240311, "GET", messages, nil)
				g.do(t, 201, "POST", sent, body)
			}
			p.o.refuse(t, 403, 10240311, "GET", p.o.project()+"/queues/"+p.queue+"/groups/"+p.group+"/messages", nil)

			// The guest's own account must allow it as well.
			own := d.token(t, p.guest)
			p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"))
			own.do(t, 204, "DELETE", "/api/v1/users/"+p.guest.UserID+"/policies/Partner", nil)
			g.refuse(t, 403, 10240311, "POST", sent, body)
			own.do(t, 204, "PUT", "/api/v1/users/"+p.guest.UserID+"/policies/Partner", nil)
			g.do(t, 201, "POST", sent, body)

			// One user of the account.
			user["Effect"] = "Allow"
			user["Action"] = []string{"DMS:ProduceMessages"}
			p.share(t, user)
			g.do(t, 201, "POST", sent, body)
			g.refuse(t, 403, 10240311, "GET", messages, nil)
		}
	})
}

// TestStrangersLearnNothingOfASharedQueue asks for a queue that is shared with others, and for one that does not exist: the answers are the same to the byte.
func TestStrangersLearnNothingOfASharedQueue(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		third := d.bootstrap(t, "third-account", "admin")
		for _, p := range sharedPairs(t, d) {
			p.o.sendText(t, p.queue, "secret")
			for name, policy := range map[string][]map[string]any{
				"shared with another":          {statement("Allow", p.guest.AccountID, "DMS:*")},
				"denied to everybody":          {statement("Deny", "*", "DMS:*")},
				"shared, and denied to others": {statement("Allow", p.guest.AccountID, "DMS:*"), statement("Deny", third.AccountID, "DMS:*")},
			} {
				p.share(t, policy...)
				for way, c := range d.callers(t, third, p.owner.ProjectID) {
					for _, o := range operations() {
						theirs, none := p.target(), nowhere()
						of := c
						if way == "signature with X-Project-Id" {
							of = naming(d.signed(third), none.project)
						}
						require.Empty(t, cmp.Diff(o.ask(t, of, none), o.ask(t, c, theirs)), "%s: %s: %s %s (-no such project +shared)", name, way, o.method, o.path)
					}
				}
			}
			// Not even the guest sees the policy.
			p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"))
			g := d.token(t, p.guest)
			for _, method := range []string{"GET", "DELETE"} {
				require.Equal(t, 401, g.do(t, 401, method, p.queuePath+"/policy", nil).status)
			}
			g.do(t, 401, "PUT", p.queuePath+"/policy", map[string]any{"Statement": []any{statement("Allow", "*", "DMS:*")}})
		}
	})
}

// TestPollOfAGuestEndsWithThePolicy: at once, in both planes, and with everything by which an owner can end it.
func TestPollOfAGuestEndsWithThePolicy(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		for _, p := range sharedPairs(t, d) {
			for way, g := range d.callers(t, p.guest, p.owner.ProjectID) {
				for name, end := range map[string]func(){
					"removed": func() { p.o.do(t, 204, "DELETE", p.queuePath+"/policy", nil) },
					"denied": func() {
						p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"), statement("Deny", p.guest.AccountID, "DMS:ConsumeMessages"))
					},
					"narrowed":  func() { p.share(t, statement("Allow", p.guest.AccountID, "DMS:ProduceMessages")) },
					"for other": func() { p.share(t, statement("Allow", p.owner.AccountID, "DMS:*")) },
				} {
					p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"))
					type ended struct {
						answer
						err error
						at  time.Time
					}
					done := make(chan ended, 1)
					go func() {
						a, err := g.send(t.Context(), request{method: "GET", path: g.project() + "/queues/" + p.queue + "/groups/" + p.group + "/messages?time_wait=60"})
						done <- ended{a, err, time.Now()}
					}()
					eventually(t, "the poll is open", func() error {
						if n := d.metric(t, "dms_open_polls"); n != "1" {
							return fmt.Errorf("dms_open_polls is %s", n)
						}
						return nil
					})
					begin := time.Now()
					end()
					returned := time.Since(begin)
					e := <-done
					require.NoError(t, e.err)
					require.Contains(t, []int{401, 403}, e.status, "%s: %s: %s", way, name, e.body)
					took := e.at.Sub(begin)
					t.Logf("%s: %s: the change took %s, the poll ended after %s", way, name, returned, took)
					require.Less(t, took, 500*time.Millisecond+returned, "%s: %s", way, name)
				}
			}
		}
	})
}

// TestSharedQueueIsBilledToBoth: the calls to whoever called, the hours to the owner.
func TestSharedQueueIsBilledToBoth(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		pairs := sharedPairs(t, d)
		p := pairs[0]
		p.share(t, statement("Allow", p.guest.AccountID, "DMS:*"))
		billed := func(a *account) (calls int, b bill) {
			b = d.bill(t, a.AccountID)
			calls, err := strconv.Atoi(b.APICalls)
			require.NoError(t, err)
			return calls, b
		}
		settled := func(a *account, at int) {
			eventually(t, "the calls are on the bill", func() error {
				if n, _ := billed(a); n != at {
					return fmt.Errorf("%d calls, not %d", n, at)
				}
				return nil
			})
		}
		settled(p.owner, 2) // each made a queue and a group
		settled(p.guest, 2)
		calls := 2
		for _, g := range d.callers(t, p.guest, p.owner.ProjectID) { // also those that name no project of their own
			g.sendText(t, p.queue, "x")
			g.ack(t, p.queue, p.group, "success", g.receiveAll(t, p.queue, p.group, 1)...)
			made := g.createGroup(t, p.queue, "guests")
			g.do(t, 204, "DELETE", g.project()+"/queues/"+p.queue+"/groups/"+made, nil)
			calls += 5
		}
		settled(p.guest, calls)
		n, b := billed(p.owner)
		require.Equal(t, 2, n, "the owner pays for no call of the guest")
		require.Contains(t, queuesWithHours(b), p.queue)
		_, b = billed(p.guest)
		require.Contains(t, queuesWithHours(b), pairs[1].queue)
		require.NotContains(t, queuesWithHours(b), p.queue)
	})
}

func queuesWithHours(b bill) (queues []string) {
	for _, l := range b.Lines {
		if strings.Contains(l.Meter, "hour") {
			queues = append(queues, l.QueueID)
		}
	}
	return queues
}
