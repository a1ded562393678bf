package dmsapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// Limits of a search (dms-api section 2.9).
const (
	maxSearchKeys       = 10
	maxSearchValues     = 10
	maxSearchKeyChars   = 127
	maxSearchValueChars = 255
	maxSearchPage       = 1000
)

// tagSearch is the body of a search:
//
//	{"action":"filter","tags":[{"key":"","values":[""]}],"tags_any":[],"not_tags":[],"not_tags_any":[],
//	 "matches":[{"key":"resource_name","value":""}],"limit":"1000","offset":"0"}
type tagSearch struct {
	countOnly bool
	all       []tagValues // the queue has every key, with one of its values
	any       []tagValues // the queue has one of the keys, with one of its values
	notAll    []tagValues
	notAny    []tagValues
	names     []string // parts of the queue's name
	limit     int
	offset    int
}

type foundQueue struct {
	ResourceID     string          `json:"resource_id"`
	ResourceDetail *struct{}       `json:"resource_detail"` // always null
	ResourceName   string          `json:"resource_name"`
	Tags           []dataplane.Tag `json:"tags"`
}

type searchReply struct {
	Resources  *[]foundQueue `json:"resources,omitempty"` // of filter
	TotalCount int           `json:"total_count"`
}

// searchByTag is row 19: POST .../queue/resource_instances/action.
func (s *server) searchByTag(c *gin.Context, at *target) error {
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	search, err := parseSearch(body)
	if err != nil {
		return err
	}
	queues, err := s.node.Queues(c, at.actor.ProjectID)
	if err != nil {
		return err
	}
	queues = slices.DeleteFunc(slices.Clone(queues), func(q dataplane.Queue) bool { return !search.matches(q) })
	out := searchReply{TotalCount: len(queues)}
	if !search.countOnly {
		queues = queues[min(search.offset, len(queues)):]
		found := make([]foundQueue, 0, len(queues))
		for _, q := range queues[:min(search.limit, len(queues))] {
			found = append(found, foundQueue{ResourceID: q.ID, ResourceName: q.Name, Tags: tagsOf(q)})
		}
		out.Resources = &found
	}
	s.node.CountRead(at.actor, "", access.TagList)
	replyJSON(c, http.StatusOK, out)
	return nil
}

func (t tagSearch) matches(q dataplane.Queue) bool {
	has := func(want tagValues) bool {
		return slices.ContainsFunc(q.Tags, func(tag dataplane.Tag) bool {
			return tag.Key == want.Key && (len(want.Values) == 0 || slices.Contains(want.Values, tag.Value))
		})
	}
	hasNot := func(want tagValues) bool { return !has(want) }
	for _, part := range t.names {
		if !strings.Contains(strings.ToLower(q.Name), strings.ToLower(part)) {
			return false
		}
	}
	switch {
	case slices.ContainsFunc(t.all, hasNot):
		return false
	case len(t.any) > 0 && !slices.ContainsFunc(t.any, has):
		return false
	case len(t.notAll) > 0 && !slices.ContainsFunc(t.notAll, hasNot):
		return false
	}
	return !slices.ContainsFunc(t.notAny, has)
}

// parseSearch scans a search and checks its limits.
func parseSearch(body []byte) (tagSearch, error) {
	t := tagSearch{}
	action, limit, offset := "", strconv.Itoa(maxSearchPage), "0"
	var matches []dataplane.Tag
	p := &fields{}
	err := document(body, func(s *scanner) error {
		p.s = s
		return p.object("the request body", func(name []byte) error {
			switch n := string(name); n {
			case "action":
				return p.optionalString(n, &action)
			case "limit":
				return p.numeral(n, &limit)
			case "offset":
				return p.numeral(n, &offset)
			case "tags":
				return parseTagValues(p, n, &t.all)
			case "tags_any":
				return parseTagValues(p, n, &t.any)
			case "not_tags":
				return parseTagValues(p, n, &t.notAll)
			case "not_tags_any":
				return parseTagValues(p, n, &t.notAny)
			case "matches":
				return parseMatches(p, &matches)
			}
			return p.ignore()
		})
	})
	switch {
	case err != nil:
		return t, err
	case p.wrong != nil:
		return t, p.wrong
	case action != "filter" && action != "count":
		return t, errs.New(errs.Invalid, reason.TagFilterAction, "The action must be filter or count.")
	}
	t.countOnly = action == "count"
	for _, wanted := range [][]tagValues{t.all, t.any, t.notAll, t.notAny} {
		if err := checkWanted(wanted); err != nil {
			return t, err
		}
	}
	if len(matches) > maxSearchKeys {
		return t, errs.New(errs.Invalid, reason.Format, "Invalid request format: there are more than %d matches.", maxSearchKeys)
	}
	for _, m := range matches {
		if m.Key != "resource_name" {
			return t, errs.New(errs.Invalid, reason.Format, "Invalid request format: the key of matches must be resource_name.")
		}
		if utf8.RuneCountInString(m.Value) > maxSearchValueChars {
			return t, errs.New(errs.Invalid, reason.TagValueLength, "A value to match has more than %d characters.", maxSearchValueChars)
		}
		t.names = append(t.names, m.Value)
	}
	if t.limit, err = strconv.Atoi(limit); err != nil || t.limit < 1 || t.limit > maxSearchPage {
		return t, errs.New(errs.Invalid, reason.PageLimit, "The limit must be within 1 and %d.", maxSearchPage)
	}
	if t.offset, err = strconv.Atoi(offset); err != nil || t.offset < 0 {
		return t, errs.New(errs.Invalid, reason.PageOffset, "The offset must be 0 or more.")
	}
	return t, nil
}

func checkWanted(wanted []tagValues) error {
	if len(wanted) > maxSearchKeys {
		return errs.New(errs.Invalid, reason.TagLimit, "There are more than %d tag keys.", maxSearchKeys)
	}
	seen := map[string]bool{}
	for _, w := range wanted {
		switch {
		case w.Key == "" || utf8.RuneCountInString(w.Key) > maxSearchKeyChars:
			return errs.New(errs.Invalid, reason.TagKeyLength, "A tag key must have 1 to %d characters.", maxSearchKeyChars)
		case seen[w.Key]:
			return errs.New(errs.Invalid, reason.TagKeyDuplicate, "The tag key %q is used twice.", w.Key)
		case len(w.Values) > maxSearchValues:
			return errs.New(errs.Invalid, reason.Format, "Invalid request format: a tag key has more than %d values.", maxSearchValues)
		}
		seen[w.Key] = true
		for _, v := range w.Values {
			if utf8.RuneCountInString(v) > maxSearchValueChars {
				return errs.New(errs.Invalid, reason.TagValueLength, "A tag value has more than %d characters.", maxSearchValueChars)
			}
		}
	}
	return nil
}

func parseTagValues(p *fields, name string, out *[]tagValues) error {
	*out = nil
	return p.array(name, func() error {
		var t tagValues
		err := p.object("a tag", func(member []byte) error {
			switch string(member) {
			case "key":
				return p.string("key", &t.Key)
			case "values":
				return p.array("values", func() error {
					var v string
					err := p.string("values", &v)
					if len(t.Values) <= maxSearchValues { // one more than allowed is enough to refuse it
						t.Values = append(t.Values, v)
					}
					return err
				})
			}
			return p.ignore()
		})
		if len(*out) <= maxSearchKeys {
			*out = append(*out, t)
		}
		return err
	})
}

func parseMatches(p *fields, out *[]dataplane.Tag) error {
	*out = nil
	return p.array("matches", func() error {
		var t dataplane.Tag
		err := p.object("a match", func(member []byte) error {
			switch string(member) {
			case "key":
				return p.string("key", &t.Key)
			case "value":
				return p.string("value", &t.Value)
			}
			return p.ignore()
		})
		if len(*out) <= maxSearchKeys {
			*out = append(*out, t)
		}
		return err
	})
}
