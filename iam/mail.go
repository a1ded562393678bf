package iam

import (
	"context"
	"log/slog"
)

// Mail is a message to one address, in plain text.
type Mail struct {
	To      string
	Subject string
	Text    string
}

// Mailer sends mails. Packages smtpmail and filemail have the implementations.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Outbox sends mails in the background: whoever asks for one is answered at once, whether the address is known or not, and does not feel how slow a mail
// server is. What was not sent when the process ends is lost; its reader asks again.
type Outbox struct {
	mailer Mailer
	log    *slog.Logger
	mails  chan Mail
}

// maxWaitingMails bounds the mails that wait. Past it they are dropped: a mail server that is down must not take the memory.
const maxWaitingMails = 1000

// NewOutbox returns an outbox over the mailer. Nothing is sent until it runs.
func NewOutbox(m Mailer, log *slog.Logger) *Outbox {
	return &Outbox{mailer: m, log: log, mails: make(chan Mail, maxWaitingMails)}
}

// Put hands a mail over. It never waits.
func (o *Outbox) Put(m Mail) {
	select {
	case o.mails <- m:
	default:
		o.log.Error("mail was dropped: too many wait", slog.String("subject", m.Subject))
	}
}

// Run implements run.Service: it sends until ctx ends.
func (o *Outbox) Run(ctx context.Context) error {
	for {
		select {
		case m := <-o.mails:
			o.send(ctx, m)
		case <-ctx.Done():
			return nil
		}
	}
}

// send does not log the text, which holds a ticket.
func (o *Outbox) send(ctx context.Context, m Mail) {
	if err := o.mailer.Send(ctx, m); err != nil {
		o.log.ErrorContext(ctx, "mail was not sent", slog.String("subject", m.Subject), slog.String("error", err.Error()))
	}
}
