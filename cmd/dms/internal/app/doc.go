// Package app is the composition root: it reads the configuration, and puts the modules together into what each subcommand runs.
// Only here does everything meet.
package app
