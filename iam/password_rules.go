package iam

import (
	_ "embed"
	"strings"
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

// checkPassword is the rule for a password that a user chooses.
func checkPassword(password, accountName string) string {
	if problem := checkPasswordLength(password); problem != "" {
		return problem
	}
	folded := strings.ToLower(strings.TrimSpace(password))
	if commonPasswords[folded] {
		return "is one of the most common passwords; choose another"
	}
	if accountName != "" && folded == strings.ToLower(accountName) {
		return "must not be the account name"
	}
	return ""
}
