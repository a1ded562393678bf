package httpapi

import (
	"context"

	"dms/iam/httpapi/gen"
	"dms/internal/httpserve"
)

// ListAccessKeys lists the caller's keys.
func (s *server) ListAccessKeys(ctx context.Context, _ gen.ListAccessKeysRequestObject) (gen.ListAccessKeysResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	keys, err := s.Services.AccessKeys.List(c.Request.Context(), a.AccountID, a.UserID)
	if err != nil {
		return nil, err
	}
	out := gen.ListAccessKeys200JSONResponse{AccessKeys: make([]gen.AccessKey, 0, len(keys))}
	for _, k := range keys {
		out.AccessKeys = append(out.AccessKeys, gen.AccessKey{AccessKey: k.ID, Description: nonEmpty(k.Description), CreatedAt: k.CreatedAt.UTC()})
	}
	return out, nil
}

// CreateAccessKey makes a key for the caller and tells its secret, once.
func (s *server) CreateAccessKey(ctx context.Context, req gen.CreateAccessKeyRequestObject) (gen.CreateAccessKeyResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	description := ""
	if req.Body != nil && req.Body.Description != nil {
		description = *req.Body.Description
	}
	k, secret, err := s.Services.AccessKeys.Create(c.Request.Context(), a.AccountID, a.UserID, description)
	if err != nil {
		return nil, err
	}
	return gen.CreateAccessKey201JSONResponse{AccessKey: k.ID, SecretKey: secret, Description: nonEmpty(k.Description), CreatedAt: k.CreatedAt.UTC()}, nil
}

// DeleteAccessKey ends one of the caller's keys.
func (s *server) DeleteAccessKey(ctx context.Context, req gen.DeleteAccessKeyRequestObject) (gen.DeleteAccessKeyResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	if err := s.Services.AccessKeys.Delete(c.Request.Context(), a.AccountID, a.UserID, req.AccessKey); err != nil {
		return nil, err
	}
	return gen.DeleteAccessKey204Response{}, nil
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
