package dmsapi_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/internal/access"
)

func TestConsumerGetsTheBytesThatWereSent(t *testing.T) {
	w := newWire(t)
	bodies := []string{
		`"plain"`, `"<a href=\"x\">&\u003c\u2028\/é中😀"`, `{"b" : 1,"a":	[ 1 , 2.50, 1e2 ],"b":2}`, `-0.0`, `12345678901234567890123456789`, `[ ]`, `false`,
		`"\ud83d"`, `""`, "{\n}",
	}
	const attributes = `{ "x":"<>", "x" : 1.0, "\u0061":false }`
	for _, body := range bodies {
		w.send(t, ` { "attributes" : `+attributes+` , "body" : `+body+` , "tags":["t1","t-2"] } `)
	}
	a := w.get(t, w.groupPath()+"/messages")
	require.Equal(t, 200, a.status)
	require.Equal(t, "application/json; charset=utf-8", a.header.Get("Content-Type"))
	got := a.consumed(t)
	require.Len(t, got, len(bodies))
	var want strings.Builder
	for i, body := range bodies {
		fmt.Fprintf(&want, `,{"message":{"body":%s,"attributes":%s,"tags":["t1","t-2"]},"handler":"%s"}`, body, attributes, got[i].Handler)
	}
	require.Equal(t, "["+want.String()[1:]+"]", a.body)
}

func TestMessageWithoutAttributesAndTagsHasEmptyAttributesAndNoTags(t *testing.T) {
	w := newWire(t)
	w.send(t, `{"body":1}`)
	require.Regexp(t, `^\[{"message":{"body":1,"attributes":{}},"handler":"[^"]+"}\]$`, w.get(t, w.groupPath()+"/messages").body)
}

func TestSendReturnsIDsOnlyWhenAsked(t *testing.T) {
	w := newWire(t)
	const entry = `{"error":null,"error_code":null,"state":0`
	for _, v := range []string{"v1.0", "v2"} {
		path := "/" + v + "/" + w.tenant.ProjectID + "/queues/" + w.queue.ID + "/messages"
		for _, field := range []string{`"returnId":false,`, `"return_id":false,`, ``} {
			require.Equal(t, `{"messages":[`+entry+`},`+entry+`}]}`, w.post(t, path, `{`+field+`"messages":[{"body":1},{"body":2}]}`).body)
		}
		for _, field := range []string{`"returnId":true`, `"return_id":true`} {
			a := w.post(t, path, `{"messages":[{"body":1}],`+field+`}`)
			require.Equal(t, 201, a.status)
			require.Regexp(t, `^{"messages":\[`+entry+`,"id":"[0-9a-f]{8}-[0-9a-f-]{27}"}\]}$`, a.body)
		}
	}
}

func TestBothSpellingsDelayUnderBothVersions(t *testing.T) {
	w := newWire(t)
	for _, v := range []string{"v1.0", "v2"} {
		for _, field := range []string{"delayTime", "delay_time"} {
			path := "/" + v + "/" + w.tenant.ProjectID + "/queues/" + w.queue.ID + "/messages"
			require.Equal(t, 201, w.post(t, path, `{"messages":[{"body":1,"`+field+`":6000.9}]}`).status)
			poll := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
			w.AwaitPoll(t)
			w.Clock.Advance(5999 * time.Millisecond)
			select {
			case a := <-poll:
				t.Fatalf("came early: %s", a.body)
			default:
			}
			w.Clock.Advance(time.Millisecond)
			require.Len(t, await(t, poll).consumed(t), 1)
		}
	}
}

func TestLongPollEndsWithTheFirstMessage(t *testing.T) {
	w := newWire(t)
	poll := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
	w.AwaitPoll(t)
	w.send(t, `{"body":"now"}`)
	got := await(t, poll).consumed(t)
	require.Len(t, got, 1)
	require.Equal(t, `"now"`, string(got[0].Message.Body))
}

func TestLongPollEndsEmptyWhenItsTimeIsOver(t *testing.T) {
	w := newWire(t)
	for query, wait := range map[string]time.Duration{"": 3 * time.Second, "?time_wait=1": time.Second, "?time_wait=60": time.Minute} {
		for _, stream := range []string{"messages", "deadletters"} {
			poll := within(t, func() answer { return w.get(t, w.groupPath()+"/"+stream+query) })
			w.AwaitPoll(t)
			w.Clock.Advance(wait)
			a := await(t, poll)
			require.Equal(t, 200, a.status)
			require.Equal(t, `[]`, a.body)
		}
	}
}

func TestDeadLettersAreConsumedAndAcknowledgedApart(t *testing.T) {
	w := newWire(t)
	q := w.Queue(t, w.tenant, "q", dataplane.ModeFIFO, func(q *dataplane.Queue) { q.MaxConsumeCount = 2 })
	g := w.Group(t, q, "g")
	group := w.path("/queues/" + q.ID + "/groups/" + g.ID)
	require.Equal(t, 201, w.post(t, w.path("/queues/"+q.ID+"/messages"), `{"messages":[{"body":"bad","attributes":{"a":1},"tags":["t"]}]}`).status)
	for range 2 {
		got := w.consume(t, group+"/messages")
		require.Len(t, got, 1)
		require.Equal(t, `{"success":1,"fail":0}`, w.post(t, group+"/ack", `{"message":[{"handler":"`+got[0].Handler+`","status":"fail"}]}`).body)
	}
	dead := w.consume(t, group+"/deadletters?max_msgs=5&tag=ignored!")
	require.Len(t, dead, 1)
	require.Equal(t, `"bad"`, string(dead[0].Message.Body))
	require.Equal(t, `{"a":1}`, string(dead[0].Message.Attributes))
	ack := `{"message":[{"handler":"` + dead[0].Handler + `"}]}`
	a := w.post(t, group+"/ack", ack)
	require.Equal(t, 10542205, a.code(t), "the other stream's handler")
	require.Equal(t, `{"success":1,"fail":0}`, w.post(t, group+"/deadletters/ack", ack).body)
}

// TestClientThatLeavesALongPollLosesNothing: the poll is gone when the message comes, so the next consumer gets it at once.
func TestClientThatLeavesALongPollLosesNothing(t *testing.T) {
	w := newWire(t)
	for _, body := range []string{"", "{}"} { // some clients send a body with a GET
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := w.try(ctx, call{method: http.MethodGet, path: w.groupPath() + "/messages?time_wait=60", body: body})
			left <- err
		}()
		w.AwaitPoll(t)
		leave()
		require.ErrorIs(t, <-left, context.Canceled)
		w.server.CloseClientConnections() // returns once the server's handlers see their connections closed
		w.send(t, `{"body":1}`)
		got := w.consume(t, w.groupPath()+"/messages?time_wait=60")
		require.Len(t, got, 1)
		require.Equal(t, `{"success":1,"fail":0}`, w.post(t, w.groupPath()+"/ack", `{"message":[{"handler":"`+got[0].Handler+`"}]}`).body)
	}
}

// brokenConn is a connection whose client has gone at the moment of the reply: writing fails.
type brokenConn struct {
	net.Conn
	broken *sync.Map // by remote address
}

func (c brokenConn) Write(p []byte) (int, error) {
	if _, ok := c.broken.LoadAndDelete("next"); ok {
		_ = c.Conn.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

type brokenListener struct {
	net.Listener
	broken *sync.Map
}

func (l brokenListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return brokenConn{c, l.broken}, nil
}

func TestMessagesWhoseReplyCannotBeWrittenAreVisibleAtOnceAndFree(t *testing.T) {
	w := newWire(t)
	broken := w.breakWrites(t)
	w.send(t, `{"body":"<precious>"}`)
	w.server.Client().CloseIdleConnections() // the client tries again by itself when a connection that it used before breaks
	broken.Store("next", true)
	_, err := w.try(t.Context(), call{method: http.MethodGet, path: w.groupPath() + "/messages"})
	require.Error(t, err)
	got := w.consume(t, w.groupPath()+"/messages")
	require.Len(t, got, 1, "at once: the clock has not moved")
	w.AwaitCalls(t, w.tenant.AccountID, map[access.Action]int64{access.MessageSend: 1, access.MessageReceive: 1})
}

func TestShutdownEndsLongPollsEmpty(t *testing.T) {
	w := newWire(t)
	live := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
	dead := within(t, func() answer { return w.get(t, w.groupPath()+"/deadletters?time_wait=60") })
	w.AwaitPoll(t)
	w.AwaitPoll(t)
	w.Node.StopPolls()
	for _, poll := range []<-chan answer{live, dead} {
		a := await(t, poll)
		require.Equal(t, 200, a.status)
		require.Equal(t, `[]`, a.body)
	}
}

func TestRevocationEndsLongPolls(t *testing.T) {
	w := newWire(t)
	for _, k := range []struct {
		name         string
		revoke       func()
		status, code int
	}{
		{"policy", func() {
			w.Callers.Deny(w.tenant.UserID, access.MessageReceive)
			w.Directory.Put(t, "policy", w.tenant.AccountID+"/"+w.tenant.UserID+"/p", "changed")
		}, 403, 10240311},
		{"service", func() { w.Activate(t, w.tenant.AccountID, dataplane.ActivationFrozen) }, 403, 10240306},
		{"token", func() {
			w.Callers.Revoke(w.tenant.Token)
			w.Directory.Put(t, "user", w.tenant.UserID, "disabled")
		}, 401, 10240101},
	} {
		t.Run(k.name, func(t *testing.T) {
			w.Callers.Allow(w.tenant.UserID)
			w.Activate(t, w.tenant.AccountID, dataplane.ActivationActive)
			poll := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
			w.AwaitPoll(t)
			k.revoke()
			a := await(t, poll)
			require.Equal(t, k.status, a.status, a.body)
			require.Equal(t, k.code, a.code(t))
		})
	}
}

func TestDeletedQueueEndsItsLongPolls(t *testing.T) {
	w := newWire(t)
	poll := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
	w.AwaitPoll(t)
	w.Directory.Put(t, "queue", w.queue.ProjectID+"/"+w.queue.ID, nil)
	a := await(t, poll)
	require.Equal(t, 404, a.status, a.body)
	require.Equal(t, 10240401, a.code(t))
}

// TestConcurrentConsumersShareTheMessages: with many producers and consumers every message is given exactly once while nothing fails.
func TestConcurrentConsumersShareTheMessages(t *testing.T) {
	w := newWire(t)
	const producers, each, consumers = 4, 25, 6
	var mu sync.Mutex
	seen := map[string]int{}
	settled, total := 0, producers*each
	done := make(chan struct{})
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := range each {
				w.send(t, fmt.Sprintf(`{"body":"%d-%d"}`, p, i))
			}
		})
	}
	for range consumers {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				// A wait of a second on a clock that stands still ends with a message, or with the test's last step.
				a, err := w.try(t.Context(), call{method: http.MethodGet, path: w.groupPath() + "/messages?time_wait=1"})
				if err != nil || a.status != 200 {
					t.Errorf("consume: %v %d %s", err, a.status, a.body)
					return
				}
				got := a.consumed(t)
				if len(got) == 0 {
					continue
				}
				var handlers []string
				for _, m := range got {
					handlers = append(handlers, `{"handler":"`+m.Handler+`"}`)
				}
				ack := w.post(t, w.groupPath()+"/ack", `{"message":[`+strings.Join(handlers, ",")+`]}`)
				if ack.body != fmt.Sprintf(`{"success":%d,"fail":0}`, len(got)) {
					t.Errorf("ack: %s", ack.body)
				}
				mu.Lock()
				for _, m := range got {
					seen[string(m.Message.Body)]++
				}
				settled += len(got)
				if settled == total {
					close(done)
					w.Node.StopPolls() // wakes the others
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, seen, total)
	for body, n := range seen {
		require.Equal(t, 1, n, body)
	}
}

func TestThrottledQueueIsRefusedBeforeItsBodyIsRead(t *testing.T) {
	w := newWire(t)
	w.queue.Limits = dataplane.QueueLimits{RequestsPerSecond: 2, OpenPolls: 1}
	w.Directory.PutQueue(t, w.queue)
	w.send(t, `{"body":1}`)
	w.send(t, `{"body":2}`)
	a := w.post(t, w.messagesPath(), `this is not JSON, and nobody looks`)
	require.Equal(t, 429, a.status, a.body)
	require.Equal(t, 10240407, a.code(t))
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 200, w.get(t, w.path("/queues/"+w.queue.ID)).status, "reads are not throttled")

	w.Clock.Advance(time.Second)
	require.Len(t, w.consume(t, w.groupPath()+"/messages"), 2)
	poll := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=60") })
	w.AwaitPoll(t)
	w.Clock.Advance(time.Second)
	second := w.get(t, w.groupPath()+"/messages?time_wait=60")
	require.Equal(t, 429, second.status, "one open poll is enough")
	require.Equal(t, 10240407, second.code(t))
	w.Clock.Advance(time.Minute)
	require.Equal(t, 200, await(t, poll).status)

	w.queue.Limits = dataplane.QueueLimits{}
	w.Directory.PutQueue(t, w.queue)
	for range 10 {
		w.send(t, `{"body":1}`)
	}
}

func TestWhatSucceedsIsCountedAndNothingElse(t *testing.T) {
	w := newWire(t)
	w.send(t, `{"body":1},{"body":2}`)
	got := w.consume(t, w.groupPath()+"/messages")
	require.Len(t, got, 2)
	w.post(t, w.groupPath()+"/ack", `{"message":[{"handler":"`+got[0].Handler+`"},{"handler":"`+got[1].Handler+`"}]}`)
	for _, path := range []string{"/queues", "/queues/" + w.queue.ID, "/queues/" + w.queue.ID + "/groups", "/quotas", "/queue/tags", "/queue/" + w.queue.ID + "/tags"} {
		require.Equal(t, 200, w.get(t, w.path(path)).status)
		require.NotEqual(t, 200, w.do(t, call{method: http.MethodGet, path: w.path(path), token: "forged"}).status)
	}
	require.Equal(t, 200, w.post(t, w.path("/queue/resource_instances/action"), `{"action":"count"}`).status)
	require.Equal(t, 400, w.post(t, w.messagesPath(), `{}`).status)
	require.Equal(t, 400, w.get(t, w.groupPath()+"/messages?max_msgs=0").status)
	empty := within(t, func() answer { return w.get(t, w.groupPath()+"/messages?time_wait=1") })
	w.AwaitPoll(t)
	w.Clock.Advance(time.Second)
	require.Equal(t, `[]`, await(t, empty).body)

	w.AwaitCalls(t, w.tenant.AccountID, map[access.Action]int64{
		access.MessageSend: 1, access.MessageReceive: 1, access.MessageAck: 1,
		access.QueueList: 1, access.QueueGet: 1, access.GroupList: 1, access.QuotaGet: 1, access.TagList: 3,
	})
}
