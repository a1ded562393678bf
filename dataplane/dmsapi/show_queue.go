package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/access"
)

// showQueue is row 3: GET .../queues/{queue_id}. A name in the place of the id is refused: clients that look a queue up by name
// try it here first, and list when they are refused.
func (s *server) showQueue(c *gin.Context, at *target) error {
	p, err := parseParams(c)
	if err != nil {
		return err
	}
	opt := viewOptions{version: at.version, counters: true}
	if opt.deadLetter, err = p.bool("include_deadletter", false); err != nil {
		return err
	}
	v, err := s.viewQueue(c, at.queue, opt)
	if err != nil {
		return err
	}
	if at.queue.Mode.Kafka() {
		v.KafkaTopic = "k-" + at.queue.ProjectID + "-" + at.queue.ID
	}
	s.node.CountRead(at.actor, at.queue.ID, access.QueueGet)
	replyJSON(c, http.StatusOK, v)
	return nil
}
