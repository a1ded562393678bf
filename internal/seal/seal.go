// Package seal encrypts secrets that must be readable again, such as the secret of an access key: AES-256-GCM, bound to the
// thing they belong to. A stolen database or node disk alone opens nothing.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MinSecretBytes is the least length of a secret from which keys are derived.
const MinSecretBytes = 16

// Key seals and opens. Safe for concurrent use.
type Key struct {
	aead        cipher.AEAD
	fingerprint string
}

// Derive makes a key from a secret (the content of a key file) for one purpose. Different purposes give unrelated keys.
func Derive(secret []byte, purpose string) (*Key, error) {
	raw, err := DeriveBytes(secret, purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("fingerprint:"), raw...))
	return &Key{aead: aead, fingerprint: hex.EncodeToString(sum[:4])}, nil
}

// DeriveBytes makes 32 secret bytes from a secret for one purpose (HKDF-SHA256).
func DeriveBytes(secret []byte, purpose string) ([]byte, error) {
	if len(secret) < MinSecretBytes {
		return nil, fmt.Errorf("a secret of at least %d bytes is needed, this one has %d", MinSecretBytes, len(secret))
	}
	return hkdf.Key(sha256.New, secret, nil, "dms "+purpose, 32)
}

// Fingerprint names the key without telling it, so that a change of key is noticed.
func (k *Key) Fingerprint() string { return k.fingerprint }

// Seal encrypts plain. The result opens only with the same key and owner: a sealed secret moved to another owner is refused.
func (k *Key) Seal(plain []byte, owner string) string {
	return base64.RawStdEncoding.EncodeToString(k.aead.Seal(nil, nil, plain, []byte(owner)))
}

// Open decrypts what Seal made.
func (k *Key) Open(sealed, owner string) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	plain, err := k.aead.Open(nil, nil, b, []byte(owner))
	if err != nil {
		return nil, errors.New("open sealed secret: wrong key or owner, or damaged")
	}
	return plain, nil
}

// LoadOrCreate returns the content of a secret file without surrounding white space. When the file is missing it makes one with
// 256 random bits, readable by its owner only. Two processes that do so at once agree on one content.
func LoadOrCreate(path string) ([]byte, error) {
	b, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create secret file: %w", err)
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	tmp, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return nil, fmt.Errorf("create secret file: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(raw[:]) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("create secret file: %w", err)
	}
	// A link, not a rename: it fails when another process was first, and then theirs is the secret.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create secret file: %w", err)
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // some file systems cannot sync a folder
		_ = dir.Close()
	}
	return Load(path)
}

// Load returns the content of a secret file without surrounding white space.
func Load(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read secret file: %w", err)
	}
	s := strings.TrimSpace(string(b))
	if len(s) < MinSecretBytes {
		return nil, fmt.Errorf("secret file %s: at least %d characters are needed", path, MinSecretBytes)
	}
	return []byte(s), nil
}
