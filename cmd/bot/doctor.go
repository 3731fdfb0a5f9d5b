package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/alecthomas/kong"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/doctor"
)

// doctorCmd is bot doctor. It takes every flag of bot run, so that what a bot is started with can be
// looked at first.
type doctorCmd struct {
	Addr    *string `placeholder:"HOST:PORT" help:"Ask the bot that has its admin port there, and look at nothing here. It needs BOT_ADMIN_TOKEN."`
	Here    bool    `help:"Look at the settings and files here, even if a bot answers at BOT_ADMIN_LISTEN."`
	Offline bool    `help:"Call no provider."`
	Format  string  `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`

	Settings kong.Plugins `embed:""` // the flags of bot run
	flags    *runFlags
}

// prepare adds the flags of bot run, before the command line is parsed.
func (c *doctorCmd) prepare() {
	c.flags = newRunFlags()
	c.Settings = kong.Plugins{c.flags.target}
}

func (c *doctorCmd) run(ctx context.Context, p process) error {
	h, err := c.here(p)
	if err != nil {
		return err
	}
	report, err := c.examine(ctx, h, p)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		err = writeJSON(p, report)
	} else {
		showReport(p, report)
	}
	switch {
	case err != nil:
		return err
	case report.Errors == 0:
		return nil
	case report.RulesAtFault():
		return &failure{code: exitInput}
	}
	return &failure{code: exitEnvironment}
}

// here is what the command line and the environment say.
type here struct {
	cfg      config.Config
	problems []config.Problem
	secrets  []doctor.SecretFile
}

// here reads the settings. Their problems are what the report is about, and no reason to stop.
func (c *doctorCmd) here(p process) (here, error) {
	var h here
	flags := c.flags.given()
	from := config.Sources{Flags: flags, Env: p.env, ReadFile: func(name string) ([]byte, error) {
		data, err := readSmall(name)
		if info, serr := os.Stat(name); err == nil && serr == nil {
			h.secrets = append(h.secrets, doctor.SecretFile{Setting: settingOf(name, flags, p.env), Path: name, Mode: info.Mode()})
		}
		return data, err
	}}
	if name, ok := flags[configFlag]; ok {
		delete(flags, configFlag)
		data, err := readSmall(name)
		if err != nil {
			return h, &failure{code: exitEnvironment, err: fmt.Errorf("reading the settings: %w", err)}
		}
		from.File, from.FileName = append([]byte{}, data...), name
	}
	h.cfg, h.problems = config.Load(from)
	return h, nil
}

// settingOf returns which setting names a file.
func settingOf(file string, flags map[string]string, env []string) string {
	for _, s := range config.Settings() {
		switch {
		case s.FileFlag() == "":
		case flags[s.FileFlag()] == file:
			return "--" + s.FileFlag()
		case value(env, s.Name+"_FILE") == file:
			return s.Name + "_FILE"
		}
	}
	return "the settings file"
}

// examine asks the bot that runs, or looks at what is here.
func (c *doctorCmd) examine(ctx context.Context, h here, p process) (doctor.Report, error) {
	token := h.cfg.AdminToken.Reveal()
	addr := h.cfg.AdminListen
	if c.Addr != nil {
		addr = *c.Addr
		if token == "" {
			return doctor.Report{}, &failure{code: exitEnvironment, err: fmt.Errorf("asking the bot at %s: its token is needed (BOT_ADMIN_TOKEN)", addr)}
		}
	}
	r, err := newRemote(addr, token)
	if err != nil && c.Addr != nil {
		return doctor.Report{}, err
	}
	bot, asked := "", error(nil)
	if err == nil && (c.Addr != nil || !c.Here) {
		if bot = r.version(ctx); token != "" && (bot != "" || c.Addr != nil) {
			report, err := askFor[doctor.Report](ctx, r, http.MethodGet, c.path(), nil)
			if err == nil || c.Addr != nil {
				return report, err
			}
			asked = err
		}
	} else if err == nil {
		bot = r.version(ctx)
	}
	report := app.Examine(ctx, app.Patient{
		Config: h.cfg, Problems: h.problems, Secrets: h.secrets, Version: version(), Offline: c.Offline, Bot: bot, Log: newLogger("error", "", p.stderr),
	})
	if asked != nil {
		report.Add(doctor.Check{About: doctor.AboutAdmin, Status: doctor.Warning, Text: asked.Error(), Fix: "give this command the bot's BOT_ADMIN_TOKEN"})
	}
	return report, nil
}

func (c *doctorCmd) path() string {
	if c.Offline {
		return "doctor?offline=true"
	}
	return "doctor"
}

// showReport prints a report, a line for each finding.
func showReport(p process, report doctor.Report) {
	if report.Running {
		fmt.Fprintf(p.stdout, "The bot that runs (version %s) says of itself:\n", plain(report.Version))
	} else {
		fmt.Fprintln(p.stdout, "What a bot would start with here:")
	}
	paint := map[doctor.Status]string{doctor.OK: "32", doctor.Warning: "33", doctor.Error: "31"}
	for _, c := range report.Checks {
		status := fmt.Sprintf("%-8s", c.Status)
		if code := paint[c.Status]; code != "" && colours(p.stdout) {
			status = "\x1b[" + code + "m" + status + "\x1b[0m"
		}
		fix := ""
		if c.Fix != "" {
			fix = " (" + c.Fix + ")"
		}
		fmt.Fprintf(p.stdout, "%s %-9s %s\n", status, c.About, plain(c.Text+fix))
	}
	fmt.Fprintf(p.stdout, "%s, %s\n", count(report.Errors, "error"), count(report.Warnings, "warning"))
}
