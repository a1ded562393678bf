package dataplane_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/dataplane"
	"dms/internal/errs"
	"dms/internal/reason"
)

func TestSizeOfStringBodyIsItsTextWithoutQuotesAndEscapes(t *testing.T) {
	t.Parallel()
	for text, size := range map[string]int{
		`""`:                               0,
		`"a"`:                              1,
		`"\n\"\\\/"`:                       4,
		`"é"`:                              2,
		`"\u00e9"`:                         2,
		`"\u4E2d"`:                         3,
		`"\ud83d\ude00"`:                   4, // a pair
		`"\ud83d"`:                         3, // alone: the replacement character
		`"\ud83dx"`:                        4,
		`"\ude00\ud83d"`:                   6, // the wrong way round: two alone
		`"\ud83d\u0041"`:                   4,
		`{"a":"\n"}`:                       10, // not a string: the bytes as sent
		`  12`:                             4,
		`["x"]`:                            5,
		`"` + strings.Repeat("a", 9) + `"`: 9,
	} {
		require.Equal(t, size, dataplane.Message{Body: []byte(text)}.Size(), text)
	}
	require.Equal(t, 1+7, dataplane.Message{Body: []byte(`"a"`), Attributes: []byte(`{"k":1}`), Labels: []string{"not", "counted"}}.Size())
}

func TestSizeOfStringBodyAgreesWithDecoding(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "é", "中", "😀", `\n`, `\"`, `\\`, `\/`, `\u0041`, `\u00E9`, `\ud83d`, `\ude00`, `\ud83d\ude00`, `\u4e2d`}
	rapid.Check(t, func(t *rapid.T) {
		text := `"` + strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), "") + `"`
		var s string
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		require.Equal(t, len(s), dataplane.Message{Body: []byte(text)}.Size(), text)
	})
}

func TestSendIsCheckedAtAndPastEachLimit(t *testing.T) {
	t.Parallel()
	l := dataplane.DMSLimits
	one := func(change func(*dataplane.Message)) []dataplane.Message {
		m := dataplane.Message{Body: []byte(`1`)}
		change(&m)
		return []dataplane.Message{m}
	}
	many := func(n int) (out []dataplane.Message) {
		for range n {
			out = append(out, one(func(*dataplane.Message) {})...)
		}
		return out
	}
	label := func(s string) []dataplane.Message {
		return one(func(m *dataplane.Message) { m.Labels = []string{s} })
	}
	body := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n) + `"`) }

	for name, c := range map[string]struct {
		mode dataplane.Mode
		msgs []dataplane.Message
		want errs.Reason
	}{
		"no messages":        {msgs: nil, want: reason.Format},
		"10 messages":        {msgs: many(10)},
		"11 messages":        {msgs: many(11), want: reason.Format},
		"no body":            {msgs: one(func(m *dataplane.Message) { m.Body = nil }), want: reason.Format},
		"null body":          {msgs: one(func(m *dataplane.Message) { m.Body = []byte("null") }), want: reason.Format},
		"body false":         {msgs: one(func(m *dataplane.Message) { m.Body = []byte("false") })},
		"empty string body":  {msgs: one(func(m *dataplane.Message) { m.Body = []byte(`""`) })},
		"attributes":         {msgs: one(func(m *dataplane.Message) { m.Attributes = []byte(`{}`) })},
		"attributes a list":  {msgs: one(func(m *dataplane.Message) { m.Attributes = []byte(`[]`) }), want: reason.Format},
		"attributes, Kafka":  {mode: dataplane.ModeKafkaHA, msgs: one(func(m *dataplane.Message) { m.Attributes = []byte(`{}`) }), want: reason.Format},
		"delay -1 ms":        {msgs: one(func(m *dataplane.Message) { m.Delay = -time.Millisecond }), want: reason.Format},
		"delay 7 d":          {msgs: one(func(m *dataplane.Message) { m.Delay = 604800000 * time.Millisecond })},
		"delay 7 d and 1 ms": {msgs: one(func(m *dataplane.Message) { m.Delay = 604800001 * time.Millisecond }), want: reason.Format},
		"delay 0, Kafka":     {mode: dataplane.ModeKafkaHT, msgs: one(func(m *dataplane.Message) { m.Delay = 0 })},
		"delay 1 ms, Kafka":  {mode: dataplane.ModeKafkaHT, msgs: one(func(m *dataplane.Message) { m.Delay = time.Millisecond }), want: reason.Format},
		"3 labels":           {msgs: one(func(m *dataplane.Message) { m.Labels = []string{"a", "b", "c"} })},
		"4 labels":           {msgs: one(func(m *dataplane.Message) { m.Labels = []string{"a", "b", "c", "d"} }), want: reason.Format},
		"label of 0":         {msgs: label(""), want: reason.LabelInvalid},
		"label of 1":         {msgs: label("-")},
		"label of 64":        {msgs: label(strings.Repeat("Z", 64))},
		"label of 65":        {msgs: label(strings.Repeat("Z", 65)), want: reason.LabelInvalid},
		"label with a dot":   {msgs: label("a.b"), want: reason.LabelInvalid},
		"label with é":       {msgs: label("é"), want: reason.LabelInvalid},
		"512 KiB":            {msgs: one(func(m *dataplane.Message) { m.Body = body(512 << 10) })},
		"512 KiB and 1 byte": {msgs: one(func(m *dataplane.Message) { m.Body = body(512<<10 + 1) }), want: reason.MessageSize},
		"512 KiB together, 1 byte of attributes too many": {msgs: []dataplane.Message{
			{Body: body(256 << 10)}, {Body: body(256<<10 - 1), Attributes: []byte(`{}`)}}, want: reason.MessageSize},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mode := c.mode
			if mode == "" {
				mode = dataplane.ModeNormal
			}
			require.Equal(t, c.want, errs.ReasonOf(l.CheckSend(mode, c.msgs)))
		})
	}
}

func TestTooLargeSendSaysItsSizeAndTheLimit(t *testing.T) {
	t.Parallel()
	err := dataplane.DMSLimits.CheckSend(dataplane.ModeNormal, []dataplane.Message{{Body: []byte(`"` + strings.Repeat("x", 524289) + `"`)}})
	require.EqualError(t, err, "The message size is 524289, larger than the size limit 524288.")
}

func TestReceiveIsCheckedAtAndPastEachLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		max, wait, ack int
		want           errs.Reason
	}{
		{1, 1, 15, ""}, {10, 60, 300, ""},
		{0, 1, 15, reason.MaxMessages}, {11, 1, 15, reason.MaxMessages}, {-1, 1, 15, reason.MaxMessages},
		{1, 0, 15, reason.TimeWait}, {1, 61, 15, reason.TimeWait},
		{1, 1, 14, reason.AckWait}, {1, 1, 301, reason.AckWait},
	} {
		err := dataplane.DMSLimits.CheckReceive(c.max, time.Duration(c.wait)*time.Second, time.Duration(c.ack)*time.Second)
		require.Equal(t, c.want, errs.ReasonOf(err), fmt.Sprintf("%+v", c))
	}
}

func TestSettleIsCheckedAtAndPastItsLimit(t *testing.T) {
	t.Parallel()
	l := dataplane.DMSLimits
	require.Equal(t, reason.Format, errs.ReasonOf(l.CheckSettleCount(0)))
	require.NoError(t, l.CheckSettleCount(1))
	require.NoError(t, l.CheckSettleCount(l.MaxMessagesPerSettle))
	require.Equal(t, reason.Format, errs.ReasonOf(l.CheckSettleCount(l.MaxMessagesPerSettle+1)))
}
