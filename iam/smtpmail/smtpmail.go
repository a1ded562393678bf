// Package smtpmail sends mails through an SMTP server.
package smtpmail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/url"
	"time"

	"dms/iam"
	"dms/iam/mailtext"
	"dms/internal/clock"
	"dms/internal/id"
)

// maxSend bounds the sending of one mail.
const maxSend = 30 * time.Second

// Mailer implements iam.Mailer.
type Mailer struct {
	address  string // host:port
	host     string
	implicit bool // TLS from the first byte (smtps), else STARTTLS
	plain    bool // the server is this machine: no TLS is needed
	auth     smtp.Auth
	from     string
	sender   string // of the envelope
	clock    clock.Clock
	roots    *tls.Config
}

var _ iam.Mailer = (*Mailer)(nil)

// New returns a mailer for "smtp://user:password@host:587" (STARTTLS, which the server must offer unless it is on this machine) or "smtps://...:465" (TLS from
// the first byte). from is "Name <address>" or an address.
func New(rawURL, from string, c clock.Clock) (*Mailer, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New(`want "smtp://user:password@host:port" or "smtps://..."`) // not the cause: it holds the password
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("sender %q: %w", from, err)
	}
	m := &Mailer{host: u.Hostname(), implicit: u.Scheme == "smtps", from: from, sender: sender.Address, clock: c}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "587", true: "465"}[m.implicit]
	}
	m.address = net.JoinHostPort(m.host, port)
	ip := net.ParseIP(m.host)
	m.plain = m.host == "localhost" || ip != nil && ip.IsLoopback()
	if user := u.User; user != nil {
		password, _ := user.Password()
		m.auth = smtp.PlainAuth("", user.Username(), password, m.host) // refuses to speak without TLS, but to this machine
	}
	m.roots = &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12}
	return m, nil
}

// Send implements iam.Mailer.
func (m *Mailer) Send(ctx context.Context, letter iam.Mail) error {
	text, err := mailtext.Format(m.from, letter, m.clock.Now().UTC(), id.NewHex())
	if err != nil {
		return err
	}
	to, err := mail.ParseAddress(letter.To)
	if err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, maxSend)
	defer cancel()
	c, err := m.dial(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", m.address, err)
	}
	defer c.Close()
	if err := m.transfer(c, to.Address, text); err != nil {
		return fmt.Errorf("mail server %s: %w", m.address, err)
	}
	return nil
}

// dial connects; the connection ends with ctx.
func (m *Mailer) dial(ctx context.Context) (*smtp.Client, error) {
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if m.implicit {
		dialer = &tls.Dialer{Config: m.roots}
	}
	conn, err := dialer.DialContext(ctx, "tcp", m.address)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	c, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (m *Mailer) transfer(c *smtp.Client, to string, text []byte) error {
	if !m.implicit {
		switch ok, _ := c.Extension("STARTTLS"); {
		case ok:
			if err := c.StartTLS(m.roots); err != nil {
				return err
			}
		case !m.plain:
			return errors.New("it offers no STARTTLS, and mails hold tickets")
		}
	}
	if m.auth != nil {
		if err := c.Auth(m.auth); err != nil {
			return err
		}
	}
	if err := c.Mail(m.sender); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil { // here the server takes or refuses the mail
		return err
	}
	return c.Quit()
}
