package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"dms/internal/bench/httpload"
	"dms/internal/clock"
)

// service is our own server.
type service struct {
	*httpload.Target
	process *process
}

func (s *service) Stop() error { return s.process.stop() }

const password = "a long password for a short life"

func (cfg config) startDMS(ctx context.Context, dir string) (_ running, err error) {
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	out, err := exec.CommandContext(ctx, cfg.dms, "bootstrap", "--data-dir", data, "--account", "bench", "--user", "bench-admin", "--password-file", file).Output()
	if err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	var made struct {
		ProjectID   string `json:"project_id"`
		ProjectName string `json:"project_name"`
	}
	if err := json.Unmarshal(out, &made); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx, cfg.dms, "serve", "--data-dir", data, "--listen", address, "--log-level", "error")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop())
		}
	}()
	endpoint := &url.URL{Scheme: "http", Host: address}
	err = p.await(ctx, func() error {
		res, err := http.Get(endpoint.JoinPath("readyz").String())
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return errors.New(res.Status)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := &httpload.Target{Endpoint: endpoint, Project: made.ProjectID, Wire: httpload.WireDMS, Clock: clock.System{}}
	t.Credentials, _, err = httpload.SignIn(ctx, endpoint, httpload.Login{Account: "bench", User: "bench-admin", Password: password, Project: made.ProjectName})
	if err != nil {
		return nil, err
	}
	if err := t.Create(ctx, "NORMAL", 1, 1); err != nil {
		return nil, err
	}
	return &service{Target: t, process: p}, nil
}
