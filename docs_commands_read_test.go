package groupguard_test

import (
	"regexp"
	"strings"
	"testing"
)

// A shown is what a page shows to be typed or saved: a command line, or a file.
type shown struct {
	page string
	line int
	text string // the command, or the file's body
	save string // the file's name; empty for a command
}

var (
	fence   = regexp.MustCompile("^( *)```(\\w*)$")
	heredoc = regexp.MustCompile(`<<-?\s*'?(\w+)'?`)
	saveAs  = regexp.MustCompile("`([\\w-]+\\.ya?ml)`[^`]*:$")
)

// shownOn returns the commands of all sh and console blocks of a page and the files that it has the
// reader save: a yaml block below a line that names the file and ends with a colon.
func shownOn(page, body string) []shown {
	var out []shown
	lines := strings.Split(body, "\n")
	above := "" // the last line of text before a block
	for i := 0; i < len(lines); i++ {
		m := fence.FindStringSubmatch(lines[i])
		if m == nil {
			if strings.TrimSpace(lines[i]) != "" {
				above = strings.TrimSpace(lines[i])
			}
			continue
		}
		start, kind, indent := i+1, m[2], m[1]
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			lines[i] = strings.TrimPrefix(lines[i], indent)
		}
		block := lines[start:min(i, len(lines))]
		switch kind {
		case "sh", "bash", "shell", "console":
			out = append(out, typed(page, start, block, kind == "console")...)
		case "yaml":
			if m := saveAs.FindStringSubmatch(above); m != nil {
				out = append(out, shown{page, start, strings.Join(block, "\n") + "\n", m[1]})
			}
		}
	}
	return out
}

// typed returns the command lines of a block; of a console block those after a dollar. A line that ends
// with a backslash goes on, and so does a here-document.
func typed(page string, start int, block []string, console bool) []shown {
	var out []shown
	for i := 0; i < len(block); i++ {
		text, at := block[i], start+i+1
		if console {
			rest, ok := strings.CutPrefix(text, "$ ")
			if !ok {
				continue
			}
			text = rest
		}
		if t := strings.TrimSpace(text); t == "" || strings.HasPrefix(t, "#") {
			continue
		}
		for strings.HasSuffix(text, "\\") && i+1 < len(block) {
			i++
			text += "\n" + block[i]
		}
		if m := heredoc.FindStringSubmatch(text); m != nil {
			for i+1 < len(block) {
				i++
				text += "\n" + block[i]
				if strings.TrimSpace(block[i]) == m[1] {
					break
				}
			}
		}
		out = append(out, shown{page: page, line: at, text: text})
	}
	return out
}

// An assignment alone, a comment, a prompt, an indented block, a long line and a here-document.
func TestCommandsAreFoundOnPages(t *testing.T) {
	const page = "Say `x.yaml`:\n\n```yaml\na: 1\n```\n\n```sh\n# not this\nmake demo   # but this\n\nlong \\\n  line\ncat > f <<'EOF'\none\nEOF\n```\n" +
		"1. item\n   ```console\n   $ bot version\n   groupguard\n   $ bot cases\n   ```\n```text\n$ not a command\n```\n"
	var got []string
	for _, s := range shownOn("p", page) {
		got = append(got, s.save+"|"+s.text)
	}
	want := "x.yaml|a: 1\n;|make demo   # but this;|long \\\n  line;|cat > f <<'EOF'\none\nEOF;|bot version;|bot cases"
	if text := strings.Join(got, ";"); text != want {
		t.Errorf("found\n%q, want\n%q", text, want)
	}
	if line := shownOn("p", page)[1].line; line != 9 {
		t.Errorf("make demo is found on line %d", line)
	}
}
