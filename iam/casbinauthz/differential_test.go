package casbinauthz_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/errs"
)

const questionsPerWorld = 100

// fromEnv reads a number that a longer run, or one that is run again, sets.
func fromEnv(t testing.TB, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, name)
	return n
}

// Three judges decide DMS_TEST_CASES questions about random worlds: the authorizer, asked twice and for its reasons too, a naive reference, and Cedar.
func TestDecisionsEqualReferenceAndCedar(t *testing.T) {
	cases, seed := fromEnv(t, "DMS_TEST_CASES", 20_000), fromEnv(t, "DMS_TEST_SEED", rand.Uint64())
	t.Logf("DMS_TEST_SEED=%d", seed)
	var count struct{ allow, explicit, implicit, cedar, guests uint64 }
	for done := uint64(0); done < cases; done += questionsPerWorld {
		w := newWorld(rand.New(rand.NewPCG(seed, done)))
		a := newAuthorizer(t, w.publish(t))
		var documents []string
		for _, p := range w.sessions {
			raw, err := json.Marshal(p)
			require.NoError(t, err)
			documents = append(documents, string(raw))
		}
		judge := w.cedar(t, documents)
		for range questionsPerWorld {
			who, session, action, o := w.ask(t)
			want := w.reference(who, session, action, o, worldTime)
			fail := func(judge string, got any) {
				t.Fatalf("world %d: %s says %v, the reference %s: %s on %+v by %+v\npolicies %+v\nqueues %+v", done, judge, got, want, action, o, who, w.attached[who.AccountID], w.queues)
			}
			for range 2 { // the second answer may come from memory
				err := a.Authorize(ctx, who, action, o)
				if got := effectOf(t, err); got != want {
					fail("the authorizer", got)
				}
			}
			why, err := a.Explain(ctx, who, action, o)
			require.NoError(t, err)
			if why.Effect != want || (why.By == nil) != (want == access.ImplicitDeny) {
				fail("the explanation", why)
			}
			if !w.strange {
				count.cedar++
				if got := judge.allowed(w, who, action, o, worldTime); got != (want == access.Allow) {
					fail("Cedar", got)
				}
			}
			switch want {
			case access.Allow:
				count.allow++
				if who.Guest {
					count.guests++
				}
			case access.ExplicitDeny:
				count.explicit++
			default:
				count.implicit++
			}
		}
	}
	t.Logf("%d cases: %d allowed (%d to guests), %d denied by a statement, %d by none; Cedar judged %d", cases, count.allow, count.guests, count.explicit, count.implicit, count.cedar)
	require.Greater(t, count.allow, cases/20, "cases that are nearly all denied prove little")
	require.Greater(t, count.explicit, cases/20)
	require.Greater(t, count.guests, cases/500)
	require.Greater(t, count.cedar, cases/2)
}

func effectOf(t testing.TB, err error) access.Effect {
	t.Helper()
	if err == nil {
		return access.Allow
	}
	require.Equal(t, errs.Forbidden, errs.CodeOf(err), "%v", err)
	return access.Effect(errs.As(err).Denial.Effect)
}
