package iam

import (
	"time"

	"dms/internal/id"
)

// Project is an account's namespace in one region.
type Project struct {
	ID        string
	AccountID string
	Name      string // of the default project: the region's
	Region    string
	CreatedAt time.Time
}

func newProject(accountID, region string, now time.Time) Project {
	return Project{ID: id.NewHex(), AccountID: accountID, Name: region, Region: region, CreatedAt: now}
}
