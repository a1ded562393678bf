package controlplane

import (
	"encoding/json"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/directory"
)

// The directory entries of the control plane's facts (package directory says the keys).

func queueEntry(q dataplane.Queue) directory.Entry {
	return entry(directory.KindQueue, q.ProjectID+"/"+q.ID, q)
}

func groupEntry(g dataplane.Group) directory.Entry {
	return entry(directory.KindGroup, g.QueueID+"/"+g.ID, g)
}

func queuePolicyEntry(p QueuePolicy) directory.Entry {
	return entry(directory.KindQueuePolicy, p.QueueID, access.QueuePolicyFact{QueueID: p.QueueID, AccountID: p.AccountID, Version: p.Version, Document: p.Document})
}

func quotaEntry(projectID string, q dataplane.Quota) directory.Entry {
	return entry(directory.KindQuota, projectID, q)
}

func activationEntry(a dataplane.Activation) directory.Entry {
	return entry(directory.KindActivation, a.AccountID, a)
}

func entry(kind directory.Kind, key string, fact any) directory.Entry {
	value, err := json.Marshal(fact)
	if err != nil {
		panic("a directory fact is not JSON: " + err.Error()) // the facts hold strings and numbers only
	}
	return directory.Entry{Kind: kind, Key: key, Value: value}
}

// gone turns an entry into its tombstone.
func gone(e directory.Entry) directory.Entry {
	e.Value, e.Deleted = nil, true
	return e
}
