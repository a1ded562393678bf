package gormstore

import (
	"fmt"

	"dms/billing"
	"dms/internal/usage"
)

type sourceRow struct {
	Source       string `gorm:"primaryKey"`
	LastSequence int64
}

func (sourceRow) TableName() string { return "billing_usage_sources" }

type gapRow struct {
	Source        string `gorm:"primaryKey"`
	FirstSequence int64  `gorm:"primaryKey;autoIncrement:false"`
	LastSequence  int64
}

func (gapRow) TableName() string { return "billing_usage_gaps" }

type callsRow struct {
	AccountID  string `gorm:"primaryKey"`
	BilledHour int64  `gorm:"primaryKey;autoIncrement:false"`
	ProjectID  string `gorm:"primaryKey"`
	QueueID    string `gorm:"primaryKey"`
	UserID     string `gorm:"primaryKey"`
	Action     string `gorm:"primaryKey"`
	Hour       int64  `gorm:"primaryKey;autoIncrement:false"`
	Billable   bool
	Calls      int64
}

func (callsRow) TableName() string { return "billing_calls" }

func toCallsRow(c billing.BookedCount) callsRow {
	return callsRow{
		AccountID: c.AccountID, BilledHour: int64(c.BilledHour), ProjectID: c.ProjectID, QueueID: c.QueueID, UserID: c.UserID,
		Action: string(c.Action), Hour: int64(c.Hour), Billable: c.Billable, Calls: c.Calls,
	}
}

type closedRow struct {
	AccountID  string `gorm:"primaryKey"`
	Hour       int64  `gorm:"primaryKey;autoIncrement:false"`
	PriceID    string
	QueueUnits int64
	APICalls   int64 `gorm:"column:api_calls"`
	PrevHash   []byte
	Hash       []byte
}

func (closedRow) TableName() string { return "billing_closed_hours" }

func toClosedRow(c billing.ClosedHour) closedRow {
	return closedRow{
		AccountID: c.AccountID, Hour: int64(c.Hour), PriceID: c.PriceID, QueueUnits: c.QueueUnits, APICalls: c.APICalls,
		PrevHash: c.PrevHash[:], Hash: c.Hash[:],
	}
}

func (r closedRow) closedHour() (billing.ClosedHour, error) {
	out := billing.ClosedHour{
		AccountID: r.AccountID, Hour: usage.Hour(r.Hour), PriceID: r.PriceID, QueueUnits: r.QueueUnits, APICalls: r.APICalls,
	}
	var err error
	if out.PrevHash, err = toHash(r.PrevHash); err != nil {
		return out, err
	}
	out.Hash, err = toHash(r.Hash)
	return out, err
}

type priceRow struct {
	PriceID string `gorm:"primaryKey"`
	Body    string
}

func (priceRow) TableName() string { return "billing_prices" }

func toHash(b []byte) (billing.Hash, error) {
	var h billing.Hash
	if len(b) != len(h) {
		return h, fmt.Errorf("a stored hash has %d bytes", len(b))
	}
	copy(h[:], b)
	return h, nil
}
