package nodelink

import (
	"time"

	"dms/internal/directory"
	"dms/internal/errs"
)

const (
	pathDirectory = "/nodelink/v1/directory"
	pathUsage     = "/nodelink/v1/usage"

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

type errorAnswer struct {
	Code    errs.Code   `json:"code"`
	Reason  errs.Reason `json:"reason,omitempty"`
	Message string      `json:"message"`
}
