// Package wiretest runs a whole node for the tests of its wires: the real engine and the real node-local store on a disk in memory,
// the real node, a directory that the test writes, and callers that the test invents. Time stands still until the test moves it.
package wiretest
