package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

func TestBootstrapMayBeRepeated(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, databaseURL string) {
		d := &deployment{databaseURL: databaseURL, dataDir: t.TempDir()}
		first := d.bootstrap(t, "first-account", "admin")
		require.NotNil(t, first.SecretKey)
		require.Regexp(t, "^[0-9a-f]{32}$", first.AccountID)
		require.Regexp(t, "^[0-9a-f]{32}$", first.ProjectID)
		require.Regexp(t, "^[0-9a-f]{32}$", first.UserID)
		require.Equal(t, []string{"first-account", region, "admin", region}, []string{first.AccountName, first.ProjectName, first.UserName, first.Region})

		same := d.bootstrap(t, "first-account", "admin")
		require.Nil(t, same.SecretKey, "told once")
		same.SecretKey = first.SecretKey
		require.Equal(t, first, same)

		more := d.bootstrap(t, "first-account", "admin", "--new-key")
		require.NotNil(t, more.SecretKey)
		require.NotEqual(t, first.AccessKey, more.AccessKey)
		require.Equal(t, first.AccountID, more.AccountID)
	})
}

func TestRegionThatDoesNotExistIsRefusedWithThoseThatDo(t *testing.T) {
	t.Parallel()
	d := &deployment{databaseURL: dbtest.SQLiteURL(t), dataDir: t.TempDir()}
	d.bootstrap(t, "first-account", "admin")
	_, errOut, code := command(t, "serve", "--listen", freeAddress(t), "--data-dir", d.dataDir, "--database-url", d.databaseURL, "--region", "atlantis")
	require.Equal(t, 1, code)
	require.Contains(t, errOut, "atlantis")
	require.Contains(t, errOut, region)
}

func TestAddressInUseIsAnError(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	other := t.TempDir()
	_, errOut, code := command(t, "serve", "--listen", d.tenant.url[len("http://"):], "--data-dir", other)
	require.Equal(t, 1, code)
	require.Contains(t, errOut, "address already in use")
}

func TestSecondServerOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	_, errOut, code := command(t, "serve", "--listen", freeAddress(t), "--data-dir", d.dataDir, "--database-url", d.databaseURL, "--region", region)
	require.Equal(t, 1, code, errOut)
	require.NoError(t, get(d.tenant.url+"/readyz"), "the first goes on")
}

func TestWrongCommandLinesExitWith2AndBadConfigurationWith1(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dms.yaml")
	require.NoError(t, os.WriteFile(file, []byte("lisen: 127.0.0.1:1\n"), 0o600))
	for name, tc := range map[string]struct {
		args []string
		code int
		says string
	}{
		"unknown flag":                {[]string{"serve", "--colour", "red"}, 2, "--colour"},
		"unknown subcommand":          {[]string{"launch"}, 2, "launch"},
		"missing flag":                {[]string{"bootstrap", "--account", "a"}, 2, "--user"},
		"surplus argument":            {[]string{"serve", "now"}, 2, "now"},
		"unknown key of the file":     {[]string{"config", "check", "--config", file}, 1, `"lisen"`},
		"value that cannot be":        {[]string{"config", "check", "--region", "Nowhere"}, 1, "Nowhere"},
		"node without control plane":  {[]string{"node", "--data-dir", t.TempDir()}, 1, "control_plane"},
		"password file that is not":   {[]string{"bootstrap", "--account", "abcd", "--user", "u", "--password-file", "/does/not/exist"}, 1, "/does/not/exist"},
		"report in an unknown format": {[]string{"billing", "report", "--account", "a", "--month", "2026-11", "--output", "xml"}, 2, "xml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errOut, code := command(t, tc.args...)
			require.Equal(t, tc.code, code, errOut)
			require.Contains(t, errOut, tc.says)
		})
	}
	require.Contains(t, succeed(t, "version"), "dms ")
	require.Contains(t, succeed(t, "config", "check"), "listen: 127.0.0.1:8080")
	require.Contains(t, succeed(t, "--help"), "serve")
}

func TestMigrateMayBeRepeated(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, databaseURL string) {
		for range 2 {
			succeed(t, "migrate", "--database-url", databaseURL, "--data-dir", t.TempDir())
		}
	})
}
