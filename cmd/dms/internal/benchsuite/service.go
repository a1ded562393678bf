package benchsuite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"path/filepath"
	"strconv"

	"dms/cmd/dms/internal/app"
	"dms/internal/bench/httpload"
	"dms/internal/clock"
)

// The account that the rows over HTTP use, in a data folder that is deleted after them.
const (
	benchAccount  = "bench"
	benchUser     = "bench-admin"
	benchPassword = "a long password for a short life"
)

// service is a `dms serve` with an account.
type service struct {
	*process
	dir     string
	cfg     app.Config
	account httpload.Credentials // its access key
	project string
	// who owns it
	accountID, userID string
}

// prepare makes the account in a data folder.
func prepare(ctx context.Context, dir string) (*service, error) {
	s := &service{dir: dir, cfg: app.Default()}
	s.cfg.DataDir = dir
	s.cfg.DatabaseURL = "sqlite:" + filepath.Join(dir, "dms.db")
	s.cfg.SecretKeyFile, s.cfg.NodeTokenFile = filepath.Join(dir, "secret.key"), filepath.Join(dir, "node.token")
	var out bytes.Buffer
	err := app.Bootstrap(ctx, s.cfg, app.BootstrapInput{AccountName: benchAccount, UserName: benchUser, Password: benchPassword}, &out)
	if err != nil {
		return nil, err
	}
	var made struct {
		AccessKey string `json:"access_key"`
		SecretKey string `json:"secret_key"`
		ProjectID string `json:"project_id"`
		AccountID string `json:"account_id"`
		UserID    string `json:"user_id"`
	}
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		return nil, err
	}
	s.account = httpload.Credentials{AccessKey: made.AccessKey, SecretKey: made.SecretKey}
	s.project, s.accountID, s.userID = made.ProjectID, made.AccountID, made.UserID
	return s, nil
}

// launch starts the service; it may not be ready yet.
func (s *service) launch(ctx context.Context) (err error) {
	s.process, err = start(ctx, []string{"DMS_ENGINE_SPARE_BYTES=" + strconv.FormatInt(s.cfg.Engine.SpareBytes, 10)}, "serve", "--data-dir", s.dir, "--log-level", "error")
	return err
}

// serve starts the service and waits until it is ready.
func (s *service) serve(ctx context.Context) error {
	if err := s.launch(ctx); err != nil {
		return err
	}
	return s.ready(ctx, "/readyz")
}

// target returns the service as a target without queues.
func (s *service) target(wire httpload.Wire, c httpload.Credentials) (*httpload.Target, error) {
	u, err := url.Parse(s.url)
	return &httpload.Target{Endpoint: u, Project: s.project, Wire: wire, Credentials: c, Clock: clock.System{}}, err
}

// token signs in.
func (s *service) token(ctx context.Context) (httpload.Credentials, error) {
	u, err := url.Parse(s.url)
	if err != nil {
		return httpload.Credentials{}, err
	}
	c, _, err := httpload.SignIn(ctx, u, httpload.Login{Account: benchAccount, User: benchUser, Password: benchPassword, Project: s.cfg.Region})
	return c, err
}

// withService calls f with a running service on an empty folder.
func (s *Suite) withService(ctx context.Context, spareBytes int64, f func(*service) error) (err error) {
	dir, done, err := s.folder()
	if err != nil {
		return err
	}
	defer done()
	svc, err := prepare(ctx, dir)
	if err != nil {
		return err
	}
	svc.cfg.Engine.SpareBytes = max(svc.cfg.Engine.SpareBytes, spareBytes)
	if err := svc.serve(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.stop()) }()
	if err := s.sparesMade(ctx, svc.cfg.EngineDir(), spareBytes); err != nil {
		return err
	}
	return f(svc)
}
