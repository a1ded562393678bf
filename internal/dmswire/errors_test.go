package dmswire_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/reason"
)

func TestEveryKindOfErrorHasAStatusAndANumber(t *testing.T) {
	for _, code := range errs.Codes() {
		err := errs.New(code, "", "text")
		require.GreaterOrEqual(t, dmswire.StatusOf(err), 400, code)
		require.NotZero(t, dmswire.CodeOf(err), code)
	}
}

func TestErrorBodyHoldsBothPairsOfFields(t *testing.T) {
	w := httptest.NewRecorder()
	dmswire.WriteError(w, "req-1", errs.New(errs.NotFound, reason.QueueNotFound, "no such queue"))
	require.Equal(t, http.StatusNotFound, w.Code)
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	require.Equal(t, map[string]any{
		"error_code": "10240401", "error_msg": "no such queue",
		"code": float64(10240401), "message": "no such queue", "request_id": "req-1",
	}, body)
}

func TestThrottlingIsNever404(t *testing.T) {
	err := errs.New(errs.Throttled, "", "slow down")
	require.Equal(t, http.StatusTooManyRequests, dmswire.StatusOf(err))
	require.Equal(t, dmswire.CodeThrottled, dmswire.CodeOf(err))
}

func TestBooleansInAnyCase(t *testing.T) {
	for s, want := range map[string]bool{"true": true, "True": true, "TRUE": true, "false": false, "False": false, "": true} {
		got, err := dmswire.ParseBool("p", s, true)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	_, err := dmswire.ParseBool("p", "1", true)
	require.Equal(t, reason.ParameterInvalid, errs.ReasonOf(err))
}
