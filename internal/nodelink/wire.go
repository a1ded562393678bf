package nodelink

import (
	"time"

	"dms/internal/directory"
	"dms/internal/errs"
)

const (
	pathPrefix    = "/nodelink/" // of the link itself
	pathDirectory = pathPrefix + "v1/directory"
	pathUsage     = pathPrefix + "v1/usage"
	pathCounts    = pathPrefix + "v1/audit-counts"

	headerNodeID     = "Dms-Node-Id"
	headerNodeRegion = "Dms-Node-Region"

	maxNodeIDChars = 128

	maxRequestBytes = 8 << 20  // a usage batch of some ten thousand counts
	maxAnswerBytes  = 64 << 20 // a page of the directory, also when one revision is large

	// PollWait is how long a request for changes waits for one.
	PollWait = 20 * time.Second
)

type changesRequest struct {
	Since  directory.Position `json:"since"`
	WaitMS int64              `json:"wait_ms"`
}

type deliveredAnswer struct {
	Stored uint64 `json:"stored"`
}

// maxCounts bounds a batch of counts, which is one of many minutes when the control plane was away.
const maxCounts = 1 << 17

// countedAnswer says that a batch of counts is stored.
type countedAnswer struct{}

type errorAnswer struct {
	Code    errs.Code   `json:"code"`
	Reason  errs.Reason `json:"reason,omitempty"`
	Message string      `json:"message"`
}
