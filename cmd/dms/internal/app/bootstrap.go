package app

import (
	"context"
	"errors"
	"io"
)

// BootstrapInput says what bootstrap creates. The region is the configuration's.
type BootstrapInput struct {
	AccountName string
	UserName    string
	Password    string
	Operator    bool // the user becomes an operator of the platform
	NewKey      bool // make another access key even if there is one
}

// Bootstrap creates what is missing of a region, an account, its project, its administrator and an access key, and prints them
// as JSON.
func Bootstrap(ctx context.Context, cfg Config, in BootstrapInput, out io.Writer) error {
	return errors.New("bootstrap is not wired")
}
