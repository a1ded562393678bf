package httpload

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"dms/internal/bench"
)

// Wire is the form of requests and answers.
type Wire string

const (
	WireAPI Wire = "api" // /api/v1
	WireDMS Wire = "dms" // the DMS wire, v2; without ordering keys
)

// queuePath returns the path of a queue.
func (w Wire) queuePath(project, queue string) string {
	if w == WireDMS {
		return "/v2/" + project + "/queues/" + queue
	}
	return "/api/v1/projects/" + project + "/queues/" + queue
}

// sendBody appends the body of a send.
func (w Wire) sendBody(b []byte, batch []bench.Message) []byte {
	b = append(b, `{"messages":[`...)
	for i, m := range batch {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"body":`...)
		b = append(b, m.Body...)
		if m.Key != "" && w == WireAPI {
			b = append(b, `,"ordering_key":"`...)
			b = append(b, m.Key...)
			b = append(b, '"')
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

// ackWait is how long what was received stays hidden. A load acknowledges at once, and what a lost acknowledgement leaves behind comes again.
const ackWait = 30 * time.Second

// receive returns the request line's method and target, and the body of a receive.
func (w Wire) receive(groupPath string, most int, wait time.Duration) (method, target, query string, body []byte) {
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	if w == WireDMS {
		// The wire knows no wait of 0.
		return "GET", groupPath + "/messages", fmt.Sprintf("ack_wait=%d&max_msgs=%d&time_wait=%s", ackWait/time.Second, most, max(seconds, "1")), nil
	}
	return "POST", groupPath + "/receive", "", fmt.Appendf(nil, `{"max_messages":%d,"wait_seconds":%s,"ack_wait_seconds":%d}`, most, seconds, ackWait/time.Second)
}

// ackBody appends the body of an acknowledgement of everything in an answer to a receive, which is not decoded: handlers are found by their
// name. That is safe because bodies of this package contain no quote.
func (w Wire) ackBody(b, received []byte) []byte {
	open, end := `{"messages":[`, `}`
	if w == WireDMS {
		open, end = `{"message":[`, `,"status":"success"}`
	}
	b = append(b, open...)
	first := true
	eachValue(received, handlerName, func(handler []byte) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, `{"handler":"`...)
		b = append(b, handler[1:bytes.IndexByte(handler[1:], '"')+1]...)
		b = append(b, '"')
		b = append(b, end...)
	})
	return append(b, `]}`...)
}

var (
	handlerName = []byte(`"handler":`)
	bodyName    = []byte(`"body":`)
)

// eachValue calls f with the text from each value of a member named name on.
func eachValue(text, name []byte, f func(value []byte)) {
	for {
		i := bytes.Index(text, name)
		if i < 0 {
			return
		}
		text = text[i+len(name):]
		f(text)
	}
}

// stamps appends the stamps of the bodies in an answer to a receive.
func stampsOf(received []byte, stamps []int64) ([]int64, error) {
	var firstErr error
	eachValue(received, bodyName, func(body []byte) {
		at, err := bench.StampOf(body)
		if err != nil && firstErr == nil {
			firstErr = err
		}
		stamps = append(stamps, at)
	})
	return stamps, firstErr
}

// settledAll reports whether the answer to an acknowledgement says that none was refused.
func (w Wire) settledAll(answer []byte) bool {
	name := `"rejected":0`
	if w == WireDMS {
		name = `"fail":0`
	}
	return bytes.Contains(answer, []byte(name))
}
