package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dms/internal/access"
	"dms/internal/id"
)

// Record is an event as the trail keeps it. It is never changed, and never deleted.
//
// The body of a record is JSON of all that it says. Its hash is SHA-256 of the hash before it in the account's trail and the body: who changes,
// drops, adds or moves a record has to change all that follow, and the hashes of a trail that was exported before say so.
type Record struct {
	ID         string
	AccountID  string
	Sequence   int64 // 1, 2, 3 ... in the account's trail
	At         time.Time
	By         Call
	Action     access.Action
	Resource   access.Resource
	Result     Result
	BeforeHash string // SHA-256 in hexadecimal digits; "": there was nothing
	AfterHash  string
	Detail     map[string]string
}

// Head is the end of an account's trail: where the next record is chained to.
type Head struct {
	AccountID string
	Sequence  int64 // 0: the trail is empty
	Hash      []byte
}

// Row is a record as it is stored: the columns that searches use, the body, and its place in the chain.
type Row struct {
	ID        string
	AccountID string
	Sequence  int64
	At        time.Time // whole microseconds
	UserID    string
	Action    string
	Resource  string
	Result    string
	Body      string
	PrevHash  []byte
	Hash      []byte
}

// body is what is hashed. The order of its fields is the order of the JSON.
type body struct {
	ID         string            `json:"id"`
	AccountID  string            `json:"account_id"`
	Sequence   int64             `json:"sequence"`
	At         string            `json:"at"`
	By         by                `json:"by"`
	Action     access.Action     `json:"action"`
	Resource   access.Resource   `json:"resource"`
	Result     Result            `json:"result"`
	BeforeHash string            `json:"before_hash,omitempty"`
	AfterHash  string            `json:"after_hash,omitempty"`
	Detail     map[string]string `json:"detail,omitempty"`
}

type by struct {
	AccountID      string     `json:"account_id,omitempty"`
	UserID         string     `json:"user_id,omitempty"`
	UserName       string     `json:"user_name,omitempty"`
	Via            access.Via `json:"via,omitempty"`
	CredentialID   string     `json:"credential_id,omitempty"`
	ImpersonatorID string     `json:"impersonator_id,omitempty"`
	ParentUserID   string     `json:"parent_user_id,omitempty"`
	Address        string     `json:"address,omitempty"`
	UserAgent      string     `json:"user_agent,omitempty"`
	RequestID      string     `json:"request_id,omitempty"`
}

// Bounds of what callers choose themselves.
const (
	maxUserAgentBytes = 256
	maxDetailBytes    = 1024
)

// Append makes the record that follows head, and the head that it leaves.
func (h Head) Append(at time.Time, c Call, e Event) (Row, Head, error) {
	b := body{
		ID: id.NewHex(), AccountID: h.AccountID, Sequence: h.Sequence + 1, At: at.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano),
		By: by(c), Action: e.Action, Resource: access.Resource(clean(string(e.Resource), maxDetailBytes)), Result: e.Result,
		BeforeHash: hashOf(e.Before), AfterHash: hashOf(e.After),
	}
	b.By.UserAgent, b.By.UserName = clean(c.UserAgent, maxUserAgentBytes), clean(c.UserName, maxUserAgentBytes)
	if b.Result == "" {
		b.Result = OK
	}
	for k, v := range e.Detail {
		if v == "" {
			continue
		}
		if b.Detail == nil {
			b.Detail = make(map[string]string, len(e.Detail))
		}
		b.Detail[k] = clean(v, maxDetailBytes)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return Row{}, Head{}, fmt.Errorf("encode audit record: %w", err)
	}
	row := Row{
		ID: b.ID, AccountID: b.AccountID, Sequence: b.Sequence, At: at.UTC().Truncate(time.Microsecond), UserID: c.UserID, Action: string(b.Action),
		Resource: string(b.Resource), Result: string(b.Result), Body: string(text), PrevHash: h.Hash, Hash: Chain(h.Hash, text),
	}
	return row, Head{AccountID: h.AccountID, Sequence: b.Sequence, Hash: row.Hash}, nil
}

// Chain returns the hash of a record with the body behind the record with the hash prev (none for the first).
func Chain(prev, body []byte) []byte {
	h := sha256.New()
	h.Write(prev)
	h.Write(body)
	return h.Sum(nil)
}

// Record returns what the row's body says.
func (r Row) Record() (Record, error) {
	var b body
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		return Record{}, fmt.Errorf("decode audit record %d of %q: %w", r.Sequence, r.AccountID, err)
	}
	at, err := time.Parse(time.RFC3339Nano, b.At)
	if err != nil {
		return Record{}, fmt.Errorf("decode audit record %d of %q: %w", r.Sequence, r.AccountID, err)
	}
	return Record{
		ID: b.ID, AccountID: b.AccountID, Sequence: b.Sequence, At: at, By: Call(b.By), Action: b.Action, Resource: b.Resource, Result: b.Result,
		BeforeHash: b.BeforeHash, AfterHash: b.AfterHash, Detail: b.Detail,
	}, nil
}

// columns reports whether the columns say what the body says.
func (r Row) columns() bool {
	rec, err := r.Record()
	return err == nil && rec.ID == r.ID && rec.AccountID == r.AccountID && rec.Sequence == r.Sequence && rec.At.Equal(r.At) &&
		rec.By.UserID == r.UserID && string(rec.Action) == r.Action && string(rec.Resource) == r.Resource && string(rec.Result) == r.Result
}

func hashOf(b []byte) string {
	if b == nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// clean makes s storable everywhere: valid UTF-8 without NUL, of at most max bytes.
func clean(s string, max int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}
