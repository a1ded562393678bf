package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// traffic is producers and consumers of one account that go on through crashes of the service. Each life of the service is one call of run.
type traffic struct {
	ledger  *ledger
	base    string
	token   string
	project string
	http    *http.Client
	queues  []trafficQueue
	held    heldBack
}

// trafficQueue is a queue under load.
type trafficQueue struct {
	name, id string
	keys     int      // ordering keys of each producer; 0: none
	groups   []string // ids
}

// heldBack keeps deliveries whose acknowledgement got no answer: some are tried again in the next life.
type heldBack struct {
	mu   sync.Mutex
	list map[groupName][]taken
}

// taken is one received message.
type taken struct {
	Body    string `json:"body"`
	Handler string `json:"handler"`
}

const (
	producersOfQueue = 2
	consumersOfGroup = 2
)

func (q trafficQueue) at(group string) groupName { return groupName{q.name, group} }

func (tr *traffic) groups() (all []groupName) {
	for _, q := range tr.queues {
		for _, g := range q.groups {
			all = append(all, q.at(g))
		}
	}
	return all
}

func names(list []taken) (out []string) {
	for _, d := range list {
		out = append(out, d.Body)
	}
	return out
}

// call does one request. An error says that there was no answer.
func (tr *traffic) call(ctx context.Context, path string, body, answer any) (status int, err error) {
	b, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, tr.base+"/api/v1/projects/"+tr.project+"/queues/"+path, bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", tr.token)
	res, err := tr.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if b, err = io.ReadAll(res.Body); err != nil {
		return 0, err
	}
	if res.StatusCode/100 == 2 {
		return res.StatusCode, json.Unmarshal(b, answer)
	}
	return res.StatusCode, nil
}

// run works until stop is closed or, with drain, until nothing is left to acknowledge. Workers end by themselves once the service is gone.
func (tr *traffic) run(t *testing.T, stop <-chan struct{}, seed uint64, drain bool) {
	var workers sync.WaitGroup
	worker := uint64(0)
	random := func() *rand.Rand {
		worker++
		return rand.New(rand.NewPCG(seed, worker))
	}
	for _, q := range tr.queues {
		for p := 0; p < producersOfQueue && !drain; p++ {
			rnd := random()
			workers.Go(func() {
				for running(stop) && tr.produce(t.Context(), q, p, rnd) {
				}
			})
		}
		for _, g := range q.groups {
			for range consumersOfGroup {
				rnd := random()
				workers.Go(func() {
					for running(stop) && tr.consume(t.Context(), q, g, rnd, drain) {
					}
				})
			}
		}
	}
	workers.Wait()
}

func running(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return false
	default:
		return true
	}
}

// produce sends one batch; false: the service is gone.
func (tr *traffic) produce(ctx context.Context, q trafficQueue, producer int, rnd *rand.Rand) bool {
	keys := make([]string, 1+rnd.IntN(10))
	for i := range keys {
		if q.keys > 0 {
			keys[i] = fmt.Sprintf("p%d-k%d", producer, rnd.IntN(q.keys))
		}
	}
	batch := tr.ledger.sending(q.name, producer, keys)
	list := make([]map[string]any, len(batch))
	for i, m := range batch {
		list[i] = map[string]any{"body": m.name}
		if m.key != "" {
			list[i]["ordering_key"] = m.key
		}
	}
	var answer struct{}
	status, err := tr.call(ctx, q.id+"/messages", map[string]any{"messages": list}, &answer)
	switch {
	case err != nil:
		return false
	case status == http.StatusCreated:
		tr.ledger.stored(batch)
	}
	return true
}

// consume receives once and mostly acknowledges; false: the service is gone.
func (tr *traffic) consume(ctx context.Context, q trafficQueue, group string, rnd *rand.Rand, drain bool) bool {
	at, path := q.at(group), q.id+"/groups/"+group
	if old := tr.held.take(at); len(old) > 0 && rnd.IntN(2) == 0 {
		// Their handlers are from before the crash. They are good unless the messages were given again.
		if !tr.ack(ctx, at, path, old) {
			return false
		}
	}
	asked := tr.ledger.asking()
	var got struct {
		Messages []taken `json:"messages"`
	}
	wait := 1
	if drain {
		wait = 2
	}
	status, err := tr.call(ctx, path+"/receive", map[string]any{"max_messages": 1 + rnd.IntN(10), "wait_seconds": wait, "ack_wait_seconds": 15}, &got)
	switch {
	case err != nil:
		return false
	case status != http.StatusOK:
		return true
	}
	tr.ledger.received(at, asked, names(got.Messages))
	if len(got.Messages) == 0 {
		return true
	}
	if !drain {
		switch rnd.IntN(200) {
		case 0:
			return true // forgotten: it comes again when the ack wait has passed
		case 1, 2, 3, 4:
			return tr.refuse(ctx, path, got.Messages)
		}
	}
	return tr.ack(ctx, at, path, got.Messages)
}

// ack acknowledges; what gets no answer is held for the next life.
func (tr *traffic) ack(ctx context.Context, at groupName, path string, list []taken) bool {
	tr.ledger.acking(at, names(list))
	var answer struct{ Accepted int }
	status, err := tr.call(ctx, path+"/settle", map[string]any{"messages": handlers(list, false)}, &answer)
	if err != nil {
		tr.ledger.unanswered(at, names(list))
		tr.held.put(at, list)
		return false
	}
	if status == http.StatusOK {
		tr.ledger.acked(at, names(list[:answer.Accepted]))
	}
	return true
}

// refuse reports a failed consumption: the messages come again.
func (tr *traffic) refuse(ctx context.Context, path string, list []taken) bool {
	var answer struct{}
	_, err := tr.call(ctx, path+"/settle", map[string]any{"messages": handlers(list, true)}, &answer)
	return err == nil
}

func handlers(list []taken, failed bool) (out []map[string]any) {
	for _, d := range list {
		out = append(out, map[string]any{"handler": d.Handler, "failed": failed})
	}
	return out
}

func (h *heldBack) put(at groupName, list []taken) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list[at] = list
}

func (h *heldBack) take(at groupName) []taken {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.list[at]
	delete(h.list, at)
	return list
}

// newTraffic makes the queues of the load in the deployment's account.
func newTraffic(t *testing.T, d *deployment) *traffic {
	c := d.token(t, d.first)
	header := http.Header{}
	r := &http.Request{Header: header}
	c.sign(r, nil)
	tr := &traffic{
		ledger: newLedger("fifo", "keys"), base: d.tenant.url, token: header.Get("X-Auth-Token"), project: d.first.ProjectID,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
		held: heldBack{list: map[groupName][]taken{}},
	}
	for _, q := range []trafficQueue{{name: "normal"}, {name: "fifo"}, {name: "keys", keys: 4}} {
		mode := "FIFO"
		if q.name == "normal" {
			mode = "NORMAL"
		}
		q.id = c.createQueue(t, map[string]any{"name": q.name, "queue_mode": mode})
		for _, g := range []string{"g1", "g2"} {
			q.groups = append(q.groups, c.createGroup(t, q.id, g))
		}
		tr.queues = append(tr.queues, q)
	}
	return tr
}
