// Package directory is the arrow from the control plane down to the nodes: who exists, who may do what, which queues and
// groups there are, and their limits, as versioned entries.
//
// The control plane writes entries in the transaction that changes the fact (gormdirectory). Every changing transaction takes
// the next revision under a row lock, so revisions are totally ordered in the order of commits. A node asks for everything
// after the revision it holds; asking again with the new revision confirms that it is applied. A value is JSON whose shape is
// known only to the module that owns the kind; secrets in it are sealed.
package directory

import "context"

// Revision counts changes; 0 is the empty directory.
type Revision int64

// Kind says which module's fact an entry is.
type Kind string

const (
	KindAccount        Kind = "account"         // iam; key: account id
	KindProject        Kind = "project"         // iam; key: project id
	KindUser           Kind = "user"            // iam; key: user id
	KindAccessKey      Kind = "access_key"      // iam; key: access key id
	KindPolicy         Kind = "policy"          // iam; key: account id "/" subject "/" policy name
	KindPolicyDocument Kind = "policy_document" // iam; key: account id "/" policy name
	KindRole           Kind = "role"            // iam; key: account id "/" role id
	KindSigningKey     Kind = "signing_key"     // iam; key: key id
	KindActivation     Kind = "activation"      // controlplane; key: account id
	KindQueue          Kind = "queue"           // controlplane; key: project id "/" queue id
	KindQueuePolicy    Kind = "queue_policy"    // controlplane; key: queue id
	KindGroup          Kind = "group"           // controlplane; key: queue id "/" group id
	KindQuota          Kind = "quota"           // controlplane; key: project id
)

// Entry is one fact at one revision. A deleted entry is a tombstone without a value.
type Entry struct {
	Kind     Kind     `json:"kind"`
	Key      string   `json:"key"`
	Revision Revision `json:"revision"`
	Deleted  bool     `json:"deleted,omitempty"`
	Value    []byte   `json:"value,omitempty"`
}

// Reader looks facts up. The control plane reads its database, a node its copy; one suite (directorytest) holds for both.
// Implementations answer NotFound for tombstones as for entries that never were.
type Reader interface {
	// Get returns the live entry, or an errs.NotFound.
	Get(ctx context.Context, kind Kind, key string) (Entry, error)
	// Scan calls f for every live entry of the kind whose key starts with prefix, in key order, until f returns false.
	Scan(ctx context.Context, kind Kind, prefix string, f func(Entry) bool) error
	// Revision returns the revision that the answers reflect.
	Revision(ctx context.Context) (Revision, error)
}

// Position is how far a copy has come: a revision is only comparable within one directory. An id of another directory (the
// database was replaced, or the key that seals secrets was) makes the copy start anew.
type Position struct {
	Directory string   `json:"directory"`
	Revision  Revision `json:"revision"`
}

// Node is a data-plane node as it introduces itself.
type Node struct {
	ID     string `json:"id"`     // stable over restarts, kept on the node's disk
	Region string `json:"region"` // secrets are sealed for it
}

// Changes is what has happened after a position.
type Changes struct {
	// Position is the one that a copy has reached once it applied Entries.
	Position Position `json:"position"`
	// Reset says that the copy must be emptied before Entries are applied: it was of another directory, or ahead of this one.
	Reset bool `json:"reset,omitempty"`
	// More says that there is more to fetch at once: one answer is bounded.
	More    bool    `json:"more,omitempty"`
	Entries []Entry `json:"entries"`
}

// Source serves changes to nodes.
type Source interface {
	// Changes waits until something changed after since, or ctx ends: then it returns no entries, since as the position and no
	// error if the directory was in reach, and the zero Changes if that is not known. A node takes any position for news from
	// the control plane, and the age of its copy counts from there. The call itself confirms that the node holds everything up to since.
	// errs.Invalid: the region does not exist (the message lists those that do).
	Changes(ctx context.Context, n Node, since Position) (Changes, error)
}

// Confirmer lets a writer wait for the nodes.
type Confirmer interface {
	// Confirm returns once every connected node holds rev, after 500 ms at most; it reports whether all did. A node that is cut off
	// is not waited for twice.
	Confirm(ctx context.Context, rev Revision) bool
}
