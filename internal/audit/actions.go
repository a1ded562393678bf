package audit

import "dms/internal/access"

// What the trail knows beyond the actions of routes: these are done before anybody is known, or by the system itself.
const (
	AccountCreate    access.Action = "iam:account:create"
	SignIn           access.Action = "iam:session:start"
	TemporaryCreate  access.Action = "iam:accesskey:lend"
	ProjectCreate    access.Action = "iam:project:create"
	SigningKeyCreate access.Action = "platform:key:create"
	RegionSet        access.Action = "platform:region:set"
)

// Platform is the account whose trail holds what is done to the platform itself.
const Platform = ""

// PlatformResource names a thing of the platform.
func PlatformResource(kind, name string) access.Resource {
	return access.Resource("platform:::" + kind + ":" + name)
}

// Resource names a thing of an account by its name, such as a user ("iam", id, "user", "alice").
func Resource(service, accountID, kind, name string) access.Resource {
	return access.NamedResource(service, accountID, kind, name)
}
