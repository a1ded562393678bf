/** Code to paste for one queue. It works as it is: only the secrets come from the environment. */
export interface Target {
  endpoint: string;
  region: string;
  project: string;
  queue: string;
  group: string | undefined;
  account: string;
  user: string;
}

const noGroup = 'GROUP_ID';

export function curlSnippet(t: Target): string {
  const queue = `${t.endpoint}/v2/${t.project}/queues/${t.queue}`;
  const group = `${queue}/groups/${t.group ?? noGroup}`;
  return `# A token, good for 24 hours. The password comes from $DMS_PASSWORD.
TOKEN=$(curl -s -D - -o /dev/null '${t.endpoint}/v3/auth/tokens' \\
  -H 'Content-Type: application/json' \\
  -d '{"auth":{"identity":{"methods":["password"],"password":{"user":{
        "domain":{"name":"${t.account}"},"name":"${t.user}","password":"'"$DMS_PASSWORD"'"}}},
      "scope":{"project":{"id":"${t.project}"}}}}' \\
  | tr -d '\\r' | awk 'tolower($1) == "x-subject-token:" {print $2}')

# Send
curl -s '${queue}/messages' \\
  -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"messages":[{"body":"Hello"}],"return_id":true}'

# Receive, waiting up to 10 seconds
curl -s '${group}/messages?max_msgs=1&time_wait=10' \\
  -H "X-Auth-Token: $TOKEN" | tee received.json

# Acknowledge what was received
HANDLER=$(sed -n 's/.*"handler":"\\([^"]*\\)".*/\\1/p' received.json)
curl -s '${group}/ack' \\
  -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"message":[{"handler":"'"$HANDLER"'","status":"success"}]}'
`;
}

export function goSnippet(t: Target): string {
  return `// go get github.com/huaweicloud/huaweicloud-sdk-go-v3@v0.1.38
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	dms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dms/v2/model"
)

const (
	endpoint = "${t.endpoint}"
	project  = "${t.project}"
	queue    = "${t.queue}"
	group    = "${t.group ?? noGroup}"
)

func main() {
	key := basic.NewCredentialsBuilder().
		WithAk(os.Getenv("DMS_ACCESS_KEY")).
		WithSk(os.Getenv("DMS_SECRET_KEY")).
		WithProjectId(project).
		Build()
	client := dms.NewDmsClient(dms.DmsClientBuilder().WithEndpoint(endpoint).WithCredential(key).Build())

	var body any = "Hello"
	_, err := client.SendMessages(&model.SendMessagesRequest{
		QueueId: queue,
		Body:    &model.SendMessagesReq{Messages: []model.SendMessageEntity{{Body: &body}}},
	})
	if err != nil {
		log.Fatal(err)
	}

	wait := int32(10)
	received, err := client.ConsumeMessages(&model.ConsumeMessagesRequest{
		QueueId: queue, ConsumerGroupId: group, TimeWait: &wait,
	})
	if err != nil {
		log.Fatal(err)
	}
	var done []model.ConfirmMessageEntity
	for _, m := range *received.Body {
		fmt.Println(*m.Message.Body)
		success := model.GetConfirmMessageEntityStatusEnum().SUCCESS
		done = append(done, model.ConfirmMessageEntity{Handler: m.Handler, Status: &success})
	}
	if len(done) == 0 {
		return
	}
	_, err = client.ConfirmConsumptionMessages(&model.ConfirmConsumptionMessagesRequest{
		QueueId: queue, ConsumerGroupId: group,
		Body: &model.ConfirmConsumptionMessagesReq{Message: &done},
	})
	if err != nil {
		log.Fatal(err)
	}
}
`;
}
