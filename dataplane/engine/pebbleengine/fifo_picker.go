package pebbleengine

// pickInOrder picks from a FIFO queue: strictly in order within an ordering key, beside each other across keys.
func (p *picker) pickInOrder() error {
	st := p.stream
	if err := p.learn(st); err != nil {
		return err
	}
	if st.which == liveStream && p.g.redriven.available(p.g.returned.next) > 0 {
		if err := p.learn(&p.g.redriven); err != nil {
			return err
		}
		all, err := p.admitRedriven()
		if err != nil {
			return err
		}
		if err := p.pickWaiting(); err != nil || p.more {
			return err
		}
		if !all {
			return nil // the keys of the rest are not known: what is behind might be behind one of them
		}
	} else if err := p.pickWaiting(); err != nil || p.more {
		return err
	}
	return p.pickUnseen(st)
}

// learn makes the ordering of a FIFO queue at the first receive after loading: it reads the keys of what is under a lease or postponed, which
// keep others waiting. The scan finds the rest.
func (p *picker) learn(st *stream) error {
	if st.order == nil {
		st.order = newOrdering()
		switch st.which {
		case liveStream:
			p.g.redriven.order = st.order
		case redrivenStream:
			p.g.live.order = st.order
		}
	}
	if st.learned {
		return nil
	}
	for _, e := range st.ready {
		e.queued = false
	}
	st.ready = nil
	for seq, e := range st.pending {
		if e.key != nil || e.lease == nil && e.postponed == 0 {
			continue
		}
		m, err := p.s.read(st.log, seq)
		if err != nil {
			return err
		}
		if st.which == redrivenStream && m.death != nil {
			e.order = m.death.origin
		}
		st.order.attach(e, st.order.get(m.orderingKey))
	}
	st.learned = true
	return nil
}

// pickWaiting takes messages that the group knows of, of the keys that may be given.
func (p *picker) pickWaiting() error {
	o := p.stream.order
	for k := o.next(); k != nil; k = o.next() {
		if len(p.picked) == p.opt.MaxMessages {
			p.more = true
			return nil
		}
		e := k.head()
		st := p.streamOf(e)
		m, err := p.s.read(st.log, e.seq)
		if err != nil {
			return err // order cannot be kept without it
		}
		if p.full(&m) {
			return nil
		}
		if !p.passes(st, &m) {
			p.passOver(st, e.seq, e)
			continue
		}
		o.take(k)
		p.add(st, e, m)
	}
	return nil
}

// streamOf returns the stream of an entry that waits in the ordering that redriven and live messages share, or that of dead letters.
func (p *picker) streamOf(e *entry) *stream {
	if p.stream.which == liveStream && e.order&afterRedriven == 0 {
		return &p.g.redriven
	}
	return p.stream
}

// pickUnseen reads forward from the cursor. What is behind others of its key is passed over and waits in the ordering.
func (p *picker) pickUnseen(st *stream) error {
	o := st.order
	p.q.mu.Lock()
	keyed := p.q.keyed
	p.q.mu.Unlock()
	if !keyed && o.get("").blocked() {
		return nil // all have the same key: there is nothing to find behind
	}
	return p.scan(st, func(it *messageIter, seq uint64, e *entry) (bool, error) {
		if e != nil && e.key != nil {
			return false, nil
		}
		if e == nil && len(st.pending) >= p.s.opt.MaxPending {
			return true, nil
		}
		m, err := it.message()
		switch {
		case err != nil:
			return false, err // order cannot be kept without it
		case m.expiry <= p.gc.now:
			return false, nil
		case !p.passes(st, &m):
			p.passOver(st, seq, e)
			return false, nil
		}
		k := o.get(m.orderingKey)
		waits := k.blocked() || e != nil && (e.lease != nil || e.postponed > 0)
		if !waits && p.full(&m) {
			o.update(k)
			return true, nil
		}
		if e == nil {
			e = st.newEntry(seq)
		}
		if waits {
			o.attach(e, k)
			return false, nil
		}
		e.key = k
		k.taken++
		p.add(st, e, m)
		return false, nil
	})
}
