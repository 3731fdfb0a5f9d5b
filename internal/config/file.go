package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds the settings file, before anything is parsed.
const maxFile = 256 << 10

// entry is one key of the settings file, or one variable or flag: where it stands and what it says.
type entry struct {
	where  string
	value  value
	faulty bool // it has been reported already
}

// parseFile reads the settings file into entries by flag name. Its messages never repeat a value,
// since the file may hold secrets.
func parseFile(file []byte, name string, known map[string]string) (map[string]entry, []Problem) {
	if len(file) > maxFile {
		return nil, []Problem{{Where: name, Text: fmt.Sprintf("is over %d KiB", maxFile>>10)}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, []Problem{{Warning: true, Where: name, Text: "holds no settings"}}
	} else if err != nil {
		return nil, []Problem{badYAML(name, err)}
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, []Problem{{Where: at(name, &second), Text: "is a second document", Hint: "keep one"}}
	} else if !errors.Is(err, io.EOF) {
		return nil, []Problem{badYAML(name, err)}
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, []Problem{{Where: name, Text: "is not a list of settings", Hint: "one per line, such as: listen: \":8080\""}}
	}
	return parseKeys(doc.Content[0].Content, name, known)
}

func parseKeys(nodes []*yaml.Node, name string, known map[string]string) (map[string]entry, []Problem) {
	entries := map[string]entry{}
	var problems []Problem
	for i := 0; i+1 < len(nodes); i += 2 {
		key, node := nodes[i], nodes[i+1]
		flag := strings.ReplaceAll(key.Value, "_", "-")
		if key.Kind != yaml.ScalarNode || known[flag] == "" {
			problems = append(problems, Problem{Where: at(name, key), Text: "unknown setting " + quote(key.Value), Hint: keyHint(key.Value, known)})
			continue
		}
		v, bad := parseNode(node)
		if first, twice := entries[flag]; twice {
			bad = &fault{"stands here for the second time", "first at " + first.where}
		}
		if bad != nil {
			problems = append(problems, Problem{Name: known[flag], Where: at(name, node), Text: bad.text, Hint: bad.hint})
		}
		entries[flag] = entry{at(name, node), v, bad != nil}
	}
	return entries, problems
}

// keyHint says how an unknown key should be written.
func keyHint(key string, known map[string]string) string {
	near := flagOf(strings.ToUpper(key))
	if known[near] == "" {
		near = nearest(strings.ReplaceAll(strings.ToLower(key), "_", "-"), slices.Sorted(maps.Keys(known)))
	}
	if near == "" {
		return "keys are the flags without their dashes"
	}
	return "did you mean " + near + "?"
}

// parseNode reads a scalar or a list of scalars by the text that stands in the file, so that 0170,
// +86170 and yes stay what they look like.
func parseNode(node *yaml.Node) (value, *fault) {
	if node.Kind == yaml.SequenceNode {
		v := value{isList: true}
		for _, n := range node.Content {
			if n.Kind != yaml.ScalarNode {
				return value{}, &fault{"is a list of something else than texts", ""}
			}
			item, bad := parseNode(n)
			if bad != nil {
				return value{}, bad
			}
			v.items = append(v.items, item.text)
		}
		return v, nil
	}
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return value{}, &fault{"uses an anchor or alias", "quote a value that begins with & or *"}
	case node.Kind != yaml.ScalarNode:
		return value{}, &fault{"is a block of settings", "settings are not nested: write tencent-sdk-app-id: ..."}
	case node.Tag == "!!null":
		return value{}, &fault{"has no value", `quote a value that begins with #; "" is an empty one`}
	case node.Tag != "" && !strings.HasPrefix(node.Tag, "!!"):
		return value{}, &fault{"has a tag", "quote a value that begins with !"}
	}
	return value{text: node.Value}, nil
}

var yamlLine = regexp.MustCompile(`line ([0-9]+)`)

// badYAML keeps only the line of a parser's message: the rest may repeat a value.
func badYAML(name string, err error) Problem {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		name += ":" + m[1]
	}
	return Problem{Where: name, Text: "is not valid YAML near here", Hint: "quote values that hold : # or begin with * & ! @ %"}
}

func at(name string, n *yaml.Node) string { return fmt.Sprintf("%s:%d:%d", name, n.Line, n.Column) }
