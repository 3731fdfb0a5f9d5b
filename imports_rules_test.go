package groupguard_test

// A pattern is a path, or a path with /... for it and all below it. Packages of this module are
// written from its root; an import of one is written as "./" and that path.

// importRule forbids an import.
type importRule struct {
	imports []string // patterns; "nonstd" is everything outside the standard library
	but     []string // imports that are fine all the same
	in      []string // packages that the rule is about; empty: all
	except  []string // packages that are not bound by it
	why     string
}

var importRules = []importRule{
	// Who may know whom. Dependencies point inward: app, adapters, core, vocabulary.
	{imports: []string{"./...", "nonstd"}, in: []string{"internal/chat"},
		why: "the vocabulary stands alone, or everything depends on everything"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy/fold", "./internal/policy/match"}, in: []string{"internal/policy"},
		why: "rules judge events and know nothing of where they come from"},
	{imports: []string{"./..."}, in: []string{"internal/policy/fold", "internal/policy/match"},
		why: "text matching is a tool that any program could use"},
	{imports: []string{"./..."}, but: []string{"./internal/chat"}, in: []string{"internal/actions"},
		why: "actions are carried out the same whoever decided them"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy", "./internal/series"}, in: []string{"internal/pipeline"},
		why: "the pipeline states the store that it needs and takes any"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy", "./internal/pipeline"}, in: []string{"internal/trial"},
		why: "a trial judges events as the service does, and touches nothing"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy", "./internal/actions", "./internal/series"}, in: []string{"internal/guard"},
		why: "the guard rules on actions by the rules in force, and states the store that it needs"},
	{imports: []string{"./..."}, in: []string{"internal/series"}, why: "a kind of counter does not know what it counts"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy"}, in: []string{"internal/heartbeat"},
		why: "a heartbeat goes the way of any event: who knew what lies on the way could go round it"},
	{imports: []string{"./..."}, but: []string{"./internal/chat"}, in: []string{"internal/lockdown"},
		why: "the end of a lockdown is a case like any other, whatever the provider"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy", "./internal/actions", "./internal/store"}, in: []string{"internal/desk"},
		why: "the operator's desk works on what is stored, whether the service runs or not"},
	{imports: []string{"./...", "net/http/...", "log/...", "os/...", "syscall"}, but: []string{"./internal/chat", "./internal/policy", "./internal/actions", "./internal/config"}, in: []string{"internal/doctor"},
		why: "the doctor judges what was found; looking is left to those who own what is looked at"},
	{imports: []string{"./..."}, but: []string{"./internal/chat"}, in: []string{"internal/webhook"},
		why: "adapters do not know each other: a codec is handed in"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/policy", "./internal/actions", "./internal/desk", "./internal/doctor", "./internal/trial"}, in: []string{"internal/admin"},
		why: "adapters do not know each other"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/actions", "./internal/provider"}, in: []string{"internal/provider/..."},
		why: "a provider turns payloads into events and actions into calls, and can do no more"},
	{imports: []string{"./..."}, but: []string{"./internal/chat", "./internal/actions", "./internal/spool", "./internal/store/..."}, in: []string{"internal/store/..."},
		why: "a store keeps what it is given and judges nothing"},
	{imports: []string{"./..."}, but: []string{"./internal/chat"}, in: []string{"internal/spool"},
		why: "the spool hands events on whoever judges them, and states the disk that it needs"},
	{imports: []string{"./internal/store/redis"}, in: []string{"internal/store/sqlite"}, why: "the stores share their contract, not their code"},
	{imports: []string{"./internal/store/sqlite"}, in: []string{"internal/store/redis"}, why: "the stores share their contract, not their code"},
	{imports: []string{"./..."}, in: []string{"internal/config"}, why: "settings are plain values"},
	{imports: []string{"./..."}, in: []string{"internal/sim/..."},
		why: "a simulator that shares code with the clients shares their mistakes"},
	{imports: []string{"./internal/app"}, except: []string{"cmd/bot"}, why: "app alone sees everybody, so nobody may see app"},
	{imports: []string{"./cmd/..."}, why: "a command is not a library"},

	// Where a library lives. One that is confined can be replaced in one place.
	{imports: []string{"github.com/labstack/echo/v4/..."}, except: []string{"internal/webhook"},
		why: "support of Echo v4 ends on 2026-12-31: v5 must be a change of one package"},
	{imports: []string{"github.com/redis/go-redis/v9/..."}, except: []string{"internal/store/redis", "internal/store/redistest"},
		why: "keys and scripts are spelled in one package"},
	{imports: []string{"modernc.org/...", "database/sql/..."}, except: []string{"internal/store/sqlite"},
		why: "the embedded database is a detail of one store"},
	{imports: []string{"github.com/aliyun/credentials-go/..."}, except: []string{"internal/provider/cams"},
		why: "its defects are cured by one wrapper"},
	{imports: []string{"go.yaml.in/yaml/..."}, except: []string{"internal/policy", "internal/config"},
		why: "YAML is what people write; everything else is JSON"},
	{imports: []string{"github.com/goccy/go-yaml/..."}, except: []string{"internal/policy"},
		why: "it only explains where a broken rules file breaks"},
	{imports: []string{"github.com/sony/gobreaker/..."}, except: []string{"internal/actions"},
		why: "what an outage is, is decided where calls are made"},
	{imports: []string{"github.com/alecthomas/kong"}, except: []string{"cmd/bot"}, why: "only the command line knows flags"},
	{imports: []string{"github.com/schollz/progressbar/..."}, except: []string{"cmd/bot"}, why: "only the command line has a person who watches"},
	{imports: []string{"github.com/fsnotify/fsnotify"}, except: []string{"internal/app"}, why: "reloading belongs to the life of the process"},

	// What a package must not be able to do.
	{imports: []string{"os/...", "net", "net/http/...", "log/...", "math/rand/...", "syscall"}, in: []string{"internal/policy/..."}, except: []string{"internal/policy/fold/gen"},
		why: "judging is pure: a replay must come to the same result"},
	{imports: []string{"os/...", "net", "net/http/...", "math/rand/...", "syscall"}, in: []string{"internal/trial"},
		why: "a trial judges events as the service does, and touches nothing"},
	{imports: []string{"testing/...", "net/http/httptest", "pgregory.net/rapid", "go.uber.org/goleak"}, except: []string{"internal/store/storetest", "internal/store/redistest"},
		why: "test tools do not belong into the program"},
	{imports: []string{"./internal/store/storetest", "./internal/store/redistest"}, except: []string{"internal/store/storetest", "internal/store/redistest"},
		why: "test tools do not belong into the program"},
	{imports: []string{"log"}, except: []string{"internal/sim", "internal/policy/fold/gen"},
		why: "log/slog is the only logger; the simulator silences net/http's, which wants this type"},
	{imports: []string{"math/rand", "io/ioutil"}, why: "there are newer packages for it"},
	{imports: []string{"unsafe"}, except: []string{"internal/policy/match"}, why: "only the matcher is so hot that a copied string counts"},
	{imports: []string{"C"}, why: "the bot is one static binary"},
}

// callRule forbids the use of a name of another package.
type callRule struct {
	pkg    string
	names  []string
	in     []string
	except []string
	why    string
}

var callRules = []callRule{
	{pkg: "time", names: []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Sleep"}, in: []string{"internal/policy/...", "internal/chat", "internal/trial"},
		why: "judging reads no clock: time comes with the event"},
	{pkg: "os", names: []string{"Exit"}, except: []string{"cmd/bot", "internal/policy/fold/gen"}, why: "only main ends the process, when everything is settled"},
	{pkg: "os", names: []string{"Getenv", "LookupEnv", "Environ"}, except: []string{"cmd/bot", "internal/store/redistest", "internal/provider/cams"},
		why: "settings have one way in; only Alibaba's credentials have variables of their own"},
}
