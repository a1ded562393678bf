package bench

import "time"

// Result is what a load gave.
type Result struct {
	Load    Load          `json:"load"`
	Elapsed time.Duration `json:"elapsed_ns"` // that was measured

	Sent     int64 `json:"sent"`     // messages whose send was answered
	Received int64 `json:"received"` // messages, over all groups
	Acked    int64 `json:"acked"`

	SentPerSecond     float64 `json:"sent_per_second"`
	ReceivedPerSecond float64 `json:"received_per_second"`
	AckedPerSecond    float64 `json:"acked_per_second"`
	SentBytesPerSec   float64 `json:"sent_bytes_per_second"`

	Send     Summary `json:"send"`       // of a batch
	Receive  Summary `json:"receive"`    // of receives that gave messages
	Ack      Summary `json:"ack"`        // of all messages of a receive
	EndToEnd Summary `json:"end_to_end"` // of a message: from the begin of its send to the end of its receive

	EmptyReceives int64             `json:"empty_receives"`
	Errors        map[string]int64  `json:"errors"`                  // by kind
	ErrorSamples  map[string]string `json:"error_samples,omitempty"` // the first of each kind
	Cut           bool              `json:"cut,omitempty"`           // it was ended before its time
}

func (r *Result) rates() {
	s := r.Elapsed.Seconds()
	if s <= 0 {
		return
	}
	r.SentPerSecond, r.ReceivedPerSecond, r.AckedPerSecond = float64(r.Sent)/s, float64(r.Received)/s, float64(r.Acked)/s
	r.SentBytesPerSec = r.SentPerSecond * float64(r.Load.Size)
}

// ErrorCount returns how many calls failed.
func (r Result) ErrorCount() (n int64) {
	for _, c := range r.Errors {
		n += c
	}
	return n
}

// Moment is what happened so far.
type Moment struct {
	Elapsed               time.Duration // since the load began, warm-up included
	Sent, Received, Acked int64
	Errors                int64
}
