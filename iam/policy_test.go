package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

func TestActionPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		action  access.Action
		want    bool
	}{
		{"*", access.QueueCreate, true},
		{"*", access.BillGet, true},
		{"dms:*", access.QueueCreate, true},
		{"dms:*", access.BillGet, false},
		{"dms:queue:*", access.QueueCreate, true},
		{"dms:queue:*", access.GroupCreate, false},
		{"dms:*:list", access.QueueList, true},
		{"dms:*:list", access.QueueGet, false},
		{"*:*:get", access.BillGet, true},
		{"*:*:get", access.QueueDelete, false},
		{"dms:queue:create", access.QueueCreate, true},
		{"dms:queue:creat", access.QueueCreate, false},
		{"dms:queue", access.QueueCreate, false},
		{"dms:queue:create:*", access.QueueCreate, false},
		{"dms:queue:create", "dms:queue", false},
		{"", access.QueueCreate, false},
		{"dms:*", "dms", false},
	} {
		require.Equal(t, c.want, iam.MatchAction(c.pattern, c.action), "%s on %s", c.pattern, c.action)
	}
}

func TestResourcePatterns(t *testing.T) {
	queue := access.QueueResource("r1", "a1", "orders")
	group := access.GroupResource("r1", "a1", "orders", "billing")
	bill := access.AccountResource("billing", "a1", "bill")
	for _, c := range []struct {
		pattern  string
		resource access.Resource
		want     bool
	}{
		{"*", queue, true}, {"*", group, true}, {"*", bill, true},
		{"dms:r1:a1:queue:orders", queue, true},
		{"dms:*:*:queue:*", queue, true},
		{"dms:r2:a1:queue:orders", queue, false},
		{"dms:r1:a1:queue:order", queue, false},
		{"dms:r1:a1:queue:orders2", queue, false},
		{"dms:r1:a1:queue:*", group, false}, // a segment, not all that follows
		{"dms:r1:a1:queue:orders", group, false},
		{"dms:r1:a1:queue:orders/group:billing", group, true},
		{"dms:*:*:queue:*/group:*", group, true},
		{"dms:*:*:queue:*/group:*", queue, false},
		{"dms:r1:a1:queue:orders/group:other", group, false},
		{"dms:r1:a1:queue:orders:group:billing", group, false}, // separators count
		{"billing:*:*:bill:*", bill, true},
		{"billing::a1:bill:*", bill, true},
		{"billing:r1:a1:bill:*", bill, false},
		{"dms:r1:a2:queue:orders", queue, false},
		{"dms:*", queue, false},
		{"", queue, false},
	} {
		require.Equal(t, c.want, iam.MatchResource(c.pattern, c.resource, "a1"), "%s on %s", c.pattern, c.resource)
		require.False(t, iam.MatchResource(c.pattern, c.resource, "a2"), "no policy of another account covers it: %s on %s", c.pattern, c.resource)
		require.False(t, iam.MatchResource(c.pattern, c.resource, "*"))
		require.False(t, iam.MatchResource(c.pattern, c.resource, ""))
	}
	for _, r := range []access.Resource{"", "a1", "a1:a1", "::", "x:y:a1", "*"} {
		require.False(t, iam.MatchResource("*", r, "a1"), "%q has no account", r)
	}
}

func TestParsePolicy(t *testing.T) {
	good := `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["dms:queue:*","dms:*","*","dms:*:get"],"Resource":["*","dms:*:*:queue:orders/group:*","billing::*:bill:*"]}]}`
	_, err := iam.ParsePolicy([]byte(good))
	require.NoError(t, err)
	for name, c := range map[string]struct{ document, pointer string }{
		"not JSON":            {`{`, ""},
		"two documents":       {good + good, ""},
		"unknown field":       {strings.Replace(good, `"Effect"`, `"NotAction":["a:b:c"],"Effect"`, 1), ""},
		"unknown operator":    {strings.Replace(good, `"Effect"`, `"Condition":{"Numeric~Equals":{"g:SourceIp":"1"}},"Effect"`, 1), "/Statement/0/Condition/Numeric~0Equals/g:SourceIp"},
		"unknown key":         {strings.Replace(good, `"Effect"`, `"Condition":{"StringEquals":{"g:Shoe/Size":"43"}},"Effect"`, 1), "/Statement/0/Condition/StringEquals/g:Shoe~1Size"},
		"empty operator":      {strings.Replace(good, `"Effect"`, `"Condition":{"Bool":{}},"Effect"`, 1), "/Statement/0/Condition/Bool"},
		"operator twice":      {strings.Replace(good, `"Effect"`, `"Condition":{"Bool":{"g:MFAPresent":"true"},"Bool":{"g:SecureTransport":"true"}},"Effect"`, 1), ""},
		"sid":                 {strings.Replace(good, `"Effect"`, `"Sid":"a b","Effect"`, 1), "/Statement/0/Sid"},
		"version":             {strings.Replace(good, `"1.1"`, `"1.0"`, 1), "/Version"},
		"no statement":        {`{"Version":"1.1","Statement":[]}`, "/Statement"},
		"effect":              {strings.Replace(good, `"Allow"`, `"allow"`, 1), "/Statement/0/Effect"},
		"no action":           {strings.Replace(good, `["dms:queue:*","dms:*","*","dms:*:get"]`, `[]`, 1), "/Statement/0/Action"},
		"part of a segment":   {strings.Replace(good, `"dms:queue:*"`, `"dms:que*:get"`, 1), "/Statement/0/Action/0"},
		"two segments":        {strings.Replace(good, `"dms:queue:*"`, `"dms:queue"`, 1), "/Statement/0/Action/0"},
		"four segments":       {strings.Replace(good, `"dms:queue:*"`, `"a:b:c:d"`, 1), "/Statement/0/Action/0"},
		"empty segment":       {strings.Replace(good, `"dms:queue:*"`, `"dms::get"`, 1), "/Statement/0/Action/0"},
		"short resource":      {strings.Replace(good, `["*",`, `["dms:*",`, 1), "/Statement/0/Resource/0"},
		"resource glob":       {strings.Replace(good, `["*",`, `["dms:*:*:queue:o*",`, 1), "/Statement/0/Resource/0"},
		"resource of no name": {strings.Replace(good, `["*",`, `["dms:*:*:queue:",`, 1), "/Statement/0/Resource/0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := iam.ParsePolicy([]byte(c.document))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), "%v", err)
			if c.pointer != "" {
				require.Equal(t, c.pointer, errs.As(err).Fields[0].Pointer)
			}
		})
	}
	long := strings.Replace(good, `"dms:*"`, `"`+strings.Repeat("x", iam.MaxPolicyBytes)+`:*"`, 1)
	_, err = iam.ParsePolicy([]byte(long))
	require.Equal(t, errs.TooLarge, errs.CodeOf(err))
}
