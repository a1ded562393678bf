package app

import (
	"log/slog"
	"path/filepath"
	"time"
)

// Config is the whole configuration, of all subcommands. Load gives it; the names in the tags are the keys of the file, and with
// DMS_ in front and upper-case the environment ("directory.max_age" is DMS_DIRECTORY_MAX_AGE).
type Config struct {
	DataDir     string `koanf:"data_dir"`     // everything that is kept on this machine
	DatabaseURL string `koanf:"database_url"` // the control plane's database; contains a password on Postgres
	Region      string `koanf:"region"`       // of the node, and what bootstrap creates

	Listen    string    `koanf:"listen"`     // the address for tenants
	PublicURL string    `koanf:"public_url"` // how tenants reach it; "": from the request's Host, on loopback only
	TLS       TLSConfig `koanf:"tls"`
	// TrustedProxies are the addresses and networks, with commas between them, whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies string `koanf:"trusted_proxies"`

	NodeListen    string `koanf:"node_listen"`     // of controlplane: the address for nodes
	ControlPlane  string `koanf:"control_plane"`   // of node: the URL of the control plane's address for nodes
	NodeTokenFile string `koanf:"node_token_file"` // the secret that a control plane and its nodes share
	SecretKeyFile string `koanf:"secret_key_file"` // the control plane's key that seals secrets at rest

	Directory DirectoryConfig `koanf:"directory"`
	Engine    EngineConfig    `koanf:"engine"`
	Billing   BillingConfig   `koanf:"billing"`
	Mail      MailConfig      `koanf:"mail"`
	Log       LogConfig       `koanf:"log"`
}

// TLSConfig names the certificate chain and key in PEM; both or neither. They are read again when they change.
type TLSConfig struct {
	Cert string `koanf:"cert"`
	Key  string `koanf:"key"`
}

// DirectoryConfig is about the node's copy of the directory.
type DirectoryConfig struct {
	// MaxAge is how long a node that lost the control plane goes on; 0: for ever.
	MaxAge time.Duration `koanf:"max_age"`
}

// EngineConfig is about how the node keeps messages.
type EngineConfig struct {
	// ReclaimAbove is how many bytes the log of messages may have before messages that every consumer group has settled are given up
	// early; 0: as soon as possible.
	ReclaimAbove int64 `koanf:"reclaim_above"`
	// SpareBytes is how much room of the log is made ready ahead, so that a burst of that size is written at full speed.
	SpareBytes int64 `koanf:"spare_bytes"`
	// DedupWindow is how long after the first a send with the same deduplication id is a duplicate.
	DedupWindow time.Duration `koanf:"dedup_window"`
}

// BillingConfig is about bills.
type BillingConfig struct {
	// FinalAfter is how long after its month a bill stays a draft.
	FinalAfter time.Duration `koanf:"final_after"`
	// Granularity is the unit in which queues are billed: "hour" or "minute".
	Granularity string `koanf:"granularity"`
}

// MailConfig is about e-mails to users. Without smtp_url and dir none are sent: addresses are not confirmed, and nobody resets a password by mail.
type MailConfig struct {
	SMTPURL string `koanf:"smtp_url"` // smtp://user:password@host:587 (STARTTLS) or smtps://...:465
	Dir     string `koanf:"dir"`      // for development: mails become files in this folder
	From    string `koanf:"from"`     // "Name <address>"
	// RequireVerification keeps an account from activating the service until the e-mail address of its first user is confirmed.
	RequireVerification bool `koanf:"require_verification"`
}

// LogConfig is about the log, which goes to standard error.
type LogConfig struct {
	Level  slog.Level `koanf:"level"`  // debug, info, warn or error
	Format string     `koanf:"format"` // text or json
}

// Default is the one screen of defaults. Paths that are "" follow the data folder (see resolve).
func Default() Config {
	return Config{
		DataDir:    "./data",
		Region:     "local-1",
		Listen:     "127.0.0.1:8080",
		NodeListen: "127.0.0.1:8081",
		Directory:  DirectoryConfig{MaxAge: 24 * time.Hour},
		Engine:     EngineConfig{ReclaimAbove: 1 << 30, SpareBytes: 128 << 20, DedupWindow: 5 * time.Minute},
		Billing:    BillingConfig{FinalAfter: 24 * time.Hour, Granularity: "hour"},
		Mail:       MailConfig{From: "DMS <dms@localhost>", RequireVerification: true},
		Log:        LogConfig{Level: slog.LevelInfo, Format: "text"},
	}
}

// resolve fills in what follows from other settings.
func (c Config) resolve() Config {
	set := func(p *string, value string) {
		if *p == "" {
			*p = value
		}
	}
	set(&c.DatabaseURL, "sqlite:"+filepath.Join(c.DataDir, "dms.db"))
	set(&c.SecretKeyFile, filepath.Join(c.DataDir, "secret.key"))
	set(&c.NodeTokenFile, filepath.Join(c.DataDir, "node.token"))
	return c
}

// EngineDir is where the node keeps messages.
func (c Config) EngineDir() string { return filepath.Join(c.DataDir, "engine") }

// ControlSocket is where the process that holds the engine listens to the operator's commands.
func (c Config) ControlSocket() string { return filepath.Join(c.DataDir, socketName) }

// NodeDir is where the node keeps its copy of the directory and the usage that is not delivered yet.
func (c Config) NodeDir() string { return filepath.Join(c.DataDir, "node") }
