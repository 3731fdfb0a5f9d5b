package config

import "strings"

// Setting is one row of the table of settings.
type Setting struct {
	Name    string // the environment variable
	Flag    string // the flag without its dashes, and the key in the file
	Default string
	Help    string
	Secret  bool
	// Bool settings may be given as a flag without a value, which means "true".
	Bool bool

	set func(*Config, value) error
}

// FileFlag returns the flag that names a file to read the secret from; empty for a setting that is
// not secret. The variable is the setting's name followed by _FILE.
func (s Setting) FileFlag() string {
	if !s.Secret {
		return ""
	}
	return s.Flag + fileFlagSuffix
}

const (
	prefix         = "BOT_"
	fileSuffix     = "_FILE"
	fileFlagSuffix = "-file"
)

// Settings returns every setting, in the order of the documentation.
func Settings() []Setting {
	rows := append(processSettings(), tencentSettings()...)
	rows = append(rows, camsSettings()...)
	for i := range rows {
		rows[i].Flag = flagOf(rows[i].Name)
	}
	return rows
}

// flagOf turns BOT_DATA_DIR into data-dir.
func flagOf(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", "-")
}

// value is what a source says about a setting: one text or, in a file, a list of texts.
type value struct {
	text   string
	items  []string
	isList bool
}

// one makes a setter from a parser of a single text and the field that it fills.
func one[T any](field func(*Config) *T, parse func(string) (T, error)) func(*Config, value) error {
	return func(c *Config, v value) error {
		if v.isList {
			return &fault{"is a list", "write a single value"}
		}
		got, err := parse(v.text)
		if err != nil {
			return err
		}
		*field(c) = got
		return nil
	}
}

// many makes a setter for a list: texts separated by commas or, in a file, a YAML list.
func many(field func(*Config) *[]string) func(*Config, value) error {
	return func(c *Config, v value) error {
		items := v.items
		if !v.isList {
			items = strings.Split(v.text, ",")
		}
		got, err := parseItems(items)
		if err != nil {
			return err
		}
		*field(c) = got
		return nil
	}
}
