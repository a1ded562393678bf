package iam

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Length of a password in code points. There are no rules of composition: they make passwords worse (NIST SP 800-63B, 3.1.1.2).
const (
	minPasswordChars = 8
	maxPasswordChars = 128
)

//go:embed common_passwords.txt
var commonPasswordsFile string

var commonPasswords = func() map[string]bool {
	m := make(map[string]bool)
	for line := range strings.Lines(commonPasswordsFile) {
		if w := strings.TrimSpace(line); w != "" {
			m[w] = true
		}
	}
	return m
}()

// checkPasswordLength is the rule for a password that an operator sets.
func checkPasswordLength(password string) string {
	if !utf8.ValidString(password) {
		return "must be valid UTF-8"
	}
	if n := utf8.RuneCountInString(password); n < minPasswordChars || n > maxPasswordChars {
		return "must have 8 to 128 characters"
	}
	return ""
}

// productWords are what people who use a product like this make passwords of.
var productWords = []string{
	"dms", "queue", "queues", "message", "messages", "messagequeue", "mq", "console", "cloud", "huawei", "kafka", "tenant", "account", "project", "admin",
	"administrator", "operator", "root", "user", "guest", "default", "password", "passwort", "mima", "secret", "login", "welcome", "changeme", "letmein", "test", "demo",
}

// checkPassword is the rule for a password that a user chooses. names are those of the account and the user, and the user's e-mail address: a password
// that is one of them, or a word of the product, with digits and signs around it, is the first thing that a guesser tries.
func checkPassword(password string, names ...string) string {
	if problem := checkPasswordLength(password); problem != "" {
		return problem
	}
	folded := strings.ToLower(strings.TrimSpace(password))
	letters := onlyLetters(folded)
	if commonPasswords[folded] || letters != "" && slices.Contains(productWords, letters) {
		return "is one of the most common passwords; choose another"
	}
	for _, name := range names {
		name = strings.ToLower(name)
		local, host, _ := strings.Cut(name, "@")
		for _, word := range []string{name, local, host} {
			if word == "" {
				continue
			}
			if folded == word || letters != "" && letters == onlyLetters(word) {
				return "must not be made of the name of the account, the user or the e-mail address"
			}
		}
	}
	return ""
}

// onlyLetters returns the letters of s, without what people put around a word to please a rule.
func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}
