package bench

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBodiesAreJSONStringsOfTheirSizeAndCarryAStamp(t *testing.T) {
	for _, kind := range []BodyKind{BodyRandom, BodyCompressible} {
		for _, size := range []int{MinSize, 17, 1024} {
			b := newBody(kind, size, newRand(1, 2))
			for _, at := range []int64{0, 1, 1 << 40, 1<<63 - 1} {
				Stamp(b, at)
				var text string
				require.NoError(t, json.Unmarshal(b, &text), "kind=%s size=%d", kind, size)
				require.Len(t, text, size)
				got, err := StampOf(append(bytes.Clone(b), `,"handler":"x"}`...))
				require.NoError(t, err)
				require.Equal(t, at, got)
			}
		}
	}
	_, err := StampOf([]byte(`{"order":1}                 `))
	require.ErrorIs(t, err, ErrNoStamp)
}

func TestOnlyCompressibleBodiesCompress(t *testing.T) {
	compressed := func(kind BodyKind) int {
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.BestCompression)
		require.NoError(t, err)
		_, err = w.Write(newBody(kind, 4096, newRand(1, 2)))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.Len()
	}
	require.Greater(t, compressed(BodyRandom), 3000)
	require.Less(t, compressed(BodyCompressible), 400)
}
