package dmssdk

import (
	"errors"
	"os"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	dms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2/model"
	"github.com/stretchr/testify/require"
)

// env returns a setting of the run. These programs make no sense without a server, so its absence is a failure.
func env(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	require.NotEmpty(t, v, "%s is not set: this program is run against a server, with DMS_ENDPOINT, DMS_AK, DMS_SK, DMS_PROJECT_ID and DMS_REGION", name)
	return v
}

// client returns the SDK's client with a fixed project and endpoint.
func client(t *testing.T) *dms.DmsClient {
	t.Helper()
	cred := basic.NewCredentialsBuilder().WithAk(env(t, "DMS_AK")).WithSk(env(t, "DMS_SK")).WithProjectId(env(t, "DMS_PROJECT_ID")).Build()
	return build(t, cred)
}

func build(t *testing.T, cred *basic.Credentials) *dms.DmsClient {
	t.Helper()
	hc := dms.DmsClientBuilder().WithEndpoint(env(t, "DMS_ENDPOINT")).WithCredential(cred).Build()
	return dms.NewDmsClient(hc)
}

// regional returns a client that finds its project by the region's name, as the SDK does when no project is given.
func regional(t *testing.T) *dms.DmsClient {
	t.Helper()
	cred := basic.NewCredentialsBuilder().WithAk(env(t, "DMS_AK")).WithSk(env(t, "DMS_SK")).WithIamEndpointOverride(env(t, "DMS_ENDPOINT")).Build()
	hc := dms.DmsClientBuilder().WithRegion(region.NewRegion(env(t, "DMS_REGION"), env(t, "DMS_ENDPOINT"))).WithCredential(cred).Build()
	require.Equal(t, env(t, "DMS_PROJECT_ID"), cred.ProjectId)
	return dms.NewDmsClient(hc)
}

// refused requires that the server answered with this status and code, in the form that the SDK reads.
func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var sre *sdkerr.ServiceResponseError
	require.True(t, errors.As(err, &sre), "want an answer of the server, got %v", err)
	require.Equal(t, status, sre.StatusCode, sre.ErrorMessage)
	require.Equal(t, code, sre.ErrorCode, sre.ErrorMessage)
	require.NotEmpty(t, sre.ErrorMessage)
	require.NotEmpty(t, sre.RequestId, "X-Request-Id")
}

func ptr[T any](v T) *T { return &v }

// createQueue creates a queue and deletes it when the test ends.
func createQueue(t *testing.T, c *dms.DmsClient, req model.CreateQueueReq) string {
	t.Helper()
	res, err := c.CreateQueue(&model.CreateQueueRequest{Body: &req})
	require.NoError(t, err)
	require.Equal(t, 201, res.HttpStatusCode)
	require.Equal(t, req.Name, *res.Name)
	t.Cleanup(func() {
		res, err := c.DeleteQueue(&model.DeleteQueueRequest{QueueId: *res.Id})
		require.NoError(t, err)
		require.Equal(t, 204, res.HttpStatusCode)
	})
	return *res.Id
}

func createGroup(t *testing.T, c *dms.DmsClient, queue, name string) string {
	t.Helper()
	res, err := c.CreateConsumerGroup(&model.CreateConsumerGroupRequest{
		QueueId: queue, Body: &model.CreateConsumerGroupReq{Groups: []model.GroupEntity{{Name: name}}},
	})
	require.NoError(t, err)
	require.Equal(t, 201, res.HttpStatusCode)
	require.Len(t, *res.Groups, 1)
	require.Equal(t, name, *(*res.Groups)[0].Name)
	return *(*res.Groups)[0].Id
}

func send(t *testing.T, c *dms.DmsClient, queue string, messages ...model.SendMessageEntity) []string {
	t.Helper()
	res, err := c.SendMessages(&model.SendMessagesRequest{QueueId: queue, Body: &model.SendMessagesReq{ReturnId: ptr(true), Messages: messages}})
	require.NoError(t, err)
	require.Equal(t, 201, res.HttpStatusCode)
	require.Len(t, *res.Messages, len(messages))
	var ids []string
	for _, m := range *res.Messages {
		require.Equal(t, int32(0), *m.State)
		require.NotEmpty(t, *m.Id)
		ids = append(ids, *m.Id)
	}
	return ids
}

func text(body any) model.SendMessageEntity { return model.SendMessageEntity{Body: &body} }

func consume(t *testing.T, c *dms.DmsClient, queue, group string) []model.ConsumeMessage {
	t.Helper()
	res, err := c.ConsumeMessages(&model.ConsumeMessagesRequest{QueueId: queue, ConsumerGroupId: group, TimeWait: ptr(int32(1))})
	require.NoError(t, err)
	require.Equal(t, 200, res.HttpStatusCode)
	return *res.Body
}

// consumeAll repeats the receive until it holds n messages: one receive may return fewer than there are.
func consumeAll(t *testing.T, c *dms.DmsClient, queue, group string, n int) []model.ConsumeMessage {
	t.Helper()
	var all []model.ConsumeMessage
	for len(all) < n {
		got := consume(t, c, queue, group)
		require.NotEmpty(t, got, "only %d of %d messages came", len(all), n)
		all = append(all, got...)
	}
	require.Len(t, all, n)
	return all
}

func confirm(t *testing.T, c *dms.DmsClient, queue, group string, status model.ConfirmMessageEntityStatus, handlers ...string) (success, fail int32) {
	t.Helper()
	var entities []model.ConfirmMessageEntity
	for _, h := range handlers {
		entities = append(entities, model.ConfirmMessageEntity{Handler: &h, Status: &status})
	}
	res, err := c.ConfirmConsumptionMessages(&model.ConfirmConsumptionMessagesRequest{
		QueueId: queue, ConsumerGroupId: group, Body: &model.ConfirmConsumptionMessagesReq{Message: &entities},
	})
	require.NoError(t, err)
	require.Equal(t, 200, res.HttpStatusCode)
	return *res.Success, *res.Fail
}

func handlers(messages []model.ConsumeMessage) []string {
	var out []string
	for _, m := range messages {
		out = append(out, *m.Handler)
	}
	return out
}
