// Package audit is the vocabulary of the audit trail: who called, and what was done. Modules record an event in the transaction that
// does it; package audit/gormstore chains what was recorded, account by account.
package audit

import (
	"context"

	"dms/internal/access"
)

// Call is who is behind a change. The zero Call is the system: a command of the operator, a job.
type Call struct {
	AccountID      string
	UserID         string
	UserName       string
	Via            access.Via
	CredentialID   string
	ImpersonatorID string
	ParentUserID   string
	Address        string
	UserAgent      string
	RequestID      string
}

type callKey struct{}

// With says who is behind what is done with ctx.
func With(ctx context.Context, c Call) context.Context { return context.WithValue(ctx, callKey{}, c) }

// From returns who is behind what is done with ctx.
func From(ctx context.Context) Call {
	c, _ := ctx.Value(callKey{}).(Call)
	return c
}

// Known reports whether anybody has said who is behind what is done with ctx.
func Known(ctx context.Context) bool {
	_, ok := ctx.Value(callKey{}).(Call)
	return ok
}

// ByActor returns c with the actor as its caller.
func (c Call) ByActor(a access.Actor) Call {
	c.AccountID, c.UserID, c.UserName, c.Via, c.CredentialID = a.AccountID, a.UserID, a.UserName, a.Via, a.CredentialID
	c.ImpersonatorID, c.ParentUserID = a.ImpersonatorID, a.ParentUserID
	return c
}

// Result of what was tried.
type Result string

const (
	OK     Result = "ok"
	Denied Result = "denied"
	Failed Result = "failed"
)

// Event is one thing that was done, or tried.
type Event struct {
	AccountID string // whose trail it belongs to
	Action    access.Action
	Resource  access.Resource
	Result    Result // "": OK
	// Before and After are what it was and what it is: only their hashes are kept. nil: nothing.
	Before, After []byte
	// Detail is what a reader should know, and never a secret or a body.
	Detail map[string]string
}
