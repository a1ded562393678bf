package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

// The process suite kills the service at random moments under load. Two settings for the nightly run and for repeating a run that failed.
const (
	envCrashRounds = "DMS_TEST_CRASH_ROUNDS"
	envCrashSeed   = "DMS_TEST_CRASH_SEED"
)

func number(t *testing.T, env string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(env)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, env)
	return n
}

// TestNothingAnsweredIsLostOrReorderedThroughManyKills compares the log of what was answered with what came, over many lives of the service.
func TestNothingAnsweredIsLostOrReorderedThroughManyKills(t *testing.T) {
	t.Parallel()
	rounds := int(number(t, envCrashRounds, 5))
	seed := number(t, envCrashSeed, uint64(time.Now().UnixNano()))
	t.Logf("%s=%d %s=%d", envCrashSeed, seed, envCrashRounds, rounds)
	rnd := rand.New(rand.NewPCG(seed, 0))

	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	tr := newTraffic(t, d)
	for round := range rounds {
		stop, ended := make(chan struct{}), make(chan struct{})
		enough := tr.ledger.after(100 + rnd.Int64N(900))
		go func() {
			defer close(ended)
			tr.run(t, stop, seed+uint64(round), false)
		}()
		select {
		case <-enough:
		case <-ended:
			t.Fatal("the load ended before the service was killed")
		case <-time.After(patience):
			t.Fatal("the load does not get on")
		}
		d.tenant.kill()
		close(stop)
		<-ended
		tr.http.CloseIdleConnections()
		for rnd.IntN(4) == 0 { // once more, while it starts
			p := launch(t, d.tenant.name, d.tenant.url[len("http://"):], d.tenant.args...)
			select {
			case <-time.After(time.Duration(rnd.IntN(300)) * time.Millisecond):
			case <-p.done:
			}
			p.kill()
		}
		d.tenant = d.tenant.again(t)
	}

	// A lease that survived the last crash hides its message for the ack wait of 15 seconds at most. What comes until then, and should not, is
	// seen too.
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tr.run(t, stop, seed+uint64(rounds), true)
	}()
	<-time.After(16 * time.Second)
	// Each look goes through everything that was ever sent, with the ledger locked: looking all the time would keep the consumers from theirs.
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); tr.ledger.unsettled(tr.groups()) > 0 && time.Now().Before(deadline); {
		<-tick.C // what is still unsettled at the end is lost, and the checker names it
	}
	close(stop)
	<-ended

	v := tr.ledger.check(tr.groups())
	t.Logf("%d kills: %d messages sent, %d answered; %d deliveries, %d more than once; lost %d, reordered %d, torn batches %d, other broken promises %d",
		rounds, v.Sent, v.Answered, v.Given, v.Repeated, v.Lost, v.Reordered, v.Torn, v.Broken)
	require.NoError(t, problems(v), "%s=%d\n%s", envCrashSeed, seed, v.Examples)
	require.Positive(t, v.Answered)
	d.tenant.stop(t)
}

func problems(v verdict) error {
	var errs []error
	for _, p := range []struct {
		what string
		n    int
	}{{"lost", v.Lost}, {"reordered", v.Reordered}, {"torn batches", v.Torn}, {"broken promises", v.Broken}} {
		if p.n > 0 {
			errs = append(errs, fmt.Errorf("%s: %d", p.what, p.n))
		}
	}
	return errors.Join(errs...)
}
