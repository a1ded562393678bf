package dmsapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/internal/access"
)

type tagList struct {
	Tags []dataplane.Tag `json:"tags"`
}

// showQueueTags is row 15: GET .../queue/{queue_id}/tags.
func (s *server) showQueueTags(c *gin.Context, at *target) error {
	s.node.CountRead(at.actor, at.queue.ID, access.TagList)
	replyJSON(c, http.StatusOK, tagList{tagsOf(at.queue)})
	return nil
}

// tagsOf returns the tags of q, which may be none but are always a list.
func tagsOf(q dataplane.Queue) []dataplane.Tag {
	if q.Tags == nil {
		return []dataplane.Tag{}
	}
	return q.Tags
}

type tagValues struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

type projectTags struct {
	Tags []tagValues `json:"tags"`
}

// showProjectTags is row 16: GET .../queue/tags, every key of the project with every value it has, both in order.
func (s *server) showProjectTags(c *gin.Context, at *target) error {
	queues, err := s.node.Queues(c, at.actor.ProjectID)
	if err != nil {
		return err
	}
	values := map[string][]string{}
	for _, q := range queues {
		for _, t := range q.Tags {
			values[t.Key] = append(values[t.Key], t.Value)
		}
	}
	out := projectTags{Tags: []tagValues{}}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		vs := values[key]
		slices.Sort(vs)
		out.Tags = append(out.Tags, tagValues{Key: key, Values: slices.Compact(vs)})
	}
	s.node.CountRead(at.actor, "", access.TagList)
	replyJSON(c, http.StatusOK, out)
	return nil
}
