# The lab: a real kernel, network namespaces as machines, real traffic. Included by the Makefile.

SCENARIO ?= s1

# Before anything is installed or built.
.PHONY: root
root:
	@[ $$(id -u) -eq 0 ] || { echo "make: must be root: the lab makes network namespaces and boots a kernel; run it with sudo" >&2; exit 1; }

.PHONY: lab demo test-lab test-lab-long test-lab-self test-nodes bench-failover bench-health bench-many-vips
lab: root setup-lab product ## A shell in the lab with everything running (SCENARIO=s1|s2|s3)
	@LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) e2e/lab-shell $(SCENARIO)
demo: root setup-lab product ## Scenario S1 from a folder of YAML files: traffic, and the proof of direct routing
	@LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) e2e/demo
test-lab: root setup-lab build package ## The lab's tests (TESTS=... for a few)
	@export LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) LVS_RESULTS=$(RESULTS); e2e/run-tests $(TESTS) \
	  || LVS_APISERVER=no scripts/second_try.py $(RESULTS)/lab.xml pytest . e2e/with-apiserver e2e/run-tests
test-lab-long: root setup-lab build ## Faults of directors, heartbeats and API server, for 20 minutes; on a machine that is not busy
	@LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) LVS_RESULTS=$(RESULTS) e2e/run-tests -m long
test-lab-self: root setup-lab ## The lab proves itself with ipvsadm and ip alone; needs no build
	@LVS_RESULTS=$(RESULTS) e2e/run-tests tests/test_lab_selfcheck.py tests/test_lab_selfcheck_scenarios.py
test-nodes: root setup-nodes image ## Real pods: the chart and the image on three real Kubernetes nodes in a guest
	@LVS_RESULTS=$(RESULTS) e2e/nodes/run
bench-failover: setup-lab build ## How long clients wait when the holder crashes, beside keepalived (SERIES=... for a few)
	@cd e2e && LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) ./with-apiserver guest/run --timeout 3600 -- \
	  env PYTHONPATH=$(CURDIR)/e2e PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/failover.py $(SERIES)
bench-health: setup-lab build ## How long requests fail when a server dies, beside keepalived's checks (SERIES=... for a few)
	@cd e2e && LVS_APISERVER=no LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) guest/run --timeout 1800 -- \
	  env PYTHONPATH=$(CURDIR)/e2e PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/health.py $(SERIES)
bench-many-vips: setup-lab build ## What 1,000 VIPs on three directors cost, and how long clients wait when one dies
	@cd e2e && LVS_BUILD_DIR=$(CURDIR)/build/$(PRESET) ./with-apiserver guest/run --timeout 3600 -- \
	  env PYTHONPATH=$(CURDIR)/e2e PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/many_vips.py
