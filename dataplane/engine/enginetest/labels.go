package enginetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testLabels(t *testing.T, open Factory) {
	with := func(body string, labels ...string) engine.NewMessage {
		return engine.NewMessage{Body: []byte(body), Labels: labels}
	}
	sent := []engine.NewMessage{with("none"), with("a", "a"), with("b", "b"), with("ab", "a", "b"), with("bac", "b", "a", "c"), with("c", "c")}
	for name, c := range map[string]struct {
		opt  engine.ReceiveOptions
		want []string
	}{
		"no labels":     {labelled(engine.MatchAny), []string{"none", "a", "b", "ab", "bac", "c"}},
		"one, any":      {labelled(engine.MatchAny, "a"), []string{"a", "ab", "bac"}},
		"one, all":      {labelled(engine.MatchAll, "a"), []string{"a", "ab", "bac"}},
		"two, any":      {labelled(engine.MatchAny, "a", "b"), []string{"a", "b", "ab", "bac"}},
		"two, all":      {labelled(engine.MatchAll, "a", "b"), []string{"ab", "bac"}},
		"three, all":    {labelled(engine.MatchAll, "c", "b", "a"), []string{"bac"}},
		"unknown, any":  {labelled(engine.MatchAny, "x"), []string{}},
		"unknown, all":  {labelled(engine.MatchAll, "a", "x"), []string{}},
		"no prefix":     {labelled(engine.MatchAny, "A", "aa"), []string{}},
		"same label x2": {labelled(engine.MatchAll, "a", "a"), []string{"a", "ab", "bac"}},
	} {
		t.Run("case="+name, func(t *testing.T) {
			f := newFixture(t, open)
			f.sendMessages(f.q, sent...)
			require.Equal(t, c.want, bodies(f.receiveFrom(f.q, f.group, engine.Live, c.opt)))
		})
	}
	t.Run("BoundToTheFirstRule", func(t *testing.T) {
		f := newFixture(t, open)
		other := id.NewGroup()
		refused := func(opt engine.ReceiveOptions) {
			t.Helper()
			_, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, opt)
			require.Equal(t, errs.Invalid, errs.CodeOf(err))
			require.Equal(t, reason.LabelRule, errs.ReasonOf(err))
		}
		f.receiveFrom(f.q, f.group, engine.Live, options(10)) // no labels: binds nothing
		f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "a", "b"))
		for range 2 {
			f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "b", "a"))
			refused(options(10))
			refused(labelled(engine.MatchAny, "a"))
			refused(labelled(engine.MatchAny, "a", "b", "c"))
			refused(labelled(engine.MatchAll, "a", "b"))
			f.receiveFrom(f.q, other, engine.Live, labelled(engine.MatchAll, "c"))
			f.reopen()
		}
		require.Empty(t, f.receiveDead(), "dead letters have no rule")
	})
	t.Run("BindingSurvivesACrash", func(t *testing.T) {
		f := newFixture(t, open)
		f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "a"))
		f.crash()
		_, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, options(1))
		require.Equal(t, reason.LabelRule, errs.ReasonOf(err))
	})
	t.Run("PassedOverIsNotAvailable", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, sent...)
		ds := f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "a"))
		f.ack(ds...)
		require.Equal(t, engine.GroupStats{Produced: 6, Consumed: 3, Skipped: 3}, f.groupStats())
		f.reopen()
		require.Equal(t, engine.GroupStats{Produced: 6, Consumed: 3, Skipped: 3}, f.groupStats())
	})
	t.Run("OneAmongThousands", func(t *testing.T) {
		f := newFixture(t, open)
		for i := range 500 {
			msgs := make([]engine.NewMessage, 10)
			for j := range msgs {
				msgs[j] = with(fmt.Sprint(i, j), "other")
			}
			f.sendMessages(f.q, msgs...)
		}
		f.sendMessages(f.q, with("wanted", "a"))
		require.Equal(t, []string{"wanted"}, bodies(f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "a"))))
	})
	t.Run("PollSleepsOnOtherLabels", func(t *testing.T) {
		f := newFixture(t, open)
		opt := labelled(engine.MatchAny, "a")
		opt.Wait = longWait
		result := make(chan []engine.Delivery, 1)
		go func() {
			ds, _ := f.e.Receive(context.Background(), f.q, f.group, engine.Live, opt)
			result <- ds
		}()
		f.await(f.parked, "the poll")
		f.sendMessages(f.q, with("b", "b"))
		f.await(f.parked, "the poll to sleep again")
		f.sendMessages(f.q, with("a", "a"))
		require.Equal(t, []string{"a"}, bodies(<-result))
	})
}
