# make without an argument shows what there is. Everything that is built goes to bin/, build/ and web/dist/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# One set of flags for binary, tests and tools, so that each dependency is compiled once; only the race detector needs C.
export GOFLAGS := $(shell go env GOFLAGS) -trimpath
export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
GOTEST := go run ./internal/gotest -counts $(CURDIR)/build/counts --
WITH_POSTGRES := go run ./internal/dbtest/withpostgres
CHECK := scripts/check.sh
# Modules of their own, so that their dependencies are not the product's.
MODULES := internal/interop/dmssdk internal/interop/iamsdk internal/bench/peers
# The packages with the most concurrency run under the race detector; make race runs all. The stories of billing close thousands of
# hours one after the other, which the detector makes slow and learns nothing from.
RACE := ./dataplane/... ./iam/... ./billing/gormstore/... ./billing/timetable/... ./billing/httpapi/... ./controlplane/... ./internal/run/... ./internal/nodelink/...
E2E := ./cmd/dms/internal/e2e/...

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- Run and build ---

.PHONY: run
run: build ## Build console and binary, then start everything on http://127.0.0.1:8080 (ARGS="--listen ...")
	@exec bin/dms serve $(ARGS)

.PHONY: build
build: build-web ## Build console and binary (bin/dms, one static file)
	@mkdir -p bin
	@go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/dms ./cmd/dms

WEB_SOURCES := $(shell find web/src web/public web/scripts web/index.html web/*.json web/*.ts -type f 2>/dev/null)

.PHONY: build-web
build-web: ## Build the console (web/dist); without Node it is left out
	@if command -v npm >/dev/null; then $(MAKE) build/web.stamp; \
	else echo "Node was not found: the binary will say how to build the console instead of showing it."; fi

build/web.stamp: $(WEB_SOURCES) web/node_modules/.package-lock.json
	npm --prefix web run --silent build
	@mkdir -p build && touch $@

web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: generate
generate: web/node_modules/.package-lock.json ## Write generated code anew (Go and TypeScript types from openapi.yaml)
	go generate ./...
	npm --prefix web run --silent generate

.PHONY: fmt
fmt: ## Format the Go code
	gofmt -w $$(git ls-files '*.go')

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin build coverage
	find web/dist -mindepth 1 ! -name .gitkeep -delete

# --- Test ---

.PHONY: deps
deps: ## Install what the tests need and the machine lacks (postgresql, chromium, gcc)
	@scripts/deps.sh

.PHONY: test
test: export DMS_TEST_REQUIRE = 1
test: deps build ## Run all tests: Go on SQLite and Postgres, end to end, console, browser
	@mkdir -p build
	@$(WITH_POSTGRES) $(MAKE) test-go
	@$(CHECK) "console: unit tests" npm --prefix web run --silent test
	@$(CHECK) "console: browser test" node scripts/browser-test.mjs
	@awk '{p += $$1; f += $$2} END {printf "%d passed, %d failed\n", p, f}' build/counts

# Runs inside $(WITH_POSTGRES): one server for all packages.
.PHONY: test-go
test-go:
	@CGO_ENABLED=1 $(GOTEST) -race $(RACE)
	@$(GOTEST) $$(go list ./... | grep -vE '^dms/(dataplane|iam|billing/gormstore|billing/timetable|billing/httpapi|controlplane|internal/run|internal/nodelink|cmd/dms/internal/e2e)(/|$$)')
	@$(GOTEST) -count=1 -parallel 4 -timeout 15m $(E2E)

.PHONY: e2e
e2e: deps ## Run the end-to-end suite alone (the real binary, the official SDKs)
	@mkdir -p build
	@DMS_TEST_REQUIRE=1 $(WITH_POSTGRES) $(GOTEST) -count=1 -parallel 4 -timeout 15m $(E2E)

.PHONY: race
race: deps ## Run all Go tests under the race detector
	@mkdir -p build
	@DMS_TEST_REQUIRE=1 CGO_ENABLED=1 $(WITH_POSTGRES) $(GOTEST) -race -timeout 30m ./...

# Measures ours and the ceiling in turns, in the folder that BENCH_DIR names; the figures are worth something on a quiet machine only.
.PHONY: bench
bench: bin/dms-bench ## Measure against the ceilings and print one table (BENCH_ROWS=regexp BENCH_DIR=folder)
	@bin/dms-bench bench suite --rows "$(BENCH_ROWS)" --dir "$(BENCH_DIR)" $(BENCH_ARGS)

# The product without the console.
.PHONY: bin/dms-bench
bin/dms-bench:
	@mkdir -p bin
	@go build -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/dms

.PHONY: bench-peers
bench-peers: bin/dms-bench ## Measure beside Redis Streams, NATS JetStream, RabbitMQ and Postgres, where they are installed
	@go -C internal/bench/peers run . --dms $(CURDIR)/bin/dms-bench --dir "$(BENCH_DIR)" $(BENCH_ARGS)

.PHONY: nightly
nightly: deps bin/dms-bench ## Run what takes hours: 100 kills, the model, fuzzing, a soak, ten million messages (SCALE=small: minutes)
	@$(WITH_POSTGRES) scripts/nightly.sh

.PHONY: verify
verify: ## Check without running: format, vet, staticcheck, generated files, go.mod, architecture, types
	@mkdir -p build
	@$(CHECK) "format" bash -c 'files=$$(gofmt -l $$(git ls-files "*.go")); [[ -z "$$files" ]] || { echo "$$files"; echo "Run: make fmt"; exit 1; }'
	@$(CHECK) "go vet" go vet ./...
	@for m in $(MODULES); do $(CHECK) "go vet $$m" go -C $$m vet ./...; done
	@$(CHECK) "staticcheck" go tool staticcheck ./...
	@$(CHECK) "generated files" scripts/fresh.sh
	@$(CHECK) "go.mod" go mod tidy -diff
	@for m in $(MODULES); do $(CHECK) "go.mod of $$m" go -C $$m mod tidy -diff; done
	@$(CHECK) "console: types" npm --prefix web run --silent typecheck
	@$(GOTEST) ./internal/archtest/...

.PHONY: lint
lint: ## Only the linters
	go vet ./...
	go tool staticcheck ./...
