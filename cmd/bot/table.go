package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// table is rows under a head, fitted to the terminal.
type table struct {
	head []string
	rows [][]string
}

// whole tells whether a column is never cut: people type what stands in it, or compare it to the letter.
func (t *table) whole(column int) bool {
	name, _, _ := strings.Cut(t.head[column], " ") // a time is followed by its zone
	return slices.Contains([]string{"CODE", "TIME", "SINCE", "RULE", "GROUP", "MEMBER"}, name)
}

const (
	leastCells = 6  // a column is not made narrower than this,
	lastCells  = 16 // and the last one, which says what it is about, not than this
	gap        = 2  // cells between columns
)

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = plain(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// print writes the table. With a width over zero the widest columns are cut until it fits, but not those
// that are whole; where that leaves too little, each row becomes lines of its own.
func (t *table) print(w io.Writer, width int) {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], cells(cell))
		}
	}
	if width > 0 && !t.narrow(widths, width) {
		t.printRows(w, width)
		return
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

// narrow makes the widest columns smaller until they fit, and tells whether they do.
func (t *table) narrow(widths []int, width int) bool {
	for {
		sum, widest := gap*(len(widths)-1), -1
		for i, n := range widths {
			sum += n
			if !t.whole(i) && (i < len(widths)-1 || n > lastCells) && (widest < 0 || n > widths[widest]) {
				widest = i
			}
		}
		switch {
		case sum <= width:
			return true
		case widest < 0 || widths[widest] <= leastCells:
			return false
		}
		widths[widest]--
	}
}

// printRows writes each row as lines of a name and a value.
func (t *table) printRows(w io.Writer, width int) {
	names := 0
	for _, name := range t.head {
		names = max(names, cells(name))
	}
	for i, row := range t.rows {
		if i > 0 {
			fmt.Fprintln(w)
		}
		for j, cell := range row {
			name := t.head[j]
			if !t.whole(j) {
				cell = fit(cell, max(width-names-gap, leastCells))
			}
			line := name + strings.Repeat(" ", names-cells(name)+gap) + cell
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
	}
}

// cells returns how many cells of a terminal a text fills.
func cells(s string) int { return uniseg.StringWidth(s) }

// fit cuts a text to a number of cells, between characters as a person sees them.
func fit(s string, most int) string {
	if cells(s) <= most {
		return s
	}
	n, end, state := 1, 0, -1 // one cell for the ellipsis
	for rest := s; rest != ""; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n += width; n > most {
			break
		}
		end += len(cluster)
	}
	return s[:end] + "…"
}

// widthOf returns how wide the terminal is; 0 when no person reads, or when nobody says. COLUMNS goes
// first, as everywhere.
func widthOf(p process) int {
	if !isTerminal(p.stdout) {
		return 0
	}
	n, err := strconv.Atoi(value(p.env, "COLUMNS"))
	if err != nil || n < 1 {
		if n, _, err = term.GetSize(int(fileOf(p.stdout).Fd())); err != nil {
			return 0
		}
	}
	return max(n, 0)
}
