package config

import (
	"maps"
	"slices"
	"strings"
)

// Sources are the places that settings come from.
type Sources struct {
	// Flags holds the flags that were given, by name without dashes; a secret's may end in -file.
	Flags map[string]string
	// Env is the environment as os.Environ returns it. An empty variable counts as not set.
	Env []string
	// File is the content of the file that --config names; nil when there is none.
	File     []byte
	FileName string
	// ReadFile reads the file of a secret; os.ReadFile in the service.
	ReadFile func(name string) ([]byte, error)
}

// Load reads all settings. The first source that has one wins: flag, environment, file, default.
// All problems are reported: those of the sources, then those of each setting in the order of
// Settings, then those between settings. With one that is not a warning the Config must not be used.
func Load(from Sources) (Config, []Problem) {
	l := loader{readFile: from.ReadFile, known: map[string]string{}, given: map[string]string{}, broken: map[string]bool{}}
	settings := Settings()
	for _, s := range settings {
		l.known[s.Flag] = s.Name
		if s.Secret {
			l.known[s.FileFlag()] = s.Name + fileSuffix
		}
	}
	l.readFlags(from.Flags)
	l.readEnv(from.Env)
	if from.File != nil {
		entries, problems := parseFile(from.File, from.FileName, l.known)
		l.layers = append(l.layers, entries)
		l.problems = append(l.problems, problems...)
	}
	var c Config
	for _, s := range settings {
		l.load(&c, s)
	}
	l.check(&c)
	return c, l.problems
}

type loader struct {
	readFile func(string) ([]byte, error)
	known    map[string]string  // variables by flag, those that end in _FILE too
	layers   []map[string]entry // flags, environment, file: by flag
	problems []Problem
	given    map[string]string // where a source has the setting, by variable
	broken   map[string]bool   // settings, by variable, that have a problem already
}

func (l *loader) readFlags(flags map[string]string) {
	entries := map[string]entry{}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if l.known[flag] == "" {
			l.problems = append(l.problems, Problem{Where: "flag --" + flag, Text: "is not a setting", Hint: l.didYouMean(flag)})
			continue
		}
		entries[flag] = entry{where: "flag --" + flag, value: value{text: flags[flag]}}
	}
	l.layers = append(l.layers, entries)
}

// readEnv takes the variables that are settings and warns of those that only look like one.
func (l *loader) readEnv(env []string) {
	entries := map[string]entry{}
	for _, pair := range slices.Sorted(slices.Values(env)) {
		name, text, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || text == "" || fromKubernetes(name, text) {
			continue
		}
		if flag := flagOf(name); l.known[flag] == name {
			entries[flag] = entry{where: name, value: value{text: text}}
			continue
		}
		p := Problem{Warning: true, Name: name, Text: "is not a setting and has no effect"}
		if near := nearest(name, slices.Sorted(maps.Values(l.known))); near != "" {
			p.Hint = "did you mean " + near + "?"
		}
		l.problems = append(l.problems, p)
	}
	l.layers = append(l.layers, entries)
}

func (l *loader) didYouMean(flag string) string {
	if near := nearest(flag, slices.Sorted(maps.Keys(l.known))); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// fromKubernetes tells the variables that Kubernetes sets for a Service called "bot".
func fromKubernetes(name, text string) bool {
	return strings.HasPrefix(name, "BOT_SERVICE_") || strings.HasPrefix(name, "BOT_PORT_") ||
		(name == "BOT_PORT" && strings.Contains(text, "://"))
}
