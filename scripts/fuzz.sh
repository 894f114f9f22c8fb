#!/usr/bin/env bash
# Runs every fuzz target of a build for some seconds, from its committed corpus.
#
# Usage: fuzz.sh BUILD_DIR SECONDS
set -euo pipefail
build=${1:?usage: fuzz.sh BUILD_DIR SECONDS}
seconds=${2:?usage: fuzz.sh BUILD_DIR SECONDS}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0
for target in "$build"/tests/fuzz/fuzz_*; do
  if [ ! -x "$target" ] || [ ! -f "$target" ]; then continue; fi
  name=$(basename "$target")
  corpus=tests/fuzz/corpus/$name
  mkdir -p "$work/$name"
  args=("$work/$name")
  if [ -d "$corpus" ]; then args+=("$corpus"); fi
  echo "==> $name for ${seconds}s"
  "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 \
    -verbosity=0 -artifact_prefix="$work/" "${args[@]}" || { cp "$work"/crash-* "$work"/timeout-* . 2>/dev/null || true; exit 1; }
  found=$((found + 1))
done
[ "$found" -gt 0 ] || { echo "no fuzz target was built"; exit 1; }
echo "$found fuzz targets ran clean"
