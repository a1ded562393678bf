package access

import "strings"

// NamedResource names one of the things of a kind that an account has apart from queues, such as a user ("iam", id, "user", "alice"). AccountResource names all of them.
func NamedResource(service, accountID, kind, name string) Resource {
	return Resource(strings.Join([]string{service, "", accountID, kind, name}, ":"))
}
