package billing_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/internal/errs"
	"dms/internal/usage"
)

func TestStandardPrices(t *testing.T) {
	for g, want := range map[billing.Granularity]string{
		billing.GranularityHour:   `{"currency":"CNY","granularity":"hour","queue":{"amount":"0.06","per":"1"},"api_call":{"amount":"2","per":"1000000"},"free_api_calls":1000000}`,
		billing.GranularityMinute: `{"currency":"CNY","granularity":"minute","queue":{"amount":"0.001","per":"1"},"api_call":{"amount":"2","per":"1000000"},"free_api_calls":1000000}`,
	} {
		v := billing.StandardPrices(g)
		require.NoError(t, v.Validate())
		b, err := json.Marshal(v)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, string(b)))
		require.Equal(t, "0.000002", v.APICall.UnitPrice().String())

		var back billing.PriceVersion
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, v.ID(), back.ID(), "the id survives the database")
	}
	require.NotEqual(t, billing.StandardPrices(billing.GranularityHour).ID(), billing.StandardPrices(billing.GranularityMinute).ID())
}

func TestPriceBookGivesTheVersionThatHoldsInAnHour(t *testing.T) {
	old, dear := billing.StandardPrices(billing.GranularityHour), billing.StandardPrices(billing.GranularityHour)
	dear.Queue.Amount = dec("0.09")
	begin, change := at("2026-01-01T00:00:00Z"), at("2026-06-01T16:00:00Z")
	book, err := billing.NewPriceBook(billing.DatedPrices{ValidFrom: change, PriceVersion: dear}, billing.DatedPrices{ValidFrom: begin, PriceVersion: old})
	require.NoError(t, err)

	_, ok := book.At(usage.HourOf(begin) - 1)
	require.False(t, ok, "before the first version there is no price")
	for h, want := range map[usage.Hour]string{
		usage.HourOf(begin): "0.06", usage.HourOf(change) - 1: "0.06", usage.HourOf(change): "0.09", usage.HourOf(change) + 10_000: "0.09",
	} {
		v, ok := book.At(h)
		require.True(t, ok)
		require.Equal(t, want, v.Queue.UnitPrice().String())
	}
}

func TestPriceBookRefusesWhatItCouldNotRate(t *testing.T) {
	good := billing.StandardPrices(billing.GranularityHour)
	edit := func(f func(v *billing.PriceVersion)) billing.DatedPrices {
		v := good
		f(&v)
		return billing.DatedPrices{PriceVersion: v}
	}
	midHour := billing.DatedPrices{ValidFrom: at("2026-01-01T00:30:00Z"), PriceVersion: good}
	usd := edit(func(v *billing.PriceVersion) { v.Currency = "USD" })
	usd.ValidFrom = at("2026-01-01T00:00:00Z")
	for name, versions := range map[string][]billing.DatedPrices{
		"empty":              {},
		"mid-hour":           {midHour},
		"twice":              {{PriceVersion: good}, {PriceVersion: good}},
		"two currencies":     {{PriceVersion: good}, usd},
		"unknown currency":   {edit(func(v *billing.PriceVersion) { v.Currency = "RMB" })},
		"granularity":        {edit(func(v *billing.PriceVersion) { v.Granularity = "day" })},
		"negative":           {edit(func(v *billing.PriceVersion) { v.Queue.Amount = dec("-1") })},
		"per zero":           {edit(func(v *billing.PriceVersion) { v.APICall.Per = dec("0") })},
		"not exact":          {edit(func(v *billing.PriceVersion) { v.APICall.Per = dec("3") })},
		"negative free tier": {edit(func(v *billing.PriceVersion) { v.FreeAPICalls = -1 })},
	} {
		_, err := billing.NewPriceBook(versions...)
		require.Equal(t, errs.Invalid, errs.CodeOf(err), name)
	}
}

func TestZeroTimeMeansAlways(t *testing.T) {
	book, err := billing.StandardPriceBook(billing.GranularityHour)
	require.NoError(t, err)
	_, ok := book.At(usage.HourOf(time.Unix(-1, 0)))
	require.True(t, ok)
	require.Equal(t, billing.CNY, book.Currency())
}
