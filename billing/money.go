package billing

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Money is an exact amount in a currency. The zero value has no currency and can only be added to.
type Money struct {
	amount   decimal.Decimal
	currency Currency
}

// NewMoney returns an amount of a known currency.
func NewMoney(amount decimal.Decimal, c Currency) Money { return Money{amount: amount, currency: c} }

// Amount returns the exact number.
func (m Money) Amount() decimal.Decimal { return m.amount }

// Currency returns the currency.
func (m Money) Currency() Currency { return m.currency }

// Add returns the exact sum. Adding two currencies is a programmer's error and panics.
func (m Money) Add(o Money) Money {
	return Money{amount: m.amount.Add(o.amount), currency: m.shared(o)}
}

// Sub returns the exact difference.
func (m Money) Sub(o Money) Money {
	return Money{amount: m.amount.Sub(o.amount), currency: m.shared(o)}
}

// Round returns what can be paid: the amount in the currency's digits, half away from zero. It is called once, at the total.
func (m Money) Round() Money {
	return Money{amount: m.amount.Round(m.currency.Exponent()), currency: m.currency}
}

// String writes the exact number with at least the currency's digits, never in scientific notation.
func (m Money) String() string {
	if m.currency == "" {
		return m.amount.String()
	}
	short := m.amount.String() // without trailing zeros
	if e := m.currency.Exponent(); m.amount.Equal(m.amount.Truncate(e)) {
		return m.amount.StringFixed(e)
	}
	return short
}

// MarshalText makes JSON show money as a decimal string.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func (m Money) shared(o Money) Currency {
	switch {
	case m.currency == "":
		return o.currency
	case o.currency == "" || o.currency == m.currency:
		return m.currency
	}
	panic(fmt.Sprintf("billing: %s and %s do not add", m.currency, o.currency))
}
