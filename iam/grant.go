package iam

import (
	"maps"
	"slices"
	"strings"

	"dms/internal/errs"
	"dms/internal/reason"
)

// CheckGrant reports whether somebody who holds some statements may give others: an errs.Forbidden with reason.GrantTooMuch unless whatever they allow is allowed to the
// holder as well, so that no chain of gifts ends with more rights than it began with. All that is given at once goes to one subject together.
//
// It compares patterns and not decisions, since what will be asked is not known: each pair of action and resource that is given must be within one pair of the holder, whose
// condition, if any, is part of the condition that is given; and no denial of the holder may reach into the pair, unless it is given along. It may therefore refuse what two
// statements of the holder allow together, and never lets pass what the holder does not have.
//
// A pattern that names another account's things is judged as if they were the holder's own account's: what may be done to them is decided over there.
func CheckGrant(holder []Statement, accountID string, gives []Statement) error {
	for _, g := range gives {
		if g.Effect != EffectAllow {
			continue
		}
		for _, action := range g.Action {
			for _, resource := range g.Resource {
				if !mayGive(holder, gives, accountID, g.Condition, action, resource) {
					return errs.New(errs.Forbidden, reason.GrantTooMuch, "You cannot give %s on %s: nobody gives rights that they do not have.", action, resource)
				}
			}
		}
	}
	return nil
}

func mayGive(holder, gives []Statement, accountID string, condition Condition, action, resource string) bool {
	a, r := actionPattern(action), resourcePattern(resource, accountID)
	own := r.ownedBy(accountID)
	held := slices.ContainsFunc(holder, func(h Statement) bool {
		return h.Effect == EffectAllow && within(h.Condition, condition) && (h.contains(accountID, a, r) || h.contains(accountID, a, own))
	})
	if !held {
		return false
	}
	for _, h := range holder {
		if h.Effect != EffectDeny {
			continue
		}
		for _, da := range h.Action {
			for _, dr := range h.Resource {
				deniedAction, deniedResource := actionPattern(da), resourcePattern(dr, accountID)
				if !deniedAction.overlaps(a) || !deniedResource.overlaps(r) && !deniedResource.overlaps(own) {
					continue
				}
				along := slices.ContainsFunc(gives, func(g Statement) bool {
					return g.Effect == EffectDeny && (len(g.Condition) == 0 || g.sameCondition(h)) && g.contains(accountID, deniedAction, deniedResource)
				})
				if !along {
					return false
				}
			}
		}
	}
	return true
}

// lifted turns denials that go away into what they denied. Without a denial's condition: whoever lifts it must hold all that it could have denied.
func lifted(denials []Statement) []Statement {
	var out []Statement
	for _, s := range denials {
		if s.Effect == EffectDeny {
			out = append(out, Statement{Effect: EffectAllow, Action: s.Action, Resource: s.Resource})
		}
	}
	return out
}

// edited returns what a change of a policy gives: what it allows anew, and what it no longer denies.
func edited(before, after []Statement) []Statement {
	var out, gone []Statement
	for _, s := range after {
		if s.Effect == EffectDeny || !slices.ContainsFunc(before, s.sameRule) {
			out = append(out, s) // denials that stay are what is given along
		}
	}
	for _, s := range before {
		if s.Effect == EffectDeny && !slices.ContainsFunc(after, s.sameRule) {
			gone = append(gone, s)
		}
	}
	return append(out, lifted(gone)...)
}

// sameRule reports whether both say the same in the same words.
func (s Statement) sameRule(o Statement) bool {
	return s.Effect == o.Effect && slices.Equal(s.Action, o.Action) && slices.Equal(s.Resource, o.Resource) && s.sameCondition(o)
}

func (s Statement) sameCondition(o Statement) bool {
	return within(s.Condition, o.Condition) && within(o.Condition, s.Condition)
}

// contains reports whether one pair of the statement's patterns covers all that the given pair covers.
func (s Statement) contains(accountID string, action, resource pattern) bool {
	return slices.ContainsFunc(s.Action, func(a string) bool { return actionPattern(a).contains(action) }) &&
		slices.ContainsFunc(s.Resource, func(r string) bool { return resourcePattern(r, accountID).contains(resource) })
}

// within reports whether inner holds only when outer does, because it says all that outer says. A condition on who the caller is does not count: it holds for another user
// than the one who gives.
func within(outer, inner Condition) bool {
	for operator, keys := range outer {
		for key, values := range keys {
			if key == KeyUserName {
				return false
			}
			have := inner[operator][key]
			if !maps.Equal(setOf(values), setOf(have)) {
				return false
			}
		}
	}
	return true
}

func setOf(values []string) map[string]bool {
	m := make(map[string]bool, len(values))
	for _, v := range values {
		m[v] = true
	}
	return m
}

// pattern is a pattern of actions or resources, in segments with their separators; a nil one covers everything.
type pattern []segment

type segment struct {
	text string // "*": anything
	sep  byte   // behind it; 0: it is the last
}

// actionPattern spells a "*" at the end out: it covers all segments that follow.
func actionPattern(s string) pattern {
	parts := strings.Split(s, ":")
	for len(parts) < actionSegments && parts[len(parts)-1] == "*" {
		parts = append(parts, "*")
	}
	p := make(pattern, len(parts))
	for i, part := range parts {
		p[i] = segment{part, ':'}
	}
	p[len(p)-1].sep = 0
	return p
}

// resourcePattern puts the account in place of a "*" for the account, which stands for it alone (MatchResource).
func resourcePattern(s, accountID string) pattern {
	if s == "*" {
		return nil
	}
	var p pattern
	for {
		text, sep, rest := cutSegment(s)
		p = append(p, segment{text, sep})
		if sep == 0 {
			break
		}
		s = rest
	}
	if len(p) > accountSegment && p[accountSegment].text == "*" {
		p[accountSegment].text = accountID
	}
	return p
}

// ownedBy returns the pattern of the same things in the account.
func (p pattern) ownedBy(accountID string) pattern {
	if len(p) <= accountSegment || p[accountSegment].text == accountID {
		return p
	}
	own := slices.Clone(p)
	own[accountSegment].text = accountID
	return own
}

// accountSegment is the place of the account in a resource.
const accountSegment = 2

func (p pattern) contains(q pattern) bool {
	return p.compare(q, func(a, b string) bool { return a == "*" || a == b })
}

func (p pattern) overlaps(q pattern) bool {
	return q == nil || p.compare(q, func(a, b string) bool { return a == "*" || b == "*" || a == b })
}

func (p pattern) compare(q pattern, fits func(a, b string) bool) bool {
	if p == nil {
		return true
	}
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i].sep != q[i].sep || !fits(p[i].text, q[i].text) {
			return false
		}
	}
	return true
}
