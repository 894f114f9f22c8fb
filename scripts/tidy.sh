#!/usr/bin/env bash
# clang-tidy over the given files, or over every source of the product. Warnings are errors.
#
# Usage: tidy.sh BUILD_DIR [FILE...]
set -euo pipefail
build=${1:?usage: tidy.sh BUILD_DIR [FILE...]}
shift
if (($#)); then files=("$@"); else mapfile -t files < <(git ls-files 'lib/*.cpp' 'agent/*.cpp' 'operator/*.cpp' 'cli/*.cpp'); fi
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy-14 -p "$build" --quiet \
  --extra-arg=-Wno-unknown-warning-option
echo "clang-tidy: ${#files[@]} files clean"
