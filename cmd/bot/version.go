package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCmd is bot version.
type versionCmd struct{}

func (versionCmd) run(p process) error {
	_, err := fmt.Fprintf(p.stdout, "groupguard %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
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
