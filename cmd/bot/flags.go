package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/groupguard/groupguard/internal/config"
)

// runFlags are the flags of bot run, made from the table of settings so that there is one list.
type runFlags struct {
	target any // pointer to a struct with a field for each flag
	names  []string
}

const configFlag = "config"

// newRunFlags builds a struct type whose fields carry the flags.
func newRunFlags() *runFlags {
	f := &runFlags{}
	var fields []reflect.StructField
	add := func(name, help, group string, of reflect.Type) {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)), Type: of,
			Tag: reflect.StructTag(fmt.Sprintf(`name:%q placeholder:%q help:%q group:%q`, name, holder(name), help, group)),
		})
		f.names = append(f.names, name)
	}
	text, yes := reflect.TypeFor[*string](), reflect.TypeFor[*bool]()
	add(configFlag, "YAML file with settings, by flag name.", "", text)
	for _, s := range config.Settings() {
		help, of := strings.ReplaceAll(s.Help, "$", "$$")+" ["+s.Name+"]", text
		if s.Default != "" {
			help += " (default " + s.Default + ")"
		}
		if s.Bool {
			of = yes
		}
		add(s.Flag, help, groupOf(s.Flag), of)
		if ff := s.FileFlag(); ff != "" {
			add(ff, "File that holds --"+s.Flag+". ["+s.Name+"_FILE]", groupOf(s.Flag), text)
		}
	}
	f.target = reflect.New(reflect.StructOf(fields)).Interface()
	return f
}

// holder stands for a flag's value in help.
func holder(flag string) string {
	switch {
	case strings.HasSuffix(flag, "-file"), flag == configFlag, flag == "rules", flag == "record":
		return "FILE"
	case flag == "data-dir":
		return "DIR"
	}
	return "VALUE"
}

func groupOf(flag string) string {
	switch {
	case strings.HasPrefix(flag, "tencent-"):
		return "Tencent Cloud Chat"
	case strings.HasPrefix(flag, "cams-"):
		return "Alibaba CAMS"
	}
	return "Service"
}

// given returns the flags that stand on the command line.
func (f *runFlags) given() map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(f.target).Elem()
	for i, name := range f.names {
		switch p := v.Field(i).Interface().(type) {
		case *string:
			if p != nil {
				out[name] = *p
			}
		case *bool:
			if p != nil {
				out[name] = fmt.Sprint(*p)
			}
		}
	}
	return out
}
