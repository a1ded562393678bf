// Package directorytest is the suite that every directory.Reader must pass.
package directorytest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/directory"
	"dms/internal/errs"
)

// Run proves that r, an empty directory, answers as directory.Reader promises. apply brings entries into it, at a new revision.
func Run(t *testing.T, r directory.Reader, apply func(entries ...directory.Entry)) {
	ctx := context.Background()
	put := func(kind directory.Kind, key, value string) {
		apply(directory.Entry{Kind: kind, Key: key, Value: []byte(value)})
	}
	scan := func(kind directory.Kind, prefix string) (keys []string) {
		require.NoError(t, r.Scan(ctx, kind, prefix, func(e directory.Entry) bool {
			require.Equal(t, kind, e.Kind)
			keys = append(keys, e.Key)
			return true
		}))
		return keys
	}

	_, err := r.Get(ctx, directory.KindQueue, "p1/q1")
	require.Equal(t, errs.NotFound, errs.CodeOf(err), "an empty directory has nothing")
	require.Empty(t, scan(directory.KindQueue, ""))

	put(directory.KindQueue, "p1/q2", `{"v":2}`)
	put(directory.KindQueue, "p1/q1", `{"v":1}`)
	put(directory.KindQueue, "p10/q3", `{"v":3}`)
	put(directory.KindGroup, "p1/q1", `{"v":"a group under the same key"}`)

	e, err := r.Get(ctx, directory.KindQueue, "p1/q1")
	require.NoError(t, err)
	require.Equal(t, `{"v":1}`, string(e.Value))
	require.Equal(t, []string{"p1/q1", "p1/q2"}, scan(directory.KindQueue, "p1/"), "in key order, this prefix and kind alone")
	require.Equal(t, []string{"p1/q1", "p1/q2", "p10/q3"}, scan(directory.KindQueue, ""))

	put(directory.KindQueue, "p1/q1", `{"v":4}`)
	e, err = r.Get(ctx, directory.KindQueue, "p1/q1")
	require.NoError(t, err)
	require.Equal(t, `{"v":4}`, string(e.Value), "the newest value counts")

	before, err := r.Revision(ctx)
	require.NoError(t, err)
	apply(directory.Entry{Kind: directory.KindQueue, Key: "p1/q1", Deleted: true})
	after, err := r.Revision(ctx)
	require.NoError(t, err)
	require.Greater(t, after, before)
	_, err = r.Get(ctx, directory.KindQueue, "p1/q1")
	require.Equal(t, errs.NotFound, errs.CodeOf(err), "a tombstone is as good as nothing")
	require.Equal(t, []string{"p1/q2"}, scan(directory.KindQueue, "p1/"))

	var many []directory.Entry
	for i := range 1203 {
		many = append(many, directory.Entry{Kind: directory.KindUser, Key: fmt.Sprintf("u%04d", i), Value: []byte(`{}`)})
	}
	apply(many...)
	require.Len(t, scan(directory.KindUser, "u"), len(many), "scans are not cut at a page")
	n := 0
	require.NoError(t, r.Scan(ctx, directory.KindUser, "", func(directory.Entry) bool { n++; return n < 7 }))
	require.Equal(t, 7, n, "f ends the scan")
}
