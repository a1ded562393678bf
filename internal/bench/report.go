package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is the result of `dms bench` in a form for programs.
type Report struct {
	Target  string  `json:"target"` // "engine", "http"
	Machine Machine `json:"machine"`
	Result
}

// WriteText writes the report for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	r.Machine.write(&b)
	l := r.Load
	fmt.Fprintf(&b, "Load     %s: %d producers, %d consumers, %d queues, %d groups, batches of %d, %d bytes %s", r.Target, l.Producers, l.Consumers, l.Queues, l.Groups, l.Batch, l.Size, l.Body)
	if l.Keys > 0 {
		fmt.Fprintf(&b, ", %d ordering keys", l.Keys)
	}
	if l.Rate > 0 {
		fmt.Fprintf(&b, ", at %.0f messages/s", l.Rate)
	}
	fmt.Fprintf(&b, "\nMeasured %v", r.Elapsed.Round(time.Millisecond))
	if r.Cut {
		b.WriteString(" (ended early)")
	}
	b.WriteString("\n\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmessages\tmessages/s\tMB/s\t")
	for _, row := range []struct {
		name string
		n    int64
		rate float64
	}{{"sent", r.Sent, r.SentPerSecond}, {"received", r.Received, r.ReceivedPerSecond}, {"acknowledged", r.Acked, r.AckedPerSecond}} {
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.1f\t\n", row.name, row.n, row.rate, row.rate*float64(l.Size)/1e6)
	}
	fmt.Fprintln(t, "\t\t\t\t\t\t\t")
	fmt.Fprintln(t, "latency\tcalls\tp50\tp90\tp99\tp99.9\tmax\t")
	for _, row := range []struct {
		name string
		s    Summary
	}{{"send", r.Send}, {"receive", r.Receive}, {"ack", r.Ack}, {"end to end", r.EndToEnd}} {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", row.name, row.s.Count, short(row.s.P50), short(row.s.P90), short(row.s.P99), short(row.s.P999), short(row.s.Max))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%d receives were empty, %d calls failed", r.EmptyReceives, r.ErrorCount())
	var kinds []string
	for k := range r.Errors {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n  %s: %d, the first: %s", k, r.Errors[k], r.ErrorSamples[k])
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (m Machine) write(w io.Writer) {
	fmt.Fprintf(w, "Machine  %d cores, GOMAXPROCS %d, %s/%s, %s, dms %s\n", m.Cores, m.GOMAXPROCS, m.OS, m.Arch, m.Go, m.Version)
	if m.Dir != "" {
		fmt.Fprintf(w, "Disk     %s, a synced write of 4 KiB takes %s (%s)\n", m.FileSystem, short(m.Sync), m.Dir)
	}
}

// String describes the machine in a line or two.
func (m Machine) String() string {
	var b strings.Builder
	m.write(&b)
	return b.String()
}

// short writes a duration with three digits.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0fms", float64(d)/1e6)
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2fms", float64(d)/1e6)
	default:
		return fmt.Sprintf("%.0fµs", float64(d)/1e3)
	}
}

// Progress returns a function that writes one line a second to w: over the last one on a terminal, else below it.
func Progress(w io.Writer, terminal bool) func(Moment) {
	var last Moment
	return func(m Moment) {
		s := (m.Elapsed - last.Elapsed).Seconds()
		if s <= 0 {
			return
		}
		begin, end := "", "\n"
		if terminal {
			begin, end = "\r\x1b[K", ""
		}
		fmt.Fprintf(w, "%s%6.0fs  sent %9.0f/s  received %9.0f/s  acknowledged %9.0f/s  behind %d  errors %d%s", begin, m.Elapsed.Seconds(),
			float64(m.Sent-last.Sent)/s, float64(m.Received-last.Received)/s, float64(m.Acked-last.Acked)/s, m.Sent-m.Acked, m.Errors, end)
		last = m
	}
}
