package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCmd is bot version.
type versionCmd struct {
	Format string `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`
}

// built is what bot version --format json prints.
type built struct {
	Version string `json:"version"`
	Go      string `json:"goversion"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func (c *versionCmd) run(p process) error {
	b := built{version(), runtime.Version(), runtime.GOOS, runtime.GOARCH}
	if c.Format == "json" {
		return writeJSON(p, b)
	}
	_, err := fmt.Fprintf(p.stdout, "groupguard %s %s %s/%s\n", b.Version, b.Go, b.OS, b.Arch)
	return err
}

// version returns the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "devel"
}
