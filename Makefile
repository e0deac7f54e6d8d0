# The front door. Meson does the building (build/); what takes more than a line is in scripts/.
# Options: BUILD (build), CC, PREFIX (/usr/local), DESTDIR, MESON_ARGS.
#          run:  JIRA_BASE_URL, PROJECTS, MAX, DATA      fuzz: T (one target), N (seconds each)

BUILD  ?= build
PREFIX ?= /usr/local

.DEFAULT_GOAL := all
.PHONY: all run test lint asan ubsan tsan fuzz bench soak cover install clean fmt sql help

all: ## build build/jiraduct and build/jirasim
	@scripts/build $(BUILD)

run: ## set up, build, scrape (jirasim, or JIRA_BASE_URL=… PROJECTS=… MAX=…), transform, warehouse, show
	@scripts/setup
	@scripts/build $(BUILD)
	@JD_BUILD=$(BUILD) scripts/demo

test: ## set up, build, run every test; ends with "N passed, N failed"
	@scripts/setup --check >/dev/null || scripts/setup
	@scripts/build $(BUILD)
	@scripts/test $(BUILD)

lint: ## format, floors, banned calls, lengths, clang-tidy, cppcheck, shellcheck, man page
	@scripts/build $(BUILD)
	@scripts/lint $(BUILD)

asan: ## all tests under AddressSanitizer and leak detection
	@scripts/build build-asan -Db_sanitize=address -Db_lundef=false
	@scripts/test build-asan

ubsan: ## all tests under UndefinedBehaviorSanitizer
	@scripts/build build-ubsan -Db_sanitize=undefined -Db_lundef=false
	@scripts/test build-ubsan

tsan: ## all tests under ThreadSanitizer
	@scripts/build build-tsan -Db_sanitize=thread -Db_lundef=false
	@scripts/test build-tsan

fuzz: ## libFuzzer targets, N seconds each (60), all or T=name
	@scripts/fuzz $(or $(N),60) $(T)

bench: ## scrape beside curl + files, and Python; latency, rate; memory; census; views; transform beside read + parse, Python, jq
	@scripts/build build-release --buildtype=release
	@JD_BUILD=build-release tests/bench/scrape.py
	@JD_BUILD=build-release tests/bench/latency.py
	@JD_BUILD=build-release tests/bench/light.py
	@JD_BUILD=build-release tests/bench/census.py
	@JD_BUILD=build-release tests/bench/layouts.py
	@JD_BUILD=build-release tests/bench/warehouse.py
	@JD_BUILD=build-release tests/bench/views.py
	@JD_BUILD=build-release tests/bench/transform.py

soak: ## half an hour (SOAK_MINUTES) of faults, kills and changes; a million issues; markup fuzzed, ten minutes a reader; the end-to-end tests at their full length
	@scripts/build $(BUILD)
	@JD_BUILD=$(BUILD) tests/e2e/soak.py
	@JD_BUILD=$(BUILD) tests/bench/light.py --million
	@for reader in wiki adf markdown; do scripts/fuzz 600 $$reader || exit 1; done
	@JD_LONG=1 scripts/test $(BUILD) e2e

cover: ## line coverage; fails below 90 % in src/base, text, model, corpus
	@scripts/cover build-cover

install: ## into $(DESTDIR)$(PREFIX)
	@scripts/build build-release --buildtype=release
	@meson configure build-release --prefix=$(abspath $(PREFIX))
	@$(if $(DESTDIR),DESTDIR=$(abspath $(DESTDIR))) meson install -C build-release

sql: ## write sql/schema*.sql from src/derive/schema.h
	@scripts/build $(BUILD)
	@$(BUILD)/sql/sqlgen postgresql >sql/schema.sql
	@$(BUILD)/sql/sqlgen sqlite >sql/schema.sqlite.sql

fmt: ## format the C sources in place
	@git ls-files '*.[ch]' | xargs clang-format -i

clean: ## remove every build folder
	@rm -rf $(BUILD) build-asan build-ubsan build-tsan build-fuzz build-cover build-release

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
