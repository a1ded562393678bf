package id_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/id"
)

func TestNewIdsHaveTheirShapes(t *testing.T) {
	require.True(t, id.IsHex(id.NewHex()))
	require.True(t, id.IsQueue(id.NewQueue()))
	require.True(t, id.IsGroup(id.NewGroup()))
	require.True(t, id.IsHex(id.NewRequest()))
	require.NotEqual(t, id.NewHex(), id.NewHex())
}

func TestWrongShapesAreRefused(t *testing.T) {
	q := id.NewQueue()
	for name, s := range map[string]string{
		"empty": "", "short": q[:35], "long": q + "0", "upper case": strings.ToUpper("a" + q[1:]),
		"no hyphens": strings.ReplaceAll(q, "-", "0"), "not hexadecimal": "g" + q[1:], "multi-byte": "é" + q[2:],
	} {
		require.False(t, id.IsQueue(s), name)
		require.False(t, id.IsGroup("g-"+s), name)
	}
	require.False(t, id.IsGroup(q), "a queue id is no group id")
	require.False(t, id.IsHex(strings.Repeat("g", 32)))
	require.False(t, id.IsHex(strings.Repeat("0", 31)))
	require.False(t, id.IsHex(strings.Repeat("0", 33)))
}
