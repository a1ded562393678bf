package iam

import "context"

// PolicyReads are the look-ups of what users may do.
type PolicyReads interface {
	// Users returns up to limit users of the account with ids after the given one, in the order of ids.
	Users(ctx context.Context, accountID, after string, limit int) ([]User, error)

	// UserGroups returns the account's user groups in the order of names.
	UserGroups(ctx context.Context, accountID string) ([]UserGroup, error)
	UserGroup(ctx context.Context, accountID, groupID string) (UserGroup, error)
	// Members returns the users of a user group in the order of ids.
	Members(ctx context.Context, accountID, groupID string) ([]User, error)
	// GroupsOfUser returns the ids of the user groups that the user is in, in order.
	GroupsOfUser(ctx context.Context, accountID, userID string) ([]string, error)

	// Policies returns the account's customer policies in the order of names.
	Policies(ctx context.Context, accountID string) ([]ManagedPolicy, error)
	Policy(ctx context.Context, accountID, name string) (ManagedPolicy, error)

	// Attachments returns the policies of a subject in the order of names.
	Attachments(ctx context.Context, accountID, subject string) ([]Attachment, error)
	// AttachmentsOf returns where the policy is attached, in the order of subjects.
	AttachmentsOf(ctx context.Context, accountID, policyName string) ([]Attachment, error)
	// AdministratorIDs returns the ids of the enabled users who have Tenant Administrator, themselves or by a user group, in order.
	AdministratorIDs(ctx context.Context, accountID string) ([]string, error)
}

// PolicyTx changes what users may do. Whoever calls it has counted the account's policy version up before, which locks the account: what it read in between stands.
type PolicyTx interface {
	// DeleteUser deletes a locked user with its access keys, sessions and memberships. Attachments are detached one by one before, for the directory's sake.
	DeleteUser(ctx context.Context, accountID, userID string) error

	// CreateUserGroup returns an errs.Conflict when the account has a group of the name.
	CreateUserGroup(ctx context.Context, g UserGroup) error
	// UpdateUserGroup writes what may change of a group: Description.
	UpdateUserGroup(ctx context.Context, g UserGroup) error
	// DeleteUserGroup deletes the group and its memberships.
	DeleteUserGroup(ctx context.Context, accountID, groupID string) error
	AddMember(ctx context.Context, m Membership) error
	// RemoveMember returns an errs.NotFound when the user is not in the group.
	RemoveMember(ctx context.Context, accountID, groupID, userID string) error

	// CreatePolicy returns an errs.Conflict when the account has a policy of the name.
	CreatePolicy(ctx context.Context, p ManagedPolicy) error
	// UpdatePolicy writes what may change of a policy: Description, Document, Version, UpdatedAt.
	UpdatePolicy(ctx context.Context, p ManagedPolicy) error
	DeletePolicy(ctx context.Context, accountID, name string) error

	// Attach writes the attachment; one that is there already stays as it is.
	Attach(ctx context.Context, a Attachment) error
	Detach(ctx context.Context, accountID, subject, policyName string) error
}
