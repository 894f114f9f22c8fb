#!/usr/bin/env bash
# Runs the checks that need no run of the program: format, shellcheck, clang-tidy. All of them, even
# after one has failed.
#
# Usage: lint.sh RESULTS_DIR
set -euo pipefail
results=${1:?usage: lint.sh RESULTS_DIR}
# shellcheck source=scripts/junit.sh
source "$(dirname "$0")/junit.sh"

rm -f "$results/lint.xml.cases"
failed=()
for check in format-check shellcheck tidy; do
  junit_case "$results/lint.xml" "$check" make --no-print-directory "$check" || failed+=("$check")
done
junit_write "$results/lint.xml" lint
[ ${#failed[@]} -eq 0 ] || { echo "lint: failed: ${failed[*]}"; exit 1; }
