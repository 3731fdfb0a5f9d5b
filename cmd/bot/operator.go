package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
)

// office is the operator's desk, in this process or in a running bot.
type office interface {
	Cases(ctx context.Context, q desk.CasesRequest) (desk.CasesList, error)
	Case(ctx context.Context, name string) (desk.CaseView, error)
	shelves
	pauses
	Undo(ctx context.Context, q desk.UndoRequest) (desk.Undone, error)
}

// shelves are the part of the desk with dead and held letters.
type shelves interface {
	Letters(ctx context.Context, shelf actions.Shelf, q desk.LettersRequest) (desk.LettersList, error)
	Requeue(ctx context.Context, shelf actions.Shelf, s desk.Selection) (desk.Moved, error)
	Drop(ctx context.Context, shelf actions.Shelf, s desk.Selection) (desk.Moved, error)
}

// pauses are the part of the desk that stops rules.
type pauses interface {
	Pauses(ctx context.Context) (desk.PausesList, error)
	Pause(ctx context.Context, q desk.PauseRequest) (desk.Paused, error)
	Resume(ctx context.Context, q desk.ResumeRequest) (desk.Resumed, error)
}

// deskFlags say where the desk is, and how answers are printed. Those that are settings of bot run
// have the same names as there.
type deskFlags struct {
	Addr           *string `group:"where" placeholder:"HOST:PORT" help:"Admin port of a running bot. Otherwise: the one at BOT_ADMIN_LISTEN if BOT_ADMIN_TOKEN is set and it answers, else the store itself."`
	Config         *string `group:"where" placeholder:"FILE" help:"YAML file with the settings of bot run."`
	DataDir        *string `group:"where" placeholder:"DIR" help:"Folder of the embedded store, and of the spool. [BOT_DATA_DIR]"`
	RedisURL       *string `name:"redis-url" group:"where" placeholder:"URL" help:"Redis that holds the store. [BOT_REDIS_URL]"`
	RedisURLFile   *string `name:"redis-url-file" group:"where" placeholder:"FILE" help:"File that holds --redis-url. [BOT_REDIS_URL_FILE]"`
	Partitions     *string `group:"where" placeholder:"N" help:"Parts of the store. [BOT_PARTITIONS]"`
	AdminTokenFile *string `name:"admin-token-file" group:"where" placeholder:"FILE" help:"File that holds the token of the admin port. [BOT_ADMIN_TOKEN_FILE]"`
	Format         string  `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`
}

func (f *deskFlags) desk() *deskFlags { return f }

// settings reads the settings of bot run. Only those that lead to the desk have to be right: an
// operator's shell need not have the secrets of the providers.
func (f *deskFlags) settings(p process) (config.Config, error) {
	from := config.Sources{Flags: map[string]string{}, Env: p.env, ReadFile: readSmall}
	for name, v := range map[string]*string{
		"data-dir": f.DataDir, "redis-url": f.RedisURL, "redis-url-file": f.RedisURLFile, "partitions": f.Partitions,
		"admin-token-file": f.AdminTokenFile,
	} {
		if v != nil {
			from.Flags[name] = *v
		}
	}
	if f.Config != nil {
		data, err := readSmall(*f.Config)
		if err != nil {
			return config.Config{}, &failure{code: exitEnvironment, err: fmt.Errorf("reading the settings: %w", err)}
		}
		from.File, from.FileName = append([]byte{}, data...), *f.Config
	}
	cfg, problems := config.Load(from)
	var wrong []error
	for _, problem := range problems {
		switch problem.Name {
		case "", "BOT_DATA_DIR", "BOT_REDIS_URL", "BOT_PARTITIONS", "BOT_ADMIN_LISTEN", "BOT_ADMIN_TOKEN":
			if !problem.Warning {
				wrong = append(wrong, errors.New(problem.String()))
				fmt.Fprintln(p.stderr, "bot:", problem)
			}
		}
	}
	if wrong != nil {
		return cfg, &failure{code: exitEnvironment, err: errors.Join(wrong...), said: true}
	}
	return cfg, nil
}

// open returns the desk, and what closes it. Alone is set when no bot can be running on its store.
func (f *deskFlags) open(ctx context.Context, p process) (o office, alone bool, end func() error, err error) {
	cfg, err := f.settings(p)
	if err != nil {
		return nil, false, nil, err
	}
	nothing := func() error { return nil }
	token := cfg.AdminToken.Reveal()
	if f.Addr != nil {
		if token == "" {
			return nil, false, nil, &failure{code: exitEnvironment, err: fmt.Errorf("asking the bot at %s: its token is needed (BOT_ADMIN_TOKEN)", *f.Addr)}
		}
		r, err := newRemote(*f.Addr, token)
		return r, false, nothing, err
	}
	if token != "" {
		if r, err := newRemote(cfg.AdminListen, token); err == nil && r.answers(ctx) {
			return r, false, nothing, nil
		}
	}
	d, end, err := app.OpenDesk(ctx, cfg, app.Options{Version: version(), Log: newLogger("error", "", p.stderr)})
	if err != nil {
		return nil, false, nil, unopened(ctx, cfg, f.lost(err, cfg.RedisURL != ""))
	}
	return d, cfg.RedisURL == "", end, nil
}

// unopened adds to the error of what could not be opened how a bot that has it can be asked.
func unopened(ctx context.Context, cfg config.Config, err error) error {
	if errors.Is(err, app.ErrStoreInUse) {
		err = fmt.Errorf("%w. To ask the bot that uses it: set BOT_ADMIN_TOKEN for it and for this command, and say --addr HOST:PORT if its admin port is not %s",
			err, cfg.AdminListen)
	} else if there := answering(ctx, cfg); there != "" {
		err = fmt.Errorf("%w; %s", err, there)
	}
	return &failure{code: exitEnvironment, err: err}
}

// answering says that a bot answers at the admin port of the settings, and what is needed to ask it; empty
// when none does, or when a token is there.
func answering(ctx context.Context, cfg config.Config) string {
	if cfg.AdminToken.Reveal() != "" {
		return ""
	}
	r, err := newRemote(cfg.AdminListen, "")
	if err != nil || !r.answers(ctx) {
		return ""
	}
	return "a bot answers at " + cfg.AdminListen + ": to ask it, set the BOT_ADMIN_TOKEN that it was started with"
}

// lost adds to the error of a store what to do about it.
func (f *deskFlags) lost(err error, redis bool) error {
	switch {
	case errors.Is(err, app.ErrStoreInUse):
		return err // it says so itself
	case redis:
		return fmt.Errorf("%w (does Redis run there, and is BOT_REDIS_URL right?)", err)
	}
	return fmt.Errorf("%w: name its folder with --data-dir, or a running bot with --addr HOST:PORT", err)
}

// operatorCmd is a command that works at the desk.
type operatorCmd interface {
	desk() *deskFlags
	operate(ctx context.Context, at *counter) error
}

// counter is where a command works: the desk, and the paper that it writes on.
type counter struct {
	office
	process
	words []string // the command's own
	json  bool
	alone bool // no bot can be running on the store
}

// operate carries out a command at the desk.
func operate(ctx context.Context, c operatorCmd, words []string, p process) (err error) {
	if known, ok := c.(interface{ check() error }); ok {
		if err := known.check(); err != nil {
			return &failure{code: exitUsage, err: err}
		}
	}
	o, alone, end, err := c.desk().open(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	err = c.operate(ctx, &counter{office: o, process: p, words: words, json: c.desk().Format == "json", alone: alone})
	var network *net.OpError
	if _, far := o.(*remote); errors.As(err, &network) && !far && !alone {
		return c.desk().lost(err, true)
	}
	return coded(err)
}

// coded gives an error that a request is to blame for its exit code.
func coded(err error) error {
	var fault *desk.Error
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.Kind == desk.Mistaken:
		return &failure{code: exitUsage, err: err}
	}
	return &failure{code: exitInput, err: err}
}

// later says when what was done takes effect, if that is not now.
func (c *counter) later() {
	if c.alone && !c.json {
		fmt.Fprintln(c.stdout, "No bot runs on this store now: it takes effect when one does.")
	}
}
