package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/config"
)

// healthTimeout is how long a bot may take to say whether it is ready.
const healthTimeout = 3 * time.Second

// healthcheckCmd is bot healthcheck. It needs neither a token nor the settings of a provider.
type healthcheckCmd struct {
	Addr   *string `placeholder:"HOST:PORT" help:"Admin port of the bot; otherwise BOT_ADMIN_LISTEN."`
	Config *string `placeholder:"FILE" help:"YAML file with the settings of bot run."`
}

func (c *healthcheckCmd) run(ctx context.Context, p process) error {
	addr := c.Addr
	if addr == nil {
		at, err := c.listens(p)
		if err != nil {
			return err
		}
		addr = &at
	}
	r, err := newRemote(*addr, "")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	said, err := r.health(ctx)
	if err != nil {
		return &failure{code: exitEnvironment, err: err}
	}
	fmt.Fprintln(p.stdout, said)
	return nil
}

// listens returns the address that the settings name. Nothing else in them has to be right.
func (c *healthcheckCmd) listens(p process) (string, error) {
	from := config.Sources{Env: p.env, ReadFile: func(string) ([]byte, error) { return nil, errors.New("not needed here") }}
	if c.Config != nil {
		data, err := readSmall(*c.Config)
		if err != nil {
			return "", &failure{code: exitEnvironment, err: fmt.Errorf("reading the settings: %w", err)}
		}
		from.File, from.FileName = append([]byte{}, data...), *c.Config
	}
	cfg, problems := config.Load(from)
	for _, problem := range problems {
		if problem.Name == "BOT_ADMIN_LISTEN" && !problem.Warning {
			return "", &failure{code: exitEnvironment, err: errors.New(problem.String())}
		}
	}
	return cfg.AdminListen, nil
}

// maxHealth bounds the answer to the question how a bot does, in bytes.
const maxHealth = 64 << 10

// health asks a bot whether it is ready. An error says in a line why it is not.
func (r *remote) health(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/readyz", http.NoBody)
	if err != nil {
		return "", r.unreached(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return "", r.unreached(err)
	}
	defer resp.Body.Close()
	var said struct {
		Status  string
		Reasons []string
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxHealth))
	if err != nil {
		return "", r.unreached(err)
	}
	if json.Unmarshal(data, &said) != nil || said.Status == "" {
		return "", r.stranger(resp.StatusCode)
	}
	text := strings.Join(append([]string{said.Status}, said.Reasons...), ": ")
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the bot at %s is %s", r.base, text)
	}
	return text, nil
}

// version returns the version of the bot that answers; empty when none does.
func (r *remote) version(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, knockTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/version", http.NoBody)
	if err != nil {
		return ""
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var said struct{ Version string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxHealth)).Decode(&said); err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return said.Version
}
