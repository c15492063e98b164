# The commands of this repository; continuous integration runs the same ones.
.DEFAULT_GOAL := help
.PHONY: help run test crash quick check bench release xsd setup

# Threads at different databases of SQLite share no lock (docs/decisions/0023-sqlite-is-built-without-common-locks.md).
export LIBSQLITE3_FLAGS := -DSQLITE_DEFAULT_MEMSTATUS=0 -USQLITE_ENABLE_MEMORY_MANAGEMENT -USQLITE_ENABLE_STAT4 \
	-USQLITE_ENABLE_API_ARMOR -USQLITE_THREADSAFE -DSQLITE_THREADSAFE=2

# The one room with unsafe code runs under it, too.
HOST = $(shell rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
MEMCHECK := valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --suppressions=tests/valgrind.supp

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## install what is missing, build, start the demo gateway on http://127.0.0.1:8080 (Ctrl-C ends it)
	@bash .ci/setup run
	@cargo run --bin brama -- demo

test: ## every test, on SQLite and on PostgreSQL, with real SOAP clients
	@bash .ci/setup
	RUN_SLOW_TESTS=1 cargo test --doc
	CARGO_TARGET_$(HOST)_RUNNER='$(MEMCHECK)' cargo test --lib xml::
	RUN_SLOW_TESTS=1 cargo test --all-targets --no-fail-fast

crash: N ?= 200
crash: ## kill nodes and databases N=200 times in each drill, under clients that keep journals
	@bash .ci/setup
	CRASH_KILLS=$(N) cargo test --test crash

quick: ## unit and contract tests, in under a minute once built
	cargo test --lib
	cargo test --test contract on_sqlite

check: ## formatting, lints, documentation
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps

bench: ## what a request costs beside gSOAP and the machine's limits, and what grouped commits give (docs/performance.md)
	@bash .ci/setup bench
	@cargo bench --features bench --bench gateway --bench documents

release: ## install what is missing, build target/release/brama for an office
	@bash .ci/setup run
	@cargo build --release

xsd: ## write the generated reply schemas anew
	cargo run --quiet --bin brama -- xsd

setup: ## install what building, testing and the examples need
	@bash .ci/setup
