package credentialapi

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"dms/iam"
	"dms/iam/credentialapi/gen"
	"dms/internal/access"
	"dms/internal/httpserve"
)

// CreateTemporaryCredentials lends the caller's own rights, or those of a role.
func (s *server) CreateTemporaryCredentials(ctx context.Context, req gen.CreateTemporaryCredentialsRequestObject) (gen.CreateTemporaryCredentialsResponseObject, error) {
	c := ginContext(ctx)
	a := httpserve.Actor(c)
	var body gen.CreateTemporaryCredentialsJSONRequestBody
	if req.Body != nil {
		body = *req.Body
	}
	in := iam.TemporaryInput{Life: seconds(body.DurationSeconds), SessionName: value(body.SessionName)}
	if body.Policy != nil {
		var err error
		if in.Policy, err = json.Marshal(body.Policy); err != nil {
			return nil, err
		}
	}
	var (
		lent iam.TemporaryCredentials
		err  error
	)
	if body.Role == nil {
		lent, err = s.Services.STS.SessionToken(c.Request.Context(), a, in)
	} else {
		var r iam.Role
		if r, err = s.Services.Roles.Assumable(c.Request.Context(), a, value(body.Role.Account), body.Role.Name); err != nil {
			return nil, err
		}
		if err = s.Gate.Authorizer.Authorize(c.Request.Context(), a, access.RoleAssume, iam.AssumeResource(a, r).Object()); err != nil {
			return nil, err
		}
		lent, err = s.Services.STS.AssumeRole(c.Request.Context(), a, r, in)
	}
	if err != nil {
		return nil, err
	}
	return gen.CreateTemporaryCredentials201JSONResponse{AccessKey: lent.AccessKey, SecretKey: lent.SecretKey, SecurityToken: lent.SecurityToken, ExpiresAt: lent.ExpiresAt}, nil
}

// jwksAge is how long others may keep the key set: far less than a key is known before it signs.
const jwksAge = "public, max-age=300"

// ListSigningKeys shows the public keys of tokens.
func (s *server) ListSigningKeys(ctx context.Context, _ gen.ListSigningKeysRequestObject) (gen.ListSigningKeysResponseObject, error) {
	keys, err := s.Services.Keys.List(ginContext(ctx).Request.Context())
	if err != nil {
		return nil, err
	}
	out := gen.ListSigningKeys200JSONResponse{Headers: gen.ListSigningKeys200ResponseHeaders{CacheControl: ptr(jwksAge)}}
	out.Body.Keys = make([]gen.SigningKey, len(keys))
	for i, k := range keys {
		out.Body.Keys[i] = gen.SigningKey{Kty: "OKP", Crv: "Ed25519", Alg: "EdDSA", Use: "sig", Kid: k.ID, X: base64.RawURLEncoding.EncodeToString(k.Key)}
	}
	return out, nil
}

func ptr[T any](v T) *T { return &v }
