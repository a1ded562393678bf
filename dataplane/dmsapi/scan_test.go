package dmsapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"dms/internal/errs"
	"dms/internal/reason"
)

func scanAll(text []byte) ([]byte, error) {
	var got []byte
	err := document(text, func(s *scanner) (err error) {
		got, err = s.value()
		return err
	})
	return got, err
}

var scanSeeds = []string{
	``, ` `, `{}`, `[]`, ` {"a" : [1 , 2.5e+3, -0, -0.0E-1] , "b":{"c":null,"d":true,"e":false}} `, `"x"`, `"\u00e9\n\"\\\/"`, `0`, `-1`, `1e9`,
	`{`, `}`, `[`, `]`, `[1,]`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `[1 2]`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `tru`, `truex`, `nul`, `NaN`,
	`"`, `"\`, `"\x"`, `"\u12"`, `"\u12G4"`, "\"\x01\"", "\"\t\"", "\"\xff\"", "\"\x7f\"", `"a" "b"`, "\ufeff{}", `[[[[[[]]]]]]`, `{"a":1}{"a":2}`, `1 `, "\v1",
}

func TestScannerAcceptsExactlyWhatIsJSON(t *testing.T) {
	t.Parallel()
	for _, text := range scanSeeds {
		got, err := scanAll([]byte(text))
		if json.Valid([]byte(text)) && utf8.ValidString(text) {
			require.NoError(t, err, "%q", text)
			require.Equal(t, strings.Trim(text, " \t\r\n"), string(got))
		} else {
			require.Equal(t, reason.BodyNotJSON, errs.ReasonOf(err), "%q", text)
		}
	}
}

func FuzzScannerAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range scanSeeds {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := scanAll(text)
		if err == nil != (json.Valid(text) && utf8.Valid(text)) && strings.Count(string(text), "{")+strings.Count(string(text), "[") < maxDepth {
			t.Fatalf("scanner says %v of %q", err, text)
		}
	})
}

func TestScannerRefusesNestingPastItsDepth(t *testing.T) {
	t.Parallel()
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	_, err := scanAll(deep(maxDepth))
	require.NoError(t, err)
	_, err = scanAll(deep(maxDepth + 1))
	require.Equal(t, reason.BodyNotJSON, errs.ReasonOf(err))
	_, err = scanAll([]byte(strings.Repeat(`{"a":`, 1<<20)))
	require.Equal(t, reason.BodyNotJSON, errs.ReasonOf(err))
}

func TestScannerCostsNoMemory(t *testing.T) {
	text := []byte(`{"a":[1,2,{"b":"` + strings.Repeat("x", 1000) + `"}],"c":{"d":null}}`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s := scanner{text: text}
		if _, err := s.value(); err != nil {
			panic(err)
		}
	}))
}

func TestNamesAreComparedUnescaped(t *testing.T) {
	t.Parallel()
	var names []string
	require.NoError(t, document([]byte(`{"\u0061b":1,"c":2}`), func(s *scanner) error {
		return s.object(func(name []byte) error {
			names = append(names, string(name))
			_, err := s.value()
			return err
		})
	}))
	require.Equal(t, []string{"ab", "c"}, names)
}

func TestTheEndOfARunIsFoundForEveryByteAtEveryPlace(t *testing.T) {
	t.Parallel()
	for _, filler := range []byte{'x', ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xff} {
		for length := range 20 {
			for at := range length {
				for c := range 256 {
					text := bytes.Repeat([]byte{filler}, length)
					text[at] = byte(c)
					want := length
					if c < 0x20 || c == '"' || c == '\\' {
						want = at
					}
					if got := endOfRun(text, 0); got != want {
						t.Fatalf("%q ends at %d, wanted %d", text, got, want)
					}
				}
			}
		}
	}
}
