#!/usr/bin/env bash
# Runs every layer of tests, the cheap ones first, and ends with the counts. A layer that fails does
# not keep the next from running: one run shows all that is wrong.
#
# Usage: test-all.sh RESULTS_DIR
set -euo pipefail
results=${1:?usage: test-all.sh RESULTS_DIR}
layers=(host-dev apiserver lab)

step() { printf '\n==> %s\n' "$1"; shift; "$@" || echo "    failed: $*"; }

mkdir -p "$results"
step "build" make --no-print-directory build
step "unit, component, architecture, contract" make --no-print-directory test-host
step "API server (real kube-apiserver and etcd)" make --no-print-directory test-apiserver
step "lab (real kernel, real traffic)" make --no-print-directory test-lab
scripts/summary.py "$results" "${layers[@]}"
