package nodestore

import "dms/internal/directory"

// SetFormat makes s look written by another version.
func SetFormat(s *Store, version int) error {
	b := s.db.NewBatch()
	if err := setMeta(b, metaFormat, version); err != nil {
		return err
	}
	return s.commit(b)
}

// BeginGet is a Get that has missed the cache and read the disk; finish does what is left of it.
func BeginGet(s *Store, kind directory.Kind, key string) (finish func() error) {
	g := s.view.Load().generation
	_, epoch := s.cache.get(g, kind, key)
	raw, err := s.get(entryKey(g, kind, key))
	return func() error {
		if err != nil {
			return err
		}
		e, err := decodeEntry(kind, key, raw)
		if err != nil {
			return err
		}
		s.cache.add(g, &fact{entry: e}, epoch)
		return nil
	}
}
