package dmsapi

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

const (
	actionCreate = "create"
	actionDelete = "delete"
)

type wireTag struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

func (t wireTag) tag() dataplane.Tag {
	return dataplane.Tag{Key: textOf(t.Key), Value: textOf(t.Value)}
}

type batchTagsRequest struct {
	Action *string   `json:"action"`
	Tags   []wireTag `json:"tags"`
}

// batchTags is a batch whose form is right: one of the two is set.
type batchTags struct {
	put    []dataplane.Tag
	remove []controlplane.TagSelector
}

// batchDeletes looks at the action alone; whatever is wrong with the body is said later.
func batchDeletes(c *gin.Context) bool {
	body, err := httpserve.Body(c)
	if err != nil {
		return false
	}
	var req struct{ Action string }
	return json.Unmarshal(body, &req) == nil && req.Action == actionDelete
}

func parseBatchTags(c *gin.Context) (any, error) {
	var req batchTagsRequest
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	var b batchTags
	switch textOf(req.Action) {
	case actionCreate:
		for _, t := range req.Tags {
			b.put = append(b.put, t.tag())
		}
		return b, controlplane.ValidateTags(b.put)
	case actionDelete:
		for _, t := range req.Tags {
			b.remove = append(b.remove, controlplane.TagSelector{Key: textOf(t.Key), Value: t.Value})
		}
		return b, controlplane.ValidateTagSelectors(b.remove)
	}
	return nil, errs.New(errs.Invalid, reason.TagAction, "The tag action must be create or delete.")
}

// batchTags is row 14: POST .../queue/{queue_id}/tags/action.
func (s *server) batchTags(c *gin.Context, at target) error {
	b := at.request.(batchTags)
	var err error
	if b.remove != nil {
		err = s.d.Services.Queues.RemoveTags(c.Request.Context(), at.actor, at.queue.ID, b.remove)
	} else {
		err = s.d.Services.Queues.PutTags(c.Request.Context(), at.actor, at.queue.ID, b.put)
	}
	if err != nil {
		return err
	}
	return done(c)
}

func parseCreateTag(c *gin.Context) (any, error) {
	var req struct {
		Tag *wireTag `json:"tag"`
	}
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	if req.Tag == nil {
		return nil, errs.New(errs.Invalid, reason.Format, "Invalid request format: the tag is missing.")
	}
	tags := []dataplane.Tag{req.Tag.tag()}
	return tags, controlplane.ValidateTags(tags)
}

// createTag is row 17: POST .../queue/{queue_id}/tags.
func (s *server) createTag(c *gin.Context, at target) error {
	if err := s.d.Services.Queues.PutTags(c.Request.Context(), at.actor, at.queue.ID, at.request.([]dataplane.Tag)); err != nil {
		return err
	}
	return done(c)
}

func parseDeleteTag(c *gin.Context) (any, error) {
	key := c.Param("tag_key")
	return key, controlplane.ValidateTagSelectors([]controlplane.TagSelector{{Key: key}})
}

// deleteTag is row 18: DELETE .../queue/{queue_id}/tags/{key}.
func (s *server) deleteTag(c *gin.Context, at target) error {
	if err := s.d.Services.Queues.RemoveTag(c.Request.Context(), at.actor, at.queue.ID, at.request.(string)); err != nil {
		return err
	}
	return done(c)
}
