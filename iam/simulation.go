package iam

import (
	"net/netip"
	"time"

	"dms/internal/access"
)

// Simulation asks what would be decided: for a subject as it is, or with policies that it does not have yet.
type Simulation struct {
	AccountID string
	Subject   string // UserSubject or RoleSubject; GroupSubject asks for what the user group alone gives
	Actions   []access.Action
	Objects   []access.Object

	// The circumstances. At nil is now; the zero Address is not known.
	At          *time.Time
	Address     netip.Addr
	MFA, TLS    bool
	ProjectName string

	Attach  []Policy          // as if the subject had these too
	Replace map[string]Policy // as if the account's policies of these names read so
	// QueuePolicy is asked instead of the policy that the objects' queue has. Requires: Resolve was called.
	QueuePolicy *QueuePolicy
	// CallerAccount asks for a caller of that account, as a guest: then the queue's policy alone is looked at, for what the caller's own policies
	// say is not this account's to know. Subject, if given, is the caller's.
	CallerAccount string
}
