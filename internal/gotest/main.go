// Command gotest runs `go test -json` with its arguments, prints a line a package and all of what failed, and appends how many
// tests passed and failed to the file named by -counts, from which the closing line of the whole run is added up.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	counts := flag.String("counts", "", "file to which \"PASSED FAILED\" is appended")
	flag.Parse()
	os.Exit(run(*counts, flag.Args()))
}

func run(countsFile string, args []string) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fail(err)
	}
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	r := newReport(os.Stdout)
	readErr := r.read(out)
	waitErr := cmd.Wait()
	if waitErr != nil && r.failed == 0 {
		r.failed = 1 // go test itself did not work, or the stream broke off
	}
	fmt.Printf("%d tests passed, %d failed in this step\n", r.passed, r.failed)
	if countsFile != "" {
		if err := appendCounts(countsFile, r.passed, r.failed); err != nil {
			return fail(err)
		}
	}
	switch {
	case readErr != nil:
		return fail(readErr)
	case waitErr != nil || r.failed > 0:
		return 1
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "gotest:", err)
	return 1
}

func appendCounts(path string, passed, failed int) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "%d %d\n", passed, failed); err != nil {
		_ = f.Close() // the first error says more
		return err
	}
	return f.Close()
}
