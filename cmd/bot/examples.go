package main

// examples are command lines as people type them, by the command's words.
var examples = map[string][]string{
	"run": {
		"bot run --config groupguard.yaml",
		"bot run --rules /etc/groupguard/rules.yaml --dry-run",
	},
	"demo": {
		"bot demo",
		"bot demo --once",
		"bot demo --rules rules.yaml",
	},
	"sim": {
		"bot sim --hooks http://127.0.0.1:8080",
	},
	"check": {
		"bot check",
		"bot check --quiet /etc/groupguard/rules.yaml",
		"bot check --format github rules.yaml",
	},
	"test": {
		"bot test rules.yaml",
		"bot test --run '^new-member' rules.yaml",
	},
	"replay": {
		"bot replay --rules rules.yaml events.ndjson",
		"bot replay --rules new.yaml --against rules.yaml --samples 10 events.ndjson",
		"zcat events.ndjson.gz | bot replay --skip-bad --format json -",
	},
	"explain": {
		"bot explain --rules rules.yaml event.json",
		"tail -n 50 events.ndjson | bot explain -",
	},
	"schema": {
		"bot schema > rules.schema.json",
	},
	"rules": {
		"bot rules",
		"bot rules --addr 127.0.0.1:9090",
	},
	"reload": {
		"bot reload --addr 127.0.0.1:9090",
	},
	"cases": {
		"bot cases --since 2h",
		"bot cases --member tencent:u_bob",
		"bot cases --rule new-member-link --outcome dead --format json",
	},
	"case": {
		"bot case XE1K8FFZ",
	},
	"dead list": {
		"bot dead list",
		"bot dead list --group 'tencent:@TGS#1FANS' --limit 200",
	},
	"dead requeue": {
		"bot dead requeue YNXBPD3D",
		"bot dead requeue --rule new-member-link",
	},
	"dead drop": {
		"bot dead drop YNXBPD3D",
	},
	"held list": {
		"bot held list --rule new-member-link",
	},
	"held release": {
		"bot held release ZBRY62WF",
		"bot held release --rule new-member-link --member u_dan",
	},
	"held drop": {
		"bot held drop --rule new-member-link",
	},
	"spool": {
		"bot spool",
		"bot spool --addr 127.0.0.1:9090 --limit 200",
	},
	"pause": {
		"bot pause new-member-link --why 'it hits regulars'",
		"bot pause new-member-link --group 'tencent:@TGS#1FANS'",
		"bot pause",
		"bot pause --list",
	},
	"resume": {
		"bot resume new-member-link",
		"bot resume --all",
	},
	"undo": {
		"bot undo XE1K8FFZ",
		"bot undo --rule new-member-link --since 20:00 --until 20:10 --preview",
	},
	"doctor": {
		"bot doctor --config groupguard.yaml",
		"bot doctor --addr 127.0.0.1:9090 --format json",
	},
	"healthcheck": {
		"bot healthcheck",
		"bot healthcheck --addr 127.0.0.1:9090",
	},
	"completion": {
		"source <(bot completion bash)",
		"bot completion fish > ~/.config/fish/completions/bot.fish",
	},
	"version": {
		"bot version",
		"bot version --format json",
	},
}
