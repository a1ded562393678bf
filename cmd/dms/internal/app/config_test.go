package app_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"dms/cmd/dms/internal/app"
)

// flags returns the flags of a subcommand as cmd/dms declares them, parsed.
func flags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	f := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.String(app.FlagConfig, "", "")
	for _, key := range app.Keys() {
		f.String(app.Flag(key), "the flag's own default", "")
	}
	f.String("month", "", "")
	require.NoError(t, f.Parse(args))
	return f
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dms.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestDefaultsHoldWithoutFileEnvironmentAndFlags(t *testing.T) {
	t.Parallel()
	got, warnings, err := app.Load(flags(t), nil)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.NoError(t, got.Validate())

	want := app.Default()
	want.DatabaseURL = "sqlite:data/dms.db"
	want.SecretKeyFile = "data/secret.key"
	want.NodeTokenFile = "data/node.token"
	require.Empty(t, cmp.Diff(want, got))
}

func TestFlagsGoBeforeEnvironmentBeforeFileBeforeDefaults(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "region: from-file\nlisten: 127.0.0.1:1\npublic_url: http://from-file\nbilling:\n  final_after: 1h\nlog:\n  level: debug\n")
	environ := []string{"DMS_CONFIG=" + path, "DMS_LISTEN=127.0.0.1:2", "DMS_PUBLIC_URL=http://from-environment", "DMS_DIRECTORY_MAX_AGE=0", "PATH=/bin"}
	got, warnings, err := app.Load(flags(t, "--public-url", "http://from-flag", "--month", "2026-11"), environ)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "http://from-flag", got.PublicURL)
	require.Equal(t, "127.0.0.1:2", got.Listen)
	require.Equal(t, "from-file", got.Region)
	require.Equal(t, time.Hour, got.Billing.FinalAfter)
	require.Equal(t, time.Duration(0), got.Directory.MaxAge)
	require.Equal(t, slog.LevelDebug, got.Log.Level)
	require.Equal(t, "hour", got.Billing.Granularity, "a section that is given in part keeps the other defaults")
}

func TestFlagConfigGoesBeforeVariableConfig(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "region: wanted\n")
	got, _, err := app.Load(flags(t, "--config", path), []string{"DMS_CONFIG=/does/not/exist"})
	require.NoError(t, err)
	require.Equal(t, "wanted", got.Region)
}

func TestEveryKeyIsSetByItsVariable(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"directory.max_age": "7h", "engine.reclaim_above": "7", "engine.spare_bytes": "7", "engine.dedup_window": "7h", "billing.final_after": "7h", "log.level": "error", "mail.require_verification": "false",
	}
	for _, key := range app.Keys() {
		value, ok := values[key]
		if !ok {
			value = "set-by-variable"
		}
		name := "DMS_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		got, warnings, err := app.Load(flags(t), []string{name + "=" + value})
		require.NoError(t, err, key)
		require.Empty(t, warnings, key)
		unset, _, err := app.Load(flags(t), nil)
		require.NoError(t, err)
		require.NotEmpty(t, cmp.Diff(unset, got), "%s has no effect", name)
	}
}

func TestUnknownKeyOfTheFileIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "regoin: x\nbilling:\n  granularty: hour\ntls:\n")
	_, _, err := app.Load(flags(t, "--config", path), nil)
	require.ErrorContains(t, err, `"regoin"`)
	require.ErrorContains(t, err, `"billing.granularty"`)
	require.NotContains(t, err.Error(), `"tls"`, "an empty section is not an unknown key")
}

func TestMissingAndMalformedFilesAreErrorsThatNameTheFile(t *testing.T) {
	t.Parallel()
	_, _, err := app.Load(flags(t, "--config", "/does/not/exist.yaml"), nil)
	require.ErrorContains(t, err, "/does/not/exist.yaml")
	path := writeFile(t, "listen: [\n")
	_, _, err = app.Load(flags(t, "--config", path), nil)
	require.ErrorContains(t, err, path)
	_, _, err = app.Load(flags(t), []string{"DMS_BILLING_FINAL_AFTER=soon"})
	require.ErrorContains(t, err, "billing.final_after")
}

func TestUnknownVariableIsAWarningThatNamesIt(t *testing.T) {
	t.Parallel()
	_, warnings, err := app.Load(flags(t), []string{"DMS_SERVICE_HOST=10.0.0.1", "DMS_TEST_REQUIRE=1", "HOME=/root"})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "DMS_SERVICE_HOST")
}

func TestValidateListsEveryViolationWithKeyAndValue(t *testing.T) {
	t.Parallel()
	cfg := app.Config{
		DatabaseURL: "mysql://user:hidden@host/db",
		Region:      "Upper",
		Listen:      "nowhere",
		NodeListen:  "127.0.0.1:99999999",
		PublicURL:   "ftp://example",
		TLS:         app.TLSConfig{Cert: "cert.pem"},
		Directory:   app.DirectoryConfig{MaxAge: -time.Second},
		Engine:      app.EngineConfig{ReclaimAbove: -1, SpareBytes: app.MaxSpareBytes + 1, DedupWindow: 24*time.Hour + 1},
		Billing:     app.BillingConfig{FinalAfter: 73 * time.Hour, Granularity: "day"},
		Log:         app.LogConfig{Format: "xml"},
	}
	err := cfg.ValidateNode()
	for _, want := range []string{
		"data_dir is", "database_url is", `region is "Upper"`, `listen is "nowhere"`, `node_listen is "127.0.0.1:99999999"`, `public_url is "ftp://example"`,
		`tls is "cert \"cert.pem\"`, `directory.max_age is "-1s"`, `engine.reclaim_above is "-1"`,
		`engine.spare_bytes is "1099511627777"`, `engine.dedup_window is "24h0m0.000000001s"`, `billing.final_after is "73h0m0s"`, `billing.granularity is "day"`, `log.format is "xml"`, "control_plane is",
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "hidden", "passwords stay out of messages")
}

func TestFinalAfterIsAcceptedUpToItsLimit(t *testing.T) {
	t.Parallel()
	cfg, _, err := app.Load(flags(t), []string{"DMS_BILLING_FINAL_AFTER=72h"})
	require.NoError(t, err)
	require.NoError(t, cfg.Validate())
	cfg, _, err = app.Load(flags(t), []string{"DMS_BILLING_FINAL_AFTER=72h0m1s"})
	require.NoError(t, err)
	require.ErrorContains(t, cfg.Validate(), "billing.final_after")
}

func TestPrintedConfigurationHidesPasswordsAndReadsBack(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://dms:s3cret@db/dms", "postgres://db/dms?password=s3cret&user=dms", "postgres://dms:s3cret@[bad/dms"} {
		want, _, err := app.Load(flags(t, "--database-url", url, "--log-level", "warn"), nil)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, want.Print(&out))
		require.NotContains(t, out.String(), "s3cret")

		got, _, err := app.Load(flags(t, "--config", writeFile(t, out.String()), "--database-url", url), nil)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
}
