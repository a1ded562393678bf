package app

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"dms/iam/smtpmail"
	"dms/internal/clock"
	"dms/internal/httpserve"
)

// MaxFinalAfter bounds billing.final_after (a bill must become final some day).
const MaxFinalAfter = 72 * time.Hour

// MaxSpareBytes bounds engine.spare_bytes: what is larger is a slip of the pen.
const MaxSpareBytes = 1 << 40

// MaxDedupWindow bounds engine.dedup_window: every id of the window is kept on the disk.
const MaxDedupWindow = 24 * time.Hour

var regionName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// Validate returns every violation, each with the key and the value that is wrong.
func (c Config) Validate() error {
	var v violations
	if c.DataDir == "" {
		v.add("data_dir", "", "a folder is needed")
	}
	if !slices.ContainsFunc([]string{"sqlite:", "postgres://", "postgresql://"}, func(p string) bool { return strings.HasPrefix(c.DatabaseURL, p) }) {
		v.add("database_url", redactURL(c.DatabaseURL), `want "postgres://user:password@host/database" or "sqlite:PATH"`)
	}
	if !regionName.MatchString(c.Region) {
		v.add("region", c.Region, "want a lower-case letter, then up to 31 of a-z, 0-9 and -")
	}
	v.addErr("listen", c.Listen, checkAddress(c.Listen))
	v.addErr("node_listen", c.NodeListen, checkAddress(c.NodeListen))
	if c.PublicURL != "" {
		v.addErr("public_url", c.PublicURL, checkBaseURL(c.PublicURL))
	}
	if c.ControlPlane != "" {
		v.addErr("control_plane", c.ControlPlane, checkBaseURL(c.ControlPlane))
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		v.add("tls", fmt.Sprintf("cert %q, key %q", c.TLS.Cert, c.TLS.Key), "want both or neither")
	}
	if c.Directory.MaxAge < 0 {
		v.add("directory.max_age", c.Directory.MaxAge.String(), "want 0 (for ever) or more")
	}
	if c.Engine.ReclaimAbove < 0 {
		v.add("engine.reclaim_above", strconv.FormatInt(c.Engine.ReclaimAbove, 10), "want a number of bytes, 0 or more")
	}
	if c.Engine.SpareBytes < 0 || c.Engine.SpareBytes > MaxSpareBytes {
		v.add("engine.spare_bytes", strconv.FormatInt(c.Engine.SpareBytes, 10), "want a number of bytes, 0 to 1 TiB")
	}
	if c.Engine.DedupWindow <= 0 || c.Engine.DedupWindow > MaxDedupWindow {
		v.add("engine.dedup_window", c.Engine.DedupWindow.String(), "want more than 0, and 24h at most")
	}
	if c.Billing.FinalAfter < 0 || c.Billing.FinalAfter > MaxFinalAfter {
		v.add("billing.final_after", c.Billing.FinalAfter.String(), "want 0 to 72h")
	}
	if !slices.Contains([]string{"hour", "minute"}, c.Billing.Granularity) {
		v.add("billing.granularity", c.Billing.Granularity, "want hour or minute")
	}
	v.checkMail(c.Mail)
	if _, err := httpserve.ParseProxies(c.TrustedProxies); err != nil {
		v.add("trusted_proxies", c.TrustedProxies, err.Error())
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		v.add("log.format", c.Log.Format, "want text or json")
	}
	return errors.Join(v...)
}

// ValidateNode is Validate for the subcommand node, which must know its control plane.
func (c Config) ValidateNode() error {
	var v violations
	if c.ControlPlane == "" {
		v.add("control_plane", "", "the URL of the control plane's address for nodes is needed (its --node-listen)")
	}
	return errors.Join(c.Validate(), errors.Join(v...))
}

type violations []error

func (v *violations) add(key, value, want string) {
	*v = append(*v, fmt.Errorf("%s is %q: %s", key, value, want))
}

func (v *violations) addErr(key, value string, err error) {
	if err != nil {
		v.add(key, value, err.Error())
	}
}

func (v *violations) checkMail(m MailConfig) {
	if m.SMTPURL != "" && m.Dir != "" {
		v.add("mail.dir", m.Dir, "want either this or mail.smtp_url")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		v.add("mail.from", m.From, `want "Name <address>"`)
	}
	if m.SMTPURL != "" {
		if _, err := smtpmail.New(m.SMTPURL, m.From, clock.System{}); err != nil {
			v.add("mail.smtp_url", redactURL(m.SMTPURL), err.Error())
		}
	}
}

func checkAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New(`want "host:port"`)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return errors.New("the port is not a number from 0 to 65535")
	}
	return nil
}

// checkBaseURL accepts scheme, host and port alone: paths are the wires' own.
func checkBaseURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return errors.New(`want "http://host:port" or "https://host" without a path`)
	}
	return nil
}

// redactURL hides the password of a URL. It may not parse: then everything after the scheme is hidden.
func redactURL(s string) string {
	scheme, _, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return scheme + "://xxxxx"
	}
	q := u.Query()
	if q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// Print writes the configuration as a file that Load would read, secrets redacted.
func (c Config) Print(w io.Writer) error {
	c.DatabaseURL = redactURL(c.DatabaseURL)
	c.Mail.SMTPURL = redactURL(c.Mail.SMTPURL)
	node, err := nodeOf(reflect.ValueOf(c))
	if err != nil {
		return err
	}
	e := yaml.NewEncoder(w)
	if err := e.Encode(node); err != nil {
		return err
	}
	return e.Close()
}

// nodeOf keeps the order of the struct, which a map would lose.
func nodeOf(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range v.NumField() {
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: v.Type().Field(i).Tag.Get("koanf")}
		value := &yaml.Node{}
		var err error
		switch f := v.Field(i).Interface().(type) {
		case time.Duration:
			err = value.Encode(f.String())
		case slog.Level:
			err = value.Encode(strings.ToLower(f.String()))
		default:
			if v.Field(i).Kind() == reflect.Struct {
				value, err = nodeOf(v.Field(i))
			} else {
				err = value.Encode(f)
			}
		}
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, key, value)
	}
	return n, nil
}
