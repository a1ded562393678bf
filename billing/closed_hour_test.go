package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dms/billing"
)

func TestEveryPartOfARecordIsInItsHash(t *testing.T) {
	base := billing.ClosedHour{AccountID: "acc", Hour: 5, PriceID: "price", QueueUnits: 2, APICalls: 3}
	seen := map[billing.Hash]string{base.Seal(billing.Hash{}).Hash: "base"}
	for name, edit := range map[string]func(c *billing.ClosedHour){
		"account": func(c *billing.ClosedHour) { c.AccountID = "acd" },
		"hour":    func(c *billing.ClosedHour) { c.Hour = 6 },
		"price":   func(c *billing.ClosedHour) { c.PriceID = "" },
		"units":   func(c *billing.ClosedHour) { c.QueueUnits = 3 },
		"calls":   func(c *billing.ClosedHour) { c.APICalls = 2 },
		"swapped": func(c *billing.ClosedHour) { c.QueueUnits, c.APICalls = 3, 2 },
		// The same bytes in a row, were it not for the lengths.
		"shifted": func(c *billing.ClosedHour) { c.AccountID, c.Hour, c.PriceID = "acc\x00", 5<<8|'p', "rice" },
	} {
		c := base
		edit(&c)
		h := c.Seal(billing.Hash{}).Hash
		require.Empty(t, seen[h], name)
		seen[h] = name
	}
	require.Empty(t, seen[base.Seal(billing.Hash{1}).Hash], "the hash before")
	require.Equal(t, base.Seal(billing.Hash{1}), base.Seal(billing.Hash{2}).Seal(billing.Hash{1}))
}
