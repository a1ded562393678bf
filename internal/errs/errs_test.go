package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/errs"
)

func TestCodeIsFoundThroughWrapping(t *testing.T) {
	err := fmt.Errorf("open queue: %w", errs.New(errs.NotFound, "queue_not_found", "no queue %q", "a"))
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	require.Equal(t, errs.Reason("queue_not_found"), errs.ReasonOf(err))
	require.Equal(t, `no queue "a"`, errs.MessageOf(err))
}

func TestUnknownErrorsStayPrivate(t *testing.T) {
	err := errors.New("pq: relation accounts does not exist")
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	require.NotContains(t, errs.MessageOf(err), "accounts")
	require.NotContains(t, errs.MessageOf(errs.Wrap(err, errs.Internal, "", "read accounts")), "accounts")
}

func TestCauseIsForTheLogAlone(t *testing.T) {
	cause := errors.New("disk on fire")
	err := errs.Wrap(cause, errs.Unavailable, "", "Try again later.")
	require.ErrorIs(t, err, cause)
	require.Contains(t, err.Error(), "disk on fire")
	require.Equal(t, "Try again later.", errs.MessageOf(err))
}

func TestNoErrorHasNoCode(t *testing.T) {
	require.Equal(t, errs.Code(""), errs.CodeOf(nil))
}
