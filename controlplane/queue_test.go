package controlplane_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/errs"
	"dms/internal/reason"
)

func TestQueueSpecRules(t *testing.T) {
	type spec = controlplane.QueueSpec
	for _, c := range []struct {
		name string
		spec spec
		want errs.Reason // "": valid
	}{
		{"shortest name", spec{Name: "a"}, ""},
		{"longest name", spec{Name: strings.Repeat("a", 64)}, ""},
		{"every kind of character", spec{Name: "aZ09_-"}, ""},
		{"no name", spec{}, reason.QueueNameLength},
		{"name of 65", spec{Name: strings.Repeat("a", 65)}, reason.QueueNameLength},
		{"name with a space", spec{Name: "a b"}, reason.NameInvalid},
		{"name with a letter of another alphabet", spec{Name: "é"}, reason.NameInvalid},
		{"name with a star", spec{Name: "a*"}, reason.NameInvalid},
		{"name with a colon", spec{Name: "a:b"}, reason.NameInvalid},
		{"longest description", spec{Name: "a", Description: strings.Repeat("描", 160)}, ""},
		{"description of 161", spec{Name: "a", Description: strings.Repeat("描", 161)}, reason.DescriptionTooLong},
		{"description with <", spec{Name: "a", Description: "a<b"}, reason.DescriptionInvalid},
		{"description with >", spec{Name: "a", Description: "a>b"}, reason.DescriptionInvalid},
		{"description with NUL", spec{Name: "a", Description: "a\x00b"}, reason.DescriptionInvalid},
		{"NORMAL", spec{Name: "a", Mode: dataplane.ModeNormal}, ""},
		{"unknown mode", spec{Name: "a", Mode: "AMQP"}, reason.Format},
		{"mode in lower case", spec{Name: "a", Mode: "fifo"}, reason.Format},
		{"redrive without a count", spec{Name: "a", Redrive: controlplane.RedriveEnable}, reason.MaxConsumeCount},
		{"redrive with 0", spec{Name: "a", Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(0)}, reason.MaxConsumeCount},
		{"redrive with 1", spec{Name: "a", Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(1)}, ""},
		{"redrive with 100 on FIFO", spec{Name: "a", Mode: dataplane.ModeFIFO, Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(100)}, ""},
		{"redrive with 101", spec{Name: "a", Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(101)}, reason.MaxConsumeCount},
		{"a count without redrive", spec{Name: "a", MaxConsumeCount: ptr(101)}, ""},
		{"redrive disabled on Kafka", spec{Name: "a", Mode: dataplane.ModeKafkaHA, Redrive: controlplane.RedriveDisable}, ""},
		{"redrive on Kafka", spec{Name: "a", Mode: dataplane.ModeKafkaHT, Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(3)}, reason.Format},
		{"unknown redrive policy", spec{Name: "a", Redrive: "on"}, reason.Format},
		{"retention of 0", spec{Name: "a", Mode: dataplane.ModeKafkaHA, RetentionHours: ptr(0)}, reason.RetentionHours},
		{"retention of 1", spec{Name: "a", Mode: dataplane.ModeKafkaHA, RetentionHours: ptr(1)}, ""},
		{"retention of 72", spec{Name: "a", Mode: dataplane.ModeKafkaHT, RetentionHours: ptr(72)}, ""},
		{"retention of 73", spec{Name: "a", Mode: dataplane.ModeKafkaHT, RetentionHours: ptr(73)}, reason.RetentionHours},
		{"retention on NORMAL", spec{Name: "a", RetentionHours: ptr(72)}, reason.RetentionNotKafka},
		{"retention on FIFO", spec{Name: "a", Mode: dataplane.ModeFIFO, RetentionHours: ptr(72)}, reason.RetentionNotKafka},
		{"longest group name", spec{Name: "a", Groups: []string{strings.Repeat("g", 32)}}, ""},
		{"group name of 33", spec{Name: "a", Groups: []string{strings.Repeat("g", 33)}}, reason.GroupNameLength},
		{"empty group name", spec{Name: "a", Groups: []string{""}}, reason.GroupNameLength},
		{"bad group name", spec{Name: "a", Groups: []string{"g/"}}, reason.NameInvalid},
		{"a group twice", spec{Name: "a", Groups: []string{"g", "g"}}, reason.GroupNameTaken},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.spec.Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, errs.Invalid, errs.CodeOf(err))
			require.Equal(t, c.want, errs.ReasonOf(err))
			require.NotEmpty(t, errs.MessageOf(err))
		})
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	err := controlplane.QueueSpec{Name: "a b", Description: "<", Mode: "X", Groups: []string{"ok", ""}}.Validate()
	var at []string
	for _, f := range errs.As(err).Fields {
		at = append(at, f.Pointer)
	}
	require.Equal(t, []string{"/name", "/description", "/mode", "/groups/1"}, at)
	require.Equal(t, reason.NameInvalid, errs.ReasonOf(err), "the first one gives the reason")
}

func TestTagRules(t *testing.T) {
	eleven := make([]dataplane.Tag, 11)
	for i := range eleven {
		eleven[i].Key = string(rune('a' + i))
	}
	for _, c := range []struct {
		name string
		tags []dataplane.Tag
		want errs.Reason
	}{
		{"longest", []dataplane.Tag{{Key: strings.Repeat("键", 36), Value: strings.Repeat("值", 43)}}, ""},
		{"ten", eleven[:10], ""},
		{"eleven", eleven, reason.TagLimit},
		{"none", nil, reason.Format},
		{"empty key", []dataplane.Tag{{}}, reason.TagKeyLength},
		{"key of 37", []dataplane.Tag{{Key: strings.Repeat("k", 37)}}, reason.TagKeyLength},
		{"value of 44", []dataplane.Tag{{Key: "k", Value: strings.Repeat("v", 44)}}, reason.TagValueLength},
		{"key twice", []dataplane.Tag{{Key: "k", Value: "1"}, {Key: "k", Value: "2"}}, reason.TagKeyDuplicate},
		{"keys that differ in case", []dataplane.Tag{{Key: "k"}, {Key: "K"}}, ""},
		{"unit separator in key", []dataplane.Tag{{Key: "a\x1fb"}}, reason.TagKeyInvalid},
		{"NUL in value", []dataplane.Tag{{Key: "k", Value: "\x00"}}, reason.TagValueInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := controlplane.ValidateTags(c.tags)
			require.Equal(t, c.want, errs.ReasonOf(err))
			require.Equal(t, c.want == "", err == nil)
		})
	}
	for _, c := range `=*<>\,|/` {
		require.Equal(t, reason.TagKeyInvalid, errs.ReasonOf(controlplane.ValidateTags([]dataplane.Tag{{Key: "a" + string(c)}})), "%c", c)
		require.Equal(t, reason.TagValueInvalid, errs.ReasonOf(controlplane.ValidateTags([]dataplane.Tag{{Key: "a", Value: string(c)}})), "%c", c)
	}
	require.Equal(t, reason.TagKeyInvalid, errs.ReasonOf(controlplane.ValidateTagSelectors([]controlplane.TagSelector{{Key: "a="}})), "a bad key is refused when deleting too")
}

func TestRegionNames(t *testing.T) {
	for _, ok := range []string{"local-1", "cn-north-4", "eu"} {
		require.NoError(t, controlplane.ValidateRegionName(ok))
	}
	for _, bad := range []string{"", "x", "Local-1", "1a", "a:b", "a*", "a b", strings.Repeat("a", 64)} {
		require.Equal(t, errs.Invalid, errs.CodeOf(controlplane.ValidateRegionName(bad)), bad)
	}
}
