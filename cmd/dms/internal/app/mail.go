package app

import (
	"log/slog"

	"dms/iam"
	"dms/iam/filemail"
	"dms/iam/smtpmail"
	"dms/internal/clock"
)

// newOutbox returns the outbox over the configured mail server or folder; nil when there is neither.
func newOutbox(cfg MailConfig, c clock.Clock, log *slog.Logger) (*iam.Outbox, error) {
	var (
		m   iam.Mailer
		err error
	)
	switch {
	case cfg.SMTPURL != "":
		m, err = smtpmail.New(cfg.SMTPURL, cfg.From, c)
	case cfg.Dir != "":
		m, err = filemail.New(cfg.Dir, cfg.From, c)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return iam.NewOutbox(m, log), nil
}
