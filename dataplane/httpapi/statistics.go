package httpapi

import (
	"context"

	"dms/dataplane/httpapi/gen"
)

// GetQueueStatistics implements the operation.
func (s *server) GetQueueStatistics(ctx context.Context, _ gen.GetQueueStatisticsRequestObject) (gen.GetQueueStatisticsResponseObject, error) {
	c, at := at(ctx)
	st, err := s.node.QueueStats(c.Request.Context(), at.queue)
	if err != nil {
		return nil, err
	}
	return gen.GetQueueStatistics200JSONResponse{
		Messages: st.Messages, Bytes: st.Bytes, Delayed: st.Delayed, Prepared: st.Prepared, Produced: st.Produced,
		OldestAgeSeconds: st.Oldest.Seconds(),
	}, nil
}

// GetGroupStatistics implements the operation.
func (s *server) GetGroupStatistics(ctx context.Context, _ gen.GetGroupStatisticsRequestObject) (gen.GetGroupStatisticsResponseObject, error) {
	c, at := at(ctx)
	st, err := s.node.GroupStats(c.Request.Context(), at.queue, at.group)
	if err != nil {
		return nil, err
	}
	return gen.GetGroupStatistics200JSONResponse{
		Produced: st.Produced, Consumed: st.Consumed, Skipped: st.Skipped, Available: st.Available, InFlight: st.InFlight, Postponed: st.Postponed,
		DeadProduced: st.DeadProduced, DeadAvailable: st.DeadAvailable, Redriven: st.Redriven,
		OldestUnsettledAgeSeconds: st.OldestUnsettled.Seconds(),
	}, nil
}
