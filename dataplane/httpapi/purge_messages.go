package httpapi

import (
	"context"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
)

// PurgeMessages implements the operation.
func (s *server) PurgeMessages(ctx context.Context, _ gen.PurgeMessagesRequestObject) (gen.PurgeMessagesResponseObject, error) {
	n, err := s.purge(ctx, engine.Live)
	return gen.PurgeMessages200JSONResponse{Purged: n}, err
}

// PurgeDeadLetters implements the operation.
func (s *server) PurgeDeadLetters(ctx context.Context, _ gen.PurgeDeadLettersRequestObject) (gen.PurgeDeadLettersResponseObject, error) {
	n, err := s.purge(ctx, engine.Dead)
	return gen.PurgeDeadLetters200JSONResponse{Purged: n}, err
}

func (s *server) purge(ctx context.Context, kind engine.Kind) (int64, error) {
	c, at := at(ctx)
	return s.node.Purge(c.Request.Context(), at.actor, at.queue, at.group, kind)
}
