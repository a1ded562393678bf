package casbinauthz_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

// Policies are edited a hundred times a second while ten thousand decisions a second are asked for. Each edit gives one queue to one user, by turns
// through a policy, a user group and the policy of the queue, so each answer is known for each version: it must be that of the version before the question or of
// one since.
func TestPoliciesEditedUnderLoad(t *testing.T) {
	const (
		askers  = 4
		seconds = 2
		edits   = 100 * seconds
		asked   = 10_000 * seconds / askers // by each
		batch   = 50                        // questions between two looks at the clock
	)
	f := newFacts()
	a := newAuthorizer(t, f)
	f.user("a1", "u1", "g0")
	f.attach("a1", "u:u1", "base", allow("dms:queue:get", "*"), deny("dms:queue:delete", "*"))
	var version atomic.Int64
	edit := func(v int64) {
		// What is in force at version v: sending to queue v%7 by the policy, receiving if v is even by the group.
		f.attach("a1", "u:u1", "edited", allow("dms:message:send", fmt.Sprintf("dms:*:*:queue:q%d", v%7)))
		f.attach("a1", "g:g1", "group", allow("dms:message:receive", "*"))
		f.user("a1", "u1", fmt.Sprintf("g%d", 1-v%2))
		f.account("a1", v)
		version.Store(v)
	}
	edit(1)
	tick := time.NewTicker(time.Second / 100)
	defer tick.Stop()
	var wg sync.WaitGroup
	for asker := range askers {
		pace := time.NewTicker(time.Second * batch * askers / 10_000)
		defer pace.Stop()
		wg.Go(func() {
			for i := range asked {
				if i%batch == 0 {
					<-pace.C
				}
				queue := int64(i+asker) % 7
				q := access.QueueResource("r1", "a1", fmt.Sprint("q", queue)).Object()
				who := actor("a1", "u1")
				before := version.Load()
				send, receive := a.Authorize(ctx, who, access.MessageSend, q), a.Authorize(ctx, who, access.MessageReceive, q)
				get, del := a.Authorize(ctx, who, access.QueueGet, q), a.Authorize(ctx, who, access.QueueDelete, q)
				after := version.Load() + 1 // one may be half written
				for name, err := range map[string]error{"send": send, "receive": receive, "get": get, "delete": del} {
					if err != nil && errs.CodeOf(err) != errs.Forbidden && errs.CodeOf(err) != errs.Unavailable {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
				sendable, receivable := false, false
				for v := before; v <= after; v++ {
					sendable = sendable || v%7 == queue
					receivable = receivable || v%2 == 0
				}
				switch {
				case get != nil && errs.CodeOf(get) == errs.Forbidden:
					t.Errorf("get was denied: %v", get)
				case del == nil:
					t.Error("delete was allowed")
				case send == nil && !sendable:
					t.Errorf("sending to queue %d was allowed between versions %d and %d", queue, before, after)
				case errs.CodeOf(send) == errs.Forbidden && before == after-1 && before%7 == queue && (before+1)%7 == queue:
					t.Errorf("sending to queue %d was denied at version %d", queue, before)
				case receive == nil && !receivable:
					t.Errorf("receiving was allowed between versions %d and %d", before, after)
				default:
					continue
				}
				return
			}
		})
	}
	for v := int64(2); v < 2+edits; v++ {
		<-tick.C
		edit(v)
		// The changing call has returned: what it says is in force.
		who := actor("a1", "u1")
		require.NoError(t, a.Authorize(ctx, who, access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint("q", v%7)).Object()))
		denied(t, a.Authorize(ctx, who, access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint("q", (v+1)%7)).Object()))
		require.Equal(t, v%2 == 0, a.Authorize(ctx, who, access.MessageReceive, access.QueueResource("r1", "a1", "q0").Object()) == nil)
	}
	wg.Wait()
}

// However many users, resources, session policies and shared queues are asked about, what is kept stays bounded. DMS_TEST_PRINCIPALS asks for more.
func TestMemoryStaysBounded(t *testing.T) {
	n := fromEnv(t, "DMS_TEST_PRINCIPALS", 30_000)
	f := newFacts()
	f.account("a1", 1) // without policies: to say no is cheap, and is kept like any other answer
	a := newAuthorizer(t, f)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	ask := func(i uint64) {
		who := access.Actor{AccountID: "a1", UserID: fmt.Sprint("role ", i), RoleID: "r"}
		if a.Authorize(ctx, who, access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint("queue ", i)).Object()) == nil {
			t.Fatal("allowed")
		}
		if i%60 == 0 { // an account that does not exist, a session policy, a resource as long as a body, a shared queue
			denied(t, a.Authorize(ctx, access.Actor{AccountID: fmt.Sprint(i), UserID: "u"}, access.MessageSend, access.Object{Resource: "x"}))
			who.SessionPolicy = sessionPolicy(t, allow("dms:*", fmt.Sprintf("dms:*:*:queue:%d", i)))
			denied(t, a.Authorize(ctx, who, access.MessageSend, access.QueueResource("r1", "a1", "q").Object()))
			long := access.QueueResource("r1", "a1", strings.Repeat("q", 64<<10))
			denied(t, a.Authorize(ctx, access.Actor{AccountID: "a1", UserID: "r", RoleID: "r"}, access.MessageSend, long.Object()))
			queue := fmt.Sprint("shared ", i%10_000)
			denied(t, a.Authorize(ctx, access.Actor{AccountID: "a1", RoleID: "r", UserID: "r"}, access.MessageSend, f.queuePolicy("a1", queue, 1, policyOf(share(iam.EffectAllow, "*", "DMS:*")))))
		}
	}
	const full = 66_000 // with the question whether the caller may see why, more answers than are kept
	for i := range uint64(full) {
		ask(i)
	}
	before := heap()
	for i := full; uint64(i) < full+n; i++ {
		ask(uint64(i))
	}
	grown := heap() - before
	t.Logf("%d more principals and resources: %+.1f MiB on %.1f", n, float64(grown)/(1<<20), float64(before)/(1<<20))
	require.Less(t, grown, int64(16<<20))
	require.Less(t, before, int64(256<<20))
	runtime.KeepAlive(a)
}

// A condition's pattern is a user's: however it is made, it costs no more than its length times that of what it is compared with.
func TestPatternsAreMatchedInLinearTime(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	var pattern []byte
	for len(pattern) < iam.MaxPolicyBytes-400 {
		pattern = append(pattern, "*?"...)
	}
	f.policy("a1", "u1", "p", when(allow("dms:queue:get", "*"), "StringLike", iam.KeyUserName, string(pattern)+"x"),
		when(allow("dms:queue:get", "*"), "StringLike", iam.KeyProjectName, "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"))
	a := newAuthorizer(t, f)
	who := actor("a1", "u1")
	who.UserName, who.ProjectName = "name of sixty-four characters, as long as such a name may be. ok", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	q := access.QueueResource("r1", "a1", "q").Object()
	denied(t, a.Authorize(ctx, who, access.QueueGet, q))
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_ = a.Authorize(ctx, who, access.QueueGet, q)
		}
	})
	t.Logf("%v a decision", time.Duration(result.NsPerOp()))
	require.Less(t, result.NsPerOp(), int64(10*time.Millisecond), "a pattern that tried all ways would take for ever")
}
