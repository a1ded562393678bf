package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// loop sends, receives and acknowledges until the server is gone, and remembers what it was promised.
type loop struct {
	*client
	queue, group string

	mu       sync.Mutex // guards what follows
	answered map[string]bool
	tried    map[string]bool // acknowledgements that were sent, answered or not
	acked    map[string]bool // acknowledgements that were answered
}

func newLoop(c *client, queue, group string) *loop {
	return &loop{client: c, queue: queue, group: group, answered: map[string]bool{}, tried: map[string]bool{}, acked: map[string]bool{}}
}

// produce sends batches until it gets no answer.
func (l *loop) produce(t *testing.T, worker int) {
	for n := 0; ; n++ {
		var names []string
		var messages []any
		for i := range 3 {
			name := fmt.Sprintf("w%d-%d-%d", worker, n, i)
			names = append(names, name)
			messages = append(messages, map[string]any{"body": name})
		}
		res, err := l.send(t.Context(), request{method: "POST", path: l.project() + "/queues/" + l.queue + "/messages", body: map[string]any{"messages": messages}})
		if err != nil || res.status != http.StatusCreated {
			return
		}
		l.mu.Lock()
		for _, name := range names {
			l.answered[name] = true
		}
		l.mu.Unlock()
	}
}

// consume receives, and acknowledges every other batch, until it gets no answer.
func (l *loop) consume(t *testing.T) {
	path := l.project() + "/queues/" + l.queue + "/groups/" + l.group
	for n := 0; ; n++ {
		res, err := l.send(t.Context(), request{method: "GET", path: path + "/messages?time_wait=1&ack_wait=15&max_msgs=5"})
		if err != nil || res.status != http.StatusOK {
			return
		}
		var got []delivery
		if json.Unmarshal(res.body, &got) != nil {
			return // cut off
		}
		if len(got) == 0 || n%2 == 1 {
			continue
		}
		var names []string
		for _, d := range got {
			var name string
			if json.Unmarshal(d.Message.Body, &name) == nil {
				names = append(names, name)
			}
		}
		l.note(l.tried, names)
		res, err = l.send(t.Context(), request{method: "POST", path: path + "/ack", body: settlement("success", got...)})
		if err != nil || res.status != http.StatusOK {
			return
		}
		l.note(l.acked, names)
	}
}

func (l *loop) note(set map[string]bool, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		set[name] = true
	}
}

func (l *loop) counts() (answered, acked int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered), len(l.acked)
}

// round receives and acknowledges what there is now, notes how often each message came, and reports whether there was nothing.
func (l *loop) round(t *testing.T, came map[string]int) (empty bool) {
	t.Helper()
	empty = true
	for {
		got := l.receive(t, l.queue, l.group, "time_wait=1&max_msgs=10&ack_wait=300")
		if len(got) == 0 {
			return empty
		}
		empty = false
		for _, d := range got {
			came[d.text(t)]++
		}
		l.ack(t, l.queue, l.group, "success", got...)
	}
}

// TestKillLosesNothingThatWasAnswered kills the process that keeps messages in the middle of a send/receive loop.
func TestKillLosesNothingThatWasAnswered(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		var loops []*loop
		for name, mode := range map[string]string{"kill-normal": "NORMAL", "kill-kafka": "KAFKA_HA"} {
			q := c.createQueue(t, map[string]any{"name": name, "queue_mode": mode})
			loops = append(loops, newLoop(c, q, c.createGroup(t, q, "g")))
		}
		var workers sync.WaitGroup
		for _, l := range loops {
			for w := range 2 {
				workers.Go(func() { l.produce(t, w) })
			}
			workers.Go(func() { l.consume(t) })
		}
		eventually(t, "there is enough to lose", func() error {
			for _, l := range loops {
				if sent, acked := l.counts(); sent < 60 || acked < 10 {
					return fmt.Errorf("%d sent, %d acknowledged", sent, acked)
				}
			}
			return nil
		})
		d.tenant.kill()
		workers.Wait()
		d.tenant = d.tenant.again(t)

		// A lease of the life before may have survived and hide a message for the ack wait of 15 seconds: only what is empty after that is
		// empty. The rounds wait by themselves.
		restarted := time.Now()
		came := make([]map[string]int, len(loops))
		for i := range came {
			came[i] = map[string]int{}
		}
		for empty := false; !empty || time.Since(restarted) < 16*time.Second; {
			empty = true
			for i, l := range loops {
				empty = l.round(t, came[i]) && empty
			}
		}
		for i, l := range loops {
			came := came[i]
			for name := range l.answered {
				switch {
				case l.acked[name]:
					require.Zero(t, came[name], "%s was acknowledged and came back", name)
				case !l.tried[name]:
					require.Equal(t, 1, came[name], "%s was answered and is lost", name)
				}
			}
		}
	})
}

// TestStopEndsLongPollsAndLosesNothing asks the process to stop while a consumer waits.
func TestStopEndsLongPollsAndLosesNothing(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		q := c.createQueue(t, map[string]any{"name": "stop"})
		g := c.createGroup(t, q, "g")
		type result struct {
			answer
			err error
		}
		done := make(chan result, 1)
		go func() {
			res, err := c.send(t.Context(), request{method: "GET", path: c.project() + "/queues/" + q + "/groups/" + g + "/messages?time_wait=60"})
			done <- result{res, err}
		}()
		eventually(t, "the poll waits", func() error {
			if n := d.metric(t, "dms_open_polls"); n != "1" {
				return fmt.Errorf("dms_open_polls is %s", n)
			}
			return nil
		})
		other := c.createQueue(t, map[string]any{"name": "kept"})
		c.createGroup(t, other, "g")
		c.sendText(t, other, "still here")

		d.tenant.stop(t)
		r := <-done
		require.NoError(t, r.err)
		require.Equal(t, http.StatusOK, r.status)
		require.JSONEq(t, "[]", string(r.body))

		d.tenant = d.tenant.again(t)
		g2 := c.createGroup(t, other, "g2")
		got := c.receiveAll(t, other, g2, 1)
		require.Equal(t, "still here", got[0].text(t))
		if d.control != d.tenant && d.topology == twoProcesses {
			d.control.stop(t)
		}
	})
}
