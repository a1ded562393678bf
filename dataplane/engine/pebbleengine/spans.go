package pebbleengine

import "sort"

// span is the sequence numbers [start, end).
type span struct{ start, end uint64 }

// spans is a sorted list of spans with gaps between them.
type spans []span

// find returns the index of the span that holds seq, or where it would stand and false.
func (s spans) find(seq uint64) (int, bool) {
	i := sort.Search(len(s), func(i int) bool { return s[i].end > seq })
	return i, i < len(s) && s[i].start <= seq
}

// insert adds sp, which overlaps none of s, and joins it with its neighbours. It returns the span that now holds it and
// the start of the neighbour behind that was swallowed, if any.
func (s *spans) insert(sp span) (joined span, swallowed uint64, didSwallow bool) {
	i, _ := s.find(sp.start)
	l := *s
	left := i > 0 && l[i-1].end == sp.start
	right := i < len(l) && l[i].start == sp.end
	switch {
	case left && right:
		l[i-1].end = l[i].end
		swallowed, didSwallow = l[i].start, true
		joined = l[i-1]
		*s = append(l[:i], l[i+1:]...)
	case left:
		l[i-1].end = sp.end
		joined = l[i-1]
	case right:
		swallowed, didSwallow = l[i].start, true
		l[i].start = sp.start
		joined = l[i]
	default:
		l = append(l, span{})
		copy(l[i+1:], l[i:])
		l[i] = sp
		joined = sp
		*s = l
	}
	return joined, swallowed, didSwallow
}
