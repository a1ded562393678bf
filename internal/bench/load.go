package bench

import (
	"errors"
	"fmt"
	"time"
)

// Load says what to do to a Target.
type Load struct {
	Producers int `json:"producers"`
	Consumers int `json:"consumers"` // over all groups
	Queues    int `json:"queues"`
	Groups    int `json:"groups"` // of each queue; each is given every message
	Batch     int `json:"batch"`  // messages of a send, and at most of a receive
	Size      int `json:"size"`   // bytes of a body

	Body BodyKind `json:"body"`
	// Keys is how many ordering keys each queue has; 0: messages have none.
	Keys int `json:"ordering_keys"`

	// Rate is the messages to send each second, over all producers; 0: as fast as they are answered.
	Rate float64 `json:"rate"`
	// Messages ends the load after so many sends and the acknowledgement of all of them; 0: Duration ends it.
	Messages int64 `json:"messages"`
	// Duration is how long the load is measured, after WarmUp. With Messages it is how long to wait for it at most; 0: for ever.
	Duration time.Duration `json:"duration_ns"`
	WarmUp   time.Duration `json:"warm_up_ns"` // not together with Messages
	// MaxBacklog is how many messages may be sent and not acknowledged before producers wait; 0: any number. It makes a load stationary:
	// what comes in goes out.
	MaxBacklog int64 `json:"max_backlog"`
	// Drain, of a load without producers, ends a consumer when nothing is left, instead of at the end of Duration.
	Drain bool `json:"drain,omitempty"`

	Wait time.Duration `json:"wait_ns"` // of a receive
	Seed uint64        `json:"seed"`    // of the bodies
}

// DefaultLoad is the load of `dms bench` without flags.
func DefaultLoad() Load {
	return Load{Producers: 4, Consumers: 4, Queues: 1, Groups: 1, Batch: 10, Size: 1024, Body: BodyRandom, Duration: 10 * time.Second, Wait: time.Second, Seed: 1}
}

// Validate returns every violation.
func (l Load) Validate() error {
	var errs []error
	bad := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s is %v: must be %s", name, value, want))
		}
	}
	bad(l.Producers >= 0, "producers", l.Producers, "0 or more")
	bad(l.Consumers >= 0, "consumers", l.Consumers, "0 or more")
	bad(l.Producers+l.Consumers > 0, "producers and consumers", 0, "1 together at least")
	bad(l.Queues >= 1, "queues", l.Queues, "1 or more")
	bad(l.Groups >= 1, "groups", l.Groups, "1 or more")
	bad(l.Consumers == 0 || l.Consumers >= l.Groups, "consumers", l.Consumers, "none, or one for each group")
	bad(l.Batch >= 1, "batch", l.Batch, "1 or more")
	bad(l.Size >= MinSize, "size", l.Size, fmt.Sprintf("%d or more", MinSize))
	bad(l.Body == BodyRandom || l.Body == BodyCompressible, "body", l.Body, "random or compressible")
	bad(l.Keys >= 0, "ordering-keys", l.Keys, "0 or more")
	bad(l.Rate >= 0, "rate", l.Rate, "0 or more")
	bad(l.Messages >= 0, "messages", l.Messages, "0 or more")
	bad(l.Duration >= 0 && (l.Duration > 0 || l.Messages > 0 || l.Drain), "duration", l.Duration, "positive, unless messages are given")
	bad(l.WarmUp >= 0 && (l.WarmUp == 0 || l.Messages == 0), "warm-up", l.WarmUp, "0 or more, and 0 with messages")
	bad(l.MaxBacklog >= 0, "max-backlog", l.MaxBacklog, "0 or more")
	bad(l.MaxBacklog == 0 || l.Consumers > 0, "max-backlog", l.MaxBacklog, "0 without consumers")
	bad(!l.Drain || l.Producers == 0, "drain", l.Drain, "false with producers")
	bad(l.Wait >= 0, "wait", l.Wait, "0 or more")
	return errors.Join(errs...)
}
