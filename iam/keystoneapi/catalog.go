package keystoneapi

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/internal/httpserve"
)

type catalogEntry struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Type      string     `json:"type"`
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	ID        string `json:"id"`
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// service is one line of the catalog: what some family of clients looks for, and the URL that it makes the right one of.
type service struct {
	name, kind string
	// url makes the endpoint from the base URLs of identity and of the region, and the project.
	url func(identity, region, projectID string) string
}

var services = []service{
	{"keystone", "identity", func(identity, _, _ string) string { return identity + "/v3" }},
	// golangsdk and its kin have no type for DMS: they take "network", replace the first "vpc" in its URL by "dms", and append
	// "v1.0/{project id}/". The bare base URL serves them, as long as it has no "vpc" in it: a host named so cannot be helped.
	{"vpc", "network", func(_, region, _ string) string { return region + "/" }},
	// gophertelekomcloud uses the URL as it is.
	{"dmsv1", "dmsv1", projectURL},
	// python-otcextensions.
	{"dms", "dms", projectURL},
	// openstack4j.
	{"DMS", "distributed-message", projectURL},
}

func projectURL(_, region, projectID string) string { return region + "/v1.0/" + projectID }

// catalog lists the services of the project's region; of every region, each with the account's project there, when projectID is
// "". A client that filters by region finds one endpoint of each type, and so does one that does not and has a project.
func (s *server) catalog(r *http.Request, projectID string, projects []iam.Project) []catalogEntry {
	out := make([]catalogEntry, 0, len(services))
	identity := s.PublicURL(r)
	for _, svc := range services {
		e := catalogEntry{ID: stableID("service", svc.kind), Name: svc.name, Type: svc.kind, Endpoints: []endpoint{}}
		for _, p := range projects {
			if projectID != "" && p.ID != projectID {
				continue
			}
			e.Endpoints = append(e.Endpoints, endpoint{
				ID: stableID("endpoint", svc.kind, p.Region), Interface: "public", Region: p.Region, RegionID: p.Region,
				URL: svc.url(identity, s.regionURL(r, p.Region), p.ID),
			})
		}
		out = append(out, e)
	}
	return out
}

// showCatalog answers GET /v3/auth/catalog for the project that the caller acts in, else for its account.
func (s *server) showCatalog(c *gin.Context) error {
	a := httpserve.Actor(c)
	projects, err := s.Services.Accounts.Projects(c.Request.Context(), a.AccountID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{
		"catalog": s.catalog(c.Request, a.ProjectID, projects),
		"links":   s.links(c.Request, "/v3/auth/catalog"),
	})
	return nil
}

// stableID makes the id of something that has a name only.
func stableID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
