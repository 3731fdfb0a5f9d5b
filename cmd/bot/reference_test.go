package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the commands into docs/cli.md")

const (
	referencePage = "../../docs/cli.md"
	referenceHead = "## Commands\n"
)

// TestTheReferenceIsTheModel compares the commands and flags of docs/cli.md with those of the program.
// Run with -update it writes them.
func TestTheReferenceIsTheModel(t *testing.T) {
	data, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	head, got, _ := strings.Cut(string(data), referenceHead)
	want := reference(model(t))
	if *update {
		if err := os.WriteFile(referencePage, []byte(head+referenceHead+want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("docs/cli.md differs from the program: go test ./cmd/bot -run TestTheReference -update mends it\n%s", firstDifference(got, want))
	}
	for _, node := range model(t).Model.Leaves(false) {
		if name := "`bot " + node.Path() + "`"; !slices.Contains(unprinted, node.Path()) && !strings.Contains(head, "| "+name) && !strings.Contains(head, ", "+name) {
			t.Errorf("docs/cli.md does not say what %s prints as JSON", name)
		}
	}
	for _, m := range regexp.MustCompile("`bot ([a-z ]+)`").FindAllStringSubmatch(head, -1) {
		if !slices.ContainsFunc(model(t).Model.Leaves(false), func(n *kong.Node) bool { return n.Path() == m[1] }) {
			t.Errorf("docs/cli.md names bot %s, which does not exist", m[1])
		}
	}
}

// reference writes all commands for docs/cli.md.
func reference(parser *kong.Kong) string {
	var b strings.Builder
	group := ""
	for _, node := range parser.Model.Leaves(true) {
		if title := strings.TrimSuffix(node.ClosestGroup().Title, ":"); title != group {
			group = title
			fmt.Fprintf(&b, "\n### %s\n", group)
		}
		fmt.Fprintf(&b, "\n#### bot %s\n\n%s\n\n```text\n%s\n```\n", node.Path(), inText(node.Help), strings.Join(examples[node.Path()], "\n"))
		var rows []string
		settings, where := false, false
		for _, arg := range node.Positional {
			rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", arg.Summary(), inText(arg.Help)))
		}
		for _, f := range node.Flags {
			switch {
			case f.Name == "help":
			case f.Group != nil && f.Group.Key == "where":
				where = true
			case f.Group != nil:
				settings = true
			default:
				rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", flagOf(f), inText(f.Help)))
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n| | |\n| --- | --- |\n%s", strings.Join(rows, ""))
		}
		if settings {
			fmt.Fprint(&b, "\nAnd every setting as a flag: [settings.md](settings.md).\n")
		}
		if where {
			fmt.Fprint(&b, "\nAnd the [flags that lead to the bot](#flags-that-lead-to-the-bot).\n")
		}
	}
	fmt.Fprint(&b, "\n### Flags that lead to the bot\n\n| | |\n| --- | --- |\n")
	for _, node := range parser.Model.Leaves(true) {
		if node.Path() != "cases" {
			continue
		}
		for _, f := range node.Flags {
			if f.Group != nil && f.Group.Key == "where" {
				fmt.Fprintf(&b, "| `%s` | %s |\n", flagOf(f), inText(f.Help))
			}
		}
	}
	return b.String()
}

func flagOf(f *kong.Flag) string {
	text := "--" + f.Name
	if f.Short != 0 {
		text = "-" + string(f.Short) + ", " + text
	}
	if !f.IsBool() {
		text += " " + strings.ReplaceAll(f.FormatPlaceHolder(), "|", `\|`)
	}
	return text
}

var settingName = regexp.MustCompile(`\[?\b(BOT_[A-Z_]+)\b\]?`)

// inText is a help as it stands in a page.
func inText(help string) string {
	return strings.ReplaceAll(settingName.ReplaceAllString(help, "`$1`"), "|", `\|`)
}

// firstDifference returns the first lines in which two texts differ.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("the page has\n  %s\nand the program\n  %s", a[i], b[i])
		}
	}
	return "one of them ends before the other"
}

// TestSharedFlagsAreTheSame compares the flags that lead to the bot, which the page shows once.
func TestSharedFlagsAreTheSame(t *testing.T) {
	shared := map[string]string{}
	for _, node := range model(t).Model.Leaves(false) {
		var flags []string
		for _, f := range node.Flags {
			if f.Group != nil && f.Group.Key == "where" {
				flags = append(flags, flagOf(f)+" "+f.Help)
			}
		}
		if len(flags) > 0 {
			shared[strings.Join(flags, "\n")] = node.Path()
		}
	}
	if len(shared) != 1 {
		t.Errorf("commands differ in them: %v", shared)
	}
}
