package filemail_test

import (
	"context"
	"net/mail"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/filemail"
	"dms/internal/clock/clocktest"
)

func TestMailsAreFilesForTheirOwnersEyes(t *testing.T) {
	c := clocktest.New(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	dir := filepath.Join(t.TempDir(), "mails")
	m, err := filemail.New(dir, "dms@example.com", c)
	require.NoError(t, err)
	for _, to := range []string{"alice@example.com", "bob@example.com"} {
		require.NoError(t, m.Send(context.Background(), iam.Mail{To: to, Subject: "Hello", Text: "text\n"}))
		c.Advance(time.Second)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for i, to := range []string{"<alice@example.com>", "<bob@example.com>"} {
		f, err := os.Open(files[i])
		require.NoError(t, err)
		info, err := f.Stat()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		read, err := mail.ReadMessage(f)
		require.NoError(t, err)
		require.Equal(t, to, read.Header.Get("To"))
		require.NoError(t, f.Close())
	}
}
