package pebbleengine

import (
	"fmt"
	"log/slog"
)

// pebbleLogger carries Pebble's words into the log. Pebble calls Fatalf where it expects the process to end; here it ends
// this life of the database.
type pebbleLogger struct {
	log   *slog.Logger
	fatal func(error)
}

func (l pebbleLogger) Infof(format string, args ...any) {
	l.log.Debug("pebble reported", "detail", fmt.Sprintf(format, args...))
}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.log.Warn("pebble reported a problem", "detail", fmt.Sprintf(format, args...))
}

func (l pebbleLogger) Fatalf(format string, args ...any) { l.fatal(fmt.Errorf(format, args...)) }
