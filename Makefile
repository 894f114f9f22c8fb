# The front door. `make help` lists what can be done; every target sets up what it needs by itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PRESET  ?= dev
JOBS    ?= $(shell nproc)
# UNITY=ON compiles several sources at once: the quickest first build, for machines that build once.
UNITY   ?=
RESULTS := $(CURDIR)/build/results
# One cache for every clone of this tree, wherever it lies.
export CCACHE_BASEDIR   := $(CURDIR)
export CCACHE_NOHASHDIR := 1

ifneq ($(words $(CURDIR)),1)
$(error $(CURDIR): a folder with a space in its path cannot be built in; move the clone)
endif

CTEST   := ctest --test-dir build/$(PRESET) --output-on-failure --no-tests=error -j $(JOBS)

-include e2e/lab.mk

.PHONY: help
help: ## List the targets
	@echo "lvs-operator: kernel load balancing from two resources"
	@awk -F ':.*## ' '/^[a-z][a-zA-Z0-9_-]*:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sort

.PHONY: setup-build setup-check setup-lab setup-nodes
setup-build: ## Install what the build needs (Debian packages)
	@scripts/setup.sh build
setup-check: ## Install what formatting, static checks and fuzzing need
	@scripts/setup.sh check
setup-lab: ## Install what the lab needs (QEMU, a kernel with ip_vs, nginx, ...)
	@scripts/setup.sh lab
setup-nodes: ## Install what real Kubernetes nodes need (containerd, runc, ...)
	@scripts/setup.sh lab apiserver nodes
setup-image: ## Install what building the container image needs (buildah)
	@scripts/setup.sh image

.PHONY: configure build product package release
configure: setup-build
	@[ -f build/$(PRESET)/build.ninja ] || cmake --preset $(PRESET) $(if $(UNITY),-DCMAKE_UNITY_BUILD=$(UNITY))
build: configure ## Build everything (PRESET=dev|release|asan|tsan|fuzz)
	@cmake --build --preset $(PRESET) -j $(JOBS)
product: configure ## Build the three programs, without their tests
	@cmake --build --preset $(PRESET) -j $(JOBS) --target lvs-operator lvs-agent lvsctl
package: product ## The Debian package of what is built (PRESET=release for one to ship)
	@cd build/$(PRESET) && cpack -G DEB >/dev/null && ls lvs-operator_*.deb | sed 's,^,build/$(PRESET)/,'
release: ## Build what is shipped
	@$(MAKE) --no-print-directory build PRESET=release

.PHONY: test test-unit test-host test-apiserver summary
test: ## Every layer: unit, component, contract, API server, lab; ends with the counts
	@rm -rf $(RESULTS)
	@scripts/test-all.sh $(RESULTS)
test-unit: ## The inner loop: pure tests, seconds
	@$(MAKE) --no-print-directory build PRESET=core
	@ctest --test-dir build/core --output-on-failure --no-tests=error -L 'unit|architecture' -j $(JOBS)
test-host: build ## Unit, component, architecture and contract (fake kernel) tests
	@mkdir -p $(RESULTS)
	@$(CTEST) --output-junit $(RESULTS)/host-$(PRESET).xml \
	  || scripts/second_try.py $(RESULTS)/host-$(PRESET).xml ctest build/$(PRESET)
test-apiserver: build ## Against a real kube-apiserver and etcd
	@mkdir -p $(RESULTS)
	@tests/apiserver/run --junitxml=$(RESULTS)/apiserver.xml \
	  || scripts/second_try.py $(RESULTS)/apiserver.xml pytest tests/apiserver tests/apiserver/run

.PHONY: sanitize
sanitize: ## Unit, component and contract tests under address+undefined and thread sanitizers
	@$(MAKE) --no-print-directory test-host PRESET=asan
	@$(MAKE) --no-print-directory test-host PRESET=tsan

.PHONY: fuzz
FUZZ_SECONDS ?= 20
FUZZ_RUNS ?=
fuzz: setup-check ## Every fuzz target for FUZZ_SECONDS each (FUZZ_RUNS=N: N inputs, the same each time)
	@$(MAKE) --no-print-directory build PRESET=fuzz
	@scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS) $(RESULTS) $(FUZZ_RUNS)

.PHONY: bench
bench: setup-lab build ## Planning on this machine; programming beside ipvsadm and keepalived in the guest
	@python3 -B e2e/bench/planner.py build/$(PRESET)/tests/bench/bench_planner
	@build/$(PRESET)/tests/bench/bench_codec
	@build/$(PRESET)/tests/bench/bench_checks
	@e2e/guest/run --timeout 3600 -- /usr/bin/python3 -B e2e/bench/bench.py build/$(PRESET)

.PHONY: format format-check shellcheck tidy lint
format: setup-check ## Rewrite the C++ in the project's format
	@git ls-files '*.h' '*.cpp' | xargs clang-format-14 -i
format-check: setup-check
	@git ls-files '*.h' '*.cpp' | xargs clang-format-14 --dry-run --Werror
tidy: setup-check ## clang-tidy over the product, about two minutes (FILES=... for a few)
	@$(MAKE) --no-print-directory configure PRESET=$(if $(FILES),dev,tidy)
	@scripts/tidy.sh build/$(if $(FILES),dev,tidy) $(FILES)
lint: setup-check ## Format, clang-tidy, shellcheck
	@scripts/lint.sh $(RESULTS)
shellcheck: setup-check
	@git ls-files '*.sh' e2e/guest/run e2e/demo e2e/run-tests e2e/with-apiserver e2e/lab-shell e2e/nodes/run e2e/nodes/in-guest e2e/nodes/node e2e/nodes/make-store tests/apiserver/run .ci/run | xargs shellcheck

.PHONY: chart deploy-manifests image test-image setup-image
chart: ## Copy what the Helm chart ships into it: crds/, dashboards, alerts
	@scripts/chart-files.sh
deploy-manifests: chart ## Render deploy/kubernetes from the Helm chart
	@scripts/render-deploy.sh
IMAGE ?= lvs-operator:0.1.0
image: setup-image ## Build the container image by buildah: build/lvs-operator-image.tar (IMAGE=...)
	@scripts/build-image.sh $(IMAGE)
test-image: image ## What the image is: size, user, programs, package records
	@mkdir -p $(RESULTS)
	@/usr/bin/python3 -B -m pytest -p no:cacheprovider -q -s --junitxml=$(RESULTS)/image.xml tests/image

.PHONY: clean
clean: ## Remove the build folder
	@rm -rf build
