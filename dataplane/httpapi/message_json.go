package httpapi

import (
	"encoding/json"
	"strconv"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
)

// The parts of a message that answers have in common, written by hand: an encoder would compact and escape the bytes that were sent.

// appendContent begins a message: the brace stays open.
func appendContent(out []byte, id string, body, attributes []byte, labels []string) []byte {
	out = append(out, `{"id":`...)
	out = appendJSON(out, id)
	out = append(out, `,"body":`...)
	out = append(out, body...)
	if len(attributes) > 0 {
		out = append(out, `,"attributes":`...)
		out = append(out, attributes...)
	}
	if len(labels) > 0 {
		out = append(out, `,"labels":`...)
		out = appendJSON(out, labels)
	}
	return out
}

func appendPlace(out []byte, orderingKey string, position uint64) []byte {
	if orderingKey != "" {
		out = append(out, `,"ordering_key":`...)
		out = appendJSON(out, orderingKey)
	}
	if position > 0 {
		out = append(out, `,"position":`...)
		out = strconv.AppendUint(out, position, 10)
	}
	return out
}

// appendTime leaves out what is not known.
func appendTime(out []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return out
	}
	out = append(out, `,"`...)
	out = append(out, name...)
	out = append(out, `":`...)
	return appendJSON(out, t.UTC())
}

func appendDeath(out []byte, d *engine.Death) []byte {
	if d == nil {
		return out
	}
	why := gen.Refused
	if d.Reason == engine.TimedOut {
		why = gen.TimedOut
	}
	out = append(out, `,"death":`...)
	return appendJSON(out, gen.Death{
		Failures: d.Failures, FirstFailureAt: d.FirstFailure.UTC(), LastFailureAt: d.LastFailure.UTC(), Reason: why, Redriven: d.Redriven,
	})
}

// appendJSON appends a value that always has a JSON form.
func appendJSON(out []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("marshal: " + err.Error())
	}
	return append(out, b...)
}
