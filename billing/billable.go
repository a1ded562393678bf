package billing

import "dms/internal/access"

// Billable reports whether a counted call of the action enters the bill. Which calls are counted at all is decided where they are
// handled: only 2xx answers, never an empty receive, and list, show and quotas on the DMS dialects alone (under /api/v1 reading is
// free). This list is the second lock on that door: whatever a node counts, nothing else can cost money. One operation is one
// call: a batch of ten messages, or a long poll of a minute, too.
func Billable(a access.Action) bool {
	switch a {
	case access.MessageSend, access.MessageReceive, access.MessageAck,
		access.MessagePrepare, access.MessageCommit, access.MessageRollback, access.MessagePurge,
		access.DeadLetterReceive, access.DeadLetterAck, access.DeadLetterRedrive, access.DeadLetterPurge,
		access.QueueCreate, access.QueueDelete, access.QueueList, access.QueueGet,
		access.GroupCreate, access.GroupDelete, access.GroupList, access.GroupSeek,
		access.TagCreate, access.TagDelete, access.TagList,
		access.QuotaGet:
		return true
	}
	return false
}
