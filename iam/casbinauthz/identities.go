package casbinauthz

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// identity is the identity layer of an account at a version.
type identity struct {
	version int64
	layer   *layer
}

// identities keeps the identity layers of the accounts that asked last, at most so many and with at most so many rules in all: an account may have
// many users. The one that came last stays in any case. Safe for concurrent use.
type identities struct {
	mu    sync.Mutex // guards: the rest
	kept  *simplelru.LRU[string, identity]
	rules int
	most  int
}

func newIdentities(accounts, rules int) (*identities, error) {
	i := &identities{most: rules}
	var err error
	i.kept, err = simplelru.NewLRU(accounts, func(_ string, gone identity) { i.rules -= len(gone.layer.rules) })
	return i, err
}

func (i *identities) get(accountID string) (identity, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.kept.Get(accountID)
}

// put keeps the layer in the place of the account's former one.
func (i *identities) put(accountID string, l identity) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kept.Remove(accountID)
	i.kept.Add(accountID, l)
	i.rules += len(l.layer.rules)
	for i.rules > i.most && i.kept.Len() > 1 {
		i.kept.RemoveOldest()
	}
}
