package gormstore

import (
	"context"
	"time"

	"dms/internal/audit"
	auditstore "dms/internal/audit/gormstore"
)

// Audit implements iam.Tx.
func (t tx) Audit(ctx context.Context, at time.Time, events ...audit.Event) error {
	return auditstore.Append(t.handle(ctx), at, events...)
}
