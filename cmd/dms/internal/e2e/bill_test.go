package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// bill is what `dms billing report` prints.
type bill struct {
	AccountID    string `json:"account_id"`
	AccountName  string `json:"account_name"`
	Month        string `json:"month"`
	Currency     string `json:"currency"`
	Status       string `json:"status"`
	QueueHours   string `json:"queue_hours"`
	APICalls     string `json:"api_calls"`
	FreeAPICalls string `json:"free_api_calls"`
	Lines        []struct {
		Meter     string `json:"meter"`
		ProjectID string `json:"project_id"`
		UserID    string `json:"user_id"`
		QueueID   string `json:"queue_id"`
		Quantity  string `json:"quantity"`
		Unit      string `json:"unit"`
		UnitPrice string `json:"unit_price"`
		Amount    string `json:"amount"`
		Closed    *bool  `json:"closed"`
	} `json:"lines"`
	Rounding string `json:"rounding"`
	Total    string `json:"total"`
}

var billingZone = time.FixedZone("UTC+8", 8*3600)

func month() string { return time.Now().In(billingZone).Format("2006-01") }

func (d *deployment) report(t testing.TB, account, output string) string {
	t.Helper()
	return succeed(t, "billing", "report", "--account", account, "--month", month(), "--output", output, "--data-dir", d.dataDir, "--database-url", d.databaseURL)
}

func (d *deployment) bill(t testing.TB, account string) bill {
	t.Helper()
	var b bill
	out := d.report(t, account, "json")
	require.NoError(t, json.Unmarshal([]byte(out), &b), out)
	return b
}

// hours is how many clock hours the two instants touch.
func hours(from, to time.Time) int64 { return to.Unix()/3600 - from.Unix()/3600 + 1 }

// TestBillShowsWhatTheAccountUsedAndNothingElse uses the service a known number of times and reads the bill with the operator's
// command.
func TestBillShowsWhatTheAccountUsedAndNothingElse(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		second := d.bootstrap(t, "second-account", "admin")
		begin := time.Now()
		c := d.token(t, d.first)
		q := c.createQueue(t, map[string]any{"name": "billed"}) // 1 call
		g := c.createGroup(t, q, "g")                           // 2
		c.sendText(t, q, "a", "b", "c")                         // 3: a batch is one call
		got := c.receiveAll(t, q, g, 3)                         // 4, or more when it took several receives
		c.ack(t, q, g, "success", got...)
		c.do(t, 200, "GET", c.project()+"/queues", nil)
		require.Empty(t, c.receive(t, q, g, "time_wait=1"), "an empty receive is free")
		c.refuse(t, 400, 10540010, "POST", c.project()+"/queues/"+q+"/messages", map[string]any{"messages": []any{}}) // refused: free
		c.do(t, 200, "GET", "/api/v1/projects/"+d.first.ProjectID+"/queues", nil)                                     // our own reads: free

		var b bill
		eventually(t, "the calls are on the bill", func() error {
			b = d.bill(t, d.first.AccountID)
			n, err := strconv.Atoi(b.APICalls)
			if err != nil {
				return err
			}
			if n < 6 {
				return fmt.Errorf("%d calls", n)
			}
			return nil
		})
		calls, err := strconv.Atoi(b.APICalls)
		require.NoError(t, err)
		require.LessOrEqual(t, calls, 8, "create, create, send, one to three receives, ack, list")
		require.Equal(t, b.APICalls, b.FreeAPICalls, "the first million is free")
		queueHours, err := strconv.ParseInt(b.QueueHours, 10, 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, queueHours, int64(1))
		require.LessOrEqual(t, queueHours, hours(begin, time.Now()))
		require.Equal(t, d.first.AccountID, b.AccountID)
		require.Equal(t, "first-account", b.AccountName)
		require.Equal(t, []string{month(), "CNY", "open"}, []string{b.Month, b.Currency, b.Status})
		sum := decimal.Zero
		for _, l := range b.Lines {
			require.NotNil(t, l.Closed)
			require.Equal(t, d.first.ProjectID, l.ProjectID)
			require.Equal(t, d.first.UserID, l.UserID)
			amount := decimal.RequireFromString(l.Quantity).Mul(decimal.RequireFromString(l.UnitPrice))
			require.True(t, amount.Equal(decimal.RequireFromString(l.Amount)), "%s x %s = %s", l.Quantity, l.UnitPrice, l.Amount)
			sum = sum.Add(amount)
		}
		require.True(t, sum.Add(decimal.RequireFromString(b.Rounding)).Equal(decimal.RequireFromString(b.Total)))
		require.True(t, decimal.RequireFromString("0.06").Mul(decimal.NewFromInt(queueHours)).Equal(decimal.RequireFromString(b.Total)), b.Total)

		rows, err := csv.NewReader(strings.NewReader(d.report(t, "first-account", "csv"))).ReadAll()
		require.NoError(t, err)
		require.Greater(t, len(rows), 1)
		require.Contains(t, rows[0], "unit_price")

		other := d.bill(t, second.AccountName)
		require.Equal(t, []string{"0", "0"}, []string{other.QueueHours, other.APICalls})
		require.Empty(t, other.Lines)
		require.True(t, decimal.RequireFromString(other.Total).IsZero())

		succeed(t, "billing", "run", "--data-dir", d.dataDir, "--database-url", d.databaseURL)
		again := d.bill(t, d.first.AccountID)
		require.Equal(t, []string{b.Total, b.APICalls}, []string{again.Total, again.APICalls}, "moving the meter changes no sum")

		_, errOut, code := command(t, "billing", "report", "--account", "no-such-account", "--month", month(), "--data-dir", d.dataDir, "--database-url", d.databaseURL)
		require.Equal(t, 1, code)
		require.Contains(t, errOut, "there is no account")
	})
}

// TestKillOfTheNodeLosesAndRepeatsNoCountOfASend: the count of a send rides in the send's own commit.
func TestKillOfTheNodeLosesAndRepeatsNoCountOfASend(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		q := c.createQueue(t, map[string]any{"name": "counted"})
		want := 1
		for range 3 {
			for range 7 {
				c.sendText(t, q, "one call")
				want++
			}
			d.tenant.kill()
			d.tenant = d.tenant.again(t)
		}
		// The last send after all kills shows that everything before it has arrived: batches are delivered in order.
		c.sendText(t, q, "the last")
		want++
		eventually(t, "every call is on the bill", func() error {
			if got := d.bill(t, d.first.AccountID).APICalls; got != strconv.Itoa(want) {
				n, err := strconv.Atoi(got)
				require.NoError(t, err)
				require.LessOrEqual(t, n, want, "a call was counted twice")
				return fmt.Errorf("%d of %d", n, want)
			}
			return nil
		})
	})
}
