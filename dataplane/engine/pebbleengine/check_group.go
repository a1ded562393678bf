package pebbleengine

import (
	"github.com/cockroachdb/pebble/v2"
)

// checkGroups checks every group of which something is stored.
func (c *checker) checkGroups(q *queue) error {
	it, err := c.snap.NewIter(&pebble.IterOptions{LowerBound: queueKey(c.queue, subGroup), UpperBound: queueKey(c.queue, subGroup+1)})
	if err != nil {
		return err
	}
	var groups []uid
	for ok := it.First(); ok; {
		var id uid
		copy(id[:], it.Key()[len(queuePrefix(c.queue))+1:])
		groups = append(groups, id)
		ok = it.SeekGE(after(groupPrefix(c.queue, id)))
	}
	err = it.Error()
	if cerr := it.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	defer func() { c.group = nil }()
	for _, id := range groups {
		c.group = &id
		c.report.Groups++
		if err := c.checkGroup(q, id); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) checkGroup(q *queue, id uid) error {
	grave, err := c.get(graveKey(c.queue, &id))
	if err != nil {
		return err
	}
	if grave != nil {
		c.problem("it was dropped, and something of it is still stored")
	}
	g := q.openGroup(id)
	record, err := c.get(groupKey(c.queue, id, groupRecord))
	if err != nil {
		return err
	}
	if record == nil {
		c.problem("something of it is stored, but not its record")
		return nil
	}
	if err := g.decode(record); err != nil {
		c.problem("its record cannot be read: %v", err)
		return nil
	}
	for _, st := range g.streams() {
		if err := c.checkStream(g, st); err != nil {
			return err
		}
	}
	if g.live.floor > q.log.next {
		c.problem("it has settled up to message %d, and the queue has taken in only those before %d", g.live.floor, q.log.next)
	}
	if err := c.checkCopies(&g.letters, &g.dead, groupDeadLetter, "dead letter"); err != nil {
		return err
	}
	return c.checkCopies(&g.returned, &g.redriven, groupRedriven, "redriven message")
}

// checkStream reads what the group knows of a stream, as a restart would.
func (c *checker) checkStream(g *group, st *stream) error {
	base := st.base()
	st.spans, st.above = nil, 0
	return c.each(groupKey(c.queue, g.id, base+groupSpan), groupKey(c.queue, g.id, base+groupDelivery+1), func(key, v []byte) error {
		n := keyNumber(key)
		switch key[len(groupPrefix(c.queue, g.id))] - base {
		case groupSpan:
			d := decoder{b: v}
			end := d.uint64()
			switch {
			case d.err != nil || end <= n:
				c.problem("what it has settled from message %d on cannot be read", n)
			case n >= st.floor && len(st.spans) > 0 && st.spans[len(st.spans)-1].end > n:
				c.problem("it has settled message %d twice", n)
			case n >= st.floor:
				st.spans = append(st.spans, span{n, end})
				st.above += end - n
			}
		case groupAttempt:
			if err := (&entry{seq: n}).decodeAttempt(v); err != nil {
				c.problem("message %d: %v", n, err)
			}
		case groupDelivery:
			if _, err := decodeDelivery(n, v); err != nil {
				c.problem("delivery %d: %v", n, err)
			}
		}
		return nil
	})
}

// checkCopies checks the dead letters or the redriven messages: each that is not settled is there, and no other.
func (c *checker) checkCopies(l *messageLog, st *stream, sub byte, what string) error {
	from := max(l.oldest, st.floor)
	var there, stored uint64
	err := c.each(groupKey(c.queue, *c.group, sub), groupKey(c.queue, *c.group, sub+1), func(key, v []byte) error {
		r, err := c.checkRun(key, v)
		if r == nil || err != nil {
			return err
		}
		if sub == groupDeadLetter {
			stored++
			if tag, err := c.get(letterTagKey(key, r.tag)); err != nil {
				return err
			} else if tag == nil {
				c.problem("dead letter %d cannot be found by the id of its message", r.first)
			}
		}
		switch _, settled := st.spans.find(r.first); {
		case r.first >= l.next:
			c.problem("%s %d is stored, and only those before %d were", what, r.first, l.next)
		case settled || r.first < st.floor && r.first >= l.oldest:
			c.problem("%s %d is stored, and was settled", what, r.first)
		case r.first >= from:
			there++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if sub == groupDeadLetter {
		var tags uint64
		prefix := groupKey(c.queue, *c.group, groupLetterTag)
		if err := c.each(prefix, after(prefix), func([]byte, []byte) error { tags++; return nil }); err != nil {
			return err
		}
		c.same("dead letters that are found by ids", tags, stored)
	}
	var want uint64
	if l.next > from {
		want = l.next - from
	}
	for _, sp := range st.spans {
		if start, end := max(sp.start, from), min(sp.end, l.next); start < end {
			want -= end - start
		}
	}
	c.same(what+"s", want, there)
	return nil
}
