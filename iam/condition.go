package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"dms/internal/access"
)

// Condition narrows a statement to circumstances: operator, key, values. All operators and all keys must hold; of the values of one key
// one must match, and for the operators with Not in their name none may. In JSON a string stands for a list of one.
type Condition map[string]map[string][]string

// What conditions may ask for. The names are the original's.
const (
	KeySourceIP        = "g:SourceIp"
	KeyCurrentTime     = "g:CurrentTime"
	KeyMFAPresent      = "g:MFAPresent"
	KeySecureTransport = "g:SecureTransport"
	KeyUserName        = "g:UserName"
	KeyProjectName     = "g:ProjectName"
	// KeyResourceTag is followed by the key of a tag on the queue.
	KeyResourceTag = "g:ResourceTag/"
)

// Circumstances are the facts about a request that conditions read.
type Circumstances struct {
	At          time.Time
	Address     netip.Addr // the zero Addr: not known
	MFA, TLS    bool
	UserName    string
	ProjectName string // "": the request acts in no project
	Tags        []access.Tag
}

// Truth is what can be said of a condition.
type Truth int8

const (
	False Truth = iota
	True
	// Unevaluable: it cannot be said. A statement that allows does not, one that denies does.
	Unevaluable
)

// Conditions is a condition that is ready to be judged.
type Conditions struct {
	tests []conditionTest
}

type conditionTest struct {
	name string // "IpAddress g:SourceIp", for people
	// holds is nil when this version of the program cannot judge the test.
	holds func(c *Circumstances) Truth
}

// Compile prepares the condition; nil for none. Whatever Validate would refuse is kept as something that cannot be judged: a document may have been
// written by a newer version of the program.
func (c Condition) Compile() *Conditions {
	if len(c) == 0 {
		return nil
	}
	out := &Conditions{}
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		if len(c[operator]) == 0 {
			out.tests = append(out.tests, conditionTest{name: operator})
		}
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			holds, err := compileTest(operator, key, c[operator][key])
			if err != nil {
				holds = nil
			}
			out.tests = append(out.tests, conditionTest{name: operator + " " + key, holds: holds})
		}
	}
	return out
}

// Holds judges the conditions; nil always hold. unmet names the first that does not. One that cannot be judged outweighs one that does not hold.
func (c *Conditions) Holds(at *Circumstances) (truth Truth, unmet string) {
	if c == nil {
		return True, ""
	}
	truth = True
	for i := range c.tests {
		t := &c.tests[i]
		if t.holds == nil {
			return Unevaluable, t.name
		}
		switch t.holds(at) {
		case Unevaluable:
			return Unevaluable, t.name
		case False:
			if truth == True {
				truth, unmet = False, t.name
			}
		}
	}
	return truth, unmet
}

// problems calls report for all that is wrong with the condition, with a pointer behind at.
func (c Condition) problems(at string, report func(pointer, detail string)) {
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		if len(c[operator]) == 0 {
			report(at+"/"+pointerEscape(operator), "must have at least one key")
		}
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			if _, err := compileTest(operator, key, c[operator][key]); err != nil {
				report(at+"/"+pointerEscape(operator)+"/"+pointerEscape(key), err.Error())
			}
		}
	}
}

// pointerEscape makes s a segment of a JSON pointer (RFC 6901).
func pointerEscape(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

// compileTest returns what judges one key by one operator.
func compileTest(operator, key string, values []string) (func(*Circumstances) Truth, error) {
	if len(values) == 0 {
		return nil, errors.New("must have at least one value")
	}
	if operator == "Null" {
		return nullTest(key, values)
	}
	switch kind := kindOfKey(key); {
	case kind == "":
		return nil, errors.New("is not a key of conditions")
	case kind == "text" && strings.HasPrefix(operator, "String"):
		return textTest(operator, key, values)
	case kind == "address" && strings.HasSuffix(operator, "IpAddress"):
		return addressTest(operator, values)
	case kind == "time" && strings.HasPrefix(operator, "Date"):
		return timeTest(operator, values)
	case kind == "bool" && operator == "Bool":
		return boolTest(key, values)
	}
	return nil, fmt.Errorf("%s does not compare it", operator)
}

func kindOfKey(key string) string {
	switch key {
	case KeySourceIP:
		return "address"
	case KeyCurrentTime:
		return "time"
	case KeyMFAPresent, KeySecureTransport:
		return "bool"
	case KeyUserName, KeyProjectName:
		return "text"
	}
	if tag, ok := strings.CutPrefix(key, KeyResourceTag); ok && tag != "" {
		return "text"
	}
	return ""
}

// textOf returns the value of a key that is text; not ok when the request has none.
func textOf(c *Circumstances, key string) (value string, ok bool) {
	switch key {
	case KeyUserName:
		return c.UserName, c.UserName != ""
	case KeyProjectName:
		return c.ProjectName, c.ProjectName != ""
	}
	tag := strings.TrimPrefix(key, KeyResourceTag)
	for _, t := range c.Tags {
		if t.Key == tag {
			return t.Value, true
		}
	}
	return "", false
}

func textTest(operator, key string, values []string) (func(*Circumstances) Truth, error) {
	match := func(pattern string) func(string) bool { return func(s string) bool { return s == pattern } }
	switch operator {
	case "StringEquals", "StringNotEquals":
	case "StringLike", "StringNotLike":
		match = func(pattern string) func(string) bool { return compileLike(pattern) }
	default:
		return nil, errors.New("is not an operator")
	}
	matches := make([]func(string) bool, len(values))
	for i, v := range values {
		matches[i] = match(v)
	}
	not := strings.HasPrefix(operator, "StringNot")
	return func(c *Circumstances) Truth {
		value, ok := textOf(c, key)
		any := ok && slices.ContainsFunc(matches, func(m func(string) bool) bool { return m(value) })
		return truthOf(any != not) // what is not there equals nothing, and differs from everything
	}, nil
}

func addressTest(operator string, values []string) (func(*Circumstances) Truth, error) {
	if operator != "IpAddress" && operator != "NotIpAddress" {
		return nil, errors.New("is not an operator")
	}
	prefixes := make([]netip.Prefix, len(values))
	for i, v := range values {
		p, ok := parsePrefix(v)
		if !ok {
			return nil, fmt.Errorf("%q is not an address or a range like 192.0.2.0/24", v)
		}
		prefixes[i] = p
	}
	not := operator == "NotIpAddress"
	return func(c *Circumstances) Truth {
		if !c.Address.IsValid() {
			return Unevaluable
		}
		address := c.Address.Unmap().WithZone("")
		return truthOf(slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(address) }) != not)
	}, nil
}

func parsePrefix(s string) (netip.Prefix, bool) {
	if address, err := netip.ParseAddr(s); err == nil {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), address.Zone() == ""
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

func timeTest(operator string, values []string) (func(*Circumstances) Truth, error) {
	var compare func(now, value time.Time) bool
	switch operator {
	case "DateLessThan":
		compare = time.Time.Before
	case "DateLessThanEquals":
		compare = func(now, value time.Time) bool { return !now.After(value) }
	case "DateGreaterThan":
		compare = time.Time.After
	case "DateGreaterThanEquals":
		compare = func(now, value time.Time) bool { return !now.Before(value) }
	default:
		return nil, errors.New("is not an operator")
	}
	times := make([]time.Time, len(values))
	for i, v := range values {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return nil, fmt.Errorf("%q is not a time like 2026-01-02T15:04:05Z", v)
		}
		times[i] = t
	}
	return func(c *Circumstances) Truth {
		return truthOf(slices.ContainsFunc(times, func(t time.Time) bool { return compare(c.At, t) }))
	}, nil
}

func boolTest(key string, values []string) (func(*Circumstances) Truth, error) {
	var wanted [2]bool // false, true
	for _, v := range values {
		b, err := parseBool(v)
		if err != nil {
			return nil, err
		}
		wanted[index(b)] = true
	}
	return func(c *Circumstances) Truth {
		have := c.MFA
		if key == KeySecureTransport {
			have = c.TLS
		}
		return truthOf(wanted[index(have)])
	}, nil
}

// nullTest asks whether the request lacks the key.
func nullTest(key string, values []string) (func(*Circumstances) Truth, error) {
	kind := kindOfKey(key)
	if kind == "" {
		return nil, errors.New("is not a key of conditions")
	}
	var wanted [2]bool
	for _, v := range values {
		b, err := parseBool(v)
		if err != nil {
			return nil, err
		}
		wanted[index(b)] = true
	}
	return func(c *Circumstances) Truth {
		lacks := false
		switch kind {
		case "address":
			lacks = !c.Address.IsValid()
		case "text":
			_, has := textOf(c, key)
			lacks = !has
		}
		return truthOf(wanted[index(lacks)])
	}, nil
}

func parseBool(s string) (bool, error) {
	switch s {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf(`%q is neither "true" nor "false"`, s)
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}

// compileLike returns what matches a pattern in which '*' stands for any text and '?' for one character. There is no backtracking but to the last
// star, so the work is bounded by the length of the pattern times that of the text, which is a name.
func compileLike(pattern string) func(string) bool {
	p := []rune(pattern)
	p = slices.CompactFunc(p, func(a, b rune) bool { return a == '*' && b == '*' })
	return func(text string) bool {
		s := []rune(text)
		i, j, star, from := 0, 0, -1, 0
		for i < len(s) {
			switch {
			case j < len(p) && p[j] == '*':
				star, from = j, i
				j++
			case j < len(p) && (p[j] == '?' || p[j] == s[i]):
				i, j = i+1, j+1
			case star >= 0:
				from++
				i, j = from, star+1
			default:
				return false
			}
		}
		for j < len(p) && p[j] == '*' {
			j++
		}
		return j == len(p)
	}
}

// UnmarshalJSON implements json.Unmarshaler. An operator or key that comes twice is refused: of two conditions one would be lost.
func (c *Condition) UnmarshalJSON(b []byte) error {
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		return nil
	}
	out := make(Condition)
	err := eachMember(b, func(operator string, keys json.RawMessage) error {
		if _, twice := out[operator]; twice {
			return fmt.Errorf("condition operator %q is given twice", operator)
		}
		out[operator] = make(map[string][]string)
		return eachMember(keys, func(key string, value json.RawMessage) error {
			if _, twice := out[operator][key]; twice {
				return fmt.Errorf("condition key %q is given twice", key)
			}
			values, err := oneOrMany(value)
			out[operator][key] = values
			return err
		})
	})
	if err == nil {
		*c = out
	}
	return err
}

// eachMember calls f for the members of a JSON object, also for those of one name.
func eachMember(object []byte, f func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("a condition is an object of operators, each an object of keys")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}

func oneOrMany(value json.RawMessage) ([]string, error) {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}, nil
	}
	var many []string
	if err := json.Unmarshal(value, &many); err != nil {
		return nil, errors.New("the value of a condition is a string or a list of strings")
	}
	return many, nil
}
