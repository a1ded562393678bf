package app

import (
	"fmt"
	"sync"

	"dms/iam"
	"dms/internal/directory"
	"dms/internal/nodelink"
	"dms/internal/seal"
)

// platformKey returns the key that seals secrets in the control plane's database. Its file is made at the first start.
func platformKey(cfg Config) (*seal.Key, error) {
	secret, err := seal.LoadOrCreate(cfg.SecretKeyFile)
	if err != nil {
		return nil, fmt.Errorf("secret_key_file: %w", err)
	}
	return seal.Derive(secret, "platform")
}

// nodeToken returns the secret that the control plane and its nodes share. The control plane makes its file at the first start.
func nodeToken(cfg Config) ([]byte, error) {
	token, err := seal.LoadOrCreate(cfg.NodeTokenFile)
	if err != nil {
		return nil, fmt.Errorf("node_token_file: %w", err)
	}
	return token, nil
}

// regionSeal re-seals secrets of the directory for the nodes of each region.
type regionSeal struct {
	platform *seal.Key
	token    []byte

	mu   sync.Mutex // guards: keys
	keys map[string]*seal.Key
}

func newRegionSeal(platform *seal.Key, token []byte) *regionSeal {
	return &regionSeal{platform: platform, token: token, keys: make(map[string]*seal.Key)}
}

func (s *regionSeal) key(region string) (*seal.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.keys[region]; ok {
		return k, nil
	}
	k, err := nodelink.RegionKey(s.token, region)
	if err != nil {
		return nil, err
	}
	s.keys[region] = k // regions are few, and only those that exist are asked for
	return k, nil
}

// Reseal implements controlplane.RegionSeal.
func (s *regionSeal) Reseal(region string, e directory.Entry) (directory.Entry, error) {
	k, err := s.key(region)
	if err != nil {
		return directory.Entry{}, err
	}
	return iam.Resealer{From: s.platform, To: k}.Reseal(e)
}

// Fingerprint implements controlplane.RegionSeal.
func (s *regionSeal) Fingerprint(region string) (string, error) {
	k, err := s.key(region)
	if err != nil {
		return "", err
	}
	return k.Fingerprint(), nil
}

// keysOf returns the keys of the regions.
func (s *regionSeal) keysOf(regions []string) ([]*seal.Key, error) {
	keys := make([]*seal.Key, len(regions))
	for i, r := range regions {
		var err error
		if keys[i], err = s.key(r); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
