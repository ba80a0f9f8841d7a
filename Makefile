# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What must be installed beside Swift: to build, and to test.
PACKAGES := libzmq3-dev
TEST_PACKAGES := $(PACKAGES) python3 python3-zmq
CHAOS_PACKAGES := iproute2 iptables
PEER_PACKAGES := inspircd ngircd python3
MACHINE_PACKAGES := python3 python3-matplotlib valgrind

NODES ?= 3
SEED ?= 1
STEPS ?= 2000
CASES ?=
REPEAT ?=
SECONDS ?=
ROWS ?=
SERVERS ?=
JSON ?=
TIME ?= 60
TARGET ?=
AXES ?=
SAMPLES ?=

.DEFAULT_GOAL := help
.PHONY: help deps deps-test deps-chaos deps-peers deps-machine build cluster test sim soak fuzz chaos lint format bench bench-peers bench-growth bench-check bench-record bench-mesh bench-pressure proto check clean

help: ## print the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-15s %s\n", $$1, $$2 }'

# Installs what is missing of a list, and asks the system for nothing where all is there.
define install
	@missing=""; for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "installing$$missing"; \
		$(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
endef

deps: ## install what the build needs (libzmq3-dev)
	$(call install,$(PACKAGES))

deps-test: ## install what the tests need besides (python3-zmq)
	$(call install,$(TEST_PACKAGES))

deps-chaos: ## install what some cases of chaos need besides (ip, iptables)
	$(call install,$(CHAOS_PACKAGES))

deps-peers: ## install what bench-peers measures besides (inspircd, ngircd)
	$(call install,$(PEER_PACKAGES))

deps-machine: ## install what the benchmarks of the machine need besides (matplotlib, valgrind)
	$(call install,$(MACHINE_PACKAGES))

build: deps ## build the program, in release
	$(SWIFT) build -c release --product roost

cluster: build ## run a cluster of NODES=3 nodes on this machine and say how to connect
	@exec .build/release/roost cluster up --nodes $(NODES)

test: deps-test ## run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

sim: ## run the simulator: SEED=1 NODES=3 STEPS=2000
	$(SWIFT) run roost-sim --seed $(SEED) --nodes $(NODES) --steps $(STEPS)

soak: ## run seeds of the simulator on all cores: TIME=60 (seconds) SEED=1
	$(SWIFT) build -c release --product roost-sim
	.build/release/roost-sim --seed $(SEED) --soak $(TIME)

chaos: build ## break clusters under load, and print what it cost: CASES="kill stop-2" REPEAT=3
	$(SWIFT) build -c release --product roost-chaos
	@exec .build/release/roost-chaos $(addprefix --repeat ,$(REPEAT)) $(addprefix --case ,$(CASES))

fuzz: deps ## run the fuzz targets, each for so many seconds: TIME=60 TARGET="peer clients"
	@.ci/fuzz $(TIME) $(TARGET)

lint: deps ## check format, import arrows, purity and generated code
	@.ci/lint

format: ## format all sources
	$(SWIFT) format -i --parallel $$(.ci/sources)

bench: build ## measure one node and three nodes, and print the figures
	$(SWIFT) build -c release --product roost-bench
	@cluster/bench

# Debian's packages start servers of their own on port 6667 where there is an init system; only those started here are measured.
bench-peers: build deps-peers ## measure Roost beside InspIRCd, ngIRCd and two floors: ROWS="rooms-50 private" REPEAT=5 SECONDS=3 JSON=file
	$(SWIFT) build -c release --product roost-bench
	$(SWIFT) build -c release --product roost-floor
	@exec cluster/bench-peers $(addprefix --repeat ,$(REPEAT)) $(addprefix --seconds ,$(SECONDS)) \
		$(addprefix --json ,$(JSON)) $(if $(ROWS),--rows $(ROWS)) $(if $(SERVERS),--servers $(SERVERS))

bench-growth: deps deps-machine ## measure how costs grow, and draw it in docs/performance: AXES="users nodes" SAMPLES=7
	$(SWIFT) build -c release --product roost-machine
	@exec cluster/bench-growth $(addprefix --samples ,$(SAMPLES)) $(if $(AXES),--axes $(AXES))

bench-check: deps deps-machine ## count the instructions of hot paths, and compare with those recorded
	$(SWIFT) build -c release --product roost-machine
	@exec cluster/bench-check

bench-record: deps deps-machine ## count them, and record what was counted
	$(SWIFT) build -c release --product roost-machine
	@exec cluster/bench-check --record

bench-pressure: build ## measure p99 and memory while somebody is a burden: CASES="silent burst" REPEAT=5 SECONDS=5 JSON=file
	$(SWIFT) build -c release --product roost-bench
	@exec cluster/bench-pressure $(addprefix --repeat ,$(REPEAT)) $(addprefix --seconds ,$(SECONDS)) \
		$(addprefix --json ,$(JSON)) $(if $(CASES),--cases $(CASES))

bench-mesh: deps ## measure the mesh between two nodes, without clients: REPEAT=3 SECONDS=3
	$(SWIFT) build -c release --product roost-mesh
	@exec .build/release/roost-mesh $(addprefix --repeat ,$(REPEAT)) $(addprefix --seconds ,$(SECONDS))

proto: ## generate the Swift of docs/protocol/mesh.proto
	@docs/protocol/generate

check: lint test ## all that must hold before a change lands
	@for seed in 1 2 3 4 5; do .build/debug/roost-sim --seed $$seed --steps 1000 --without kill --without stop --without cut --without split --without pause || exit 1; done

clean: ## remove what was built
	rm -rf .build .build-* run
