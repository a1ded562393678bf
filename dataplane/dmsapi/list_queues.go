package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/access"
)

type queueList struct {
	Total  int         `json:"total"`
	Queues []queueView `json:"queues"`
}

// listQueues is row 2: GET .../queues. The list is never cut: a project has as many queues as its quota allows.
// include_messages_num is v1.0's: the counts are left out only for a client that says so.
func (s *server) listQueues(c *gin.Context, at *target) error {
	p, err := parseParams(c)
	if err != nil {
		return err
	}
	opt := viewOptions{version: at.version}
	if opt.deadLetter, err = p.bool("include_deadletter", false); err != nil {
		return err
	}
	opt.counters = true
	if at.version == v1 {
		if opt.counters, err = p.bool("include_messages_num", true); err != nil {
			return err
		}
	}
	queues, err := s.node.Queues(c, at.actor.ProjectID)
	if err != nil {
		return err
	}
	out := queueList{Total: len(queues), Queues: make([]queueView, 0, len(queues))}
	for _, q := range queues {
		v, err := s.viewQueue(c, q, opt)
		if err != nil {
			return err
		}
		out.Queues = append(out.Queues, v)
	}
	s.node.CountRead(at.actor, "", access.QueueList)
	replyJSON(c, http.StatusOK, out)
	return nil
}
