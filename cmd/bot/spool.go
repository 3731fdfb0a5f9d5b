package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/doctor"
)

// spoolCmd is bot spool.
type spoolCmd struct {
	deskFlags
	Limit int `default:"50" placeholder:"N" help:"How many to list of what was given up, the newest, up to 1000 (default 50)."`
}

// run lists the spool of a running bot, or the one in the data folder. It opens no store: Redis may be
// away, which is what a spool is for.
func (c *spoolCmd) run(ctx context.Context, p process) error {
	list, err := c.list(ctx, p)
	if err != nil {
		return coded(err)
	}
	if c.Format == "json" {
		return writeJSON(p, list)
	}
	since, now := "", time.Now()
	if list.Entries > 0 {
		since = " since " + local(list.Oldest) + " " + zone(now)
	}
	fmt.Fprintf(p.stdout, "Waiting: %s%s, %s of %s.\n", count(int(list.Entries), "event"), since, doctor.BytesOf(uint64(list.Bytes)), doctor.BytesOf(uint64(list.Most))) //nolint:gosec // never negative
	if len(list.GivenUp) == 0 {
		fmt.Fprintln(p.stdout, "Nothing was given up.")
		return nil
	}
	fmt.Fprint(p.stdout, "Given up:\n\n")
	t := table{head: []string{"ID", "TIME " + zone(now), "KIND", "GROUP", "MEMBER", "WHY"}}
	for i := range list.GivenUp {
		g := &list.GivenUp[i]
		group := "-"
		if g.Group != nil {
			group = groupName(*g.Group)
		}
		t.add(strconv.FormatInt(g.ID, 10), local(g.Received), cmp.Or(string(g.Kind), "-"), group, cmp.Or(string(g.Member), "-"), g.Why)
	}
	t.print(p.stdout, widthOf(p))
	if list.More {
		fmt.Fprintln(p.stdout, "There are more: --limit shows them.")
	}
	fmt.Fprintln(p.stdout, "\nThese are not judged any more: look who it was (bot cases --member MEMBER), and act by hand.")
	return nil
}

// list asks the running bot, and reads the folder when there is none.
func (c *spoolCmd) list(ctx context.Context, p process) (desk.SpoolList, error) {
	r, err := c.running(ctx, p)
	if err != nil {
		return desk.SpoolList{}, err
	}
	if r != nil {
		return askFor[desk.SpoolList](ctx, r, http.MethodGet, "spool"+query(map[string]string{"limit": numberParameter(c.Limit)}), nil)
	}
	cfg, err := c.settings(p)
	if err != nil {
		return desk.SpoolList{}, err
	}
	list, err := app.ReadSpool(ctx, cfg, c.Limit)
	var fault *desk.Error
	if err == nil || errors.As(err, &fault) {
		return list, err
	}
	return list, unopened(ctx, cfg, c.lost(err, false))
}
