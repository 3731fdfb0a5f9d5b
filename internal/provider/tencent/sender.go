package tencent

import (
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

// The REST calls of a Sender, all of v4/group_open_http_svc.
const (
	apiKick    = "delete_group_member"    // 34949
	apiForbid  = "forbid_send_msg"        // 34951
	apiBan     = "ban_group_member"       // 50296
	apiDestroy = "destroy_group"          // 34896
	apiRecall  = "group_msg_recall"       // 34965
	apiSend    = "send_group_msg"         // 34959
	apiRoles   = "get_role_in_group"      // 34963
	apiInfo    = "get_group_info"         // 34961
	apiModify  = "modify_group_base_info" // 34962
	apiAdd     = "add_group_member"       // 34921
	apiUnban   = "unban_group_member"     // 50297
)

// Limits of the calls, from their pages.
const (
	maxKick        = 100
	maxForbid      = 500
	maxBan         = 20
	maxRecall      = 10
	maxRoles       = 500
	maxAdd         = 100        // its page allows 300
	defaultCalls   = 200        // a second, for nearly all APIs (34620)
	forEver        = 4294967295 // seconds; what MuteTime takes for "for ever" (34951)
	maxReason      = 1000       // bytes: the kick's page names no limit, this is that of a ban's Description
	maxGroupsKnown = 10_000
	maxRolesKnown  = 100_000
	maxReturned    = 10_000
	maxAsking      = 32 // look-ups of Staff and Size that wait for slots: the removals need the same ones
)

// What removal means where nobody can be removed: a live room (AVChatRoom, Live).
const (
	RemovalMute = "mute" // forbid_send_msg
	RemovalBan  = "ban"  // ban_group_member; needs a paid edition and a console switch
)

// SenderConfig is what a Sender needs to know.
type SenderConfig struct {
	SDKAppID        string
	Identifier      string // the admin account that calls
	Key             string // the application's secret key
	Endpoint        string // a region or a URL, see ResolveEndpoint; empty: china
	CallsPerSecond  int    // ceiling per API; 0: 200
	LiveRoomRemoval string // RemovalMute or RemovalBan; empty: RemovalMute
	Locks           Locks  // nil: no lockdowns
	// Returns shares with other replicas whom the bot brings back; nil: there are none.
	Returns Returns
	// Still rules once more on an action right before the call that carries it out, after all waiting;
	// nil: all may go. It is cheap and asks nobody.
	Still func(*chat.Action) actions.Ruling
}

// Sender carries out actions in the groups of one application. It is safe for concurrent use.
type Sender struct {
	appID, identifier, key, base string
	rate                         int
	live                         string
	locks                        Locks
	returns                      Returns                           // may be nil
	still                        func(*chat.Action) actions.Ruling // may be nil
	signer                       *Signer
	caller                       *provider.Caller
	gate                         actions.Gate
	now                          func() time.Time
	groups                       *lru[chat.GroupID, groupInfo]
	roles                        *lru[memberOf, role]
	returned                     *lru[memberOf, struct{}] // brought back lately
	asking                       chan struct{}            // the turns of Staff and Size
	gates                        turnstile                // before the slots that Send takes beside the one of its route
	noSizes                      atomic.Int64             // before then, in nanoseconds since 1970, Size asks nobody
}

// NewSender returns a Sender. Calls beside the one that a route names wait for their slots at gate.
func NewSender(cfg SenderConfig, caller *provider.Caller, gate actions.Gate, now func() time.Time) (*Sender, error) {
	if cfg.Endpoint == "" {
		cfg.Endpoint = "china"
	}
	base, err := ResolveEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	signer, err := NewSigner(cfg.SDKAppID, cfg.Key, cfg.Identifier, now)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		appID: cfg.SDKAppID, identifier: cfg.Identifier, key: cfg.Key, base: base,
		rate: cfg.CallsPerSecond, live: cfg.LiveRoomRemoval, locks: cfg.Locks, returns: cfg.Returns, still: cfg.Still,
		signer: signer, caller: caller, gate: gate, now: now,
		groups: newLRU[chat.GroupID, groupInfo](maxGroupsKnown, now),
		roles:  newLRU[memberOf, role](maxRolesKnown, now), returned: newLRU[memberOf, struct{}](maxReturned, now),
		asking: make(chan struct{}, maxAsking),
	}
	if s.rate <= 0 {
		s.rate = defaultCalls
	}
	switch s.live {
	case "":
		s.live = RemovalMute
	case RemovalMute, RemovalBan:
	default:
		return nil, fmt.Errorf("setting up removal from live rooms: %q is neither %q nor %q", s.live, RemovalMute, RemovalBan)
	}
	return s, nil
}

// Why an action can never be carried out here.
var (
	errNoMember  = errors.New("routing an action: it names no member")
	errNoMute    = errors.New("routing a mute: Tencent has none in a Private (Work) group")
	errNotACall  = errors.New("routing an action: this intent is no call at Tencent")
	errWrongTeam = errors.New("routing an action: it belongs to another account")
)

// Route implements actions.Sender. A removal from a group of unknown type is routed to the call
// that looks the type up; Send goes on from there, because in a live room a kick is refused and
// must not be tried.
func (s *Sender) Route(a chat.Action) (actions.Route, error) {
	if a.Group.Provider != chat.Tencent || string(a.Group.Account) != s.appID {
		return actions.Route{}, errWrongTeam
	}
	switch a.Intent.Kind {
	case chat.Dissolve:
		return s.route(apiDestroy, 1, ""), nil
	case chat.Lockdown, chat.Unlock:
		return s.routeLockdown(a)
	case chat.Mute, chat.Remove, chat.Recall, chat.Warn, chat.Readmit, chat.Unmute:
	default:
		return actions.Route{}, errNotACall
	}
	if a.Member == "" {
		return actions.Route{}, errNoMember
	}
	switch a.Intent.Kind {
	case chat.Recall:
		return s.routeRecall(a)
	case chat.Warn:
		return s.routeWarn(a)
	case chat.Readmit, chat.Unmute:
		return s.routeRestore(a), nil
	}
	kind := s.typeOf(a)
	switch {
	case a.Intent.Kind == chat.Mute && kind == chat.Private:
		return actions.Route{}, errNoMute
	case a.Intent.Kind == chat.Mute, isLive(kind) && s.live == RemovalMute:
		return s.route(apiForbid, maxForbid, until(a)), nil
	case isLive(kind):
		return s.route(apiBan, maxBan, until(a)+" "+reason(a)), nil
	case kind == "":
		return s.route(apiInfo, maxKick, silence(a)+" "+until(a)+" "+reason(a)), nil
	}
	return s.route(apiKick, maxKick, silence(a)+" "+reason(a)), nil
}

func (s *Sender) route(api string, limit int, merge string) actions.Route {
	return actions.Route{API: api, Max: limit, Rate: s.rate, Merge: merge}
}

// typeOf returns the type of an action's group, as far as it is known. What Tencent said about the
// group outweighs what the event said where the difference is between kick and no kick.
func (s *Sender) typeOf(a chat.Action) chat.GroupType {
	known, _ := s.groups.get(a.Group.ID)
	if a.GroupType == "" || isLive(known.kind) {
		return known.kind
	}
	return a.GroupType
}

// isLive tells whether a group is a live room: nobody can be kicked from it, and it has no roles
// that can be asked for. Whether a kick works in a room of TUILiveKit (Live) is not documented, so
// none is tried.
func isLive(t chat.GroupType) bool { return t == chat.AVChatRoom || t == chat.Live }

// until names the second in which an action's effect ends, rounded up: actions share a call only
// when their effects end together.
func until(a chat.Action) string {
	if a.Intent.Until.IsZero() {
		return "ever"
	}
	return strconv.FormatInt(a.Intent.Until.Add(time.Second-1).Unix(), 10)
}

func reason(a chat.Action) string { return cut(a.Intent.Reason, maxReason) }

func silence(a chat.Action) string {
	if a.Intent.Silent {
		return "1"
	}
	return "0"
}
