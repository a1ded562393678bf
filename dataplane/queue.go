package dataplane

import (
	"time"

	"dms/internal/access"
)

// Mode is the promise a queue makes about order and durability.
type Mode string

const (
	ModeNormal  Mode = "NORMAL"   // at least once, best concurrency, no order
	ModeFIFO    Mode = "FIFO"     // at least once, strict order
	ModeKafkaHA Mode = "KAFKA_HA" // a log with a retention of 1 to 72 hours; synced before the reply
	ModeKafkaHT Mode = "KAFKA_HT" // the same, answered before the sync: a crash may lose the last 50 ms
)

// Kafka reports whether the mode is one of the two log modes, which have no delay, no attributes and no dead letters.
func (m Mode) Kafka() bool { return m == ModeKafkaHA || m == ModeKafkaHT }

// Valid reports whether m is a mode.
func (m Mode) Valid() bool {
	switch m {
	case ModeNormal, ModeFIFO, ModeKafkaHA, ModeKafkaHT:
		return true
	}
	return false
}

// StandardRetention is how long NORMAL and FIFO queues keep a message, and every queue its dead letters (dms-api section 1).
const StandardRetention = 72 * time.Hour

// Tag is a key and value that a tenant put on a queue.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// QueueLimits are the per-queue limits of the directory; 0 means none.
type QueueLimits struct {
	RequestsPerSecond int `json:"requests_per_second,omitempty"`
	OpenPolls         int `json:"open_polls,omitempty"`
}

// Queue is the directory's fact about a queue (kind "queue", key project id "/" queue id), JSON on the wire.
type Queue struct {
	ID          string `json:"id"`
	AccountID   string `json:"account_id"`
	ProjectID   string `json:"project_id"`
	Region      string `json:"region"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Mode        Mode   `json:"mode"`
	// MaxConsumeCount is after how many failed consumptions by a group a message becomes a dead letter; 0: never (redrive off).
	MaxConsumeCount int `json:"max_consume_count,omitempty"`
	// RetentionHours is 1 to 72 for Kafka modes, 0 for the others (StandardRetention holds).
	RetentionHours int         `json:"retention_hours,omitempty"`
	CreatedAt      int64       `json:"created_at"` // microseconds since 1970, UTC
	Tags           []Tag       `json:"tags,omitempty"`
	Limits         QueueLimits `json:"limits"`
	// PolicyVersion is the version of the queue's own policy (access.QueuePolicyFact); 0: it has none.
	PolicyVersion int64 `json:"policy_version,omitempty"`
}

// Object returns the queue as what an action is done to.
func (q Queue) Object() access.Object {
	o := access.Object{Resource: access.QueueResource(q.Region, q.AccountID, q.Name), QueueID: q.ID, QueuePolicyVersion: q.PolicyVersion}
	if len(q.Tags) > 0 {
		o.Tags = make([]access.Tag, len(q.Tags))
		for i, t := range q.Tags {
			o.Tags[i] = access.Tag(t)
		}
	}
	return o
}

// GroupObject returns a consumer group of the queue as what an action is done to.
func (q Queue) GroupObject(groupName string) access.Object {
	o := q.Object()
	o.Resource = access.GroupResource(q.Region, q.AccountID, q.Name, groupName)
	return o
}

// Retention returns how long a message is kept after it became available.
func (q Queue) Retention() time.Duration {
	if q.Mode.Kafka() && q.RetentionHours > 0 {
		return time.Duration(q.RetentionHours) * time.Hour
	}
	return StandardRetention
}

// Group is the directory's fact about a consumer group (kind "group", key queue id "/" group id).
type Group struct {
	ID        string `json:"id"`
	QueueID   string `json:"queue_id"`
	ProjectID string `json:"project_id"`
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"created_at"` // microseconds since 1970, UTC; lists are in this order, ties by id
}

// Quota is the directory's fact about the limits of a project (kind "quota", key project id). Absent: DefaultQuota.
type Quota struct {
	Queues         int `json:"queues"`           // per project
	GroupsPerQueue int `json:"groups_per_queue"` // per queue
}

// DefaultQuota is what a project gets unless the operator says otherwise (decisions.md, quotas).
var DefaultQuota = Quota{Queues: 30, GroupsPerQueue: 3}

// ActivationState says whether the service works for an account.
type ActivationState string

const (
	ActivationActive ActivationState = "active"
	ActivationFrozen ActivationState = "frozen"
)

// Activation is the directory's fact that an account has activated the service (kind "activation", key account id). An account
// without one has not.
type Activation struct {
	AccountID   string          `json:"account_id"`
	State       ActivationState `json:"state"`
	ActivatedAt int64           `json:"activated_at"` // microseconds since 1970, UTC
}
