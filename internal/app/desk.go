package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/store"
)

// longest is the longest time that the settings let a case be kept for.
const longest = 3650 * 24 * time.Hour

// ErrStoreInUse is wrapped by the error of a store that a running bot holds for itself.
var ErrStoreInUse = store.ErrInUse

// OpenDesk opens the store that the settings name for an operator, beside a running bot where the
// store allows that. The func closes it. An embedded store that is not there is an error: a look must
// not make one.
func OpenDesk(ctx context.Context, cfg config.Config, o Options) (*desk.Desk, func() error, error) {
	if cfg.RedisURL == "" {
		if _, err := os.Stat(filepath.Join(cfg.DataDir, "groupguard.db")); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("there is no store in %s (BOT_DATA_DIR)", cfg.DataDir)
		}
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	// An operator's shell may lack the settings of the bot: what is kept too long here goes with the bot's
	// next cleaning, and what went too early would be lost.
	cfg.AuditFor, cfg.EvidenceFor = longest, longest
	s, err := openStore(ctx, cfg, o)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the store: %w", err)
	}
	rules := sync.OnceValue(func() *policy.Rules {
		r, _ := ReadRules(cfg.Rules) // without rules there are fewer warnings
		return r
	})
	return desk.New(deskConfig(cfg, s, rules)), s.Close, nil
}

// deskConfig is the configuration of a desk on a store.
func deskConfig(cfg config.Config, s desk.Store, rules func() *policy.Rules) desk.Config {
	accounts := map[chat.Provider]chat.Account{}
	if cfg.Tencent.On() {
		accounts[chat.Tencent] = chat.Account(strconv.FormatUint(uint64(cfg.Tencent.SDKAppID), 10))
	}
	if cfg.CAMS.On() {
		accounts[chat.CAMS] = chat.Account(cfg.CAMS.CustSpaceID)
	}
	return desk.Config{Store: s, Now: time.Now, Rules: rules, Accounts: accounts}
}
