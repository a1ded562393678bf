// Package e2e holds the end-to-end tests: they build the binary, boot it on free ports in each topology and on each database, and
// use it as a tenant or an operator would, knowing nothing of its inside.
package e2e
