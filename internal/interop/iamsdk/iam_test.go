package iamsdk

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"
	"github.com/stretchr/testify/require"
)

// env returns a setting of the run. These programs make no sense without a server, so its absence is a failure.
func env(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	require.NotEmpty(t, v, "%s is not set: this program is run against a server, with DMS_ENDPOINT, DMS_AK, DMS_SK, DMS_PROJECT_ID, DMS_REGION, "+
		"DMS_ACCOUNT, DMS_USER and DMS_PASSWORD", name)
	return v
}

func ptr[T any](v T) *T { return &v }

// client returns the IAM client of an account; it finds the account's id by itself.
func client(t *testing.T) *iam.IamClient {
	t.Helper()
	cred, err := global.NewCredentialsBuilder().WithAk(env(t, "DMS_AK")).WithSk(env(t, "DMS_SK")).WithIamEndpointOverride(env(t, "DMS_ENDPOINT")).SafeBuild()
	require.NoError(t, err)
	hc, err := iam.IamClientBuilder().WithRegion(region.NewRegion(env(t, "DMS_REGION"), env(t, "DMS_ENDPOINT"))).WithCredential(cred).SafeBuild()
	require.NoError(t, err)
	require.NotEmpty(t, cred.DomainId)
	return iam.NewIamClient(hc)
}

// scope returns the project scope that DMS needs.
func scope(t *testing.T) *model.AuthScope {
	return &model.AuthScope{Project: &model.AuthScopeProject{Name: ptr(env(t, "DMS_REGION"))}}
}

func login(t *testing.T, c *iam.IamClient, password string, s *model.AuthScope, nocatalog *string) (*model.KeystoneCreateUserTokenByPasswordResponse, error) {
	t.Helper()
	return c.KeystoneCreateUserTokenByPassword(&model.KeystoneCreateUserTokenByPasswordRequest{
		Nocatalog: nocatalog,
		Body: &model.KeystoneCreateUserTokenByPasswordRequestBody{Auth: &model.PwdAuth{
			Identity: &model.PwdIdentity{
				Methods: []model.PwdIdentityMethods{model.GetPwdIdentityMethodsEnum().PASSWORD},
				Password: &model.PwdPassword{User: &model.PwdPasswordUser{
					Domain: &model.PwdPasswordUserDomain{Name: env(t, "DMS_ACCOUNT")}, Name: env(t, "DMS_USER"), Password: password,
				}},
			},
			Scope: s,
		}},
	})
}

func TestTokenForAPasswordOpensTheQueueService(t *testing.T) {
	res, err := login(t, client(t), env(t, "DMS_PASSWORD"), scope(t), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, res.HttpStatusCode)
	require.NotEmpty(t, *res.XSubjectToken)
	token := res.Token
	require.Equal(t, env(t, "DMS_PROJECT_ID"), token.Project.Id)
	require.Equal(t, env(t, "DMS_REGION"), token.Project.Name)
	require.Equal(t, env(t, "DMS_ACCOUNT"), token.Project.Domain.Name)
	require.Equal(t, env(t, "DMS_USER"), token.User.Name)
	require.Equal(t, env(t, "DMS_ACCOUNT"), token.User.Domain.Name)
	require.Equal(t, []string{"password"}, token.Methods)
	require.NotEmpty(t, token.Catalog)
	require.NotEmpty(t, token.Roles)
	expires, err := time.Parse(time.RFC3339, token.ExpiresAt)
	require.NoError(t, err)
	issued, err := time.Parse(time.RFC3339, token.IssuedAt)
	require.NoError(t, err)
	require.Equal(t, 24*time.Hour, expires.Sub(issued))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, env(t, "DMS_ENDPOINT")+"/v1.0/"+token.Project.Id+"/queues", nil)
	require.NoError(t, err)
	req.Header.Set("X-Auth-Token", *res.XSubjectToken)
	answer, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

func TestTokenWithoutCatalogIsSmaller(t *testing.T) {
	res, err := login(t, client(t), env(t, "DMS_PASSWORD"), scope(t), ptr("true"))
	require.NoError(t, err)
	require.Empty(t, res.Token.Catalog)
}

func TestTokenScopedToTheAccountNamesIt(t *testing.T) {
	s := &model.AuthScope{Domain: &model.AuthScopeDomain{Name: ptr(env(t, "DMS_ACCOUNT"))}}
	res, err := login(t, client(t), env(t, "DMS_PASSWORD"), s, nil)
	require.NoError(t, err)
	require.Equal(t, env(t, "DMS_ACCOUNT"), res.Token.Domain.Name)
	require.Nil(t, res.Token.Project)
}

func TestWrongPasswordIsRefusedInKeystonesShape(t *testing.T) {
	_, err := login(t, client(t), "not the password", scope(t), nil)
	var sre *sdkerr.ServiceResponseError
	require.True(t, errors.As(err, &sre), "want an answer of the server, got %v", err)
	require.Equal(t, http.StatusUnauthorized, sre.StatusCode)
	require.Contains(t, sre.ErrorMessage, "Unauthorized")
}

func TestProjectsAreListedAndFoundByName(t *testing.T) {
	c := client(t)
	res, err := c.KeystoneListProjects(&model.KeystoneListProjectsRequest{Name: ptr(env(t, "DMS_REGION"))})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.HttpStatusCode)
	require.Len(t, *res.Projects, 1)
	p := (*res.Projects)[0]
	require.Equal(t, env(t, "DMS_PROJECT_ID"), p.Id)
	require.Equal(t, env(t, "DMS_REGION"), p.Name)
	require.True(t, p.Enabled)
	none, err := c.KeystoneListProjects(&model.KeystoneListProjectsRequest{Name: ptr("no-such-project")})
	require.NoError(t, err)
	require.Empty(t, *none.Projects)

	mine, err := c.KeystoneListAuthProjects(&model.KeystoneListAuthProjectsRequest{})
	require.NoError(t, err)
	var ids []string
	for _, p := range *mine.Projects {
		ids = append(ids, p.Id)
	}
	require.Contains(t, ids, env(t, "DMS_PROJECT_ID"))
}

func TestProjectIsFoundByTheNameOfTheRegion(t *testing.T) {
	cred, err := basic.NewCredentialsBuilder().WithAk(env(t, "DMS_AK")).WithSk(env(t, "DMS_SK")).WithIamEndpointOverride(env(t, "DMS_ENDPOINT")).SafeBuild()
	require.NoError(t, err)
	_, err = iam.IamClientBuilder().WithRegion(region.NewRegion(env(t, "DMS_REGION"), env(t, "DMS_ENDPOINT"))).WithCredential(cred).SafeBuild()
	require.NoError(t, err)
	require.Equal(t, env(t, "DMS_PROJECT_ID"), cred.ProjectId)
}

func TestDomainIsTheAccount(t *testing.T) {
	res, err := client(t).KeystoneListAuthDomains(&model.KeystoneListAuthDomainsRequest{})
	require.NoError(t, err)
	require.Len(t, *res.Domains, 1)
	require.Equal(t, env(t, "DMS_ACCOUNT"), (*res.Domains)[0].Name)
	require.True(t, (*res.Domains)[0].Enabled)
}

func TestCatalogNamesTheEndpointsOfTheRegion(t *testing.T) {
	res, err := client(t).KeystoneShowCatalog(&model.KeystoneShowCatalogRequest{})
	require.NoError(t, err)
	types := map[string]model.Catalog{}
	for _, entry := range *res.Catalog {
		types[entry.Type] = entry
	}
	require.Contains(t, types, "dms")
	require.Contains(t, types, "dmsv1")
	require.Contains(t, types, "identity")
	for _, entry := range types {
		require.NotEmpty(t, entry.Endpoints, entry.Type)
		for _, e := range entry.Endpoints {
			require.NotEmpty(t, e.Url)
			if strings.HasPrefix(entry.Type, "dms") {
				require.Equal(t, env(t, "DMS_REGION"), e.Region)
				require.True(t, strings.HasPrefix(e.Url, env(t, "DMS_ENDPOINT")), "%s is reached at %s", entry.Type, e.Url)
			}
		}
	}
}
