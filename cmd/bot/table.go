package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table is rows under a head, fitted to the terminal.
type table struct {
	head []string
	rows [][]string
}

const (
	leastCells = 8 // a column is not made narrower than this
	gap        = 2 // cells between columns
)

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = plain(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// print writes the table. With a width over zero the widest columns are cut until it fits.
func (t *table) print(w io.Writer, width int) {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], cells(cell))
		}
	}
	for width > 0 {
		sum, widest := gap*(len(widths)-1), 0
		for i, n := range widths {
			sum += n
			if n > widths[widest] {
				widest = i
			}
		}
		if sum <= width || widths[widest] <= leastCells {
			break
		}
		widths[widest]--
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		var b strings.Builder
		for i, cell := range row {
			cell = fit(cell, widths[i])
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", widths[i]-cells(cell)+gap))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// cells returns how many cells of a terminal a text fills.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

// fit cuts a text to a number of cells.
func fit(s string, most int) string {
	if cells(s) <= most {
		return s
	}
	n := 1 // for the ellipsis
	for i, r := range s {
		if n += cellsOf(r); n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// plain makes a text safe for a terminal: names and IDs are what strangers chose. What is not
// printable is spelled out.
func plain(s string) string {
	safe := utf8.ValidString(s)
	for _, r := range s {
		safe = safe && (unicode.IsPrint(r) || r == '\u200d')
	}
	if safe {
		return s
	}
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// widthOf returns how wide the terminal is; 0 when no person reads, or when nobody says.
func widthOf(p process) int {
	if !isTerminal(p.stdout) {
		return 0
	}
	n, err := strconv.Atoi(value(p.env, "COLUMNS"))
	if err != nil || n < 40 {
		return 0
	}
	return n
}
