package controlplane

import (
	"fmt"

	"dms/internal/errs"
)

// violations collects everything that is wrong with an input. The first one gives the error its reason and message, for wires that
// answer with one number; all of them are in its fields, each with its message.
type violations struct{ err *errs.Error }

func (v *violations) add(r errs.Reason, pointer, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if v.err == nil {
		v.err = errs.New(errs.Invalid, r, "%s", msg)
	}
	v.err.WithField(pointer, msg)
}

// result returns nil when nothing is wrong.
func (v *violations) result() error {
	if v.err == nil {
		return nil
	}
	return v.err
}
