package dmsapi

import (
	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/dataplane"
)

type createQueueRequest struct {
	Name            *string  `json:"name"`
	QueueMode       *string  `json:"queue_mode"`
	Description     *string  `json:"description"`
	RedrivePolicy   *string  `json:"redrive_policy"`
	MaxConsumeCount *integer `json:"max_consume_count"`
	RetentionHours  *integer `json:"retention_hours"`
}

type createQueueReply struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	KafkaTopic string `json:"kafka_topic,omitempty"` // of Kafka queues only
}

func parseCreateQueue(c *gin.Context) (any, error) {
	var req createQueueRequest
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	spec := controlplane.QueueSpec{
		Name:            textOf(req.Name),
		Mode:            dataplane.Mode(textOf(req.QueueMode)),
		Description:     textOf(req.Description),
		Redrive:         controlplane.RedrivePolicy(textOf(req.RedrivePolicy)),
		MaxConsumeCount: intOf(req.MaxConsumeCount),
		RetentionHours:  intOf(req.RetentionHours),
	}
	return spec, spec.Validate()
}

// createQueue is row 1: POST .../queues.
func (s *server) createQueue(c *gin.Context, at target) error {
	q, _, err := s.d.Services.Queues.Create(c.Request.Context(), at.actor, at.region, at.request.(controlplane.QueueSpec))
	if err != nil {
		return err
	}
	reply := createQueueReply{ID: q.ID, Name: q.Name}
	if q.Mode.Kafka() {
		reply.KafkaTopic = controlplane.KafkaTopic(q.Queue)
	}
	return created(c, reply)
}

// deleteQueue is row 4: DELETE .../queues/{queue_id}.
func (s *server) deleteQueue(c *gin.Context, at target) error {
	if err := s.d.Services.Queues.Delete(c.Request.Context(), at.actor, at.queue.ID); err != nil {
		return err
	}
	return done(c)
}
