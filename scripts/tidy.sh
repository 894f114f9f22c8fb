#!/usr/bin/env bash
# clang-tidy over the given files, or over every source of the product. Warnings are errors.
#
# The build folder lists batches of sources (CMake's unity builds): the library headers that they
# share are read and matched once for a batch, which makes the whole tree a matter of minutes. Only
# batches include a .cpp, so that check is off. Files that are named are looked at one by one.
#
# Usage: tidy.sh BUILD_DIR [FILE...]
set -euo pipefail
build=${1:?usage: tidy.sh BUILD_DIR [FILE...]}
shift
if (($#)); then
  files=("$@")
else
  mapfile -t files < <(python3 -c '
import json, sys
print(*sorted(entry["file"] for entry in json.load(open(sys.argv[1]))), sep="\n")' "$build/compile_commands.json")
fi
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy-14 -p "$build" --config-file=.clang-tidy \
  --checks=-bugprone-suspicious-include --quiet --extra-arg=-Wno-unknown-warning-option \
  2> >(grep -v ' warnings\? generated\.$' >&2)
echo "clang-tidy: clean (${#files[@]} batches or files)"
