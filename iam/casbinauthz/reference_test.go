package casbinauthz_test

import (
	"net"
	"slices"
	"strings"
	"time"

	"dms/iam"
	"dms/internal/access"
)

// The naive evaluator: no cache, no casbin, no compiled statements, nothing of iam's matching.

// queueActionOf says what the actions of these tests are called in policies of queues. What is not here does not exist.
var queueActionOf = map[access.Action]string{
	access.QueueGet: "DMS:GetQueue", access.QueueCreate: "", access.GroupCreate: "DMS:CreateGroup", access.GroupDelete: "DMS:DeleteGroup",
	access.GroupList: "DMS:GetGroups", access.MessageSend: "DMS:ProduceMessages", access.MessageReceive: "DMS:ConsumeMessages", access.MessageBrowse: "",
	access.DeadLetterAck: "DMS:ConsumeMessages", access.UserGet: "", access.BillGet: "",
}

func (w *world) reference(who access.Actor, session *iam.Policy, action access.Action, o access.Object, at time.Time) access.Effect {
	if _, known := queueActionOf[action]; !known {
		return access.ImplicitDeny
	}
	subjects := []string{"u:" + who.UserID}
	for _, g := range w.groups[who.UserID] {
		subjects = append(subjects, "g:"+g)
	}
	if who.RoleID != "" {
		subjects = []string{"r:" + who.RoleID}
	}
	foreign := who.Guest || o.Foreign
	var identity, narrowed, queue verdict
	for _, a := range w.attached[who.AccountID] {
		if slices.Contains(subjects, a.subject) {
			for _, s := range a.policy.Statement {
				identity.add(s.Effect, covers(s, action, o, who.AccountID, foreign, false), s.Condition, who, o, at)
			}
		}
	}
	if session != nil {
		for _, s := range session.Statement {
			narrowed.add(s.Effect, covers(s, action, o, who.AccountID, foreign, true), s.Condition, who, o, at)
		}
	}
	if o.QueuePolicyVersion > 0 {
		for _, q := range w.queues {
			for _, s := range q.policy.Statement {
				named := slices.Contains(s.Principal.Account, "*") || slices.Contains(s.Principal.Account, who.AccountID) || slices.Contains(s.Principal.User, who.AccountID+":"+who.UserID)
				name := queueActionOf[action]
				acts := name != "" && (slices.Contains(s.Action, "DMS:*") || slices.Contains(s.Action, name))
				queue.add(s.Effect, q.id == o.QueueID && named && acts, s.Condition, who, o, at)
			}
		}
	} else if who.Guest {
		return access.ImplicitDeny
	}
	switch {
	case identity.denied || narrowed.denied || queue.denied:
		return access.ExplicitDeny
	case identity.allowed && (session == nil || narrowed.allowed) && (!who.Guest || queue.allowed):
		return access.Allow
	}
	return access.ImplicitDeny
}

type verdict struct{ allowed, denied bool }

func (v *verdict) add(e iam.Effect, covered bool, c iam.Condition, who access.Actor, o access.Object, at time.Time) {
	holds, judged := holds(c, who, o, at)
	v.allowed = v.allowed || covered && e == iam.EffectAllow && judged && holds
	v.denied = v.denied || covered && e == iam.EffectDeny && (!judged || holds)
}

func covers(s iam.Statement, action access.Action, o access.Object, account string, foreign, session bool) bool {
	owner := strings.Split(string(o.Resource), ":")[2]
	for _, a := range s.Action {
		for _, r := range s.Resource {
			reaches := owner == account
			if foreign {
				reaches = s.Effect == iam.EffectDeny || session || len(strings.Split(r, ":")) > 2 && strings.Split(r, ":")[2] == owner
			}
			if reaches && actionMatches(a, string(action)) && resourceMatches(r, string(o.Resource)) {
				return true
			}
		}
	}
	return false
}

func actionMatches(pattern, action string) bool {
	p, a := strings.Split(pattern, ":"), strings.Split(action, ":")
	for len(p) < len(a) && p[len(p)-1] == "*" {
		p = append(p, "*")
	}
	return wordsMatch(p, a)
}

func resourceMatches(pattern, resource string) bool {
	words := func(s string) []string {
		return strings.Fields(strings.NewReplacer("::", " : _ : ", ":", " : ", "/", " / ").Replace(s))
	}
	return pattern == "*" || wordsMatch(words(pattern), words(resource))
}

func wordsMatch(p, s []string) bool {
	for i := range p {
		separator := i < len(s) && (s[i] == ":" || s[i] == "/")
		if i >= len(s) || p[i] != s[i] && (p[i] != "*" || separator) {
			return false
		}
	}
	return len(p) == len(s)
}

func holds(c iam.Condition, who access.Actor, o access.Object, at time.Time) (holds, judged bool) {
	holds, judged = true, true
	for operator, keys := range c {
		for key, values := range keys {
			text, there := who.ProjectName, who.ProjectName != ""
			if tag, isTag := strings.CutPrefix(key, "g:ResourceTag/"); isTag {
				text, there = "", false
				for _, t := range o.Tags {
					if t.Key == tag {
						text, there = t.Value, true
					}
				}
			}
			one := false
			for _, v := range values {
				switch {
				case key == "g:Moon" || key == "g:SourceIp" && !who.Address.IsValid():
					judged = false
				case operator == "Null":
					one = one || (v == "true") != there
				case strings.HasSuffix(operator, "IpAddress"):
					if !strings.Contains(v, "/") {
						v += "/32"
					}
					_, network, _ := net.ParseCIDR(v)
					one = one || network.Contains(net.ParseIP(who.Address.String()))
				case operator == "Bool":
					one = one || v == "true" == (key == "g:MFAPresent" && who.MFA || key == "g:SecureTransport" && who.TLS)
				case strings.HasPrefix(operator, "Date"): // the texts are in one form and one zone: their order is that of time
					now := at.UTC().Format(time.RFC3339)
					one = one || strings.Contains(operator, "Less") && now < v || strings.Contains(operator, "Greater") && now > v || strings.HasSuffix(operator, "Equals") && now == v
				case strings.HasSuffix(operator, "Like"):
					before, after, _ := strings.Cut(v, "*")
					one = one || there && len(text) >= len(v)-1 && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
				default:
					one = one || there && text == v
				}
			}
			holds = holds && one != strings.Contains(operator, "Not")
		}
	}
	return holds, judged
}
