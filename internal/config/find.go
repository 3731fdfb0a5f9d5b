package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// load finds one setting's value and puts it into the Config.
func (l *loader) load(c *Config, s Setting) {
	e, err := l.find(s)
	switch {
	case err != nil:
	case e.faulty: // reported when the file was read
		l.broken[s.Name] = true
		return
	case e.value.text == "" && len(e.value.items) == 0:
		if s.Default == "" {
			return
		}
		err = &fault{"is empty", "leave it out for the default, " + s.Default}
	default:
		err = s.set(c, e.value)
	}
	if err != nil {
		l.report(s.Name, e.where, err)
	}
}

// find returns the entry of the first layer that has the setting, by itself or as a secret's file.
func (l *loader) find(s Setting) (entry, error) {
	for _, layer := range l.layers {
		plain, isPlain := layer[s.Flag]
		file, isFile := layer[s.FileFlag()]
		if isFile = isFile && s.Secret; !isPlain && !isFile {
			continue
		}
		l.given[s.Name] = plain.where
		if isPlain && isFile {
			return file, &fault{"is given twice, here and as " + plain.where, "keep one of them"}
		}
		if isPlain {
			return plain, nil
		}
		l.given[s.Name] = file.where
		if file.faulty {
			return file, nil
		}
		text, err := l.secretFile(file.value)
		file.value = value{text: text}
		return file, err
	}
	return entry{value: value{text: s.Default}}, nil
}

// maxSecretFile bounds the file of one secret.
const maxSecretFile = 64 << 10

// secretFile reads a secret from a file: all of it but the line feed that editors add.
func (l *loader) secretFile(v value) (string, error) {
	if v.isList || v.text == "" {
		return "", &fault{"names no file", ""}
	}
	data, err := l.readFile(v.text)
	if err != nil {
		// The name is not repeated: it is the secret itself when somebody mixed up the variables.
		why := "cannot be read"
		var path *fs.PathError
		if errors.As(err, &path) {
			why += ": " + path.Err.Error()
		}
		return "", &fault{why, "it must be the path of a file that holds the secret"}
	}
	if len(data) > maxSecretFile {
		return "", &fault{fmt.Sprintf("names a file over %d KiB", maxSecretFile>>10), ""}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if text == "" {
		return "", &fault{"names an empty file", ""}
	}
	return text, nil
}

// report adds a problem with one setting.
func (l *loader) report(name, where string, err error) {
	l.broken[name] = true
	p := Problem{Name: name, Where: where, Text: err.Error()}
	var f *fault
	if errors.As(err, &f) {
		p.Hint = f.hint
	}
	l.problems = append(l.problems, p)
}
