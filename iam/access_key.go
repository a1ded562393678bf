package iam

import (
	"crypto/rand"
	"strings"
	"time"
)

// AccessKey lets a program sign requests as a user.
type AccessKey struct {
	ID           string // the access key itself, "AK"
	AccountID    string
	UserID       string
	Description  string
	SealedSecret string // under the platform key, bound to ID
	Enabled      bool
	CreatedAt    time.Time
}

// Sizes of keys as clients of the original know them.
const (
	accessKeyChars = 20
	secretKeyChars = 40
	// MaxAccessKeys is how many keys a user may have: one in use, one to change over to.
	MaxAccessKeys          = 2
	maxKeyDescriptionChars = 160
	accessKeyAlphabet      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	secretKeyAlphabet      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// newAccessKeyID draws again what would be taken for a temporary key.
func newAccessKeyID() string {
	for {
		if k := randomString(accessKeyAlphabet, accessKeyChars); !strings.HasPrefix(k, TemporaryKeyPrefix) {
			return k
		}
	}
}

func newSecretKey() string { return randomString(secretKeyAlphabet, secretKeyChars) }

// randomString draws n characters, each equally likely: bytes past the last whole multiple of the alphabet are thrown away.
func randomString(alphabet string, n int) string {
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		_, _ = rand.Read(buf) // never fails since Go 1.24
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}
