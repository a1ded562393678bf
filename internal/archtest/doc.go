// Package archtest holds the rules of the architecture as tests: who may import whom, and what may stand where. A failure says why
// the rule exists; docs/ARCHITECTURE.md shows the whole.
package archtest
