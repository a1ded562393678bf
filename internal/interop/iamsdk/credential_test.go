package iamsdk

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"
	"github.com/stretchr/testify/require"
)

// lent returns a client that signs with temporary credentials.
func lent(t *testing.T, c *model.Credential) *iam.IamClient {
	t.Helper()
	cred, err := global.NewCredentialsBuilder().WithAk(c.Access).WithSk(c.Secret).WithSecurityToken(c.Securitytoken).WithIamEndpointOverride(env(t, "DMS_ENDPOINT")).SafeBuild()
	require.NoError(t, err)
	hc, err := iam.IamClientBuilder().WithRegion(region.NewRegion(env(t, "DMS_REGION"), env(t, "DMS_ENDPOINT"))).WithCredential(cred).SafeBuild()
	require.NoError(t, err)
	return iam.NewIamClient(hc)
}

func temporary(t *testing.T, c *iam.IamClient, seconds int32, policy *model.ServicePolicy) (*model.CreateTemporaryAccessKeyByTokenResponse, error) {
	t.Helper()
	return c.CreateTemporaryAccessKeyByToken(&model.CreateTemporaryAccessKeyByTokenRequest{Body: &model.CreateTemporaryAccessKeyByTokenRequestBody{Auth: &model.TokenAuth{
		Identity: &model.TokenAuthIdentity{
			Methods: []model.TokenAuthIdentityMethods{model.GetTokenAuthIdentityMethodsEnum().TOKEN},
			Token:   &model.IdentityToken{DurationSeconds: ptr(seconds)}, Policy: policy,
		},
	}}})
}

func TestTemporaryCredentialsSignRequests(t *testing.T) {
	res, err := temporary(t, client(t), 1800, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, res.HttpStatusCode)
	expires, err := time.Parse(time.RFC3339, res.Credential.ExpiresAt)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(30*time.Minute), expires, time.Minute)

	projects, err := lent(t, res.Credential).KeystoneListProjects(&model.KeystoneListProjectsRequest{Name: ptr(env(t, "DMS_REGION"))})
	require.NoError(t, err)
	require.Len(t, *projects.Projects, 1)

	_, err = temporary(t, lent(t, res.Credential), 900, nil)
	var sre *sdkerr.ServiceResponseError
	require.True(t, errors.As(err, &sre), "want an answer of the server, got %v", err)
	require.Equal(t, http.StatusForbidden, sre.StatusCode, "temporary credentials cannot get others")
}

func TestSessionPolicyNarrowsTemporaryCredentials(t *testing.T) {
	res, err := temporary(t, client(t), 900, &model.ServicePolicy{Version: "1.1", Statement: []model.ServiceStatement{
		{Action: []string{"dms:queue:get"}, Effect: model.GetServiceStatementEffectEnum().ALLOW},
	}})
	require.NoError(t, err)
	_, err = lent(t, res.Credential).KeystoneListProjects(&model.KeystoneListProjectsRequest{})
	var sre *sdkerr.ServiceResponseError
	require.True(t, errors.As(err, &sre), "want an answer of the server, got %v", err)
	require.Equal(t, http.StatusForbidden, sre.StatusCode, "the user may list projects, the session may not")
}

func TestRoleThatDoesNotExistCannotBeAssumed(t *testing.T) {
	_, err := client(t).CreateTemporaryAccessKeyByAgency(&model.CreateTemporaryAccessKeyByAgencyRequest{Body: &model.CreateTemporaryAccessKeyByAgencyRequestBody{Auth: &model.AgencyAuth{
		Identity: &model.AgencyAuthIdentity{
			Methods:    []model.AgencyAuthIdentityMethods{model.GetAgencyAuthIdentityMethodsEnum().ASSUME_ROLE},
			AssumeRole: &model.IdentityAssumerole{AgencyName: "no-such-role", DomainName: ptr(env(t, "DMS_ACCOUNT"))},
		},
	}}})
	var sre *sdkerr.ServiceResponseError
	require.True(t, errors.As(err, &sre), "want an answer of the server, got %v", err)
	require.Equal(t, http.StatusNotFound, sre.StatusCode)
}
