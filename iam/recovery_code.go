package iam

import (
	"encoding/base32"
	"strings"
)

// recoveryCodes is how many codes a user gets, for the day on which the app with the second factor is lost.
const recoveryCodes = 10

// recoveryCodeBytes: 128 bits cannot be guessed, so that a plain hash of them is enough.
const recoveryCodeBytes = 16

var recoveryCodeText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newRecoveryCodes makes a user's codes, and the hashes that are kept of them.
func newRecoveryCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		raw := randomBytes(recoveryCodeBytes)
		codes = append(codes, grouped(recoveryCodeText.EncodeToString(raw)))
		hashes = append(hashes, hashSecret(raw))
	}
	return codes, hashes
}

// grouped writes a code as people copy it: "ABCDEF-GHIJKL-...".
func grouped(code string) string {
	const size = 6
	var groups []string
	for len(code) > size {
		groups, code = append(groups, code[:size]), code[size:]
	}
	return strings.Join(append(groups, code), "-")
}

// recoveryCodeHash returns the hash of a code as somebody typed it; false: it is none.
func recoveryCodeHash(typed string) ([]byte, bool) {
	folded := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	raw, err := recoveryCodeText.DecodeString(folded)
	if err != nil || len(raw) != recoveryCodeBytes {
		return nil, false
	}
	return hashSecret(raw), true
}
