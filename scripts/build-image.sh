#!/usr/bin/env bash
# Builds the container image from the Dockerfile by buildah, with no daemon, and leaves it as
# build/lvs-operator-image.tar, a docker-archive that `docker load`, `ctr images import` and `skopeo copy` take.
#
#   scripts/build-image.sh [NAME:TAG]        default: lvs-operator:0.1.0
#
# Must be root. Safe to run again: steps that nothing has changed are taken from the last time, and so are
# compiled files (ccache). Both caches are in ${LVS_CACHE:-~/.cache/lvs-operator}/image; remove the folder for a
# build from nothing.
#
# Where the base image cannot be pulled, debootstrap makes one from the package mirrors of this machine's apt.
#
# Environment: LVS_IMAGE_BASE=debootstrap   do not try to pull
#              STORAGE_DRIVER               buildah's (default vfs, which works everywhere)
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")

readonly BASE=debian:bookworm-slim RELEASE=bookworm
name=${1:-lvs-operator:0.1.0}
cache=${LVS_CACHE:-$HOME/.cache/lvs-operator}/image
archive=$root/build/lvs-operator-image.tar
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=chroot

say() { echo "build-image: $*" >&2; }
die() { say "error: $*"; exit 1; }

store() { buildah --root "$cache/store" --runroot "$work/run" "$@"; }

# The package sources of this machine's apt for one release, as lines of sources.list.
sources() {
  # shellcheck disable=SC2016  # apt's own names
  apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$RELEASE" '$3 ~ "^" release "(-|$)"' | sort -u
}

make_base() {
  local lines mirror
  command -v debootstrap >/dev/null || die "no $BASE can be pulled, and debootstrap is not there to make it: install it"
  lines=$(sources)
  mirror=$(awk -v release="$RELEASE" '$3 == release { print $2; exit }' <<<"$lines")
  [[ -n $mirror ]] || die "this machine's apt knows no mirror of $RELEASE"
  say "making $BASE by debootstrap ..."
  debootstrap --variant=minbase "$RELEASE" "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    { tail -5 "$work/debootstrap.log" >&2; die "debootstrap failed"; }
  echo "$lines" >"$work/base/etc/apt/sources.list"
  rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
  local container
  container=$(store from scratch)
  store copy -q "$container" "$work/base" / >/dev/null
  store config --cmd /bin/bash "$container"
  store commit -q --rm "$container" "$BASE" >/dev/null
}

ensure_base() {
  if store inspect --type image "$BASE" >/dev/null 2>&1; then return; fi
  if [[ ${LVS_IMAGE_BASE:-} != debootstrap ]] && store pull -q "$BASE" >/dev/null 2>&1; then return; fi
  make_base
}

command -v buildah >/dev/null || die "buildah is not there: install it, or use: docker build -t $name $root"
((EUID == 0)) || die "must be root (debootstrap and the chroot need it)"
mkdir -p "$cache/ccache" "$root/build"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d "${TMPDIR:-/tmp}/build-image.XXXXXX")
trap 'rm -rf "$work"' EXIT

started=$SECONDS
ensure_base
store bud --layers --pull=never --volume "$cache/ccache:/root/.cache/ccache" -t "$name" "$root" 9>&-
rm -f "$archive"
store push -q "$name" "docker-archive:$archive:$name"
say "$name is in ${archive#"$root"/}, $(du -m "$archive" | cut -f1) MB, after $((SECONDS - started)) s"
