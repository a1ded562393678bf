// Package run starts and stops the long-lived parts of a process: a group of services, an HTTP server, a certificate that is read
// again when it changes.
package run
