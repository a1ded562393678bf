package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"

	"dms/controlplane"
	"dms/iam"
)

// BootstrapInput says what bootstrap creates. The region is the configuration's.
type BootstrapInput struct {
	AccountName string
	UserName    string
	Password    string
	Operator    bool // the user becomes an operator of the platform
	NewKey      bool // make another access key even if there is one
}

// Bootstrap creates what is missing of a region, an account with the service activated, its project, its administrator and an
// access key, and prints them as JSON. Each step is idempotent: a run that was cut off is finished by the next.
func Bootstrap(ctx context.Context, cfg Config, in BootstrapInput, out io.Writer) (err error) {
	input := iam.BootstrapInput{
		AccountName: in.AccountName, UserName: in.UserName, Password: in.Password,
		Region: cfg.Region, Operator: in.Operator, NewKey: in.NewKey,
	}
	if err := input.Validate(); err != nil {
		return err
	}
	cp, err := openControlPlane(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()

	if err := cp.services.Regions.Ensure(ctx, controlplane.Region{Name: cfg.Region}); err != nil {
		return err
	}
	if err := cp.iam.Accounts.EnsureProjects(ctx, cfg.Region); err != nil {
		return err
	}
	result, err := cp.iam.Accounts.Bootstrap(ctx, input)
	if err != nil {
		return err
	}
	if _, err := cp.services.Activations.Activate(ctx, result.AccountID); err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(result)
}
