// Package password hashes passwords with argon2id.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"dms/iam"
	"dms/internal/errs"
)

// Params are the cost of a hash.
type Params struct {
	Passes    uint32 // t
	MemoryKiB uint32 // m
	Threads   uint8  // p
}

// DefaultParams are the first of OWASP's recommendations for argon2id: 19 MiB, two passes. About 30 ms here.
func DefaultParams() Params { return Params{Passes: 2, MemoryKiB: 19 * 1024, Threads: 1} }

// Bounds of what a stored hash may ask for: a damaged row must not take all memory.
const (
	maxPasses    = 16
	maxMemoryKiB = 256 * 1024
	saltBytes    = 16
	keyBytes     = 32
)

// maxWait is how long a check waits for its turn before it is refused.
const maxWait = 3 * time.Second

// Hasher hashes and checks. At most one a core runs at a time: more would only take memory. Safe for concurrent use.
type Hasher struct {
	params Params
	turns  chan struct{}
	wait   time.Duration
	dummy  string
}

var _ iam.PasswordHasher = (*Hasher)(nil)

// New returns a hasher that makes hashes of the given cost and checks hashes of any.
func New(p Params) *Hasher {
	h := &Hasher{params: p, turns: make(chan struct{}, runtime.GOMAXPROCS(0)), wait: maxWait}
	h.dummy = h.hash("no user has this password")
	return h
}

// Hash implements iam.PasswordHasher.
func (h *Hasher) Hash(password string) (string, error) {
	if err := h.takeTurn(); err != nil {
		return "", err
	}
	defer func() { <-h.turns }()
	return h.hash(password), nil
}

func (h *Hasher) hash(password string) string {
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	sum := argon2.IDKey([]byte(password), salt[:], h.params.Passes, h.params.MemoryKiB, h.params.Threads, keyBytes)
	return encode(h.params, salt[:], sum)
}

// Verify implements iam.PasswordHasher.
func (h *Hasher) Verify(hash, password string) (ok, outdated bool, err error) {
	unknown := hash == ""
	if unknown {
		hash = h.dummy
	}
	p, salt, want, err := decode(hash)
	if err != nil {
		return false, false, err
	}
	if err := h.takeTurn(); err != nil {
		return false, false, err
	}
	defer func() { <-h.turns }()
	got := argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Threads, uint32(len(want)))
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !unknown
	return ok, ok && p != h.params, nil
}

func (h *Hasher) takeTurn() error {
	select {
	case h.turns <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(h.wait)
	defer t.Stop()
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-t.C:
		return errs.New(errs.Throttled, "too_many_sign_ins", "Too many passwords are being checked. Try again in a few seconds.")
	}
}

// A PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$hash, salt and hash in base64 without padding.

func encode(p Params, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

var errHash = errors.New("stored password hash is damaged")

func decode(phc string) (p Params, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Params{}, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Threads); err != nil {
		return Params{}, nil, nil, errHash
	}
	if p.Passes < 1 || p.Passes > maxPasses || p.MemoryKiB < 8 || p.MemoryKiB > maxMemoryKiB || p.Threads < 1 {
		return Params{}, nil, nil, errHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return Params{}, nil, nil, errHash
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) < 16 {
		return Params{}, nil, nil, errHash
	}
	return p, salt, sum, nil
}
