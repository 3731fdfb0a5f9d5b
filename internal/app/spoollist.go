package app

import (
	"context"
	"fmt"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// listSpool lists the spool of this bot, if it has one.
func (a *App) listSpool(ctx context.Context, limit int) (desk.SpoolList, error) {
	return spoolList(limit, func(most int) (spool.Contents, error) {
		switch {
		case a.disk != nil:
			return a.disk.Contents(ctx, most)
		case a.cfg.RedisURL == "":
			return spool.Contents{}, &desk.Error{Kind: desk.NotFound, Text: "there is no spool: the store of this bot is embedded and needs none"}
		}
		return spool.Contents{}, &desk.Error{Kind: desk.NotFound, Text: "there is no spool: BOT_SPOOL_MAX=0 switches it off"}
	})
}

// ReadSpool lists the spool in the data folder of a bot that does not run. While one does, the error wraps
// ErrStoreInUse. A spool that is not there is an error: a look must not make one.
func ReadSpool(ctx context.Context, cfg config.Config, limit int) (desk.SpoolList, error) {
	return spoolList(limit, func(most int) (spool.Contents, error) {
		if !sqlite.HasSpool(cfg.DataDir) {
			return spool.Contents{}, fmt.Errorf("there is no spool in %s (BOT_DATA_DIR)", cfg.DataDir)
		}
		return sqlite.ReadSpool(ctx, cfg.DataDir, cfg.SpoolMax, most)
	})
}

// spoolList is what an operator sees of a spool. One more than the limit is read, to tell whether there are more.
func spoolList(limit int, read func(most int) (spool.Contents, error)) (desk.SpoolList, error) {
	limit, err := desk.Limit(limit)
	if err != nil {
		return desk.SpoolList{}, err
	}
	c, err := read(limit + 1)
	if err != nil {
		return desk.SpoolList{}, err
	}
	list := desk.SpoolList{Entries: c.Entries, Bytes: c.Bytes, Most: c.Most, GivenUp: []desk.GivenUp{}, More: len(c.GivenUp) > limit}
	if !c.Oldest.IsZero() {
		list.Oldest = c.Oldest.UTC()
	}
	for i := range c.GivenUp[:min(len(c.GivenUp), limit)] {
		g := &c.GivenUp[i]
		row := desk.GivenUp{ID: g.ID, Received: g.At.UTC(), Kind: g.Event.Kind, Member: g.Event.Member, Event: g.Event.ID, Why: g.Why}
		if g.Event.Provider != "" {
			row.Group = &g.Event.Group
		}
		list.GivenUp = append(list.GivenUp, row)
	}
	return list, nil
}
