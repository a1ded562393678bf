package dmsapi

import (
	"context"
	"math"

	"dms/dataplane"
)

// queueView is a queue as list and show answer it.
type queueView struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	Created          int64   `json:"created"` // milliseconds since 1970, a number
	Description      string  `json:"description"`
	QueueMode        string  `json:"queue_mode"`
	Reservation      int     `json:"reservation"` // minutes
	MaxMsgSizeByte   int     `json:"max_msg_size_byte"`
	ProducedMessages int64   `json:"produced_messages"`
	RedrivePolicy    *string `json:"redrive_policy,omitempty"`    // when asked for, never of a Kafka queue
	MaxConsumeCount  *int    `json:"max_consume_count,omitempty"` // the same
	GroupCount       int     `json:"group_count"`
	EffDate          int64   `json:"eff_date"`
	KafkaTopic       string  `json:"kafka_topic,omitempty"` // of a Kafka queue
}

// counters is the width of an answer's counters: a v2 client reads them as 32-bit integers.
func (v version) counter(n int64) int64 {
	if v == v2 {
		return min(n, math.MaxInt32)
	}
	return n
}

// viewOptions says which of the optional parts are wanted.
type viewOptions struct {
	version    version
	deadLetter bool // redrive_policy and max_consume_count
	counters   bool // else the count of messages is 0
}

func (s *server) viewQueue(ctx context.Context, q dataplane.Queue, opt viewOptions) (queueView, error) {
	groups, err := s.node.Groups(ctx, q)
	if err != nil {
		return queueView{}, err
	}
	created := q.CreatedAt / 1000
	out := queueView{
		ID: q.ID, Name: q.Name, Created: created, EffDate: created, Description: q.Description, QueueMode: string(q.Mode),
		Reservation: int(q.Retention().Minutes()), MaxMsgSizeByte: s.limits.MaxRequestBytes, GroupCount: len(groups),
	}
	if opt.counters {
		stats, err := s.node.QueueStats(ctx, q)
		if err != nil {
			return queueView{}, err
		}
		out.ProducedMessages = opt.version.counter(stats.Messages)
	}
	if opt.deadLetter && !q.Mode.Kafka() {
		out.RedrivePolicy, out.MaxConsumeCount = redrivePolicy(q), &q.MaxConsumeCount
	}
	return out, nil
}

// redrivePolicy is "enable" when messages of q can become dead letters.
func redrivePolicy(q dataplane.Queue) *string {
	word := "disable"
	if q.MaxConsumeCount > 0 {
		word = "enable"
	}
	return &word
}
