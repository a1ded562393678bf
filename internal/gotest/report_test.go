package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, lines ...string) (*report, string) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	require.NoError(t, r.read(strings.NewReader(strings.Join(lines, "\n"))))
	return r, out.String()
}

func TestReportCountsTestsAndShowsOnlyWhatFailed(t *testing.T) {
	r, out := read(t,
		`{"Action":"output","Package":"p","Test":"TestGood","Output":"quiet\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestGood"}`,
		`{"Action":"output","Package":"p","Test":"TestBad","Output":"loud\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestBad"}`,
		`{"Action":"fail","Package":"p"}`,
		`{"Action":"pass","Package":"q","Test":"TestFine"}`,
		`{"Action":"pass","Package":"q","Elapsed":1.25}`,
	)
	require.Equal(t, []int{2, 1}, []int{r.passed, r.failed})
	require.Contains(t, out, "loud\nFAIL p\n")
	require.NotContains(t, out, "quiet")
	require.Contains(t, out, "ok   q (1 tests, 1.2s)")
}

func TestReportCountsWhatDiedOutsideOfATest(t *testing.T) {
	r, out := read(t,
		`{"ImportPath":"p","Action":"build-output","Output":"p.go:1: broken\n"}`,
		`{"ImportPath":"p","Action":"build-fail"}`,
		`{"Action":"fail","Package":"p","FailedBuild":"p"}`,
		`{"Action":"output","Package":"q","Test":"TestDies","Output":"panic: here\n"}`,
		`{"Action":"fail","Package":"q"}`,
	)
	require.Equal(t, []int{0, 2}, []int{r.passed, r.failed})
	require.Contains(t, out, "p.go:1: broken")
	require.Contains(t, out, "panic: here")
}

func TestReportTakesASkippedTestForAFailure(t *testing.T) {
	r, out := read(t,
		`{"Action":"skip","Package":"p","Test":"TestLater"}`,
		`{"Action":"pass","Package":"p"}`,
		`{"Action":"skip","Package":"empty"}`,
	)
	require.Equal(t, []int{0, 1}, []int{r.passed, r.failed})
	require.Contains(t, out, "TestLater was skipped")
	require.NotContains(t, out, "ok   p")
}

func TestReportPassesPlainTextOn(t *testing.T) {
	_, out := read(t, "go: cannot find main module", `{"no":"event"}`)
	require.Contains(t, out, "go: cannot find main module\n")
}
