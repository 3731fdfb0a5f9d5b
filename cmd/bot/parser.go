package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// helpWidth is the widest that help is wrapped to: longer lines are hard to read.
const helpWidth = 100

// newParser returns the parser of command lines. Its model is what help, completion and the tests of
// docs/cli.md go by.
func newParser(c *cli, flags *runFlags, p process) (*kong.Kong, error) {
	c.Doctor.prepare()
	parser, err := kong.New(c,
		kong.Name("bot"),
		kong.Description("Groupguard removes members who break a group's rules, on Tencent Cloud Chat and on WhatsApp through Alibaba CAMS."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(c int) { panic(exit(c)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.Help(printHelp),
		kong.ExplicitGroups([]kong.Group{
			{Key: "service", Title: "Service:"},
			{Key: "rules", Title: "Rules:"},
			{Key: "desk", Title: "Operators:"},
			{Key: "care", Title: "Care:"},
			{Key: "where", Title: "Where the bot or its store is (settings of bot run):"},
		}),
		kong.DynamicCommand("run", "Run the service.", "service", flags.target),
	)
	if err != nil {
		return nil, err
	}
	all := parser.Model.Children
	if i := slices.IndexFunc(all, func(n *kong.Node) bool { return n.Name == "run" }); i > 0 {
		parser.Model.Children = slices.Concat(all[i:i+1], all[:i], all[i+1:]) // it is looked for first
	}
	for _, node := range parser.Model.Leaves(false) {
		if node.Detail == "" {
			node.Detail = detail(node)
		}
	}
	return parser, nil
}

// asMeant turns what people type into what the parser knows: bot help CASE, bot --version, and nothing.
func asMeant(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case args[0] == "--version":
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

// misread is an error of the parser, said for people, with where the command is explained.
func misread(err error, parser *kong.Kong) error {
	var parse *kong.ParseError
	var known *failure
	if errors.As(err, &known) || !errors.As(err, &parse) {
		return err // help that cannot be printed
	}
	path, text := parser.Model.Name, err.Error()
	if at := parse.Context.Selected(); at != nil {
		path = at.FullPath()
	}
	for _, p := range parse.Context.Path {
		if p.Command != nil {
			path = p.Command.FullPath()
		}
	}
	switch {
	case strings.HasPrefix(text, `expected "<`):
		text = strings.ReplaceAll(strings.TrimPrefix(text, "expected "), `"`, "") + " is missing"
	case strings.HasPrefix(text, "expected one of "):
		text = "say what to do: " + strings.TrimPrefix(text, "expected one of ")
	case strings.HasSuffix(text, `"EOL" (<EOL>)`):
		flag, _, _ := strings.Cut(text, ":")
		text = flag + " needs a value"
	case strings.HasPrefix(text, "unexpected argument") && path == parser.Model.Name && !strings.Contains(text, "did you mean"):
		text += ": there is no such command"
	}
	return &failure{code: exitUsage, err: fmt.Errorf("%s (see %s --help)", text, path)}
}
