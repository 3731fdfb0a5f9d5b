package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/groupguard/groupguard/internal/app"
)

// completeWord is the hidden command that the scripts of bot completion call: the words of the command
// line so far follow, the last one as far as it is typed. The first line that it prints says what may
// stand there besides the words below it: :files, :folders or :words, which means nothing else. Each
// line below is a word and, behind a tab, what it means.
const completeWord = "__complete"

// idsPatience bounds what a completion waits for a rules file.
const idsPatience = 300 * time.Millisecond

// candidate is a word that may stand in a place.
type candidate struct{ word, help string }

// completion finds what may stand at the end of a command line.
type completion struct {
	process
	at   *kong.Node
	free int // arguments that stand there already
}

// complete prints what may stand at the end of a command line.
func complete(parser *kong.Kong, words []string, p process) int {
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	c := completion{process: p, at: parser.Model.Node}
	last := words[len(words)-1]
	kind, list, head := c.place(words[:len(words)-1], last)
	fmt.Fprintln(p.stdout, kind)
	for _, x := range list {
		if strings.HasPrefix(head+x.word, last) {
			fmt.Fprintf(p.stdout, "%s%s\t%s\n", head, x.word, x.help)
		}
	}
	return exitDone
}

// place walks along the words to the last one and returns what may stand there. Head stands before each
// candidate: it is the flag of --flag=value.
func (c *completion) place(before []string, last string) (kind string, list []candidate, head string) {
	var waiting *kong.Value // the flag whose value comes next
	plain := false          // flags have ended by --
	for i, word := range before {
		switch {
		case waiting != nil && word == "=": // bash takes --flag=value apart
		case waiting != nil:
			waiting = nil
		case plain:
			c.free++
		case word == "--":
			plain = true
		case strings.HasPrefix(word, "-"):
			if f := c.flag(word); f != nil && !f.IsBool() && !strings.Contains(word, "=") {
				waiting = f.Value
			}
		case i == 0 && word == "help":
		default:
			c.step(word)
		}
	}
	if waiting != nil {
		kind, list = c.values(waiting)
		return kind, list, ""
	}
	if name, _, ok := strings.Cut(last, "="); ok && !plain && strings.HasPrefix(last, "--") {
		if f := c.flag(name); f != nil {
			kind, list = c.values(f.Value)
			return kind, list, name + "="
		}
	}
	if strings.HasPrefix(last, "-") && !plain {
		return ":words", c.flags(before), ""
	}
	kind, list = c.words()
	return kind, list, ""
}

// step takes a word that is no flag: a command, or an argument.
func (c *completion) step(word string) {
	for _, n := range c.at.Children {
		if n.Name == word {
			c.at = n
			return
		}
	}
	c.free++
}

// flag returns the flag that a word names, with or without a value.
func (c *completion) flag(word string) *kong.Flag {
	name, _, _ := strings.Cut(word, "=")
	for _, f := range slices.Concat(c.at.AllFlags(false)...) {
		if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}

// flags are the flags of the command that do not stand there already.
func (c *completion) flags(before []string) []candidate {
	var out []candidate
	for _, f := range slices.Concat(c.at.AllFlags(true)...) {
		if !slices.ContainsFunc(before, func(w string) bool { return w == "--"+f.Name || strings.HasPrefix(w, "--"+f.Name+"=") }) {
			out = append(out, candidate{"--" + f.Name, brief(f.Help)})
		}
	}
	return out
}

// words are the commands below the one that is named, or what its next argument may be.
func (c *completion) words() (kind string, list []candidate) {
	if len(c.at.Children) > 0 {
		for _, n := range c.at.Children {
			if !n.Hidden {
				list = append(list, candidate{n.Name, brief(n.Help)})
			}
		}
		return ":words", list
	}
	free := c.free
	if n := len(c.at.Positional); n > 0 && free >= n && c.at.Positional[n-1].IsCumulative() {
		free = n - 1
	}
	if free < len(c.at.Positional) {
		return c.values(c.at.Positional[free])
	}
	return ":words", nil
}

// values is what a flag or an argument may be: by its enumeration, and by the names that files, folders
// and rules have in every command.
func (c *completion) values(v *kong.Value) (kind string, list []candidate) {
	if v.Enum != "" {
		for _, word := range v.EnumSlice() {
			list = append(list, candidate{word, ""})
		}
		return ":words", list
	}
	switch v.Name {
	case "rule":
		for _, id := range ruleIDs(c.env) {
			list = append(list, candidate{id, ""})
		}
		return ":words", list
	case "data-dir":
		return ":folders", nil
	case "rules", "events", "event", "against", "config", "record", "file":
		return ":files", nil
	}
	if strings.HasSuffix(v.Name, "-file") {
		return ":files", nil
	}
	return ":words", nil
}

// ruleIDs are the rules of the file that bot run would read; none when that takes too long.
func ruleIDs(env []string) []string {
	name := rulesFile("", process{env: env})
	found := make(chan []string, 1)
	go func() {
		var ids []string
		if rules, _ := app.ReadRules(name); rules != nil {
			for _, r := range rules.Infos() {
				ids = append(ids, string(r.ID))
			}
		}
		found <- ids
	}()
	select {
	case ids := <-found:
		return ids
	case <-time.After(idsPatience):
		return nil
	}
}

// brief is the first sentence of a help, without the variable that stands in brackets.
func brief(help string) string {
	help, _, _ = strings.Cut(help, " [BOT_")
	help, _, _ = strings.Cut(help, ". ")
	return strings.TrimSuffix(help, ".")
}
