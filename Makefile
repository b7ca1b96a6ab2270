# Each target does all of its own set-up. On a bare Debian 12: Rust, build-essential, Node 20 and npm are all it takes.
CARGO ?= cargo
# Programs and plugins are looked for here, by config.toml too.
export CARGO_TARGET_DIR := target
CHAIN := tests/chain
CHAIN_READY := $(CHAIN)/node_modules/.package-lock.json

JS := sdk/js
JS_READY := $(JS)/node_modules/.package-lock.json
VENV := $(CARGO_TARGET_DIR)/examples-venv

.PHONY: run build test lint openapi header frames sim conformance fuzz bench bench-duel bench-micro bench-profile demo soak js examples browser-deps chain-deps crash-points clean

## run: build release and start the daemon on config.toml
run: build
	target/release/orderd run --config config.toml

## build: everything as people run it; one set of packages, so that nothing is built twice
build:
	$(CARGO) build --release --locked --workspace

## test: format, lints, and every test, on a real EVM node with real contracts
test: lint chain-deps crash-points
	$(CARGO) build --locked --workspace --all-targets
	$(CARGO) test --locked --workspace --no-fail-fast
	$(MAKE) js examples

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

## openapi: docs/openapi.json as the daemon would serve it, and the types that the TypeScript client makes of it
openapi: $(JS_READY)
	UPDATE=1 $(CARGO) test --locked -p orderd --lib -- --exact \
		api::openapi::tests::the_committed_document_is_the_one_that_is_served
	cd $(JS) && npm run --silent generate

## header: the interface between the daemon and plugins for other languages, made of the Rust code: the C header and the JSON Schema
header:
	UPDATE=1 $(CARGO) test --locked -p orderd-sdk --all-features --test header --test exchange -- --exact \
		the_committed_header_is_the_one_that_the_code_makes the_committed_schema_is_the_one_that_the_types_make

## frames: the pictures of the console in the README, drawn by the code that draws the console
frames:
	UPDATE=1 $(CARGO) test --locked -p orderctl --lib -- console::frames

## sim: the engine in a simulated world: SEEDS=100000 FROM=0, or one seed told in full: SEED=123; see docs/testing-simulation.md
sim:
	SIM_SEED=$(SEED) SIM_SEEDS=$(or $(SEEDS),100000) SIM_FROM=$(FROM) SIM_GAPS=$(GAPS) $(CARGO) test --locked -p orderd \
		$(if $(SEED),,--profile sim) --test sim -- --nocapture no_seed_breaks_a_law

## bench: the daemon against the bare limits of this machine, then the console; BENCH=name picks scenarios of the
## daemon, QUICK=1 takes a minute, KEEP=1 leaves the stores with many orders for the next run
bench:
	$(CARGO) bench --locked -p orderd --bench limits -- $(BENCH) $(if $(QUICK),--quick) $(if $(KEEP),--keep-stores)
	$(if $(BENCH),,$(CARGO) bench --locked -p orderctl --bench console)
	@echo "against another build: make bench-duel; what the parts cost: make bench-micro; where the time goes: make bench-profile"

## bench-duel: two programs by turns, OLD=path and NEW=path (without it, what is built now); ROUNDS=number, ten seconds each
bench-duel:
	$(CARGO) bench --locked -p orderd --bench limits -- duel --old $(abspath $(OLD)) \
		$(if $(NEW),--new $(abspath $(NEW))) $(if $(ROUNDS),--rounds $(ROUNDS),--rounds 10)

## bench-micro: what each part costs that every order passes through, in nanoseconds; BENCH=name picks some
bench-micro:
	$(CARGO) bench --locked -p orderd --features bench-internals --bench micro -- $(BENCH)

## bench-profile: a flame graph of the daemon under load, or with TOOL=callgrind its instructions per order; ORDERS=number
# Frame pointers are what perf finds callers by. The profile has a folder of its own, so that nothing else is built again.
bench-profile:
	RUSTFLAGS=-Cforce-frame-pointers=yes $(CARGO) bench --locked --profile profiling -p orderd --bench limits -- profile \
		$(if $(TOOL),--tool $(TOOL)) $(if $(ORDERS),--orders $(ORDERS))

## conformance: the Autobahn test suite against our WebSockets; needs a Python 2.7, see docs/testing-streaming.md
CONFORMANCE := $(abspath $(CARGO_TARGET_DIR))/conformance
conformance:
	tests/conformance/install.sh $(CONFORMANCE)
	rm -rf $(CONFORMANCE)/report
	ORDERD_CONFORMANCE=$(CONFORMANCE) $(CARGO) test --locked -p orderd --lib -- --ignored --nocapture --exact \
		api::ws::conformance::autobahn::every_case_of_the_suite_ends_well
	test -s $(CONFORMANCE)/report/index.json

## fuzz: every reader of what others send, on what a fuzzer makes up, TIME=60 seconds each; TARGET=filter for one of them
fuzz:
	tests/fuzz/run.sh $(abspath $(CARGO_TARGET_DIR))/fuzz $(or $(TIME),60) $(TARGET)

## demo: real swaps on a local EVM node, each life printed as it streams
demo: build chain-deps
	target/release/orderd-demo

## soak: kill -9 at random moments, CYCLES times, on a node with faults; SEED repeats a run
CYCLES ?= 200
soak: build chain-deps
	target/release/orderd-soak $(CYCLES) $(SEED)

## js: the TypeScript client: built into sdk/js/dist, linted, tested against a model of the daemon
js: $(JS_READY)
	cd $(JS) && npm run --silent lint && npm run --silent test

## examples: the TypeScript client and docs/examples against the daemon, over connections that break, a page among them
examples: $(JS_READY) $(VENV)/ready browser-deps
	$(CARGO) build --locked --workspace --all-targets
	cd $(JS) && npm run --silent test:e2e

$(JS_READY): $(JS)/package.json $(JS)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the TypeScript client needs it" >&2; exit 1; }
	cd $(JS) && npm ci
	@touch $@

$(VENV)/ready: docs/examples/requirements.txt
	$(JS)/test/e2e/install.sh python $(VENV) $<

## browser-deps: Chromium, for the test of docs/examples/live.html
browser-deps:
	@$(JS)/test/e2e/install.sh browser

## chain-deps: the EVM node and the contracts, pinned in tests/chain/package-lock.json
chain-deps: $(CHAIN_READY)

$(CHAIN_READY): $(CHAIN)/package.json $(CHAIN)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the tests need it to install the EVM node and the contracts" >&2; exit 1; }
	cd $(CHAIN) && npm ci
	@touch $@

## crash-points: a daemon that dies where ORDERD_CRASH_POINT says, beside the ordinary one
# An example goes along because its dependencies have the features of those of tests: they are built once for both.
crash-points:
	$(CARGO) build --locked --workspace --features orderd/crash-points --bin orderd --example misbehaving
	rm -f $(CARGO_TARGET_DIR)/debug/orderd-crash-points
	mv $(CARGO_TARGET_DIR)/debug/orderd $(CARGO_TARGET_DIR)/debug/orderd-crash-points

clean:
	$(CARGO) clean
	rm -rf $(CHAIN)/node_modules $(JS)/node_modules $(JS)/dist $(JS)/build
