package httpload

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Login is what a person signs in with.
type Login struct {
	Account, User, Password string
	Project                 string // its name, which is the region's
}

// SignIn gets a token of the project, and the project's id.
func SignIn(ctx context.Context, endpoint *url.URL, l Login) (c Credentials, project string, err error) {
	domain := map[string]any{"name": l.Account}
	body, err := json.Marshal(map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":  []string{"password"},
			"password": map[string]any{"user": map[string]any{"name": l.User, "password": l.Password, "domain": domain}},
		},
		"scope": map[string]any{"project": map[string]any{"name": l.Project, "domain": domain}},
	}})
	if err != nil {
		return c, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.JoinPath("/v3/auth/tokens").String(), bytes.NewReader(body))
	if err != nil {
		return c, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return c, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return c, "", err
	}
	if res.StatusCode != http.StatusCreated {
		return c, "", fmt.Errorf("sign in: %w", refused(res.StatusCode, answer))
	}
	var token struct {
		Token struct {
			Project struct {
				ID string `json:"id"`
			} `json:"project"`
		} `json:"token"`
	}
	if err := json.Unmarshal(answer, &token); err != nil {
		return c, "", fmt.Errorf("sign in: %w", err)
	}
	return Credentials{Token: res.Header.Get("X-Subject-Token")}, token.Token.Project.ID, nil
}

// FindProject returns the id of the caller's project with this name, or of the only one when name is "".
func (t *Target) FindProject(ctx context.Context, name string) (string, error) {
	var me struct {
		Projects []struct{ ID, Name string } `json:"projects"`
	}
	if err := t.ask(ctx, http.MethodGet, "/api/v1/me", 200, nil, &me); err != nil {
		return "", err
	}
	if name == "" && len(me.Projects) == 1 {
		return me.Projects[0].ID, nil
	}
	for _, p := range me.Projects {
		if p.Name == name {
			return p.ID, nil
		}
	}
	return "", fmt.Errorf("the account has %d projects, and none is named %q", len(me.Projects), name)
}

// Create makes queues with groups, and remembers them. When it fails, Delete removes those that were made.
func (t *Target) Create(ctx context.Context, mode string, queues, groups int) error {
	run := rand.Text()[:8]
	names := make([]string, groups)
	for g := range names {
		names[g] = fmt.Sprintf("bench-%d", g)
	}
	base := "/api/v1/projects/" + t.Project + "/queues"
	for i := range queues {
		var q struct{ ID string }
		request := map[string]any{"name": fmt.Sprintf("bench-%s-%d", run, i), "mode": mode, "groups": names}
		if err := t.ask(ctx, http.MethodPost, base, 201, request, &q); err != nil {
			return fmt.Errorf("create queue %d of %d: %w", i+1, queues, err)
		}
		made := Queue{ID: q.ID, Groups: make([]string, groups)}
		t.Queues = append(t.Queues, made)
		var list struct {
			Groups []struct{ ID, Name string } `json:"groups"`
		}
		if err := t.ask(ctx, http.MethodGet, base+"/"+q.ID+"/groups", 200, nil, &list); err != nil {
			return fmt.Errorf("list the groups of a queue: %w", err)
		}
		for _, g := range list.Groups {
			for n, name := range names {
				if g.Name == name {
					made.Groups[n] = g.ID
				}
			}
		}
	}
	return nil
}

// Delete removes what Create made.
func (t *Target) Delete(ctx context.Context) error {
	var failed []error
	for _, q := range t.Queues {
		if err := t.ask(ctx, http.MethodDelete, "/api/v1/projects/"+t.Project+"/queues/"+q.ID, 204, nil, nil); err != nil {
			failed = append(failed, fmt.Errorf("delete queue %s: %w", q.ID, err))
		}
	}
	t.Queues = nil
	return errors.Join(failed...)
}

// ask is a call that is not part of the load.
func (t *Target) ask(ctx context.Context, method, path string, want int, request, answer any) error {
	w := t.worker()
	defer func() { _ = w.Close() }()
	if request != nil {
		var err error
		if w.body, err = json.Marshal(request); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	b, err := w.call(ctx, want, method, path, "")
	if err != nil {
		return err
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(b, answer)
}
