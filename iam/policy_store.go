package iam

import "context"

// PolicyReads are the look-ups of what users may do.
type PolicyReads interface {
	// GroupsOfUser returns the ids of the user groups that the user is in, in order.
	GroupsOfUser(ctx context.Context, accountID, userID string) ([]string, error)
}

// PolicyTx changes what users may do.
type PolicyTx interface{}
