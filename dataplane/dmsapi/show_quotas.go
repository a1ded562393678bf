package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/access"
)

type quotaReply struct {
	Quotas quotaResources `json:"quotas"`
}

type quotaResources struct {
	Resources []quotaView `json:"resources"`
}

type quotaView struct {
	Type  string `json:"type"`
	Quota int    `json:"quota"`
	Used  int    `json:"used"`
	Min   int    `json:"min"`
	Max   int    `json:"max"`
}

// maxQuota is how far the quota of queues can be raised; an operator who raised it further is right.
const maxQuota = 500

// showQuotas is row 13: GET .../quotas and GET .../quotas/dms. Clients expect exactly one resource.
func (s *server) showQuotas(c *gin.Context, at *target) error {
	limit, used, err := s.node.Quota(c, at.actor.ProjectID)
	if err != nil {
		return err
	}
	s.node.CountRead(at.actor, "", access.QuotaGet)
	replyJSON(c, http.StatusOK, quotaReply{quotaResources{[]quotaView{
		{Type: "queue", Quota: limit.Queues, Used: used, Min: 0, Max: max(maxQuota, limit.Queues)},
	}}})
	return nil
}
