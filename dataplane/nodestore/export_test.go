package nodestore

// SetFormat makes s look written by another version.
func SetFormat(s *Store, version int) error {
	b := s.db.NewBatch()
	if err := setMeta(b, metaFormat, version); err != nil {
		return err
	}
	return s.commit(b)
}
