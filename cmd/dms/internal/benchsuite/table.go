package benchsuite

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Line is one line of the table.
type Line struct {
	Row     string
	Ours    float64
	Ceiling float64 // 0: there is none, and Target bounds Ours itself
	Unit    string
	Target  float64 // of the ratio, or of Ours; 0: for information
	Most    bool    // the target is an upper bound
	Note    string
}

// Ratio is Ours to Ceiling.
func (l Line) Ratio() float64 {
	if l.Ceiling == 0 {
		return 0
	}
	return l.Ours / l.Ceiling
}

// Met reports whether the target was met; true when there is none.
func (l Line) Met() bool {
	value := l.Ours
	if l.Ceiling > 0 {
		value = l.Ratio()
	}
	switch {
	case l.Target == 0:
		return true
	case l.Most:
		return value <= l.Target
	default:
		return value >= l.Target
	}
}

// WriteTable writes lines under one head.
func WriteTable(w io.Writer, lines []Line) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ROW\tOURS\tCEILING\tRATIO\tTARGET\tMET\t")
	for _, l := range lines {
		var ours, ceiling, ratio, target, met string
		if l.Ours != 0 {
			ours = strings.TrimSpace(number(l.Ours) + " " + l.Unit)
		}
		if l.Ceiling != 0 {
			ceiling, ratio = number(l.Ceiling), fmt.Sprintf("%.2f", l.Ratio())
		}
		if l.Target != 0 {
			sign := ">="
			if l.Most {
				sign = "<="
			}
			if target, met = fmt.Sprintf("%s %g", sign, l.Target), "no"; l.Met() {
				met = "yes"
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Row, ours, ceiling, ratio, target, met, l.Note)
	}
	return t.Flush()
}

// number writes thousands apart from the rest, and small figures with what is behind the point.
func number(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.2f", v)
	}
	digits := fmt.Sprintf("%.0f", v)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
