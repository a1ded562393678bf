package billing_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/billing"
)

func TestCSVIsRFC4180WithStableColumns(t *testing.T) {
	cny := func(s string) billing.Money { return billing.NewMoney(dec(s), billing.CNY) }
	b := billing.Bill{
		AccountID: "acc", AccountName: "acme", Month: month("2026-11"), Currency: billing.CNY, Status: billing.StatusOpen,
		Lines: []billing.Line{
			{Meter: "queue_hours", ProjectID: "p", UserID: "u", QueueID: "q", Quantity: dec("720"), Unit: "queue_hour", UnitPrice: dec("0.06"), Amount: cny("43.2"), Closed: true},
			{Meter: "api_calls", ProjectID: "p", UserID: "u", Quantity: dec("1e12"), Unit: "call", UnitPrice: dec("2e-6"), Amount: cny("0.004")},
		},
		Rounding: cny("-0.004"), Total: cny("43.20"),
	}
	var out bytes.Buffer
	require.NoError(t, b.WriteCSV(&out))
	require.Equal(t, strings.Join([]string{
		"account_id,account_name,month,currency,status,meter,project_id,user_id,queue_id,quantity,unit,unit_price,amount,closed",
		"acc,acme,2026-11,CNY,open,queue_hours,p,u,q,720,queue_hour,0.06,43.20,true",
		"acc,acme,2026-11,CNY,open,api_calls,p,u,,1000000000000,call,0.000002,0.004,false",
		"acc,acme,2026-11,CNY,open,rounding,,,,,,,-0.004,",
		"acc,acme,2026-11,CNY,open,total,,,,,,,43.20,",
		"",
	}, "\r\n"), out.String())
}

func TestCSVCannotCarryAFormula(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", `a"b,c` + "\n"} {
		b := billing.Bill{AccountName: name, Currency: billing.CNY, Month: month("2026-11")}
		var out bytes.Buffer
		require.NoError(t, b.WriteCSV(&out))
		rows, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		got := rows[1][1]
		require.NotContains(t, "=+-@\t\r", got[:1], "%q", name)
		require.Contains(t, strings.ReplaceAll(got, "\r\n", "\n"), strings.Trim(name, "\t\r"))
	}
}
