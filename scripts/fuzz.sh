#!/usr/bin/env bash
# Runs every fuzz target of a build for some seconds, from its committed corpus and dictionary. What
# makes a target fail is kept beside the results; run the target with that file to see it again.
#
# Usage: fuzz.sh BUILD_DIR SECONDS RESULTS_DIR [RUNS]
# RUNS: so many inputs, the same each time, however fast the machine; without it, new ones.
set -euo pipefail
build=${1:?usage: fuzz.sh BUILD_DIR SECONDS RESULTS_DIR}
seconds=${2:?usage: fuzz.sh BUILD_DIR SECONDS RESULTS_DIR}
results=${3:?usage: fuzz.sh BUILD_DIR SECONDS RESULTS_DIR}
runs=${4:-}
# shellcheck source=scripts/junit.sh
source "$(dirname "$0")/junit.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$results"
rm -f "$results/fuzz.xml.cases"

run_target() {  # NAME
  local name=$1
  local args=("$work/$name")
  if [ -d "tests/fuzz/corpus/$name" ]; then args+=("tests/fuzz/corpus/$name"); fi
  for dictionary in tests/fuzz/*.dict; do
    if [[ $name == "$(basename "$dictionary" .dict)"* ]]; then args=("-dict=$dictionary" "${args[@]}"); fi
  done
  mkdir -p "$work/$name"
  local how=("-max_total_time=$seconds")
  if [ -n "$runs" ]; then how=(-seed=1 "-runs=$runs"); fi
  echo "==> $name ${how[*]}"
  "$build/tests/fuzz/$name" "${how[@]}" -timeout=10 -rss_limit_mb=2048 -print_funcs=0 \
    -artifact_prefix="$results/$name-" "${args[@]}" >"$work/$name.log" 2>&1 ||
    { tail -n 60 "$work/$name.log" | cut -c 1-2000; return 1; }
  grep '^Done ' "$work/$name.log"
}

failed=0
for source in tests/fuzz/fuzz_*.cpp; do
  name=$(basename "$source" .cpp)
  junit_case "$results/fuzz.xml" "$name" run_target "$name" || failed=$((failed + 1))
done
junit_write "$results/fuzz.xml" fuzz
if ((failed)); then echo "fuzz: $failed targets failed; their inputs: $results/fuzz_*"; exit 1; fi
echo "fuzz: all targets ran clean"
