package dmssdk

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2/model"
	"github.com/stretchr/testify/require"
)

func TestQueueIsCreatedListedShownAndDeleted(t *testing.T) {
	c := client(t)
	before := time.Now().Add(-time.Minute)
	id := createQueue(t, c, model.CreateQueueReq{
		Name: "sdk-orders", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().FIFO), Description: ptr("订单 orders"),
		RedrivePolicy: ptr(model.GetCreateQueueReqRedrivePolicyEnum().ENABLE), MaxConsumeCount: ptr(int32(3)),
	})

	shown, err := c.ShowQueue(&model.ShowQueueRequest{QueueId: id, IncludeDeadletter: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, 200, shown.HttpStatusCode)
	require.Equal(t, id, *shown.Id)
	require.Equal(t, "sdk-orders", *shown.Name)
	require.Equal(t, "订单 orders", *shown.Description)
	require.Equal(t, model.GetShowQueueResponseQueueModeEnum().FIFO, *shown.QueueMode)
	require.Equal(t, int32(4320), *shown.Reservation)
	require.Equal(t, int32(524288), *shown.MaxMsgSizeByte)
	require.Equal(t, int32(0), *shown.ProducedMessages)
	require.Equal(t, int32(0), *shown.GroupCount)
	require.Equal(t, model.GetShowQueueResponseRedrivePolicyEnum().ENABLE, *shown.RedrivePolicy)
	require.Equal(t, int32(3), *shown.MaxConsumeCount)
	require.Nil(t, shown.KafkaTopic)
	require.True(t, time.UnixMilli(*shown.Created).After(before), "created is in milliseconds")

	plain, err := c.ShowQueue(&model.ShowQueueRequest{QueueId: id})
	require.NoError(t, err)
	require.Nil(t, plain.RedrivePolicy, "only with include_deadletter")
	require.Nil(t, plain.MaxConsumeCount, "only with include_deadletter")

	list, err := c.ListQueues(&model.ListQueuesRequest{IncludeDeadletter: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, 200, list.HttpStatusCode)
	require.Equal(t, int(*list.Total), len(*list.Queues))
	found := false
	for _, q := range *list.Queues {
		if *q.Id == id {
			found = true
			require.Equal(t, "sdk-orders", *q.Name)
			require.Equal(t, "FIFO", *q.QueueMode)
			require.Equal(t, "enable", *q.RedrivePolicy)
		}
	}
	require.True(t, found)
}

func TestKafkaQueueHasATopicAndItsOwnRetention(t *testing.T) {
	c := client(t)
	res, err := c.CreateQueue(&model.CreateQueueRequest{Body: &model.CreateQueueReq{
		Name: "sdk-kafka", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().KAFKA_HA), RetentionHours: ptr(int32(36)),
	}})
	require.NoError(t, err)
	require.Equal(t, "k-"+env(t, "DMS_PROJECT_ID")+"-"+*res.Id, *res.KafkaTopic)
	shown, err := c.ShowQueue(&model.ShowQueueRequest{QueueId: *res.Id, IncludeDeadletter: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, int32(2160), *shown.Reservation)
	require.Equal(t, *res.KafkaTopic, *shown.KafkaTopic)
	require.Nil(t, shown.RedrivePolicy)
	gone, err := c.DeleteQueue(&model.DeleteQueueRequest{QueueId: *res.Id})
	require.NoError(t, err)
	require.Equal(t, 204, gone.HttpStatusCode)
	_, err = c.ShowQueue(&model.ShowQueueRequest{QueueId: *res.Id})
	refused(t, err, 404, "10240401")
	_, err = c.DeleteQueue(&model.DeleteQueueRequest{QueueId: *res.Id})
	refused(t, err, 404, "10240401")
}

func TestProjectIsFoundByTheNameOfTheRegion(t *testing.T) {
	list, err := regional(t).ListQueues(&model.ListQueuesRequest{})
	require.NoError(t, err)
	require.Equal(t, 200, list.HttpStatusCode)
}

func TestQuotasCountTheQueuesOfTheProject(t *testing.T) {
	c := client(t)
	used := func() (int32, int32) {
		res, err := c.ShowQuotas(&model.ShowQuotasRequest{})
		require.NoError(t, err)
		require.Equal(t, 200, res.HttpStatusCode)
		require.Len(t, *res.Quotas.Resources, 1)
		r := (*res.Quotas.Resources)[0]
		require.Equal(t, "queue", *r.Type)
		return *r.Used, *r.Quota
	}
	before, quota := used()
	require.Equal(t, int32(30), quota)
	createQueue(t, c, model.CreateQueueReq{Name: "sdk-quota"})
	after, _ := used()
	require.Equal(t, before+1, after)
}

func TestRefusedQueuesCarryTheirCodes(t *testing.T) {
	c := client(t)
	createQueue(t, c, model.CreateQueueReq{Name: "sdk-taken"})
	long := make([]byte, 65)
	for i := range long {
		long[i] = 'a'
	}
	for name, tc := range map[string]struct {
		req  model.CreateQueueReq
		code string
	}{
		"a name that is taken":            {model.CreateQueueReq{Name: "sdk-taken"}, "10240017"},
		"a name with a bad character":     {model.CreateQueueReq{Name: "sdk taken"}, "10240007"},
		"a name that is too long":         {model.CreateQueueReq{Name: string(long)}, "10240011"},
		"a description with a bracket":    {model.CreateQueueReq{Name: "sdk-x", Description: ptr("<b>")}, "10240010"},
		"retention on a standard queue":   {model.CreateQueueReq{Name: "sdk-x", RetentionHours: ptr(int32(1))}, "10240028"},
		"a consume count out of range":    {model.CreateQueueReq{Name: "sdk-x", RedrivePolicy: ptr(model.GetCreateQueueReqRedrivePolicyEnum().ENABLE), MaxConsumeCount: ptr(int32(101))}, "10240022"},
		"redrive without a consume count": {model.CreateQueueReq{Name: "sdk-x", RedrivePolicy: ptr(model.GetCreateQueueReqRedrivePolicyEnum().ENABLE)}, "10240022"},
		"retention out of range":          {model.CreateQueueReq{Name: "sdk-x", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().KAFKA_HA), RetentionHours: ptr(int32(73))}, "10240027"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.CreateQueue(&model.CreateQueueRequest{Body: &tc.req})
			refused(t, err, 400, tc.code)
		})
	}
	_, err := c.ShowQueue(&model.ShowQueueRequest{QueueId: "nope"})
	refused(t, err, 400, "10240015")
}

func TestWrongCredentialsAreRefused(t *testing.T) {
	for name, tc := range map[string]struct{ ak, sk, project, code string }{
		"a wrong secret":         {env(t, "DMS_AK"), "wrong", env(t, "DMS_PROJECT_ID"), "10240101"},
		"an unknown access key":  {"AKTESTUNKNOWN0000001", env(t, "DMS_SK"), env(t, "DMS_PROJECT_ID"), "10240101"},
		"a project of no tenant": {env(t, "DMS_AK"), env(t, "DMS_SK"), "0123456789abcdef0123456789abcdef", "10240104"},
	} {
		t.Run(name, func(t *testing.T) {
			cred := basic.NewCredentialsBuilder().WithAk(tc.ak).WithSk(tc.sk).WithProjectId(tc.project).Build()
			_, err := build(t, cred).ListQueues(&model.ListQueuesRequest{})
			refused(t, err, 401, tc.code)
		})
	}
}

func TestTagsAreAddedListedAndDeleted(t *testing.T) {
	c := client(t)
	id := createQueue(t, c, model.CreateQueueReq{Name: "sdk-tags"})
	action := model.GetBatchCreateOrDeleteTagReqActionEnum()
	change := func(a model.BatchCreateOrDeleteTagReqAction, tags ...model.BatchCreateOrDeleteTagReqTags) error {
		res, err := c.BatchCreateOrDeleteQueueTag(&model.BatchCreateOrDeleteQueueTagRequest{
			QueueId: id, Body: &model.BatchCreateOrDeleteTagReq{Action: &a, Tags: &tags},
		})
		if err == nil {
			require.Equal(t, 204, res.HttpStatusCode)
		}
		return err
	}
	tag := func(key, value string) model.BatchCreateOrDeleteTagReqTags {
		return model.BatchCreateOrDeleteTagReqTags{Key: &key, Value: &value}
	}
	shown := func() map[string]string {
		res, err := c.ShowQueueTags(&model.ShowQueueTagsRequest{QueueId: id})
		require.NoError(t, err)
		require.Equal(t, 200, res.HttpStatusCode)
		out := map[string]string{}
		for _, tag := range *res.Tags {
			out[*tag.Key] = *tag.Value
		}
		return out
	}
	require.Empty(t, shown())
	require.NoError(t, change(action.CREATE, tag("sdk-stage", "test"), tag("队伍", "甲")))
	require.NoError(t, change(action.CREATE, tag("sdk-stage", "production")))
	require.Equal(t, map[string]string{"sdk-stage": "production", "队伍": "甲"}, shown())

	all, err := c.ShowQueueProjectTags(&model.ShowQueueProjectTagsRequest{})
	require.NoError(t, err)
	require.Equal(t, 200, all.HttpStatusCode)
	values := map[string][]string{}
	for _, tag := range *all.Tags {
		values[*tag.Key] = *tag.Values
	}
	require.Equal(t, []string{"production"}, values["sdk-stage"])

	refused(t, change(action.CREATE, tag("bad=key", "x")), 400, "10240036")
	require.NoError(t, change(action.DELETE, tag("sdk-stage", "production")))
	require.NoError(t, change(action.DELETE, tag("sdk-stage", "production")), "deleting what is not there is a success")
	require.Equal(t, map[string]string{"队伍": "甲"}, shown())
}

// number reads a JSON number that the SDK left in whatever type it chose.
func number(t *testing.T, v any) float64 {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var f float64
	require.NoError(t, json.Unmarshal(b, &f))
	return f
}
