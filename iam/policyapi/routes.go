// Package policyapi serves the part of /api/v1 that is about who may do what: users, user groups, policies, simulations.
package policyapi

import (
	"context"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/policyapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// Simulator says what would be decided.
type Simulator interface {
	Simulate(ctx context.Context, s iam.Simulation) ([]access.Decision, error)
}

// Deps are what the routes work with.
type Deps struct {
	Services  *iam.Services
	Gate      httpserve.Gate
	Simulator Simulator
}

// scope says what the path of an operation names.
type scope int

const (
	onNothing     scope = iota
	onUsers             // all users of the account
	onUser              // user_id
	onKeys              // the access keys of user_id
	onGroups            // all user groups
	onGroup             // user_group_id
	onMember            // user_id in user_group_id
	onPolicies          // all policies
	onPolicy            // policy_name
	onUserPolicy        // policy_name at user_id; a list of them is about all policies
	onGroupPolicy       // policy_name at user_group_id
)

type operation struct {
	action access.Action
	scope  scope
	// lasting operations make credentials that outlast those of the caller, who must not have lent ones.
	lasting bool
}

const (
	usersPath    = "/api/v1/users"
	userPath     = usersPath + "/:user_id"
	keyPath      = userPath + "/access-keys/:access_key"
	groupsPath   = "/api/v1/user-groups"
	groupPath    = groupsPath + "/:user_group_id"
	memberPath   = groupPath + "/members/:user_id"
	policiesPath = "/api/v1/policies"
	policyPath   = policiesPath + "/:policy_name"
)

// operations is the table of the routes, keyed by method and gin's path. A test compares it with the document.
var operations = map[string]operation{
	"GET " + usersPath:                              {action: access.UserList, scope: onUsers},
	"POST " + usersPath:                             {action: access.UserCreate, scope: onUsers, lasting: true},
	"GET " + userPath:                               {action: access.UserGet, scope: onUser},
	"PATCH " + userPath:                             {action: access.UserUpdate, scope: onUser},
	"DELETE " + userPath:                            {action: access.UserDelete, scope: onUser},
	"PUT " + userPath + "/password":                 {action: access.UserResetPassword, scope: onUser, lasting: true},
	"GET " + userPath + "/access-keys":              {action: access.AccessKeyList, scope: onKeys},
	"POST " + userPath + "/access-keys":             {action: access.AccessKeyCreate, scope: onKeys, lasting: true},
	"PATCH " + keyPath:                              {action: access.AccessKeyUpdate, scope: onKeys, lasting: true},
	"DELETE " + keyPath:                             {action: access.AccessKeyDelete, scope: onKeys},
	"GET " + userPath + "/policies":                 {action: access.PolicyList, scope: onUserPolicy},
	"PUT " + userPath + "/policies/:policy_name":    {action: access.PolicyAttach, scope: onUserPolicy},
	"DELETE " + userPath + "/policies/:policy_name": {action: access.PolicyDetach, scope: onUserPolicy},

	"GET " + groupsPath:                              {action: access.UserGroupList, scope: onGroups},
	"POST " + groupsPath:                             {action: access.UserGroupCreate, scope: onGroups},
	"GET " + groupPath:                               {action: access.UserGroupGet, scope: onGroup},
	"PATCH " + groupPath:                             {action: access.UserGroupUpdate, scope: onGroup},
	"DELETE " + groupPath:                            {action: access.UserGroupDelete, scope: onGroup},
	"PUT " + memberPath:                              {action: access.UserGroupAddMember, scope: onMember},
	"DELETE " + memberPath:                           {action: access.UserGroupRemoveMember, scope: onMember},
	"GET " + groupPath + "/policies":                 {action: access.PolicyList, scope: onGroupPolicy},
	"PUT " + groupPath + "/policies/:policy_name":    {action: access.PolicyAttach, scope: onGroupPolicy},
	"DELETE " + groupPath + "/policies/:policy_name": {action: access.PolicyDetach, scope: onGroupPolicy},

	"GET " + policiesPath:             {action: access.PolicyList, scope: onPolicies},
	"POST " + policiesPath:            {action: access.PolicyCreate, scope: onPolicies},
	"GET " + policyPath:               {action: access.PolicyGet, scope: onPolicy},
	"PUT " + policyPath:               {action: access.PolicyUpdate, scope: onPolicy},
	"DELETE " + policyPath:            {action: access.PolicyDelete, scope: onPolicy},
	"POST /api/v1/policy-simulations": {action: access.PolicySimulate, scope: onPolicies},
	"GET /api/v1/actions":             {action: access.Self},
}

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action {
	table := make(map[string]access.Action, len(operations))
	for key, op := range operations {
		table[key] = op.action
	}
	return table
}

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would have seen.
func Register(r gin.IRouter, d Deps) {
	s := &server{Deps: d}
	table := make(map[string]httpserve.Route, len(operations))
	for key, op := range operations {
		table[key] = httpserve.Route{Action: op.action, Resource: s.resource(op.scope), Personal: op.lasting}
	}
	strict := gen.NewStrictHandlerWithOptions(s, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), d.Gate.RequireByPath(table), noStore, httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

func noStore(c *gin.Context) { c.Header("Cache-Control", "no-store") }

// target is what a request that passed the gate is about.
type target struct {
	actor  access.Actor
	user   iam.User      // of operations on a user
	group  iam.UserGroup // of operations on a user group
	policy string        // of operations on a policy; it may not exist
}

const keyTarget = "dms.iam.policyapi.target"

// resource looks up what the path names, in the caller's account alone: what is another account's is not found.
func (s *server) resource(sc scope) func(*gin.Context, access.Actor) (access.Object, error) {
	if sc == onNothing {
		return nil
	}
	return func(c *gin.Context, a access.Actor) (access.Object, error) {
		at := target{actor: a, policy: c.Param("policy_name")}
		ctx := c.Request.Context()
		var err error
		switch sc {
		case onUser, onKeys, onUserPolicy, onMember:
			if at.user, err = s.user(ctx, a, c.Param("user_id")); err != nil {
				return access.Object{}, err
			}
		}
		switch sc {
		case onGroup, onMember, onGroupPolicy:
			if at.group, err = s.group(ctx, a, c.Param("user_group_id")); err != nil {
				return access.Object{}, err
			}
		}
		c.Set(keyTarget, at)
		kind, name := "policy", at.policy
		switch sc {
		case onUsers, onUser:
			kind, name = "user", at.user.Name
		case onKeys:
			kind, name = "accesskey", at.user.Name
		case onGroups, onGroup, onMember:
			kind, name = "group", at.group.Name
		}
		if name == "" {
			return access.AccountResource("iam", a.AccountID, kind).Object(), nil
		}
		return access.NamedResource("iam", a.AccountID, kind, name).Object(), nil
	}
}

func (s *server) user(ctx context.Context, a access.Actor, userID string) (iam.User, error) {
	if !id.IsHex(userID) {
		return iam.User{}, notFound("user")
	}
	u, err := s.Services.Users.User(ctx, a.AccountID, userID)
	if errs.CodeOf(err) == errs.NotFound {
		return iam.User{}, notFound("user")
	}
	return u, err
}

func (s *server) group(ctx context.Context, a access.Actor, groupID string) (iam.UserGroup, error) {
	if !id.IsHex(groupID) {
		return iam.UserGroup{}, notFound("user group")
	}
	g, err := s.Services.UserGroups.UserGroup(ctx, a.AccountID, groupID)
	if errs.CodeOf(err) == errs.NotFound {
		return iam.UserGroup{}, notFound("user group")
	}
	return g, err
}

func notFound(what string) error {
	return errs.New(errs.NotFound, "", "There is no such %s.", what)
}
