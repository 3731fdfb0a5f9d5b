package redis

import (
	"context"
	"embed"
	"fmt"

	goredis "github.com/redis/go-redis/v9"
)

//go:embed scripts/*.lua
var sources embed.FS

// scripts are the Lua scripts, each documented in its file.
type scripts struct {
	observe, commit, claim, renew, settle, group, sweep, roster, learn, take, slow *goredis.Script
	unshelve, forget, memo, drop                                                   *goredis.Script
}

func loadScripts() (scripts, error) {
	var out scripts
	for name, to := range map[string]**goredis.Script{
		"observe": &out.observe, "commit": &out.commit, "claim": &out.claim, "renew": &out.renew,
		"settle": &out.settle, "group": &out.group, "sweep": &out.sweep, "roster": &out.roster,
		"learn": &out.learn, "take": &out.take, "slow": &out.slow, "unshelve": &out.unshelve, "forget": &out.forget,
		"memo": &out.memo, "drop": &out.drop,
	} {
		source, err := sources.ReadFile("scripts/" + name + ".lua")
		if err != nil {
			return scripts{}, fmt.Errorf("loading script %s: %w", name, err)
		}
		*to = goredis.NewScript(string(source))
	}
	return out, nil
}

// run runs a script by its digest, or by its text where the server does not know it (any more).
func (s *Store) run(ctx context.Context, script *goredis.Script, keys []string, args ...any) *goredis.Cmd {
	return script.Run(ctx, s.client, keys, args...)
}
