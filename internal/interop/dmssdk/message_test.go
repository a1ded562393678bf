package dmssdk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2/model"
	"github.com/stretchr/testify/require"
)

func TestGroupsAreCreatedListedAndDeleted(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-groups"})
	first, second := createGroup(t, c, q, "first"), createGroup(t, c, q, "second")
	send(t, c, q, text("hello"))

	list, err := c.ListConsumerGroups(&model.ListConsumerGroupsRequest{QueueId: q})
	require.NoError(t, err)
	require.Equal(t, 200, list.HttpStatusCode)
	require.Equal(t, q, *list.QueueId)
	require.Equal(t, "sdk-groups", *list.QueueName)
	require.Equal(t, []string{first, second}, []string{*(*list.Groups)[0].Id, *(*list.Groups)[1].Id}, "in order of creation")
	require.Equal(t, int32(1), *(*list.Groups)[0].ProducedMessages)
	require.Equal(t, int32(0), *(*list.Groups)[0].ConsumedMessages)
	require.Equal(t, int32(1), *(*list.Groups)[0].AvailableMessages)

	_, err = c.CreateConsumerGroup(&model.CreateConsumerGroupRequest{QueueId: q, Body: &model.CreateConsumerGroupReq{Groups: []model.GroupEntity{{Name: "first"}}}})
	refused(t, err, 400, "10240018")
	_, err = c.CreateConsumerGroup(&model.CreateConsumerGroupRequest{QueueId: q, Body: &model.CreateConsumerGroupReq{Groups: []model.GroupEntity{{Name: "third"}, {Name: "fourth"}}}})
	refused(t, err, 400, "10240019")

	gone, err := c.DeleteSpecifiedConsumerGroup(&model.DeleteSpecifiedConsumerGroupRequest{QueueId: q, GroupId: first})
	require.NoError(t, err)
	require.Equal(t, 204, gone.HttpStatusCode)
	_, err = c.DeleteSpecifiedConsumerGroup(&model.DeleteSpecifiedConsumerGroupRequest{QueueId: q, GroupId: first})
	refused(t, err, 404, "10240405")
	_, err = c.ConsumeMessages(&model.ConsumeMessagesRequest{QueueId: q, ConsumerGroupId: first, TimeWait: ptr(int32(1))})
	refused(t, err, 404, "10240405")
}

func TestMessagesOfEveryKindComeBackAsTheyWereSent(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-bodies", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().FIFO)})
	g := createGroup(t, c, q, "reader")
	var attributes any = map[string]any{"colour": "蓝", "retry": false}
	var labels any = []string{"red", "blue"}
	var body any = map[string]any{"order": 7, "lines": []any{"a", "b"}}
	send(t, c, q, text("plain text ✓"), text(42), model.SendMessageEntity{Body: &body, Attributes: &attributes, Tags: &labels})

	got := consumeAll(t, c, q, g, 3)
	require.Equal(t, "plain text ✓", *got[0].Message.Body)
	require.InDelta(t, 42, number(t, *got[1].Message.Body), 0)
	third := (*got[2].Message.Body).(map[string]any)
	require.InDelta(t, 7, number(t, third["order"]), 0)
	require.Equal(t, []any{"a", "b"}, third["lines"])
	require.Equal(t, map[string]any{"colour": "蓝", "retry": false}, *got[2].Message.Attributes)
	require.ElementsMatch(t, []string{"red", "blue"}, *got[2].Message.Tags)

	success, fail := confirm(t, c, q, g, model.GetConfirmMessageEntityStatusEnum().SUCCESS, handlers(got)...)
	require.Equal(t, []int32{3, 0}, []int32{success, fail})
	require.Empty(t, consume(t, c, q, g), "an empty receive is an empty list")

	list, err := c.ListConsumerGroups(&model.ListConsumerGroupsRequest{QueueId: q})
	require.NoError(t, err)
	require.Equal(t, int32(3), *(*list.Groups)[0].ConsumedMessages)
	require.Equal(t, int32(0), *(*list.Groups)[0].AvailableMessages)
}

func TestAcknowledgingStopsAtTheFirstBadHandler(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-ack", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().FIFO)})
	g := createGroup(t, c, q, "reader")
	send(t, c, q, text("one"), text("two"), text("three"))
	got := consumeAll(t, c, q, g, 3)
	status := model.GetConfirmMessageEntityStatusEnum().SUCCESS

	h := handlers(got)
	success, fail := confirm(t, c, q, g, status, h[0], "forged", h[1])
	require.Equal(t, []int32{1, 2}, []int32{success, fail})
	_, err := c.ConfirmConsumptionMessages(&model.ConfirmConsumptionMessagesRequest{
		QueueId: q, ConsumerGroupId: g,
		Body: &model.ConfirmConsumptionMessagesReq{Message: &[]model.ConfirmMessageEntity{{Handler: ptr("forged"), Status: &status}, {Handler: &h[1], Status: &status}}},
	})
	refused(t, err, 400, "10542209")
	_, err = c.ConfirmConsumptionMessages(&model.ConfirmConsumptionMessagesRequest{
		QueueId: q, ConsumerGroupId: g, Body: &model.ConfirmConsumptionMessagesReq{Message: &[]model.ConfirmMessageEntity{}},
	})
	refused(t, err, 400, "10540010")
	success, fail = confirm(t, c, q, g, status, h[1:]...)
	require.Equal(t, []int32{2, 0}, []int32{success, fail})
}

func TestFailedMessageIsDeliveredAgainAndThenBecomesADeadLetter(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{
		Name: "sdk-dead", RedrivePolicy: ptr(model.GetCreateQueueReqRedrivePolicyEnum().ENABLE), MaxConsumeCount: ptr(int32(2)),
	})
	g := createGroup(t, c, q, "reader")
	send(t, c, q, text("poison"))
	for range 2 {
		got := consumeAll(t, c, q, g, 1)
		success, fail := confirm(t, c, q, g, model.GetConfirmMessageEntityStatusEnum().FAIL, *got[0].Handler)
		require.Equal(t, []int32{1, 0}, []int32{success, fail}, "a recorded failure is a success of the call")
	}
	require.Empty(t, consume(t, c, q, g))

	dead, err := c.ConsumeDeadlettersMessage(&model.ConsumeDeadlettersMessageRequest{QueueId: q, ConsumerGroupId: g, TimeWait: ptr(int32(5))})
	require.NoError(t, err)
	require.Equal(t, 200, dead.HttpStatusCode)
	require.Len(t, *dead.Body, 1)
	require.Equal(t, "poison", *(*dead.Body)[0].Message.Body)
	list, err := c.ListConsumerGroups(&model.ListConsumerGroupsRequest{QueueId: q, IncludeDeadletter: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, int32(1), *(*list.Groups)[0].ProducedDeadletters)

	handler := *(*dead.Body)[0].Handler
	status := model.GetConfirmMessageEntityStatusEnum().SUCCESS
	entities := []model.ConfirmMessageEntity{{Handler: &handler, Status: &status}}
	_, err = c.ConfirmConsumptionMessages(&model.ConfirmConsumptionMessagesRequest{
		QueueId: q, ConsumerGroupId: g, Body: &model.ConfirmConsumptionMessagesReq{Message: &entities},
	})
	refused(t, err, 400, "10542205")
	ack, err := c.ConfirmDeadLettersMessages(&model.ConfirmDeadLettersMessagesRequest{
		QueueId: q, ConsumerGroupId: g, Body: &model.ConfirmDeadLettersMessagesReq{Message: &entities},
	})
	require.NoError(t, err)
	require.Equal(t, 200, ack.HttpStatusCode)
	require.Equal(t, []int32{1, 0}, []int32{*ack.Success, *ack.Fail})
	dead, err = c.ConsumeDeadlettersMessage(&model.ConsumeDeadlettersMessageRequest{QueueId: q, ConsumerGroupId: g, TimeWait: ptr(int32(1))})
	require.NoError(t, err)
	require.Empty(t, *dead.Body)
}

func TestLabelsFilterAndBindTheGroup(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-labels"})
	g := createGroup(t, c, q, "reds")
	var red, blue any = []string{"red"}, []string{"blue"}
	m1, m2 := text("r"), text("b")
	m1.Tags, m2.Tags = &red, &blue
	send(t, c, q, m1, m2)
	labelled := func(label *string) ([]model.ConsumeMessage, error) {
		res, err := c.ConsumeMessages(&model.ConsumeMessagesRequest{QueueId: q, ConsumerGroupId: g, TimeWait: ptr(int32(1)), Tag: label, TagType: ptr("or")})
		if err != nil {
			return nil, err
		}
		return *res.Body, nil
	}
	got, err := labelled(ptr("red"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "r", *got[0].Message.Body)
	_, err = labelled(ptr("blue"))
	refused(t, err, 400, "10542204")
}

func TestLongPollReturnsAsSoonAsAMessageIsThere(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-poll"})
	g := createGroup(t, c, q, "reader")
	type result struct {
		messages []model.ConsumeMessage
		err      error
		took     time.Duration
	}
	done := make(chan result, 1)
	begin := time.Now()
	go func() {
		res, err := c.ConsumeMessages(&model.ConsumeMessagesRequest{QueueId: q, ConsumerGroupId: g, TimeWait: ptr(int32(60))})
		r := result{err: err, took: time.Since(begin)}
		if err == nil {
			r.messages = *res.Body
		}
		done <- r
	}()
	var delay any = 1500
	m := text("late")
	m.DelayTime = &delay
	send(t, c, q, m)
	r := <-done
	require.NoError(t, r.err)
	require.Len(t, r.messages, 1)
	require.GreaterOrEqual(t, r.took, 1500*time.Millisecond, "not before the delay has passed")
	require.Less(t, r.took, 30*time.Second, "long before the wait ends")
}

func TestRefusedMessagesCarryTheirCodes(t *testing.T) {
	c := client(t)
	q := createQueue(t, c, model.CreateQueueReq{Name: "sdk-refused"})
	kafka := createQueue(t, c, model.CreateQueueReq{Name: "sdk-refused-kafka", QueueMode: ptr(model.GetCreateQueueReqQueueModeEnum().KAFKA_HA)})
	g := createGroup(t, c, q, "reader")
	attempt := func(queue string, m ...model.SendMessageEntity) error {
		_, err := c.SendMessages(&model.SendMessagesRequest{QueueId: queue, Body: &model.SendMessagesReq{Messages: m}})
		return err
	}
	require.NoError(t, attempt(q, text(strings.Repeat("x", 512<<10))), "at the limit")
	refused(t, attempt(q, text(strings.Repeat("x", 512<<10+1))), 400, "10540011")
	require.NoError(t, attempt(q, slices.Repeat([]model.SendMessageEntity{text("x")}, 10)...), "at the limit")
	refused(t, attempt(q, slices.Repeat([]model.SendMessageEntity{text("x")}, 11)...), 400, "10540010")
	refused(t, attempt(q), 400, "10540010")
	var bad, delay any = []string{"no spaces"}, 1000
	m := text("x")
	m.Tags = &bad
	refused(t, attempt(q, m), 400, "10240004")
	m = text("x")
	m.DelayTime = &delay
	refused(t, attempt(kafka, m), 400, "10540010")

	for name, tc := range map[string]struct {
		req  model.ConsumeMessagesRequest
		code string
	}{
		"max_msgs":  {model.ConsumeMessagesRequest{MaxMsgs: ptr(int32(11))}, "10240014"},
		"time_wait": {model.ConsumeMessagesRequest{TimeWait: ptr(int32(61))}, "10240021"},
		"ack_wait":  {model.ConsumeMessagesRequest{AckWait: ptr(int32(14))}, "10542206"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.req.QueueId, tc.req.ConsumerGroupId = q, g
			_, err := c.ConsumeMessages(&tc.req)
			refused(t, err, 400, tc.code)
		})
	}
}
