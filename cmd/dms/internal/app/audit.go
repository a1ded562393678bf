package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"

	"dms/internal/audit"
	"dms/internal/errs"
)

// ErrTrailBroken says that an audit trail is not what was written.
var ErrTrailBroken = errors.New("the audit trail is broken")

// AuditVerify checks the trail of an account (id or name; "" is the platform's own) and prints what it found. ErrTrailBroken: not all is as it was written.
func AuditVerify(ctx context.Context, cfg Config, account string, out io.Writer) (err error) {
	cp, err := openControlPlane(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	accountID := audit.Platform
	if account != "" {
		a, err := cp.iam.Accounts.Account(ctx, account)
		if errs.CodeOf(err) == errs.NotFound {
			return errs.New(errs.NotFound, "", "there is no account with the id or name %q", account)
		}
		if err != nil {
			return err
		}
		accountID = a.ID
	}
	v, err := audit.Verify(ctx, cp.trails, accountID)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		audit.Verdict
		HeadHash string `json:"head_hash"`
	}{v, hex.EncodeToString(v.HeadHash)}); err != nil {
		return err
	}
	if !v.OK {
		return ErrTrailBroken
	}
	return nil
}
