package httpapi

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"dms/controlplane/httpapi/gen"
	"dms/dataplane"
)

// GetService implements the operation.
func (s *server) GetService(ctx context.Context, _ gen.GetServiceRequestObject) (gen.GetServiceResponseObject, error) {
	ctx, at := at(ctx)
	a, found, err := s.d.Services.Activations.Get(ctx, at.actor.AccountID)
	if err != nil {
		return nil, err
	}
	if !found {
		return gen.GetService200JSONResponse{Activated: false}, nil
	}
	return gen.GetService200JSONResponse(viewService(a)), nil
}

// ActivateService implements the operation.
func (s *server) ActivateService(ctx context.Context, _ gen.ActivateServiceRequestObject) (gen.ActivateServiceResponseObject, error) {
	ctx, at := at(ctx)
	a, err := s.d.Services.Activations.Activate(ctx, at.actor.AccountID)
	if err != nil {
		return nil, err
	}
	return gen.ActivateService200JSONResponse(viewService(a)), nil
}

func viewService(a dataplane.Activation) gen.Service {
	since := instant(a.ActivatedAt)
	return gen.Service{Activated: true, ActivatedAt: &since}
}

// ListRegions implements the operation.
func (s *server) ListRegions(ctx context.Context, _ gen.ListRegionsRequestObject) (gen.ListRegionsResponseObject, error) {
	r := ctx.(*gin.Context).Request
	regions, err := s.d.Services.Regions.List(r.Context())
	if err != nil {
		return nil, err
	}
	out := gen.ListRegions200JSONResponse{Regions: make([]gen.Region, len(regions))}
	for i, region := range regions {
		if region.Endpoint == "" {
			region.Endpoint = s.d.BaseURL(r)
		}
		out.Regions[i] = gen.Region{Name: region.Name, Endpoint: region.Endpoint}
	}
	return out, nil
}

// instant turns microseconds since 1970 into the time that the wire shows, in UTC.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
