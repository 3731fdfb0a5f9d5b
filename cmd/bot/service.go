package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
)

// maxConfig bounds the settings file and the files of secrets.
const maxConfig = 1 << 20

// runService is bot run. A SIGHUP that has come meanwhile is waiting, and has the rules read again.
func runService(ctx context.Context, flags map[string]string, p process) error {
	cfg, warnings, err := settings(flags, p)
	if err != nil {
		return err
	}
	log := newLogger(cfg.LogLevel, cfg.LogFormat, p.stderr)
	for _, w := range warnings {
		log.Warn("settings", "problem", w.String())
	}
	a, err := app.New(ctx, cfg, app.Options{Version: version(), Log: log, Warnings: warnings})
	if errors.Is(err, app.ErrRules) {
		return &failure{code: exitInput, err: err}
	}
	if err != nil {
		return &failure{code: exitEnvironment, err: err}
	}
	defer signal.Stop(p.hup)
	go func() {
		for range p.hup {
			_ = a.Reload() // refused rules are logged and measured where they are refused
		}
	}()
	return a.Run(ctx)
}

// settings reads the settings from all their sources. It prints every problem when there is an
// error among them, and returns the warnings otherwise.
func settings(flags map[string]string, p process) (config.Config, []config.Problem, error) {
	from := config.Sources{Flags: flags, Env: p.env, ReadFile: readSmall}
	if name, ok := flags[configFlag]; ok {
		delete(flags, configFlag)
		data, err := readSmall(name)
		if err != nil {
			return config.Config{}, nil, &failure{code: exitEnvironment, err: fmt.Errorf("reading the settings: %w", err)}
		}
		if data == nil {
			data = []byte{}
		}
		from.File, from.FileName = data, name
	}
	cfg, problems := config.Load(from)
	if !config.Failed(problems) {
		return cfg, problems, nil
	}
	for _, problem := range problems {
		fmt.Fprintln(p.stderr, "bot:", problem)
	}
	return cfg, nil, &failure{code: exitEnvironment}
}

// readSmall reads a file of at most maxConfig bytes.
func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(data) > maxConfig {
		err = fmt.Errorf("%s is over %d bytes", name, maxConfig)
	}
	return data, err
}

// newLogger returns a logger: text on a terminal and JSON elsewhere, unless the format is given.
func newLogger(level, format string, w io.Writer) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // checked with the settings
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration { // JSON would show a bare number of nanoseconds
			a.Value = slog.StringValue(a.Value.Duration().String())
		}
		return a
	}}
	if format == "text" || format == "" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}
