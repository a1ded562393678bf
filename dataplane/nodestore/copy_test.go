package nodestore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/nodestore"
	"dms/internal/directory"
	"dms/internal/directory/directorytest"
	"dms/internal/errs"
)

func TestStoreIsADirectoryReader(t *testing.T) {
	s, _ := open(t, vfs.NewMem())
	rev := directory.Revision(0)
	directorytest.Run(t, s, func(entries ...directory.Entry) {
		rev++
		_, err := s.Apply(changes(rev, entries...), contactAt)
		require.NoError(t, err)
	})
}

func TestCopyPositionIDAndContactSurviveAReopen(t *testing.T) {
	fs := vfs.NewMem()
	s, closeNow := open(t, fs)
	require.False(t, s.Complete())
	require.Zero(t, s.Contact())
	_, err := s.Apply(changes(7, put(directory.KindUser, "u", `{"n":1}`)), contactAt)
	require.NoError(t, err)
	id := s.ID()
	require.Len(t, id, 32)
	closeNow()

	s, _ = open(t, fs)
	require.Equal(t, id, s.ID())
	require.True(t, s.Complete())
	require.Equal(t, directory.Position{Directory: "d", Revision: 7}, s.Position())
	require.True(t, contactAt.Equal(s.Contact()))
	e, err := s.Get(context.Background(), directory.KindUser, "u")
	require.NoError(t, err)
	require.Equal(t, directory.Entry{Kind: directory.KindUser, Key: "u", Revision: 7, Value: []byte(`{"n":1}`)}, e)
}

func TestContactIsWrittenOnceAMinute(t *testing.T) {
	fs := vfs.NewMem()
	s, closeNow := open(t, fs)
	start := contactAt
	_, err := s.Apply(changes(1), start)
	require.NoError(t, err)
	_, err = s.Apply(changes(1), start.Add(58*time.Second))
	require.NoError(t, err)
	require.Equal(t, start.Add(58*time.Second), s.Contact(), "an answer without news is a contact")
	require.NoError(t, s.SetContact(start.Add(59*time.Second)))
	require.Equal(t, start.Add(59*time.Second), s.Contact(), "memory knows it at once")
	closeNow()
	s, closeNow = open(t, fs)
	require.True(t, start.Equal(s.Contact()), "a crash only makes the node believe it was cut off earlier")
	require.NoError(t, s.SetContact(start.Add(60*time.Second)))
	closeNow()
	s, _ = open(t, fs)
	require.True(t, start.Add(60*time.Second).Equal(s.Contact()))
}

// Every Apply that has returned survives a power cut, together with its position: a revocation is not undone.
func TestAppliedChangesSurviveAPowerCut(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s, _ := open(t, fs)
	_, err := s.Apply(changes(1, put(directory.KindAccessKey, "ak", `{}`)), contactAt)
	require.NoError(t, err)
	_, err = s.Apply(changes(2, gone(directory.KindAccessKey, "ak"), gone(directory.KindQueue, "p/q")), contactAt)
	require.NoError(t, err)

	s, _ = open(t, fs.CrashClone(vfs.CrashCloneCfg{}))
	require.Equal(t, directory.Position{Directory: "d", Revision: 2}, s.Position())
	require.True(t, contactAt.Equal(s.Contact()), "a node that lost its power knows how old its copy is")
	_, err = s.Get(context.Background(), directory.KindAccessKey, "ak")
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	owed, err := s.Erasures(10)
	require.NoError(t, err)
	require.Len(t, owed, 1, "what the deletion owes was in the same batch")
}

func TestReadersKeepTheOldCopyUntilANewOneIsWhole(t *testing.T) {
	ctx := context.Background()
	fs := vfs.NewMem()
	s, closeNow := open(t, fs)
	other := func(rev directory.Revision, reset, more bool, entries ...directory.Entry) directory.Changes {
		ch := changes(rev, entries...)
		ch.Position.Directory, ch.Reset, ch.More = "other", reset, more
		return ch
	}
	read := func(key string) string {
		v, err := nodestore.Fact[string](ctx, s, directory.KindUser, key)
		if errs.CodeOf(err) == errs.NotFound {
			return ""
		}
		require.NoError(t, err)
		return v
	}
	_, err := s.Apply(changes(9, put(directory.KindUser, "a", `"old"`), put(directory.KindUser, "b", `"old"`)), contactAt)
	require.NoError(t, err)
	require.Equal(t, "old", read("a"))

	a, err := s.Apply(other(3, true, true, put(directory.KindUser, "a", `"new"`)), contactAt)
	require.NoError(t, err)
	require.Equal(t, nodestore.Applied{}, a, "readers see no difference yet")
	require.Equal(t, "old", read("a"))
	require.Equal(t, directory.Position{Directory: "other", Revision: 3}, s.Position(), "the next page is asked for")
	rev, err := s.Revision(ctx)
	require.NoError(t, err)
	require.Equal(t, directory.Revision(9), rev)

	// A crash between two pages.
	closeNow()
	s, closeNow = open(t, fs)
	require.Equal(t, directory.Position{Directory: "other", Revision: 3}, s.Position())
	require.Equal(t, "old", read("a"))

	a, err = s.Apply(other(5, false, false, put(directory.KindUser, "c", `"new"`)), contactAt)
	require.NoError(t, err)
	require.True(t, a.All)
	require.Equal(t, []string{"new", "", "new"}, []string{read("a"), read("b"), read("c")})
	closeNow()

	s, _ = open(t, fs)
	require.Equal(t, []string{"new", "", "new"}, []string{read("a"), read("b"), read("c")})

	// A second reset that begins while the first is being filled leaves nothing of it.
	for _, ch := range []directory.Changes{
		other(1, true, true, put(directory.KindUser, "x", `"given up"`)),
		other(1, true, false, put(directory.KindUser, "y", `"last"`)),
	} {
		_, err = s.Apply(ch, contactAt)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"", "", "last"}, []string{read("a"), read("x"), read("y")})
}

func TestFirstCopyIsNotCompleteBeforeItsLastPage(t *testing.T) {
	s, _ := open(t, vfs.NewMem())
	ch := changes(1, put(directory.KindUser, "a", `1`))
	ch.More = true
	_, err := s.Apply(ch, contactAt)
	require.NoError(t, err)
	require.False(t, s.Complete())
	a, err := s.Apply(changes(2), contactAt)
	require.NoError(t, err)
	require.True(t, a.All)
	require.True(t, s.Complete())
	v, err := nodestore.Fact[int](context.Background(), s, directory.KindUser, "a")
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

func TestChangesOfAnotherDirectoryNeedAReset(t *testing.T) {
	s, _ := open(t, vfs.NewMem())
	_, err := s.Apply(changes(5), contactAt)
	require.NoError(t, err)
	foreign := changes(6)
	foreign.Position.Directory = "other"
	for name, ch := range map[string]directory.Changes{"another directory": foreign, "an older revision": changes(4)} {
		_, err := s.Apply(ch, contactAt)
		require.Error(t, err, name)
		require.Equal(t, directory.Position{Directory: "d", Revision: 5}, s.Position(), name)
	}
}

func TestFactIsDecodedOncePerRevision(t *testing.T) {
	ctx := context.Background()
	s, _ := open(t, vfs.NewMem())
	type value struct{ N *int }
	get := func() *int {
		v, err := nodestore.Fact[value](ctx, s, directory.KindQueue, "p/q")
		require.NoError(t, err)
		all, err := nodestore.Facts[value](ctx, s, directory.KindQueue, "p/")
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Same(t, v.N, all[0].N)
		return v.N
	}
	_, err := s.Apply(changes(1, put(directory.KindQueue, "p/q", `{"N":1}`)), contactAt)
	require.NoError(t, err)
	first := get()
	require.Same(t, first, get())
	_, err = s.Apply(changes(2, put(directory.KindQueue, "p/q", `{"N":2}`)), contactAt)
	require.NoError(t, err)
	require.Equal(t, 2, *get())

	_, err = s.Apply(changes(3, put(directory.KindQueue, "p/q", `{"N":"not a number"}`)), contactAt)
	require.NoError(t, err)
	_, err = nodestore.Fact[value](ctx, s, directory.KindQueue, "p/q")
	require.Equal(t, errs.Internal, errs.CodeOf(err))
}

// A reader that is slower than a change must not put the old value back.
func TestSlowReaderLeavesNoOldFactInTheCache(t *testing.T) {
	ctx := context.Background()
	s, _ := open(t, vfs.NewMem())
	_, err := s.Apply(changes(1, put(directory.KindAccessKey, "ak", `"good"`)), contactAt)
	require.NoError(t, err)
	finish := nodestore.BeginGet(s, directory.KindAccessKey, "ak")
	_, err = s.Apply(changes(2, put(directory.KindAccessKey, "ak", `"revoked"`)), contactAt)
	require.NoError(t, err)
	require.NoError(t, finish())
	v, err := nodestore.Fact[string](ctx, s, directory.KindAccessKey, "ak")
	require.NoError(t, err)
	require.Equal(t, "revoked", v)
}

// Once Apply has returned no reader may ever see the old value again, whatever was read and cached meanwhile, and the revision is
// never ahead of the facts.
func TestReadersNeverFallBehindAnApplyThatReturned(t *testing.T) {
	ctx := context.Background()
	s, _ := open(t, vfs.NewMem())
	_, err := s.Apply(changes(1, put(directory.KindUser, "u", `1`)), contactAt)
	require.NoError(t, err)
	const last = 400
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				rev, err := s.Revision(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				v, err := nodestore.Fact[int](ctx, s, directory.KindUser, "u")
				if err != nil || v < int(rev) {
					t.Errorf("revision %d, fact %d, error %v", rev, v, err)
					return
				}
				if v == last {
					return
				}
			}
		})
	}
	for n := 2; n <= last; n++ {
		ch := changes(directory.Revision(n), put(directory.KindUser, "u", fmt.Sprint(n)))
		ch.Reset = n%10 == 0 // changing over must hide nothing either
		_, err := s.Apply(ch, contactAt)
		require.NoError(t, err)
	}
	wg.Wait()
}
