package keystoneapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/httpserve"
)

type links struct {
	Self     string  `json:"self"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
}

func (s *server) links(r *http.Request, path string) links {
	return links{Self: s.PublicURL(r) + path}
}

type projectItem struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	DomainID    string            `json:"domain_id"`
	ParentID    string            `json:"parent_id"`
	Enabled     bool              `json:"enabled"`
	IsDomain    bool              `json:"is_domain"`
	Description string            `json:"description"`
	Links       map[string]string `json:"links"`
}

// listProjects answers GET /v3/projects and GET /v3/auth/projects: the projects of the caller's account. Clients look for the
// one that has the region's name, and want to find exactly that one.
func (s *server) listProjects(c *gin.Context) error {
	a := httpserve.Actor(c)
	projects, err := s.Services.Accounts.Projects(c.Request.Context(), a.AccountID)
	if err != nil {
		return err
	}
	name, domain := c.Query("name"), c.Query("domain_id")
	items := []projectItem{}
	for _, p := range projects {
		if name != "" && p.Name != name || domain != "" && domain != a.AccountID {
			continue
		}
		items = append(items, projectItem{
			ID: p.ID, Name: p.Name, DomainID: p.AccountID, ParentID: p.AccountID, Enabled: true,
			Links: map[string]string{"self": s.PublicURL(c.Request) + "/v3/projects/" + p.ID},
		})
	}
	c.JSON(http.StatusOK, gin.H{"projects": items, "links": s.links(c.Request, c.FullPath())})
	return nil
}

type domainItem struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Enabled     bool              `json:"enabled"`
	Description string            `json:"description"`
	Links       map[string]string `json:"links"`
}

// listDomains answers GET /v3/auth/domains: the caller's account, and no other.
func (s *server) listDomains(c *gin.Context) error {
	a := httpserve.Actor(c)
	item := domainItem{ID: a.AccountID, Name: a.AccountName, Enabled: true, Links: map[string]string{"self": s.PublicURL(c.Request) + "/v3/domains/" + a.AccountID}}
	c.JSON(http.StatusOK, gin.H{"domains": []domainItem{item}, "links": s.links(c.Request, c.FullPath())})
	return nil
}

// version answers GET /v3, where some clients begin.
func (s *server) version(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"version": gin.H{
		"id":          "v3.14",
		"status":      "stable",
		"updated":     "2020-04-07T00:00:00Z",
		"links":       []gin.H{{"rel": "self", "href": s.PublicURL(c.Request) + "/v3/"}},
		"media-types": []gin.H{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}})
	return nil
}
