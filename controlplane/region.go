package controlplane

import (
	"regexp"
	"slices"
	"strings"

	"dms/internal/errs"
)

// DefaultRegion is the region of an installation that names none.
const DefaultRegion = "local-1"

// Region is a place with nodes of its own. Its name is part of every resource's name.
type Region struct {
	Name string
	// Endpoint is the base URL that DMS clients use in the region; "" when the operator has not said it.
	Endpoint string
}

var regionName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`)

// ValidateRegionName refuses what cannot be a region's name.
func ValidateRegionName(name string) error {
	if !regionName.MatchString(name) {
		return errs.New(errs.Invalid, "region_name_invalid", "The region name %q is not valid: 2 to 63 lower-case letters, digits and hyphens, a letter first.", name)
	}
	return nil
}

// unknownRegion says which regions there are, so that a mistyped name is corrected at once.
func unknownRegion(name string, exist []string) error {
	if len(exist) == 0 {
		return errs.New(errs.Invalid, "region_unknown", "The region %q does not exist; no region does yet.", name)
	}
	exist = slices.Sorted(slices.Values(exist))
	return errs.New(errs.Invalid, "region_unknown", "The region %q does not exist; these do: %s.", name, strings.Join(exist, ", "))
}
