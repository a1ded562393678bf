package pebbleengine

import (
	"cmp"
	"slices"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// extend lengthens leases. Messages of one receive that get the same deadline share a record again.
func (s *store) extend(eq engine.Queue, groupID string, kind engine.Kind, list []engine.Extension, k *usage.Key) ([]error, error) {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return nil, err
	}
	defer s.exit()
	defer s.registry.release(q)
	handlers := make([]opened, len(list))
	for i := range list {
		handlers[i] = s.sealer.openFor(list[i].Handler, q.id, g.id, kind)
		if list[i].AckWait <= 0 {
			handlers[i].err = errs.New(errs.Invalid, reason.AckWait, "the ack wait must be positive")
		}
	}
	if err := s.lockGroup(q, g); err != nil {
		return nil, err
	}
	defer g.mu.Unlock()
	gc, next, err := s.beginGroup(q, g, &eq)
	if err != nil {
		return nil, err
	}
	gc.exist()
	type shared struct {
		st       *stream
		of       uint64
		deadline int64
		first    int64 // given
	}
	wanted := make(map[*entry]shared) // named twice: the last one counts
	var entries []*entry              // in the order of their first naming
	answers := make([]error, len(list))
	for i := range list {
		h := &handlers[i]
		st, e, err := gc.find(h, next)
		if err != nil {
			answers[i] = err
			continue
		}
		e = st.entryOf(e, h)
		if _, again := wanted[e]; !again {
			entries = append(entries, e)
		}
		if e.first == 0 {
			e.first = gc.now
		}
		wanted[e] = shared{st, h.delivery, gc.now + int64(list[i].AckWait), e.first}
	}
	var deliveries []*delivery
	place := make(map[shared]int)
	for _, e := range entries {
		at := wanted[e]
		if e.postponed > 0 {
			at.st.advance(e)
		}
		at.st.endLease(gc, e)
		if e.key == nil {
			at.st.learned = false // its key keeps others waiting again
		}
		n, ok := place[at]
		if !ok {
			n = len(deliveries)
			place[at] = n
			deliveries = append(deliveries, &delivery{no: s.nextDelivery(), of: at.of, given: at.first, deadline: at.deadline})
		}
		deliveries[n].entries = append(deliveries[n].entries, e)
	}
	for at, n := range place {
		slices.SortFunc(deliveries[n].entries, func(a, b *entry) int { return cmp.Compare(a.order, b.order) })
		at.st.lease(gc, deliveries[n])
	}
	gc.submit(false, k)
	return answers, nil
}
