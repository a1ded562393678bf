// Package iam is the language and the rules of identity and access: who exists, how they prove it, and what they may do.
//
// Owns: accounts, projects, users, policies, access keys, the keys that sign tokens, Keystone tokens and console sessions; and
// the entries of the directory that tell the nodes about them (facts.go).
//
// Does not own: regions (the names are given to it), the activation of services, what a route does (each wire's route table),
// what is counted or billed.
//
// Invariants:
//   - An account exists with a project in every region and a first user, or not at all: sign-up is one transaction.
//   - Every change of a fact and its directory entry are one transaction, and the call returns after Confirmer.Confirm: then
//     every connected node holds it.
//   - A change of what a user may do counts the account's PolicyVersion up in the same transaction. Decisions are cached by it.
//   - A secret of an access key is sealed wherever it is kept, and told once. Private signing keys never leave the database.
//   - "Wrong password", "unknown login" and "disabled user" are one answer and take one time.
//
// Lock order within a transaction: account row, user row, directory head. A user's row guards the
// user's keys and sessions too.
package iam
