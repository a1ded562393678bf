package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOfficialSDKsWorkUnmodified runs the two SDK programs against every deployment. They are modules of their own, so they are
// run by name.
func TestOfficialSDKsWorkUnmodified(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		for _, program := range []string{"dmssdk", "iamsdk"} {
			t.Run(program, func(t *testing.T) { d.runSDK(t, program, d.first) })
		}
	})
}

// runSDK runs one SDK program with the credentials of an account.
func (d *deployment) runSDK(t *testing.T, program string, a *account) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(moduleRoot(t), "internal", "interop", program), "test", "-count=1", "./...")
	// The SDK writes into the home folder, so it gets one of its own; the build must not move there with it.
	cmd.Env = environment(
		"GOPATH="+goEnv(t, "GOPATH"), "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOPROXY="+goEnv(t, "GOPROXY"), "HOME="+t.TempDir(),
		"DMS_ENDPOINT="+d.tenant.url, "DMS_AK="+a.AccessKey, "DMS_SK="+*a.SecretKey, "DMS_PROJECT_ID="+a.ProjectID, "DMS_REGION="+a.Region,
		"DMS_ACCOUNT="+a.AccountName, "DMS_USER="+a.UserName, "DMS_PASSWORD="+a.password,
	)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	return filepath.Dir(goEnv(t, "GOMOD"))
}

func goEnv(t testing.TB, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}
