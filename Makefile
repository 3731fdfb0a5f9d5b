# Groupguard. Needs Go 1.26 or newer (an older one with automatic toolchains fetches it) and GNU make.

GO       ?= go
FUZZTIME ?= 30s
LINT      = $(GO) tool -modfile=tools/go.mod golangci-lint

.PHONY: demo test build lint fuzz bench run clean
.DEFAULT_GOAL := build

# Both simulated providers and the bot in one process: nothing to install, no network. Ends by itself.
demo:
	$(GO) run ./cmd/bot demo --once

# All tests of the main module. Those of the Redis store start a redis-server of their own.
test:
	@sh .ci/need-redis
	$(GO) test ./...

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/bot ./cmd/bot

# The first time the linter is built from source, which takes about two minutes.
lint:
	$(GO) vet ./...
	$(LINT) run ./...

# Every fuzz target in turn, FUZZTIME each.
fuzz:
	@set -e; for package in $$($(GO) list ./...); do \
	  listed=$$($(GO) test -list '^Fuzz' $$package); \
	  for target in $$(echo "$$listed" | grep '^Fuzz' || true); do \
	    echo "== $$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# The service, with settings from the environment (docs/settings.md).
run:
	$(GO) run ./cmd/bot run

# Leaves data/ alone: it holds accepted actions.
clean:
	rm -rf bin
	$(GO) clean -testcache
