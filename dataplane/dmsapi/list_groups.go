package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/internal/access"
)

type groupView struct {
	ID                   string `json:"id"`
	Name                 string `json:"name"`
	ProducedMessages     int64  `json:"produced_messages"`
	ConsumedMessages     int64  `json:"consumed_messages"`
	AvailableMessages    int64  `json:"available_messages"`
	ProducedDeadletters  *int64 `json:"produced_deadletters,omitempty"`  // when asked for, never of a Kafka queue
	AvailableDeadletters *int64 `json:"available_deadletters,omitempty"` // the same
}

type groupList struct {
	QueueID       string      `json:"queue_id"`
	QueueName     string      `json:"queue_name"`
	RedrivePolicy *string     `json:"redrive_policy,omitempty"`
	Groups        []groupView `json:"groups"`
}

// listGroups is row 6: GET .../queues/{queue_id}/groups, in the order of creation.
func (s *server) listGroups(c *gin.Context, at *target) error {
	p, err := parseParams(c)
	if err != nil {
		return err
	}
	deadLetter, err := p.bool("include_deadletter", false)
	if err != nil {
		return err
	}
	counters, err := p.bool("include_messages_num", true)
	if err != nil {
		return err
	}
	groups, err := s.node.Groups(c, at.queue)
	if err != nil {
		return err
	}
	groups = pageOf(groups, p)
	out := groupList{QueueID: at.queue.ID, QueueName: at.queue.Name, Groups: make([]groupView, 0, len(groups))}
	deadLetter = deadLetter && !at.queue.Mode.Kafka()
	if deadLetter {
		out.RedrivePolicy = redrivePolicy(at.queue)
	}
	for _, g := range groups {
		v, err := s.viewGroup(c, at, g, deadLetter, counters)
		if err != nil {
			return err
		}
		out.Groups = append(out.Groups, v)
	}
	s.node.CountRead(at.actor, at.queue.ID, access.GroupList)
	replyJSON(c, http.StatusOK, out)
	return nil
}

func (s *server) viewGroup(c *gin.Context, at *target, g dataplane.Group, deadLetter, counters bool) (groupView, error) {
	v := groupView{ID: g.ID, Name: g.Name}
	var deadProduced, deadAvailable int64
	if counters {
		stats, err := s.node.GroupStats(c, at.queue, g)
		if err != nil {
			return v, err
		}
		v.ProducedMessages = at.version.counter(stats.Produced)
		v.ConsumedMessages = at.version.counter(stats.Consumed)
		v.AvailableMessages = at.version.counter(stats.Available)
		deadProduced = at.version.counter(stats.DeadProduced)
		deadAvailable = at.version.counter(stats.DeadAvailable)
	}
	if deadLetter {
		v.ProducedDeadletters, v.AvailableDeadletters = &deadProduced, &deadAvailable
	}
	return v, nil
}

// pageOf cuts the page out that page_size and current_page (from 1) ask for. Unless both are there and make sense they are ignored.
func pageOf(groups []dataplane.Group, p params) []dataplane.Group {
	size, page := p.count("page_size", outOfRange), p.count("current_page", outOfRange)
	if size < 1 || page < 1 {
		return groups
	}
	if page-1 > len(groups)/size {
		return nil
	}
	from := (page - 1) * size
	return groups[min(from, len(groups)):min(from+min(size, len(groups)), len(groups))]
}
