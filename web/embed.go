// Package web is the console: the files that a browser loads, embedded into the binary, and the handler that serves them.
//
// The files under dist are made by "npm --prefix web run build". A checkout has none of them (only .gitkeep, so that the
// package compiles without Node); the handler then serves a page that says how to build them.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var embedded embed.FS

// dist is the root of the built console.
func dist() fs.FS {
	sub, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic("web: " + err.Error()) // the directory is there at compile time, or nothing compiles
	}
	return sub
}
