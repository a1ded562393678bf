package billing_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/billing"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestRoundingIsHalfAwayFromZeroInTheCurrencysDigits(t *testing.T) {
	for _, c := range []struct {
		currency  billing.Currency
		in, wants string
	}{
		{"CNY", "0.005", "0.01"},
		{"CNY", "-0.005", "-0.01"},
		{"CNY", "0.004999999999", "0.00"},
		{"CNY", "-0.0049", "0.00"},
		{"CNY", "43.2", "43.20"},
		{"CNY", "2.675", "2.68"},
		{"JPY", "0.5", "1"},
		{"JPY", "42.49", "42"},
		{"KWD", "1.0005", "1.001"},
		{"KWD", "-1.0005", "-1.001"},
		{"CNY", "1000000000000000000000000.005", "1000000000000000000000000.01"},
	} {
		require.Equal(t, c.wants, billing.NewMoney(dec(c.in), c.currency).Round().String(), "%s %s", c.currency, c.in)
	}
}

func TestMoneyIsWrittenExactlyWithAtLeastTheCurrencysDigits(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0.00", "43.2": "43.20", "0.000002": "0.000002", "-0.004": "-0.004", "1e12": "1000000000000.00", "1e-10": "0.0000000001", "7.100": "7.10",
	} {
		require.Equal(t, want, billing.NewMoney(dec(in), billing.CNY).String())
	}
	b, err := json.Marshal(map[string]billing.Money{"total": billing.NewMoney(dec("43.2"), billing.CNY)})
	require.NoError(t, err)
	require.Equal(t, `{"total":"43.20"}`, string(b))
}

func TestExponentsComeFromISO4217(t *testing.T) {
	for currency, want := range map[billing.Currency]int32{"CNY": 2, "USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "CLF": 4} {
		require.NoError(t, currency.Validate())
		require.Equal(t, want, currency.Exponent(), currency)
	}
	for _, wrong := range []billing.Currency{"", "cny", "RMB", "XXX"} {
		require.Error(t, wrong.Validate(), wrong)
	}
}

func TestTotalAndRoundingAddUpToTheExactSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := billing.NewMoney(decimal.Zero, billing.CNY)
		for _, n := range rapid.SliceOf(rapid.Int64Range(0, 1_000_000_000_000_000)).Draw(t, "millionths") {
			sum = sum.Add(billing.NewMoney(decimal.New(n, -6), billing.CNY))
		}
		total := sum.Round()
		rounding := total.Sub(sum)
		require.True(t, sum.Add(rounding).Amount().Equal(total.Amount()))
		require.True(t, rounding.Amount().Abs().LessThanOrEqual(dec("0.005")), rounding)
		require.False(t, total.Amount().IsNegative())
	})
}

func TestCurrenciesDoNotAdd(t *testing.T) {
	require.Panics(t, func() { billing.NewMoney(dec("1"), "CNY").Add(billing.NewMoney(dec("1"), "USD")) })
}
