package main

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var (
	consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")
	quotedWord   = regexp.MustCompile(`"[^"]*"|\S+`)
	today        = regexp.MustCompile(`until: \d{4}-\d\d-\d\d|(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  new-member-link  all|  AGE +|:\d\d  \d+[smhd] +`)
)

// pageCmd is a command of the scripts: it runs the commands that a page shows, in their order, and
// compares what they print with what the page says.
func pageCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: page file")
	}
	ran := 0
	for _, block := range consoleBlock.FindAllStringSubmatch(ts.ReadFile(args[0]), -1) {
		for _, sample := range strings.Split("\n"+block[1], "\n$ bot ")[1:] {
			line, want, _ := strings.Cut(sample, "\n")
			words := quotedWord.FindAllString(line, -1)
			for i := range words {
				words[i] = strings.Trim(words[i], `"`)
			}
			if err := ts.Exec("bot", words...); err != nil {
				ts.Fatalf("bot %s: %v", line, err)
			}
			got := today.ReplaceAllString(strings.TrimSpace(ts.ReadFile("stdout")), "")
			if got != today.ReplaceAllString(strings.TrimSpace(want), "") {
				ts.Fatalf("the page says of bot %s\n%s\nand it is\n%s", line, want, got)
			}
			ran++
		}
	}
	if ran == 0 {
		ts.Fatalf("%s shows no commands", args[0])
	}
}
