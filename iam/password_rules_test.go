package iam_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/errs"
)

func TestThreeThousandCommonPasswordsAreRefused(t *testing.T) {
	b, err := os.ReadFile("common_passwords.txt")
	require.NoError(t, err)
	words := strings.Fields(string(b))
	require.GreaterOrEqual(t, len(words), 3000)
	seen := make(map[string]bool)
	for _, w := range words {
		require.False(t, seen[w], "%q is there twice", w)
		require.Equal(t, strings.ToLower(w), w)
		seen[w] = true
		require.GreaterOrEqual(t, len(w), 8, "shorter ones are refused anyway: %q", w)
		in := iam.SignUpInput{AccountName: "acme", Email: "alice@example.com", Password: strings.ToUpper(w)}
		require.Equal(t, "/password", errs.As(in.Validate()).Fields[0].Pointer, w)
	}
}

func TestNamesAndProductWordsAreNoPasswords(t *testing.T) {
	check := func(password string) error {
		return iam.SignUpInput{AccountName: "acme-corp", Email: "alice.b@mailhost.example", Password: password}.Validate()
	}
	for _, bad := range []string{"acme-corp", "ACMECORP2026!", "1234acme-corp", "alice.b@mailhost.example", "AliceB99!", "dms20262026", "Queue!2026", "console123456", "Message#1234", "Kafka-2026!"} {
		require.Error(t, check(bad), bad)
	}
	for _, good := range []string{"correct horse battery staple", "acme corporation of mine", "queue at the baker's", "😀😀😀😀😀😀😀😀", "20261124 0815!"} {
		require.NoError(t, check(good), good)
	}
}
