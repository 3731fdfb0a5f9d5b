#!/bin/sh
# Makes a home of your own for docker-compose.yml, and changes no file that is there: .env, which chooses
# it, and in deploy/compose/live/ the settings, the rules and the secrets. Secrets that anybody may invent
# are drawn here; those of a provider stay empty until you fill them in.
set -eu
cd "$(dirname "$0")/../.."
live=deploy/compose/live

made() { echo "made $1${2:+: $2}"; }

# The folder keeps other accounts of this machine out. The files in it must be readable in the container,
# whose account owns nothing here.
umask 022
mkdir -p "$live/rules" "$live/secrets"
chmod 0700 "$live/secrets"

# With the first line alone the demo's store would be used: the second one names it. The third one opens the
# port of the webhooks to other machines; where the proxy runs on this one, write 127.0.0.1:8080.
if [ ! -e .env ]; then
	printf '%s\n' "GROUPGUARD_HOME=./$live" COMPOSE_PROJECT_NAME=groupguard GROUPGUARD_WEBHOOK_PORT=8080 >.env
	made .env "docker compose up starts the real one from now on"
fi
for name in GROUPGUARD_HOME COMPOSE_PROJECT_NAME; do
	if ! grep -q "^$name=." .env; then
		echo ".env says nothing of $name; it needs both GROUPGUARD_HOME=./$live and COMPOSE_PROJECT_NAME=groupguard" >&2
		exit 1
	fi
done
if [ ! -e "$live/bot.env" ]; then
	cp deploy/compose/bot.env.example "$live/bot.env"
	made "$live/bot.env" "say which provider you use"
fi
if [ ! -e "$live/grafana.env" ]; then
	echo "# Settings of Grafana, such as GF_SERVER_ROOT_URL=https://grafana.example.net" >"$live/grafana.env"
	made "$live/grafana.env" "nothing has to be in it"
fi
if [ ! -e "$live/rules/rules.yaml" ]; then
	# Six of the sample rules act. Here none does until you say so.
	sed 's/mode: enforce/mode: shadow/' rules.yaml >"$live/rules/rules.yaml"
	made "$live/rules/rules.yaml" "sample rules, all in shadow; make them yours"
fi

for name in admin-token grafana-password tencent-webhook-token cams-webhook-secret; do
	[ -e "$live/secrets/$name" ] && continue
	random=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n') # as openssl rand -hex 32
	[ "${#random}" = 64 ] || { echo "no random numbers here: write $live/secrets/$name yourself" >&2; exit 1; }
	printf '%s\n' "$random" >"$live/secrets/$name"
	made "$live/secrets/$name" "drawn at random"
done
for name in tencent-secret-key alibaba-credentials; do
	[ -e "$live/secrets/$name" ] && continue
	: >"$live/secrets/$name"
	made "$live/secrets/$name" "empty: fill it in if you use that provider"
done
