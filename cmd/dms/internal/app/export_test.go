package app

import (
	"log/slog"

	"dms/dataplane/engine/pebbleengine"
)

// OpenControlSocket opens the control socket of e as a node does; stop closes it.
func OpenControlSocket(cfg Config, e *pebbleengine.Engine) (stop func(), err error) {
	s, err := openControlSocket(cfg, e, slog.New(slog.DiscardHandler))
	return s.close, err
}
