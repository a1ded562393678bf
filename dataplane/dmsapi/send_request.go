package dmsapi

import "dms/dataplane"

// sendRequest is the body of a send:
//
//	{"messages":[{"body":any,"attributes":{},"tags":[""],"delay_time":0}],"return_id":false}
//
// with delayTime and returnId as the other spelling.
type sendRequest struct {
	messages  []dataplane.Message
	returnIDs bool
}

// parseSend scans a send. A text that is no JSON is told before a field of the wrong type, wherever in the text the two stand; the rules
// on messages are the caller's to check.
func parseSend(body []byte, limits dataplane.Limits) (sendRequest, error) {
	r := sendRequest{}
	p := &fields{}
	err := document(body, func(s *scanner) error {
		p.s = s
		return p.object("the request body", func(name []byte) error {
			switch string(name) {
			case "messages":
				return parseMessages(p, limits, &r.messages)
			case "returnId", "return_id":
				return p.bool(string(name), &r.returnIDs)
			}
			return p.ignore()
		})
	})
	if err == nil {
		err = p.wrong
	}
	return r, err
}

func parseMessages(p *fields, limits dataplane.Limits, out *[]dataplane.Message) error {
	*out = make([]dataplane.Message, 0, limits.MaxMessagesPerSend)
	return p.array("messages", func() error {
		if len(*out) > limits.MaxMessagesPerSend {
			return p.ignore() // too many already: go on only to see whether it is JSON
		}
		*out = append(*out, dataplane.Message{})
		return parseMessage(p, limits, &(*out)[len(*out)-1])
	})
}

func parseMessage(p *fields, limits dataplane.Limits, m *dataplane.Message) error {
	return p.object("a message", func(name []byte) (err error) {
		switch string(name) {
		case "body":
			m.Body, err = p.s.value()
		case "attributes":
			m.Attributes, err = p.s.value()
			if string(m.Attributes) == "null" {
				m.Attributes = nil
			}
		case "tags":
			m.Labels = nil
			err = p.array("tags", func() error {
				var label string
				err := p.string("tags", &label)
				// One more than allowed is enough to refuse it.
				if len(m.Labels) <= limits.MaxLabels {
					m.Labels = append(m.Labels, label)
				}
				return err
			})
		case "delayTime", "delay_time":
			err = p.milliseconds(string(name), &m.Delay)
		default:
			err = p.ignore()
		}
		return err
	})
}
