// Package filemail writes mails into a folder instead of sending them: for development, where the folder is the mailbox of everybody.
package filemail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"dms/iam"
	"dms/iam/mailtext"
	"dms/internal/clock"
	"dms/internal/id"
)

// Mailer implements iam.Mailer.
type Mailer struct {
	dir   string
	from  string
	clock clock.Clock
}

var _ iam.Mailer = (*Mailer)(nil)

// New returns a mailer that writes into dir, which it makes. Mails hold tickets: only their owner may read the folder.
func New(dir, from string, c clock.Clock) (*Mailer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of mails: %w", err)
	}
	return &Mailer{dir: dir, from: from, clock: c}, nil
}

// Send implements iam.Mailer. A mail is there whole or not at all; names sort by time.
func (m *Mailer) Send(_ context.Context, mail iam.Mail) error {
	now := m.clock.Now().UTC()
	name := id.NewHex()
	text, err := mailtext.Format(m.from, mail, now, name)
	if err != nil {
		return err
	}
	path := filepath.Join(m.dir, now.Format("20060102T150405.000000")+"-"+name[:8]+".eml")
	if err := os.WriteFile(path+".tmp", text, 0o600); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return nil
}
