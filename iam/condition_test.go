package iam_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
)

func TestConditions(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	at := iam.Circumstances{
		At: noon, Address: netip.MustParseAddr("192.0.2.17"), MFA: true, UserName: "ann", ProjectName: "local-1",
		Tags: []access.Tag{{Key: "team", Value: "red"}, {Key: "a/b", Value: "é"}, {Key: "empty", Value: ""}},
	}
	for _, c := range []struct {
		operator, key string
		values        []string
		want          iam.Truth
	}{
		{"StringEquals", iam.KeyUserName, []string{"ann"}, iam.True},
		{"StringEquals", iam.KeyUserName, []string{"Ann"}, iam.False},
		{"StringEquals", iam.KeyUserName, []string{"bob", "ann"}, iam.True},
		{"StringNotEquals", iam.KeyUserName, []string{"bob", "ann"}, iam.False},
		{"StringNotEquals", iam.KeyUserName, []string{"bob", "eve"}, iam.True},
		{"StringEquals", iam.KeyResourceTag + "team", []string{"red"}, iam.True},
		{"StringEquals", iam.KeyResourceTag + "Team", []string{"red"}, iam.False},
		{"StringNotEquals", iam.KeyResourceTag + "other", []string{"red"}, iam.True},
		{"StringEquals", iam.KeyResourceTag + "empty", []string{""}, iam.True},
		{"StringEquals", iam.KeyResourceTag + "other", []string{""}, iam.False},
		{"StringEquals", iam.KeyResourceTag + "a/b", []string{"é"}, iam.True},
		{"StringLike", iam.KeyResourceTag + "a/b", []string{"?"}, iam.True},
		{"StringLike", iam.KeyProjectName, []string{"local-?"}, iam.True},
		{"StringLike", iam.KeyProjectName, []string{"l*c*-*1"}, iam.True},
		{"StringLike", iam.KeyProjectName, []string{"local-1?"}, iam.False},
		{"StringLike", iam.KeyProjectName, []string{"**"}, iam.True},
		{"StringLike", iam.KeyProjectName, []string{"cal*"}, iam.False},
		{"StringLike", iam.KeyResourceTag + "other", []string{"*"}, iam.False},
		{"StringNotLike", iam.KeyProjectName, []string{"x*", "local*"}, iam.False},
		{"IpAddress", iam.KeySourceIP, []string{"192.0.2.0/28", "192.0.2.16/28"}, iam.True},
		{"IpAddress", iam.KeySourceIP, []string{"192.0.2.17"}, iam.True},
		{"IpAddress", iam.KeySourceIP, []string{"::ffff:192.0.2.17"}, iam.True},
		{"IpAddress", iam.KeySourceIP, []string{"192.0.2.99/24"}, iam.True},
		{"IpAddress", iam.KeySourceIP, []string{"::/0"}, iam.False},
		{"NotIpAddress", iam.KeySourceIP, []string{"192.0.2.0/24"}, iam.False},
		{"NotIpAddress", iam.KeySourceIP, []string{"198.51.100.0/24"}, iam.True},
		{"DateLessThan", iam.KeyCurrentTime, []string{"2026-11-24T12:00:00Z"}, iam.False},
		{"DateLessThanEquals", iam.KeyCurrentTime, []string{"2026-11-24T12:00:00Z"}, iam.True},
		{"DateLessThan", iam.KeyCurrentTime, []string{"2026-11-24T20:00:01+08:00"}, iam.True},
		{"DateGreaterThan", iam.KeyCurrentTime, []string{"2026-11-24T12:00:00Z"}, iam.False},
		{"DateGreaterThanEquals", iam.KeyCurrentTime, []string{"2026-11-24T12:00:00Z"}, iam.True},
		{"Bool", iam.KeyMFAPresent, []string{"true"}, iam.True},
		{"Bool", iam.KeyMFAPresent, []string{"false"}, iam.False},
		{"Bool", iam.KeySecureTransport, []string{"false"}, iam.True},
		{"Null", iam.KeyResourceTag + "other", []string{"true"}, iam.True},
		{"Null", iam.KeyResourceTag + "team", []string{"true"}, iam.False},
		{"Null", iam.KeyResourceTag + "team", []string{"false"}, iam.True},
		{"Null", iam.KeySourceIP, []string{"true"}, iam.False},
	} {
		condition := iam.Condition{c.operator: {c.key: c.values}}
		statement := iam.Statement{Effect: iam.EffectAllow, Action: []string{"*"}, Resource: []string{"*"}, Condition: condition}
		require.NoError(t, iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{statement}}.Validate(), "%v", condition)
		got, unmet := condition.Compile().Holds(&at)
		require.Equal(t, c.want, got, "%v", condition)
		require.Equal(t, c.want != iam.True, unmet == c.operator+" "+c.key, "%v: %q", condition, unmet)
	}
}

func TestAllOfAConditionMustHold(t *testing.T) {
	at := iam.Circumstances{MFA: true, UserName: "ann"}
	holds := func(c iam.Condition) iam.Truth {
		truth, _ := c.Compile().Holds(&at)
		return truth
	}
	require.Equal(t, iam.True, holds(nil))
	require.Equal(t, iam.True, holds(iam.Condition{"Bool": {iam.KeyMFAPresent: {"true"}, iam.KeySecureTransport: {"false"}}, "StringEquals": {iam.KeyUserName: {"ann"}}}))
	require.Equal(t, iam.False, holds(iam.Condition{"Bool": {iam.KeyMFAPresent: {"true"}, iam.KeySecureTransport: {"true"}}}))
	require.Equal(t, iam.False, holds(iam.Condition{"Bool": {iam.KeyMFAPresent: {"true"}}, "StringEquals": {iam.KeyUserName: {"bob"}}}))
}

func TestWhatCannotBeJudgedOutweighsWhatDoesNotHold(t *testing.T) {
	for name, c := range map[string]iam.Condition{
		"an unknown operator": {"MoonPhase": {iam.KeyUserName: {"full"}}},
		"an unknown key":      {"StringEquals": {"g:ShoeSize": {"43"}}},
		"another kind":        {"StringEquals": {iam.KeyCurrentTime: {"noon"}}},
		"no value":            {"StringEquals": {iam.KeyUserName: nil}},
		"no key":              {"StringEquals": {}},
		"a wrong address":     {"IpAddress": {iam.KeySourceIP: {"192.0.2.0/33"}}},
		"a mapped range":      {"IpAddress": {iam.KeySourceIP: {"::ffff:192.0.2.0/120"}}},
		"a zone":              {"IpAddress": {iam.KeySourceIP: {"fe80::1%eth0"}}},
		"a wrong time":        {"DateLessThan": {iam.KeyCurrentTime: {"2026-11-24"}}},
		"a wrong bool":        {"Bool": {iam.KeyMFAPresent: {"yes"}}},
		"no tag":              {"StringEquals": {iam.KeyResourceTag: {"x"}}},
		"set operators":       {"ForAnyValue:StringEquals": {iam.KeyUserName: {"ann"}}},
	} {
		t.Run(name, func(t *testing.T) {
			statement := iam.Statement{Effect: iam.EffectDeny, Action: []string{"*"}, Resource: []string{"*"}, Condition: c}
			require.Error(t, iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{statement}}.Validate())
			at := iam.Circumstances{UserName: "ann", Address: netip.MustParseAddr("192.0.2.1")}
			truth, _ := c.Compile().Holds(&at)
			require.Equal(t, iam.Unevaluable, truth)
			c["Null"] = map[string][]string{iam.KeyUserName: {"true"}} // which does not hold
			truth, unmet := c.Compile().Holds(&at)
			require.Equal(t, iam.Unevaluable, truth)
			require.NotContains(t, unmet, "Null")
		})
	}
	unknown, _ := iam.Condition{"NotIpAddress": {iam.KeySourceIP: {"192.0.2.0/24"}}}.Compile().Holds(&iam.Circumstances{})
	require.Equal(t, iam.Unevaluable, unknown, "an address that is not known")
	lacks, _ := iam.Condition{"Null": {iam.KeySourceIP: {"true"}}}.Compile().Holds(&iam.Circumstances{})
	require.Equal(t, iam.True, lacks)
}

func TestConditionsInJSON(t *testing.T) {
	var c iam.Condition
	require.NoError(t, json.Unmarshal([]byte(`{"Bool":{"g:MFAPresent":"true"},"StringEquals":{"g:UserName":["ann","bob"]}}`), &c))
	require.Empty(t, cmp.Diff(iam.Condition{"Bool": {iam.KeyMFAPresent: {"true"}}, "StringEquals": {iam.KeyUserName: {"ann", "bob"}}}, c))
	for name, document := range map[string]string{
		"a list":                  `[]`,
		"a text":                  `"x"`,
		"a key that is no object": `{"Bool":"true"}`,
		"a number":                `{"Bool":{"g:MFAPresent":1}}`,
		"an operator twice":       `{"Bool":{"g:MFAPresent":"true"},"Bool":{"g:MFAPresent":"false"}}`,
		"a key twice":             `{"Bool":{"g:MFAPresent":"true","g:MFAPresent":"false"}}`,
	} {
		require.Error(t, json.Unmarshal([]byte(document), &c), name)
	}
}
