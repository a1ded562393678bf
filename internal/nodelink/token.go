package nodelink

import (
	"encoding/hex"
	"fmt"

	"dms/internal/seal"
)

// bearerOf derives what requests carry from the node token.
func bearerOf(token []byte) (string, error) {
	b, err := seal.DeriveBytes(token, "node link authentication")
	if err != nil {
		return "", fmt.Errorf("node token: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// RegionKey returns the key under which secrets are sealed for a region's nodes. The control plane and the node each derive it.
func RegionKey(token []byte, region string) (*seal.Key, error) {
	k, err := seal.Derive(token, "region key "+region)
	if err != nil {
		return nil, fmt.Errorf("node token: %w", err)
	}
	return k, nil
}
