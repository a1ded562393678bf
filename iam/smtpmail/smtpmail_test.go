package smtpmail_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/smtpmail"
	"dms/internal/clock/clocktest"
)

var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// delivery is what the mail server of a test was given.
type delivery struct{ auth, from, to, data string }

// mailServer answers one connection as a mail server does, and tells what it got. refuse is the command that it refuses.
func mailServer(t *testing.T, refuse string) (address string, got <-chan delivery) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan delivery, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var d delivery
		r := bufio.NewReader(conn)
		say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
		say("220 ready")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimRight(line, "\r\n")
			command, rest, _ := strings.Cut(line, " ")
			if command == refuse {
				say("554 no")
				continue
			}
			switch command {
			case "EHLO":
				say("250-here")
				say("250 AUTH PLAIN")
			case "AUTH":
				b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
				d.auth = string(b)
				say("235 ok")
			case "MAIL":
				d.from = rest
				say("250 ok")
			case "RCPT":
				d.to = rest
				say("250 ok")
			case "DATA":
				say("354 go on")
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					if line == ".\r\n" {
						break
					}
					d.data += strings.TrimPrefix(line, ".") // one is put before every dot that begins a line
				}
				say("250 taken")
			case "QUIT":
				say("221 bye")
				out <- d
				return
			default:
				say("501 what")
			}
		}
	}()
	return l.Addr().String(), out
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	address, got := mailServer(t, "")
	m, err := smtpmail.New("smtp://robot:s3cret@"+address, "DMS <dms@example.com>", clocktest.New(at))
	require.NoError(t, err)
	text := "Grüße\n\nhttps://console.example/verify-email#" + strings.Repeat("x", 100) + "\n.\nend\n"
	require.NoError(t, m.Send(context.Background(), iam.Mail{To: "alice@example.com", Subject: "Confirm your e-mail address", Text: text}))
	d := <-got
	require.Equal(t, "\x00robot\x00s3cret", d.auth)
	require.Equal(t, "FROM:<dms@example.com>", d.from)
	require.Equal(t, "TO:<alice@example.com>", d.to)
	read, err := mail.ReadMessage(strings.NewReader(d.data))
	require.NoError(t, err)
	require.Equal(t, `"DMS" <dms@example.com>`, read.Header.Get("From"))
	require.Equal(t, "<alice@example.com>", read.Header.Get("To"))
	require.Equal(t, "Confirm your e-mail address", read.Header.Get("Subject"))
	date, err := read.Header.Date()
	require.NoError(t, err)
	require.True(t, at.Equal(date))
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	require.NoError(t, err)
	require.Equal(t, text, strings.ReplaceAll(string(body), "\r\n", "\n"))
}

func TestARefusedMailIsAnError(t *testing.T) {
	for _, command := range []string{"AUTH", "MAIL", "RCPT", "DATA"} {
		address, _ := mailServer(t, command)
		m, err := smtpmail.New("smtp://robot:s3cret@"+address, "dms@example.com", clocktest.New(at))
		require.NoError(t, err)
		err = m.Send(context.Background(), iam.Mail{To: "alice@example.com", Subject: "s", Text: "t"})
		require.ErrorContains(t, err, "554", command)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestNothingInAMailAddsAHeader(t *testing.T) {
	m, err := smtpmail.New("smtp://127.0.0.1:1", "dms@example.com", clocktest.New(at))
	require.NoError(t, err)
	require.ErrorContains(t, m.Send(context.Background(), iam.Mail{To: "a@example.com\r\nBcc: b@example.com", Subject: "s"}), "recipient")
	require.ErrorContains(t, m.Send(context.Background(), iam.Mail{To: "a@example.com", Subject: "s\r\nBcc: b@example.com"}), "subject")
}

func TestBadURLsAreRefusedWithoutTheirPassword(t *testing.T) {
	for _, raw := range []string{"", "http://user:s3cret@host", "smtp://", "smtp://user:s3cret@ho st", "smtp://user:s3cret@host/path"} {
		_, err := smtpmail.New(raw, "dms@example.com", clocktest.New(at))
		require.Error(t, err, raw)
		require.NotContains(t, err.Error(), "s3cret")
	}
	_, err := smtpmail.New("smtp://host", "nobody", clocktest.New(at))
	require.ErrorContains(t, err, "sender")
}
