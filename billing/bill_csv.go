package billing

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// csvHeader is fixed: columns are only ever added at the end.
var csvHeader = []string{
	"account_id", "account_name", "month", "currency", "status",
	"meter", "project_id", "user_id", "queue_id", "quantity", "unit", "unit_price", "amount", "closed",
}

// WriteCSV writes the bill as RFC 4180: a header, the lines, and two last rows whose meter is "rounding" and "total". The amounts of
// all rows before "total" add up to it.
func (b Bill) WriteCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	cw.UseCRLF = true
	head := []string{text(b.AccountID), text(b.AccountName), b.Month.String(), string(b.Currency), string(b.Status)}
	row := func(cells ...string) []string { return append(head[:len(head):len(head)], cells...) }
	if err := cw.Write(csvHeader); err != nil {
		return err
	}
	for _, l := range b.Lines {
		err := cw.Write(row(string(l.Meter), text(l.ProjectID), text(l.UserID), text(l.QueueID),
			l.Quantity.String(), string(l.Unit), l.UnitPrice.String(), l.Amount.String(), strconv.FormatBool(l.Closed)))
		if err != nil {
			return err
		}
	}
	if err := cw.Write(row("rounding", "", "", "", "", "", "", b.Rounding.String(), "")); err != nil {
		return err
	}
	if err := cw.Write(row("total", "", "", "", "", "", "", b.Total.String(), "")); err != nil {
		return err
	}
	cw.Flush()
	return cw.Error()
}

// text protects a spreadsheet from a cell that it would take for a formula. Numbers are ours and need no such care: a negative
// amount stays a number.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
