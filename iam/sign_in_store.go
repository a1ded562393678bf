package iam

// SignInReads are the look-ups of how users sign in.
type SignInReads interface{}

// SignInTx changes how users sign in.
type SignInTx interface{}
