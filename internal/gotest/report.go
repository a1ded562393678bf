package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// report counts tests and keeps their output until it is known whether they failed.
type report struct {
	w              io.Writer
	passed, failed int
	output         map[[2]string]*strings.Builder // by package and test; test "" is the package's own
	tests          map[string]int                 // that ended, by package
	broken         map[string]bool                // packages with a failed test
}

func newReport(w io.Writer) *report {
	return &report{w: w, output: map[[2]string]*strings.Builder{}, tests: map[string]int{}, broken: map[string]bool{}}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				r.take(e)
			} else {
				fmt.Fprintf(r.w, "%s", line) // the go command speaking in plain text
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the output of go test: %w", err)
		}
	}
}

func (r *report) take(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "output":
		b := r.output[key]
		if b == nil {
			b = new(strings.Builder)
			r.output[key] = b
		}
		b.WriteString(e.Output)
		return
	case "build-output":
		fmt.Fprint(r.w, e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	defer delete(r.output, key)
	if e.Test == "" {
		r.endPackage(e, key)
		return
	}
	r.tests[e.Package]++
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.broken[e.Package] = true
		r.print(key)
	case "skip": // nothing is skipped in this repository: a claim that nobody checked is a failure
		r.failed++
		r.broken[e.Package] = true
		r.print(key)
		fmt.Fprintf(r.w, "FAIL %s %s was skipped\n", e.Package, e.Test)
	}
}

func (r *report) endPackage(e event, key [2]string) {
	switch {
	case e.Action == "skip": // it has no tests
	case e.Action == "pass" && !r.broken[e.Package]:
		if n := r.tests[e.Package]; n > 0 {
			fmt.Fprintf(r.w, "ok   %s (%d tests, %.1fs)\n", e.Package, n, e.Elapsed)
		}
	default:
		if !r.broken[e.Package] {
			r.failed++ // it did not build, or died outside of a test
		}
		for k := range r.output { // a test that was running when the process died never ended
			if k[0] == e.Package && k[1] != "" {
				r.print(k)
			}
		}
		r.print(key)
		fmt.Fprintf(r.w, "FAIL %s\n", e.Package)
	}
}

func (r *report) print(key [2]string) {
	if b := r.output[key]; b != nil {
		fmt.Fprint(r.w, b.String())
	}
}
