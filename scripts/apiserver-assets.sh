#!/usr/bin/env bash
# Finds, or builds once, the programs of a real Kubernetes API server: etcd, kube-apiserver, kubectl.
# Prints the folder that holds them on the last line of standard output; everything else goes to
# standard error. Safe to run again: it builds only what is missing.
#
# Order: $KUBEBUILDER_ASSETS, PATH, the cache (${LVS_CACHE:-$HOME/.cache/lvs-operator}/kube-VERSION/bin),
# else a build from source through the Go module proxy that `go env GOPROXY` names (about 4 minutes).
# scripts/go-toolchain.sh finds the Go that the build needs.
#
# Options: --nodes    with what nodes take, too: kubelet, kube-proxy, kube-controller-manager, kube-scheduler
#          --jobs N   compile with N jobs (default: number of processors)
#          --help     this text
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly KUBE_VERSION=1.36.3
readonly ETCD_VERSION=3.6.8
readonly NODE_PROGRAMS=(kube-controller-manager kube-scheduler kubelet kube-proxy)
kube_programs=(kubectl kube-apiserver)

cache=${LVS_CACHE:-$HOME/.cache/lvs-operator}
bin=$cache/kube-$KUBE_VERSION/bin
jobs=$(nproc)

say() { echo "apiserver-assets: $*" >&2; }
die() { say "error: $*"; exit 1; }

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --nodes) kube_programs+=("${NODE_PROGRAMS[@]}"); shift ;;
    --jobs) [ $# -ge 2 ] || die "--jobs needs a number"; jobs=$2; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) die "unknown option $1; see --help" ;;
  esac
done

has_all() {  # DIR: true when every program is there and executable
  local p
  for p in etcd "${kube_programs[@]}"; do [ -x "$1/$p" ] || return 1; done
}

on_path() {  # prints a folder on PATH that has all the programs
  local dir
  local IFS=:
  for dir in $PATH; do
    if [ -n "$dir" ] && has_all "$dir"; then echo "$dir"; return 0; fi
  done
  return 1
}

# k8s.io/kubernetes replaces its staging modules by folders of its own source tree, which
# `go install pkg@version` refuses. A wrapper module replaces them by the published modules.
write_kube_module() {  # DIR
  local go_mod
  mkdir -p "$1"
  cd "$1"
  printf 'module assets\n\ngo 1.26\n\nrequire k8s.io/kubernetes v%s\n' "$KUBE_VERSION" >go.mod
  go_mod=$("$GO" mod download -json "k8s.io/kubernetes@v$KUBE_VERSION" |
    sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",\{0,1\}$/\1/p')
  [ -r "$go_mod" ] || die "the module proxy gave no k8s.io/kubernetes v$KUBE_VERSION"
  sed -n "s#^[[:space:]]*\(k8s.io/[a-z0-9-]*\) => ./staging/.*#replace \1 => \1 v0.${KUBE_VERSION#1.}#p" \
    "$go_mod" >>go.mod
  printf '//go:build tools\n\npackage assets\n\n' >imports.go
  printf 'import _ "k8s.io/kubernetes/cmd/%s"\n' "${kube_programs[@]}" >>imports.go
  "$GO" mod tidy >&2
}

write_etcd_module() {  # DIR
  mkdir -p "$1"
  cd "$1"
  printf 'module assets\n\ngo 1.26\n\nrequire go.etcd.io/etcd/server/v3 v%s\n' "$ETCD_VERSION" >go.mod
  cat >main.go <<'GO'
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
GO
  "$GO" mod tidy >&2
}

build() {  # NAME PACKAGE: leaves the program in the cache, whole or not at all
  local started=$SECONDS
  say "building $1 ..."
  CGO_ENABLED=0 "$GO" build -p "$jobs" -trimpath \
    -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v$KUBE_VERSION" -o "$work/$1" "$2" >&2
  mv "$work/$1" "$bin/.$1.new"
  mv "$bin/.$1.new" "$bin/$1"
  say "built $1 in $((SECONDS - started)) s"
}

build_all() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/apiserver-assets.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  GO=$("$here/go-toolchain.sh")
  mkdir "$work/tmp"
  export GOTOOLCHAIN=local GOWORK=off GOTMPDIR=$work/tmp
  say "building Kubernetes $KUBE_VERSION and etcd $ETCD_VERSION with $("$GO" env GOVERSION), $jobs jobs, into $bin"
  mkdir -p "$bin"
  if [ ! -x "$bin/etcd" ]; then
    (write_etcd_module "$work/etcd-module" && build etcd .)
  fi
  has_all "$bin" || (
    write_kube_module "$work/kube-module"
    for p in "${kube_programs[@]}"; do
      [ -x "$bin/$p" ] || build "$p" "k8s.io/kubernetes/cmd/$p"
    done
  )
}

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  has_all "$KUBEBUILDER_ASSETS" ||
    die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS lacks one of: etcd ${kube_programs[*]}; correct it or unset it"
  say "using KUBEBUILDER_ASSETS"
  echo "$KUBEBUILDER_ASSETS"
elif found=$(on_path); then
  say "using the programs on PATH"
  echo "$found"
elif has_all "$bin"; then
  say "using the cache"
  echo "$bin"
else
  mkdir -p "$cache"
  # Two builds at once would only slow each other down: the second waits and finds the work done.
  exec 9>"$cache/kube-$KUBE_VERSION.lock"
  flock 9
  has_all "$bin" || build_all
  echo "$bin"
fi
