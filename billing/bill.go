package billing

import "github.com/shopspring/decimal"

// Status says whether a bill can still change.
type Status string

const (
	StatusOpen  Status = "open"  // the month is running
	StatusDraft Status = "draft" // the month is over; late usage may still be booked in it
	StatusFinal Status = "final" // will never change
)

// Account is whose bill it is.
type Account struct {
	ID   string
	Name string
}

// Bill is what an account used in a month and what that costs, up to the instant it was made. Its JSON is the report's wire form:
// all numbers are decimal strings.
type Bill struct {
	AccountID    string          `json:"account_id"`
	AccountName  string          `json:"account_name"`
	Month        Month           `json:"month"`
	Currency     Currency        `json:"currency"`
	Status       Status          `json:"status"`
	QueueHours   decimal.Decimal `json:"queue_hours"`
	APICalls     decimal.Decimal `json:"api_calls"`      // all billable calls
	FreeAPICalls decimal.Decimal `json:"free_api_calls"` // those of them that are free
	Lines        []Line          `json:"lines"`          // never nil
	Rounding     Money           `json:"rounding"`       // Total minus the exact sum of the lines
	Total        Money           `json:"total"`          // what is to be paid
}

func newBill(a Account, m Month, s Status, r Rating) Bill {
	total := r.Sum.Round()
	return Bill{
		AccountID: a.ID, AccountName: a.Name, Month: m, Currency: r.Sum.Currency(), Status: s,
		QueueHours: r.QueueHours, APICalls: r.APICalls, FreeAPICalls: r.FreeAPICalls,
		Lines: r.Lines, Rounding: total.Sub(r.Sum), Total: total,
	}
}
