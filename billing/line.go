package billing

import (
	"cmp"

	"github.com/shopspring/decimal"
)

// MeterName names what is measured.
type MeterName string

const (
	MeterNameQueueHours MeterName = "queue_hours"
	MeterNameAPICalls   MeterName = "api_calls"
)

// order is the place of the meter on a bill.
func (m MeterName) order() int {
	if m == MeterNameQueueHours {
		return 0
	}
	return 1
}

// Line is one rated line of a bill. Quantity x UnitPrice == Amount, exactly.
type Line struct {
	Meter     MeterName       `json:"meter"`
	ProjectID string          `json:"project_id"`
	UserID    string          `json:"user_id"`
	QueueID   string          `json:"queue_id"` // "" for calls that name no queue
	Quantity  decimal.Decimal `json:"quantity"`
	Unit      Unit            `json:"unit"`
	UnitPrice decimal.Decimal `json:"unit_price"` // 0 for free calls
	Amount    Money           `json:"amount"`
	Closed    bool            `json:"closed"` // false: its hours are still running, or not closed yet
}

func compareLines(a, b Line) int {
	return cmp.Or(
		cmp.Compare(a.Meter.order(), b.Meter.order()),
		cmp.Compare(a.ProjectID, b.ProjectID),
		cmp.Compare(a.QueueID, b.QueueID),
		cmp.Compare(a.UserID, b.UserID),
		a.UnitPrice.Cmp(b.UnitPrice),
		cmp.Compare(a.Unit, b.Unit),
		closedFirst(a, b),
	)
}

func closedFirst(a, b Line) int {
	switch {
	case a.Closed == b.Closed:
		return 0
	case a.Closed:
		return -1
	}
	return 1
}
