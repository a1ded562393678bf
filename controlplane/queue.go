package controlplane

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dms/dataplane"
	"dms/internal/dmswire"
	"dms/internal/reason"
)

// RedrivePolicy says whether messages whose consumption keeps failing become dead letters.
type RedrivePolicy string

const (
	RedriveDisable RedrivePolicy = "disable"
	RedriveEnable  RedrivePolicy = "enable"
)

// Bounds of a queue's settings (dms-api section 2.1).
const (
	MinMaxConsumeCount = 1
	MaxMaxConsumeCount = 100
	MinRetentionHours  = 1
	MaxRetentionHours  = 72
)

// Queue is a queue with what only the control plane knows about it.
type Queue struct {
	dataplane.Queue
	UserID string // who created it: queue-hours carry it
}

// QueueSpec is what a tenant asks for.
type QueueSpec struct {
	Name        string
	Description string
	Mode        dataplane.Mode // "": NORMAL
	Redrive     RedrivePolicy  // "": disable
	// MaxConsumeCount is required with RedriveEnable and ignored without: clients send their default then.
	MaxConsumeCount *int
	// RetentionHours is for the Kafka modes only; nil: 72.
	RetentionHours *int
	Groups         []string // names of consumer groups to create with the queue
}

// Validate reports everything that is wrong with the spec, as one errs.Invalid. Fields are named as under /api/v1.
func (s QueueSpec) Validate() error {
	var v violations
	checkName(&v, "/name", "queue", s.Name, dmswire.MaxQueueNameChars, reason.QueueNameLength)
	checkDescription(&v, s.Description)
	if s.Mode != "" && !s.Mode.Valid() {
		v.add(reason.Format, "/mode", "Invalid request format: the queue mode must be NORMAL, FIFO, KAFKA_HA or KAFKA_HT.")
	}
	s.checkRedrive(&v)
	s.checkRetention(&v)
	checkGroupNames(&v, s.Groups, func(i int) string { return "/groups/" + strconv.Itoa(i) })
	return v.result()
}

func (s QueueSpec) checkRedrive(v *violations) {
	switch s.Redrive {
	case "", RedriveDisable:
		return
	case RedriveEnable:
	default:
		v.add(reason.Format, "/redrive_policy", "Invalid request format: the redrive policy must be enable or disable.")
		return
	}
	if s.Mode.Kafka() {
		v.add(reason.Format, "/max_consume_count", "Invalid request format: a Kafka queue has no dead letters, so no redrive policy.")
		return
	}
	if n := s.MaxConsumeCount; n == nil || *n < MinMaxConsumeCount || *n > MaxMaxConsumeCount {
		v.add(reason.MaxConsumeCount, "/max_consume_count", "The maximum consume count must be between %d and %d.", MinMaxConsumeCount, MaxMaxConsumeCount)
	}
}

func (s QueueSpec) checkRetention(v *violations) {
	n := s.RetentionHours
	switch {
	case n == nil:
	case !s.Mode.Kafka():
		v.add(reason.RetentionNotKafka, "/retention_hours", "Only Kafka queues support retention_hours.")
	case *n < MinRetentionHours || *n > MaxRetentionHours:
		v.add(reason.RetentionHours, "/retention_hours", "The retention_hours must be an integer between %d and %d.", MinRetentionHours, MaxRetentionHours)
	}
}

// queue makes the queue of a valid spec.
func (s QueueSpec) queue(id string, at time.Time) Queue {
	q := Queue{Queue: dataplane.Queue{
		ID:          id,
		Name:        s.Name,
		Description: s.Description,
		Mode:        s.Mode,
		CreatedAt:   at.UnixMicro(),
	}}
	if q.Mode == "" {
		q.Mode = dataplane.ModeNormal
	}
	if s.Redrive == RedriveEnable {
		q.MaxConsumeCount = *s.MaxConsumeCount
	}
	if q.Mode.Kafka() {
		q.RetentionHours = MaxRetentionHours
		if s.RetentionHours != nil {
			q.RetentionHours = *s.RetentionHours
		}
	}
	return q
}

// KafkaTopic is the topic name that the wire shows for a queue of a Kafka mode (dms-api section 1).
func KafkaTopic(q dataplane.Queue) string { return "k-" + q.ProjectID + "-" + q.ID }

// ValidQueueName reports whether a queue may have this name.
func ValidQueueName(name string) bool {
	var v violations
	checkName(&v, "/name", "queue", name, dmswire.MaxQueueNameChars, reason.QueueNameLength)
	return v.err == nil
}

func checkDescription(v *violations, s string) {
	if n := utf8.RuneCountInString(s); n > dmswire.MaxDescriptionChars {
		v.add(reason.DescriptionTooLong, "/description", "The description has %d characters, more than %d.", n, dmswire.MaxDescriptionChars)
	}
	// A NUL cannot be stored on every database.
	if strings.ContainsAny(s, "<>\x00") {
		v.add(reason.DescriptionInvalid, "/description", "The description must not contain < or > or NUL.")
	}
}
