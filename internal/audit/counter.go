package audit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dms/internal/access"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// CountKind says what is counted rather than recorded one by one: there may be thousands of it in a second.
type CountKind string

const (
	CountDenied CountKind = "denied" // a policy refused
	CountUsed   CountKind = "used"   // an access key signed a request that was let through
)

// Count is how often something happened in a minute.
type Count struct {
	Minute       int64           `json:"minute"` // since 1970
	Kind         CountKind       `json:"kind"`
	AccountID    string          `json:"account_id"`
	UserID       string          `json:"user_id,omitempty"`
	CredentialID string          `json:"credential_id,omitempty"` // of CountUsed: the access key
	Action       access.Action   `json:"action,omitempty"`        // of CountDenied
	Resource     access.Resource `json:"resource,omitempty"`
	Calls        int64           `json:"calls"`
}

// CountBatch are the counts that one process made in some minutes.
type CountBatch struct {
	Source string  `json:"source"` // names a start of a process: two of them never count the same thing
	Counts []Count `json:"counts"`
}

// CountSink keeps counts. A batch that is repeated changes nothing.
type CountSink interface {
	Count(ctx context.Context, b CountBatch) error
}

// Bounds of what a process keeps in memory. What goes beyond is counted under OtherResource, so that no caller can make the table grow by inventing names.
const (
	maxCounts          = 4096 // keys a minute
	maxCountsOfAccount = 256
	maxWaitingCounts   = 16 * maxCounts // while the sink is not in reach; the oldest are dropped then
)

// OtherResource stands for all that is beyond the bounds.
const OtherResource access.Resource = "other"

// Counter counts in memory, and delivers minute by minute.
type Counter struct {
	source string
	sink   CountSink
	clock  clock.Clock
	log    *slog.Logger

	mu      sync.RWMutex // guards: what follows
	used    map[string]*usedKey
	denied  map[Count]*int64
	perAcct map[string]int
	waiting []Count // cut, and not delivered yet
}

type usedKey struct {
	accountID, userID string
	calls             atomic.Int64
}

// NewCounter returns a counter of this start of the process that process names.
func NewCounter(process string, sink CountSink, c clock.Clock, log *slog.Logger) *Counter {
	return &Counter{
		source: process + "/" + id.NewHex(), sink: sink, clock: c, log: log,
		used: make(map[string]*usedKey), denied: make(map[Count]*int64), perAcct: make(map[string]int),
	}
}

// Used counts a request that was signed with an access key. A key that was counted in this minute costs no allocation and no exclusive lock.
func (c *Counter) Used(a *access.Actor) {
	if a.Via != access.ViaSignature && a.Via != access.ViaTemporary {
		return
	}
	c.mu.RLock()
	k := c.used[a.CredentialID]
	if k != nil {
		k.calls.Add(1)
	}
	c.mu.RUnlock()
	if k != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	credential, account, user := a.CredentialID, a.AccountID, a.UserID
	if c.used[credential] == nil && !c.room(account) {
		credential, user = account+"/"+string(OtherResource), ""
	}
	if c.used[credential] == nil {
		c.used[credential] = &usedKey{accountID: account, userID: user}
	}
	c.used[credential].calls.Add(1)
}

// Denied counts a request that a policy refused.
func (c *Counter) Denied(a *access.Actor, action access.Action, r access.Resource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := Count{Kind: CountDenied, AccountID: a.AccountID, UserID: a.UserID, Action: action, Resource: access.Resource(clean(string(r), maxDetailBytes))}
	if c.denied[key] == nil && !c.room(a.AccountID) {
		key = Count{Kind: CountDenied, AccountID: a.AccountID, Resource: OtherResource}
	}
	if c.denied[key] == nil {
		c.denied[key] = new(int64)
	}
	*c.denied[key]++
}

// room reports whether there is room for another key of the account, and takes it. Requires: c.mu held.
func (c *Counter) room(accountID string) bool {
	if len(c.used)+len(c.denied) >= maxCounts || c.perAcct[accountID] >= maxCountsOfAccount {
		return false
	}
	c.perAcct[accountID]++
	return true
}

// Run delivers at the end of each minute until ctx ends, and then what is left.
func (c *Counter) Run(ctx context.Context) error {
	for {
		began := c.clock.Now()
		woken := make(chan struct{})
		timer := c.clock.AfterFunc(began.Truncate(time.Minute).Add(time.Minute).Sub(began), func() { close(woken) })
		select {
		case <-woken:
			c.deliver(ctx, began)
		case <-ctx.Done():
			timer.Stop()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastDelivery)
			defer cancel()
			c.deliver(last, began)
			return nil
		}
	}
}

// lastDelivery bounds what the end of a process waits for.
const lastDelivery = 2 * time.Second

// deliver sends what was counted since the instant. What the sink does not take is kept for the next time.
func (c *Counter) deliver(ctx context.Context, since time.Time) {
	c.cut(since)
	c.mu.RLock()
	batch := CountBatch{Source: c.source, Counts: c.waiting}
	c.mu.RUnlock()
	if len(batch.Counts) == 0 {
		return
	}
	if err := c.sink.Count(ctx, batch); err != nil {
		c.log.WarnContext(ctx, "counts for the audit were not delivered, will try again", slog.Int("counts", len(batch.Counts)), slog.String("error", err.Error()))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = nil // Run alone adds to it
}

// cut moves what was counted to what waits for delivery.
func (c *Counter) cut(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	minute := since.Unix() / 60
	for credential, k := range c.used {
		c.waiting = append(c.waiting, Count{Minute: minute, Kind: CountUsed, AccountID: k.accountID, UserID: k.userID, CredentialID: credential, Calls: k.calls.Load()})
	}
	for key, calls := range c.denied {
		key.Minute, key.Calls = minute, *calls
		c.waiting = append(c.waiting, key)
	}
	if over := len(c.waiting) - maxWaitingCounts; over > 0 {
		c.waiting = c.waiting[over:]
	}
	clear(c.used)
	clear(c.denied)
	clear(c.perAcct)
}

// Counting is an authorizer that counts what the one in it decides.
type Counting struct {
	access.Authorizer
	Counter *Counter
}

// Authorize implements access.Authorizer.
func (c Counting) Authorize(ctx context.Context, a access.Actor, action access.Action, o access.Object) error {
	err := c.Authorizer.Authorize(ctx, a, action, o)
	switch {
	case err == nil:
		c.Counter.Used(&a)
	case errs.ReasonOf(err) == reason.PolicyDenied:
		c.Counter.Denied(&a, action, o.Resource)
	}
	return err
}
