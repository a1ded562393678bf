package node_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/reason"
)

// poll is a Receive that waits.
type poll struct {
	t    *testing.T
	done chan pollResult
}

type pollResult struct {
	got []engine.Delivery
	err error
}

// poll starts a receive and returns once the engine waits for a message.
func (f *fixture) poll(ctx context.Context, te tenant, q dataplane.Queue, g dataplane.Group, recheck func() error) *poll {
	f.t.Helper()
	p := &poll{t: f.t, done: make(chan pollResult, 1)}
	go func() {
		r := te.reception(q, g, 20*time.Second)
		r.Recheck = recheck
		got, err := f.node.Receive(ctx, r)
		p.done <- pollResult{got, err}
	}()
	select {
	case <-f.parked:
	case r := <-p.done:
		f.t.Fatalf("the poll did not wait: %v", r)
	}
	return p
}

func (p *poll) result() pollResult {
	p.t.Helper()
	select {
	case r := <-p.done:
		return r
	case <-time.After(10 * time.Second):
		p.t.Fatal("the poll did not end")
		return pollResult{}
	}
}

func TestReceiveGivesWhatIsThereAndWaitsForTheFirst(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	f.send(te, q, `1`, `2`)
	require.Equal(t, []string{`1`, `2`}, bodies(f.receive(te, q, g)))
	require.Empty(t, f.receive(te, q, g))

	p := f.poll(t.Context(), te, q, g, nil)
	require.Equal(t, 1, f.node.OpenPolls())
	f.send(te, q, `3`)
	r := p.result()
	require.NoError(t, r.err)
	require.Equal(t, []string{`3`}, bodies(r.got))
	require.Zero(t, f.node.OpenPolls())

	p = f.poll(t.Context(), te, q, g, nil)
	f.clock.Advance(20 * time.Second)
	require.Equal(t, pollResult{}, p.result(), "the time is over")
}

func TestRevocationEndsThePollsThatItConcerns(t *testing.T) {
	denied := errs.New(errs.Forbidden, reason.PolicyDenied, "no more")
	for name, change := range map[string]func(te tenant) directory.Entry{
		"who got lent credentials":          func(te tenant) directory.Entry { return entry(directory.KindUser, te.actor.ParentUserID, 1) },
		"the account of who got them":       func(te tenant) directory.Entry { return entry(directory.KindAccount, te.actor.ParentAccountID, 1) },
		"the operator who acts as the user": func(te tenant) directory.Entry { return entry(directory.KindUser, te.actor.ImpersonatorID, 1) },
		"a role of the account":             func(te tenant) directory.Entry { return entry(directory.KindRole, te.actor.AccountID+"/r", 1) },
		"a policy document": func(te tenant) directory.Entry {
			return entry(directory.KindPolicyDocument, te.actor.AccountID+"/p", 1)
		},
		"account": func(te tenant) directory.Entry { return entry(directory.KindAccount, te.actor.AccountID, 1) },
		"policy": func(te tenant) directory.Entry {
			return entry(directory.KindPolicy, te.actor.AccountID+"/"+te.actor.UserID+"/p", 1)
		},
		"policy of another user of the account": func(te tenant) directory.Entry {
			return entry(directory.KindPolicy, te.actor.AccountID+"/somebody/p", 1)
		},
		"project": func(te tenant) directory.Entry { return entry(directory.KindProject, te.actor.ProjectID, 1) },
		"user":    func(te tenant) directory.Entry { return entry(directory.KindUser, te.actor.UserID, 1) },
		"access key": func(te tenant) directory.Entry {
			return deleted(entry(directory.KindAccessKey, te.actor.CredentialID, 1))
		},
		"signing key": func(te tenant) directory.Entry { return entry(directory.KindSigningKey, "k", 1) },
		"activation":  func(te tenant) directory.Entry { return te.activation(dataplane.ActivationFrozen) },
		"a kind that the node does not know": func(te tenant) directory.Entry {
			return entry("spending_cap", "x", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			te, q, g := f.queueWithGroup()
			te.actor.ParentUserID, te.actor.ParentAccountID, te.actor.ImpersonatorID = "parent", "account of the parent", "operator"
			revoked := make(chan struct{}, 100)
			var answer error
			p := f.poll(t.Context(), te, q, g, func() error {
				revoked <- struct{}{}
				return answer
			})
			<-revoked // the check at the beginning of the wait
			answer = denied
			f.source.append(change(te))
			f.follow()
			require.ErrorIs(t, p.result().err, denied)
			require.Zero(t, f.node.OpenPolls())
		})
	}
}

func TestChangesOfOthersLeavePollsAlone(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	other := newTenant()
	checks := 0
	p := f.poll(t.Context(), te, q, g, func() error { checks++; return nil })
	otherQueue := other.queue()
	f.source.append(
		entry(directory.KindAccount, other.actor.AccountID, 1), entry(directory.KindUser, other.actor.UserID, 1),
		entry(directory.KindPolicy, other.actor.AccountID+"/"+te.actor.UserID+"/p", 1), entry(directory.KindProject, other.actor.ProjectID, 1),
		entry(directory.KindAccessKey, other.actor.CredentialID, 1), other.activation(dataplane.ActivationActive),
		queueEntry(otherQueue), groupEntry(other.group(otherQueue)), entry(directory.KindQuota, te.actor.ProjectID, dataplane.DefaultQuota))
	f.follow()
	f.send(te, q, `1`)
	require.Equal(t, []string{`1`}, bodies(p.result().got))
	require.Equal(t, 1, checks, "the one at the beginning")
}

func TestPollGoesOnWhenTheCallerMayStillCome(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	checked := make(chan struct{}, 100)
	p := f.poll(t.Context(), te, q, g, func() error { checked <- struct{}{}; return nil })
	<-checked
	f.clock.Advance(15 * time.Second)
	f.source.append(entry(directory.KindUser, te.actor.UserID, 2))
	f.follow()
	<-checked
	<-f.parked
	f.clock.Advance(5*time.Second - 1)
	require.Empty(t, p.done)
	f.clock.Advance(1)
	require.Equal(t, pollResult{}, p.result(), "the wait is not begun anew")
}

func TestAPanicWhileAPollAsksEndsThePollAlone(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	r := te.reception(q, g, 20*time.Second)
	r.Recheck = func() error { panic("a fact that nobody expected") }
	_, err := f.node.Receive(t.Context(), r)
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	require.ErrorContains(t, err, "a fact that nobody expected")
	require.Zero(t, f.node.OpenPolls())
}

// A right that was revoked between the check of the request and the registration of the poll is noticed before it waits.
func TestPollAsksOnceItIsRegistered(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	denied := errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "gone")
	r := te.reception(q, g, 20*time.Second)
	open := 0
	r.Recheck = func() error {
		open = f.node.OpenPolls()
		return denied
	}
	_, err := f.node.Receive(t.Context(), r)
	require.ErrorIs(t, err, denied)
	require.Equal(t, 1, open, "a change from here on reaches the poll")
	require.Zero(t, f.node.OpenPolls())
}

// racingEngine lets something happen while messages are on their way from the engine to the poll.
type racingEngine struct {
	engine.Engine
	onDelivery func()
}

func (e *racingEngine) Receive(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, opt engine.ReceiveOptions) ([]engine.Delivery, error) {
	got, err := e.Engine.Receive(ctx, q, groupID, kind, opt)
	if len(got) > 0 && e.onDelivery != nil {
		e.onDelivery()
	}
	return got, err
}

func TestMessagesThatArriveWithARevocationAreReleased(t *testing.T) {
	f := newFixture(t)
	racing := &racingEngine{Engine: f.engine}
	f.opt.Engine = racing
	f.restart()
	te, q, g := f.queueWithGroup()
	denied := errs.New(errs.Forbidden, reason.PolicyDenied, "no more")
	var answer error
	racing.onDelivery = func() {
		answer = denied
		f.source.append(entry(directory.KindUser, te.actor.UserID, 2))
		f.follow()
	}
	p := f.poll(t.Context(), te, q, g, func() error { return answer })
	f.send(te, q, `1`)
	r := p.result()
	require.ErrorIs(t, r.err, denied)
	require.Empty(t, r.got)

	racing.onDelivery = nil
	got := f.receive(te, q, g)
	require.Equal(t, []string{`1`}, bodies(got), "visible again at once")
	require.Equal(t, 1, got[0].ReceiveCount)
}

func TestDeliveriesOfAnEndedRequestAreReleased(t *testing.T) {
	f := newFixture(t)
	racing := &racingEngine{Engine: f.engine}
	f.opt.Engine = racing
	f.restart()
	te, q, g := f.queueWithGroup()
	f.send(te, q, `1`)
	ctx, cancel := context.WithCancel(t.Context())
	racing.onDelivery = cancel
	got, err := f.node.Receive(ctx, te.reception(q, g, 0))
	require.NoError(t, err)
	require.Empty(t, got)
	racing.onDelivery = nil
	require.Equal(t, []string{`1`}, bodies(f.receive(te, q, g)))

	// A poll whose client goes away ends, and takes nothing with it.
	ctx, cancel = context.WithCancel(t.Context())
	p := f.poll(ctx, te, q, g, nil)
	cancel()
	require.Equal(t, pollResult{}, p.result())
	f.send(te, q, `2`)
	require.Equal(t, []string{`2`}, bodies(f.receive(te, q, g)))
}

func TestUndeliveredMessagesAreVisibleAgain(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	f.send(te, q, `1`, `2`)
	got := f.receive(te, q, g)
	f.node.Undelivered(te.reception(q, g, 0), got)
	f.node.Undelivered(te.reception(q, g, 0), nil)
	require.Equal(t, []string{`1`, `2`}, bodies(f.receive(te, q, g)))
}

func TestStopPollsEndsPollsWithAnEmptyAnswer(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	require.NoError(t, f.node.Ready())
	var open []*poll
	for range 3 {
		open = append(open, f.poll(t.Context(), te, q, g, nil))
	}
	f.node.StopPolls()
	for _, p := range open {
		require.Equal(t, pollResult{}, p.result())
	}
	require.Equal(t, errs.Unavailable, errs.CodeOf(f.node.Ready()))
	f.send(te, q, `1`)
	require.Equal(t, []string{`1`}, bodies(f.receive(te, q, g)), "requests under way are still answered")
	got, err := f.node.Receive(t.Context(), te.reception(q, g, 20*time.Second))
	require.NoError(t, err)
	require.Empty(t, got, "a later poll does not wait")
}

func TestDeletedQueueEndsItsPolls(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	p := f.poll(t.Context(), te, q, g, nil)
	f.source.append(deleted(queueEntry(q)))
	f.follow()
	require.Equal(t, reason.QueueNotFound, errs.ReasonOf(p.result().err))
}

func TestOpenPollsOfAQueueAreLimited(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	q.Limits.OpenPolls = 2
	free := te.queue() // another queue, without a limit
	freeGroup := te.group(free)
	f.source.append(queueEntry(q), queueEntry(free), groupEntry(freeGroup))
	f.follow()
	q, err := f.node.Queue(t.Context(), q.ProjectID, q.ID)
	require.NoError(t, err)

	open := []*poll{f.poll(t.Context(), te, q, g, nil), f.poll(t.Context(), te, q, g, nil)}
	_, err = f.node.Receive(t.Context(), te.reception(q, g, time.Second))
	require.Equal(t, errs.Throttled, errs.CodeOf(err))
	require.Equal(t, 1, errs.RetryAfterSeconds(err))
	require.Empty(t, f.receive(te, q, g), "who does not wait is no poll")
	open = append(open, f.poll(t.Context(), te, free, freeGroup, nil))

	q.Limits.OpenPolls = 3 // changed while running
	open = append(open, f.poll(t.Context(), te, q, g, nil))
	f.clock.Advance(20 * time.Second)
	for _, p := range open {
		require.Equal(t, pollResult{}, p.result())
	}
	q.Limits.OpenPolls = 1
	p := f.poll(t.Context(), te, q, g, nil)
	f.send(te, q, `1`)
	require.Len(t, p.result().got, 1)
}

// cancellingEngine ends the request while the settlement is on its way.
type cancellingEngine struct {
	engine.Engine
	cancel func()
}

func (e *cancellingEngine) Settle(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, s []engine.Settlement, m engine.Metered) (int, error) {
	e.cancel()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return e.Engine.Settle(ctx, q, groupID, kind, s, m)
}

func TestAcknowledgementThatHasBegunIsNotGivenUp(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.opt.Engine = &cancellingEngine{f.engine, cancel}
	f.restart()
	te, q, g := f.queueWithGroup()
	f.send(te, q, `1`)
	got := f.receive(te, q, g)
	accepted, err := f.node.Settle(ctx, te.actor, q, g, engine.Live, []engine.Settlement{{Handler: got[0].Handler}})
	require.NoError(t, err)
	require.Equal(t, 1, accepted)
	f.clock.Advance(time.Minute)
	require.Empty(t, f.receive(te, q, g))

	_, err = f.node.Settle(ctx, te.actor, q, g, engine.Live, nil)
	require.Equal(t, errs.Unavailable, errs.CodeOf(err), "a request that ended before is not begun")
}

func TestFiguresHaveNoNamesOfTenants(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	q.MaxConsumeCount, q.Limits.RequestsPerSecond = 1, 1
	f.send(te, q, `1`, `2`, `3`)
	got := f.receive(te, q, g)
	_, err := f.node.Settle(t.Context(), te.actor, q, g, engine.Live, []engine.Settlement{{Handler: got[0].Handler}, {Handler: got[1].Handler, Failed: true}})
	require.NoError(t, err)
	_, err = f.node.Settle(t.Context(), te.actor, q, g, engine.Live, []engine.Settlement{{Handler: "garbage"}})
	require.Error(t, err)
	f.node.Undelivered(te.reception(q, g, 0), got[2:])
	require.NoError(t, f.node.Admit(q))
	require.Error(t, f.node.Admit(q))
	f.clock.Advance(3 * time.Second)

	want := []string{
		`dms_directory_age_seconds 3`,
		`dms_directory_revision 1`,
		`dms_messages_delivered_total{kind=live} 3`,
		`dms_messages_prepared_total 0`,
		`dms_messages_released_total{kind=live} 1`,
		`dms_messages_sent_total 3`,
		`dms_messages_settled_total{kind=live,outcome=fail} 1`,
		`dms_messages_settled_total{kind=live,outcome=success} 1`,
		`dms_open_polls 0`,
		`dms_requests_total{action=dms:message:ack,code=invalid} 1`,
		`dms_requests_total{action=dms:message:ack,code=ok} 1`,
		`dms_requests_total{action=dms:message:receive,code=ok} 1`,
		`dms_requests_total{action=dms:message:send,code=ok} 1`,
		`dms_throttled_requests_total 1`,
		`dms_usage_outbox_batches 0`,
	}
	require.Equal(t, want, f.figures())
	for _, line := range f.figures() {
		for _, secret := range []string{q.ID, q.Name, g.ID, te.actor.AccountID} {
			require.False(t, strings.Contains(line, secret), line)
		}
	}
}

// figures returns the metrics, one a line, sorted.
func (f *fixture) figures() []string {
	f.t.Helper()
	families, err := f.metrics.Gather()
	require.NoError(f.t, err)
	var out []string
	for _, fam := range families {
		for _, m := range fam.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			line := fam.GetName()
			if len(labels) > 0 {
				line += "{" + strings.Join(labels, ",") + "}"
			}
			v := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			out = append(out, line+" "+formatNumber(v))
		}
	}
	slices.Sort(out)
	return out
}
