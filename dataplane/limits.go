package dataplane

import "time"

// Limits bounds what a request on messages may ask for.
type Limits struct {
	MaxMessagesPerSend    int
	MaxMessagesPerReceive int
	MaxMessagesPerSettle  int
	MaxRequestBytes       int // bodies and attributes of one send, of one receive, and of one message
	MaxLabels             int
	MaxLabelChars         int
	MaxDelay              time.Duration
	MinWait, MaxWait      time.Duration
	DefaultWait           time.Duration
	MinAckWait            time.Duration
	MaxAckWait            time.Duration
	DefaultAckWait        time.Duration
}

// DMSLimits are the limits of the DMS wire (dms-api sections 2.4 and 2.5).
var DMSLimits = Limits{
	MaxMessagesPerSend:    10,
	MaxMessagesPerReceive: 10,
	MaxMessagesPerSettle:  1000, // no source names one; what several receives gave may be acknowledged at once
	MaxRequestBytes:       512 << 10,
	MaxLabels:             3,
	MaxLabelChars:         64,
	MaxDelay:              7 * 24 * time.Hour,
	MinWait:               1 * time.Second,
	MaxWait:               60 * time.Second,
	DefaultWait:           3 * time.Second,
	MinAckWait:            15 * time.Second,
	MaxAckWait:            300 * time.Second,
	DefaultAckWait:        30 * time.Second,
}
