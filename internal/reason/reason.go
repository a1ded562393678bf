// Package reason is the closed list of why a request was refused, finer than errs.Code. A rule answers with its reason; each
// wire knows its own number or word for it.
package reason

import "dms/internal/errs"

// Who is calling, and may they?
const (
	CredentialsMissing errs.Reason = "credentials_missing"
	CredentialsInvalid errs.Reason = "credentials_invalid" // unknown key, bad signature, forged token: not told apart
	CredentialsExpired errs.Reason = "credentials_expired" // expired token, skewed date
	ProjectMismatch    errs.Reason = "project_mismatch"    // foreign or unknown project: not told apart
	PolicyDenied       errs.Reason = "policy_denied"
	NotActivated       errs.Reason = "service_not_activated"
	Frozen             errs.Reason = "account_frozen"
	CapReached         errs.Reason = "spending_cap_reached"
	AccountSuspended   errs.Reason = "account_suspended" // by the operator
	EmailUnverified    errs.Reason = "email_unverified"  // the address has to be confirmed first
	GrantTooMuch       errs.Reason = "grant_too_much"    // nobody gives rights that they do not have
	PersonalOnly       errs.Reason = "personal_only"     // not with lent credentials
	SecondFactor       errs.Reason = "second_factor_needed"
	WriteRunning       errs.Reason = "write_running"  // the same signed request is being carried out
	WriteRepeated      errs.Reason = "write_repeated" // it was carried out; its answer held a secret, which was shown once
)

// What is wrong with the request?
const (
	LabelInvalid       errs.Reason = "label_invalid"
	ProjectIDInvalid   errs.Reason = "project_id_invalid"
	NameInvalid        errs.Reason = "name_invalid"
	BodyNotJSON        errs.Reason = "body_not_json"
	DescriptionInvalid errs.Reason = "description_invalid"
	DescriptionTooLong errs.Reason = "description_too_long"
	QueueNameLength    errs.Reason = "queue_name_length"
	GroupNameLength    errs.Reason = "group_name_length"
	MaxMessages        errs.Reason = "max_messages_out_of_range"
	QueueIDInvalid     errs.Reason = "queue_id_invalid"
	GroupIDInvalid     errs.Reason = "group_id_invalid"
	QueueNameTaken     errs.Reason = "queue_name_taken"
	GroupNameTaken     errs.Reason = "group_name_taken"
	GroupLimit         errs.Reason = "group_limit_exceeded"
	QueueQuota         errs.Reason = "queue_quota_exceeded"
	TimeWait           errs.Reason = "time_wait_out_of_range"
	MaxConsumeCount    errs.Reason = "max_consume_count_out_of_range"
	RetentionHours     errs.Reason = "retention_hours_out_of_range"
	RetentionNotKafka  errs.Reason = "retention_hours_not_kafka"
	TagKeyLength       errs.Reason = "tag_key_length"
	TagKeyInvalid      errs.Reason = "tag_key_invalid"
	TagValueLength     errs.Reason = "tag_value_length"
	TagValueInvalid    errs.Reason = "tag_value_invalid"
	TagAction          errs.Reason = "tag_action_invalid"
	TagFilterAction    errs.Reason = "tag_filter_action_invalid"
	PageLimit          errs.Reason = "page_limit_out_of_range"
	PageOffset         errs.Reason = "page_offset_out_of_range"
	TagLimit           errs.Reason = "tag_limit_exceeded"
	TagKeyDuplicate    errs.Reason = "tag_key_duplicate"
	QueueNotFound      errs.Reason = "queue_not_found"
	GroupNotFound      errs.Reason = "group_not_found"
	URLNotFound        errs.Reason = "url_not_found"
	TagNotFound        errs.Reason = "tag_not_found"
	FieldInvalid       errs.Reason = "field_invalid" // a known field of the wrong type
	AckStatus          errs.Reason = "ack_status_invalid"
	HandlerMismatch    errs.Reason = "handler_mismatch" // genuine, of another queue or group
	Format             errs.Reason = "request_format"
	MessageSize        errs.Reason = "message_too_large"
	ParameterInvalid   errs.Reason = "parameter_invalid"
	LabelRule          errs.Reason = "label_rule_changed"
	HandlerInstance    errs.Reason = "handler_instance" // acknowledged already, or of the other kind (normal, dead letter)
	AckWait            errs.Reason = "ack_wait_out_of_range"
	HandlerUnknown     errs.Reason = "handler_unknown" // unparsable, forged, timed out, superseded by a redelivery
	PreparedNotFound   errs.Reason = "prepared_not_found"
	PreparedDecided    errs.Reason = "prepared_decided" // the other way
	RedriveRunning     errs.Reason = "redrive_running"

	QueuePolicyNotFound errs.Reason = "queue_policy_not_found"
	QueuePolicyChanged  errs.Reason = "queue_policy_changed"
)
