package iam

import (
	"encoding/json"
	"fmt"

	"dms/internal/directory"
	"dms/internal/seal"
)

// Resealer prepares directory entries for the nodes of a region: secrets of access keys that are sealed under the platform's
// key become sealed under the region's, so that neither the wire nor a node's disk has a secret that another region can open.
type Resealer struct{ From, To *seal.Key }

// Reseal returns e with its secret sealed anew. Entries of other kinds, and tombstones, pass unchanged.
func (r Resealer) Reseal(e directory.Entry) (directory.Entry, error) {
	if e.Kind != directory.KindAccessKey || e.Deleted {
		return e, nil
	}
	var f AccessKeyFact
	if err := json.Unmarshal(e.Value, &f); err != nil {
		return directory.Entry{}, fmt.Errorf("reseal access key %s: %w", e.Key, err)
	}
	secret, err := r.From.Open(f.SealedSecret, f.AccessKey)
	if err != nil {
		return directory.Entry{}, fmt.Errorf("reseal access key %s: %w", e.Key, err)
	}
	f.SealedSecret = r.To.Seal(secret, f.AccessKey)
	out := entryOf(e.Kind, e.Key, f)
	out.Revision = e.Revision
	return out, nil
}
