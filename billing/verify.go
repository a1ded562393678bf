package billing

import (
	"context"
	"fmt"
	"time"

	"dms/internal/usage"
)

// Difference is one thing about a closed record that is not as it must be.
type Difference struct {
	Hour  usage.Hour
	Field string // "record", "queue_units", "api_calls", "prev_hash", "hash", "price"
	Want  string // derived again
	Got   string // as recorded
}

// String says it in a line.
func (d Difference) String() string {
	return fmt.Sprintf("hour %s: %s: want %s, recorded is %s", d.Hour.Start().Format(time.RFC3339), d.Field, d.Want, d.Got)
}

// Verification is the result of Verify.
type Verification struct {
	Records     int
	Differences []Difference // empty when all is well; in order of hours
}

// Verify derives an account's closed hours again, from the lifecycle log and the stored counts, checks the chain of hashes, and
// names each difference: a record that was edited, dropped, added or put elsewhere.
func (m *Meter) Verify(ctx context.Context, accountID string) (Verification, error) {
	state, err := m.store.Meter(ctx)
	if err != nil {
		return Verification{}, fmt.Errorf("read the meter: %w", err)
	}
	published, err := m.store.Prices(ctx)
	if err != nil {
		return Verification{}, fmt.Errorf("read the published prices: %w", err)
	}
	v := verifier{meter: m, accountID: accountID, published: published}
	const window = 31 * 24 // hours in memory at once
	for from := state.First; from < state.Next; from += window {
		if err := v.hours(ctx, from, min(from+window, state.Next)); err != nil {
			return Verification{}, err
		}
	}
	return v.out, nil
}

type verifier struct {
	meter     *Meter
	accountID string
	published map[string]PriceVersion
	head      Hash
	out       Verification
}

func (v *verifier) differ(h usage.Hour, field, want, got string) {
	v.out.Differences = append(v.out.Differences, Difference{Hour: h, Field: field, Want: want, Got: got})
}

func (v *verifier) hours(ctx context.Context, from, to usage.Hour) error {
	records, err := v.meter.store.ClosedHours(ctx, v.accountID, from, to)
	if err != nil {
		return fmt.Errorf("read closed hours: %w", err)
	}
	recorded := make(map[usage.Hour]ClosedHour, len(records))
	for _, c := range records {
		recorded[c.Hour] = c
	}
	calls, err := v.meter.store.HourlyCalls(ctx, v.accountID, from, to)
	if err != nil {
		return fmt.Errorf("read counted calls: %w", err)
	}
	wantCalls := make(map[usage.Hour]int64)
	for _, c := range calls {
		wantCalls[c.Hour] += c.Calls
	}
	events, err := v.meter.events.Events(ctx, v.accountID, from.Start(), to.Start())
	if err != nil {
		return fmt.Errorf("read the lifecycle log: %w", err)
	}
	// A record says which prices it was closed by, and with them in which unit it counts.
	pricesAt := func(h usage.Hour) (PriceVersion, bool) {
		if c, ok := recorded[h]; ok {
			p, ok := v.published[c.PriceID]
			return p, ok
		}
		return v.meter.prices.At(h)
	}
	wantUnits := make(map[usage.Hour]int64)
	for u := range CountQueueUnits(events, from, to, to.Start(), granularityBy(pricesAt)) {
		wantUnits[u.Hour] += u.Units
	}
	for h := from; h < to; h++ {
		c, ok := recorded[h]
		if !ok {
			if wantUnits[h] != 0 || wantCalls[h] != 0 {
				v.differ(h, "record", fmt.Sprintf("%d queue units and %d calls", wantUnits[h], wantCalls[h]), "missing")
			}
			continue
		}
		v.record(c, wantUnits[h], wantCalls[h])
	}
	return nil
}

func (v *verifier) record(c ClosedHour, units, calls int64) {
	v.out.Records++
	if p, ok := v.published[c.PriceID]; c.PriceID != "" && (!ok || p.ID() != c.PriceID) {
		v.differ(c.Hour, "price", c.PriceID, "not published, or edited")
	}
	if c.QueueUnits != units {
		v.differ(c.Hour, "queue_units", fmt.Sprint(units), fmt.Sprint(c.QueueUnits))
	}
	if c.APICalls != calls {
		v.differ(c.Hour, "api_calls", fmt.Sprint(calls), fmt.Sprint(c.APICalls))
	}
	if c.PrevHash != v.head {
		v.differ(c.Hour, "prev_hash", v.head.String(), c.PrevHash.String())
	}
	if want := c.Seal(c.PrevHash).Hash; c.Hash != want {
		v.differ(c.Hour, "hash", want.String(), c.Hash.String())
	}
	v.head = c.Hash
}
