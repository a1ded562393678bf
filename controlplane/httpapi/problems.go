package httpapi

import (
	"slices"
	"strings"

	"dms/internal/errs"
	"dms/internal/reason"
)

// problem is a row of the list of problem codes.
type problem struct {
	Code    string
	Meaning string
}

// problems returns the list by code.
func problems() []problem {
	out := make([]problem, 0, len(meanings))
	for code, meaning := range meanings {
		out = append(out, problem{Code: string(code), Meaning: meaning})
	}
	slices.SortFunc(out, func(a, b problem) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// meanings says what each problem code means, for the page that the type of a problem points to. A code is a reason where there is one, and
// else the kind of the failure. A test compares the list with both.
var meanings = map[errs.Reason]string{
	errs.Reason(errs.Invalid):          "The request is wrong and will be wrong again. The detail says what to change.",
	errs.Reason(errs.Unauthenticated):  "Who is calling could not be established.",
	errs.Reason(errs.Forbidden):        "The caller is known but not allowed.",
	errs.Reason(errs.NotFound):         "There is no such thing, or it is another account's: the two are not told apart.",
	errs.Reason(errs.MethodNotAllowed): "The path exists but does not take this method; Allow lists those that it takes.",
	errs.Reason(errs.Conflict):         "The request contradicts what exists.",
	errs.Reason(errs.TooLarge):         "The request exceeds a limit of size.",
	errs.Reason(errs.Quota):            "A quota is used up.",
	errs.Reason(errs.Throttled):        "Too many requests; try again after the time in Retry-After.",
	errs.Reason(errs.Unavailable):      "The service cannot answer now; try again.",
	errs.Reason(errs.Internal):         "The fault is the service's. Give the request id to the operator.",

	"invalid_request": "The request does not fit the API's document; errors names each part that is wrong.",
	"content_type":    "Send the body as application/json.",

	reason.CredentialsMissing: "Send a token, a signature or a session cookie.",
	reason.CredentialsInvalid: "The access key is unknown, the signature is wrong or the token is not one of this service.",
	reason.CredentialsExpired: "The token has expired, or the date of the signature is too far from the service's clock.",
	reason.ProjectMismatch:    "The credentials do not belong to this project, or there is no such project.",
	reason.PolicyDenied:       "The caller's policies do not allow this action on this resource; the detail names both.",
	reason.NotActivated:       "DMS is not activated for the account. Activate it first.",
	reason.Frozen:             "The account is frozen because of arrears. Paying thaws it.",
	reason.CapReached:         "The account's or project's spending cap is reached.",
	reason.AccountSuspended:   "The operator has suspended the account. Its messages are kept; ask the operator.",
	reason.EmailUnverified:    "The e-mail address has to be confirmed first, with the link that was sent to it.",
	reason.GrantTooMuch:       "Nobody gives rights that they do not have: the request would give more than the caller may do.",
	reason.PersonalOnly:       "Temporary and impersonated credentials cannot change credentials: sign in as the user.",
	reason.SecondFactor:       "The user has a second factor: give its code, too.",
	reason.WriteRunning:       "The same signed request is being carried out. Wait, and send it again for its answer.",
	reason.WriteRepeated:      "The same signed request was carried out before. Its answer held a secret, which is shown once.",

	reason.LabelInvalid:       "A label has 1 to 64 letters, digits, underscores and hyphens.",
	reason.ProjectIDInvalid:   "A project id has 32 hexadecimal digits.",
	reason.NameInvalid:        "A name has only letters, digits, underscores and hyphens.",
	reason.BodyNotJSON:        "The body is not JSON, or not UTF-8.",
	reason.DescriptionInvalid: "A description holds neither < nor >.",
	reason.DescriptionTooLong: "A description has at most 160 characters.",
	reason.QueueNameLength:    "A queue name has 1 to 64 characters.",
	reason.GroupNameLength:    "A consumer group name has 1 to 32 characters.",
	reason.MaxMessages:        "Ask for 1 to 10 messages.",
	reason.QueueIDInvalid:     "A queue id is a UUID.",
	reason.GroupIDInvalid:     "A consumer group id is g- and a UUID.",
	reason.QueueNameTaken:     "The project has a queue of this name already.",
	reason.GroupNameTaken:     "The queue has a consumer group of this name already.",
	reason.GroupLimit:         "The queue would have more consumer groups than the quota allows.",
	reason.QueueQuota:         "The project has as many queues as its quota allows.",
	reason.TimeWait:           "Wait 1 to 60 seconds.",
	reason.MaxConsumeCount:    "The maximum consume count is 1 to 100.",
	reason.RetentionHours:     "The retention is 1 to 72 whole hours.",
	reason.RetentionNotKafka:  "Only queues of a Kafka mode have a retention of their own.",
	reason.TagKeyLength:       "A tag key has 1 to 36 characters.",
	reason.TagKeyInvalid:      `A tag key holds no control characters and none of = * < > \ , | /`,
	reason.TagValueLength:     "A tag value has at most 43 characters.",
	reason.TagValueInvalid:    `A tag value holds no control characters and none of = * < > \ , | /`,
	reason.TagAction:          "The action on tags is create or delete.",
	reason.TagFilterAction:    "The action of a search is filter or count.",
	reason.PageLimit:          "The page is larger than allowed.",
	reason.PageOffset:         "The offset is larger than allowed.",
	reason.TagLimit:           "A queue has at most 10 tags.",
	reason.TagKeyDuplicate:    "The request names a tag key twice.",

	reason.QueuePolicyNotFound: "The queue has no policy: it is its owner's alone.",
	reason.QueuePolicyChanged:  "Somebody else changed the queue's policy at the same time. Read it and try again.",

	reason.QueueNotFound:    "There is no such queue in the project.",
	reason.GroupNotFound:    "The queue has no such consumer group.",
	reason.URLNotFound:      "There is nothing at this path.",
	reason.TagNotFound:      "The queue has no tag with this key.",
	reason.FieldInvalid:     "A field has the wrong type.",
	reason.AckStatus:        "The status of an acknowledgement is success or fail.",
	reason.HandlerMismatch:  "The handler is of another queue or consumer group.",
	reason.Format:           "The request is not formed as this operation wants it; the detail says how.",
	reason.MessageSize:      "Bodies and attributes of a request are at most 512 KiB, a whole request at most 4 MiB.",
	reason.ParameterInvalid: "A parameter of the URL has a value that it cannot have.",
	reason.LabelRule:        "The consumer group retrieves by other labels: it stays with those of its first retrieval.",
	reason.HandlerInstance:  "The message was acknowledged already, or the handler is one of a dead letter and this call is not (or the other way round).",
	reason.AckWait:          "The ack wait is 15 to 300 seconds.",
	reason.HandlerUnknown:   "The handler is not one, has timed out, or the message was delivered again since.",
	reason.PreparedNotFound: "The queue has no such prepared messages; what was decided is remembered for 24 hours.",
	reason.PreparedDecided:  "The prepared messages were decided the other way, which is final.",
	reason.RedriveRunning:   "A redrive with a rate is running for the consumer group. Wait for its end, or stop it.",
}
