#!/usr/bin/env bash
# Finds Helm 3, or builds it once. Prints the program's path on standard output; everything else goes to
# standard error. Safe to run again.
#
# Order: $HELM, a Helm 3 on PATH, the cache (${LVS_CACHE:-$HOME/.cache/lvs-operator}/helm-VERSION/helm),
# else a build from source through the Go module proxy that `go env GOPROXY` names (about a minute;
# scripts/go-toolchain.sh finds Go).
#
# Options: --jobs N   compile with N jobs (default: number of processors)
#          --help     this text
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly HELM_VERSION=3.22.0
cache=${LVS_CACHE:-$HOME/.cache/lvs-operator}/helm-$HELM_VERSION
jobs=$(nproc)

say() { echo "helm-asset: $*" >&2; }
die() { say "error: $*"; exit 1; }
usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --jobs) [ $# -ge 2 ] || die "--jobs needs a number"; jobs=$2; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) die "unknown option $1; see --help" ;;
  esac
done

is_helm_3() { [[ $("$1" version --short 2>/dev/null) == v3.* ]]; }

build() {
  local go work minor place flags package=helm.sh/helm/v3
  go=$("$here/go-toolchain.sh")
  work=$(mktemp -d "${TMPDIR:-/tmp}/helm-asset.XXXXXX")
  # shellcheck disable=SC2064  # the folder as it is named now
  trap "rm -rf '$work'" EXIT
  mkdir "$work/tmp" "$work/module"
  export GOTOOLCHAIN=local GOWORK=off GOTMPDIR=$work/tmp
  cd "$work/module"
  say "building Helm $HELM_VERSION with $("$go" env GOVERSION), $jobs jobs, into $cache"
  printf 'module assets\n\ngo 1.26\n\nrequire helm.sh/helm/v3 v%s\n' "$HELM_VERSION" >go.mod
  printf '//go:build tools\n\npackage assets\n\nimport _ "helm.sh/helm/v3/cmd/helm"\n' >imports.go
  "$go" mod tidy >&2
  # The Kubernetes that `helm template` takes for granted is that of its client library.
  minor=$("$go" list -m -f '{{.Version}}' k8s.io/client-go)
  minor=${minor#v0.}
  flags="-s -w -X $package/internal/version.version=v$HELM_VERSION"
  for place in pkg/chartutil pkg/lint/rules; do
    flags+=" -X $package/$place.k8sVersionMajor=1 -X $package/$place.k8sVersionMinor=${minor%%.*}"
  done
  CGO_ENABLED=0 "$go" build -p "$jobs" -trimpath -ldflags "$flags" -o "$work/helm" "$package/cmd/helm" >&2
  mv "$work/helm" "$cache/.helm.new"
  mv "$cache/.helm.new" "$cache/helm"
}

if [ -n "${HELM:-}" ]; then
  is_helm_3 "$HELM" || die "HELM=$HELM is no Helm 3; correct it or unset it"
  echo "$HELM"
elif found=$(command -v helm) && is_helm_3 "$found"; then
  echo "$found"
else
  mkdir -p "$cache"
  # Two builds at once would only slow each other down: the second waits and finds the work done.
  exec 9>"$cache/lock"
  flock 9
  [ -x "$cache/helm" ] || build
  echo "$cache/helm"
fi
