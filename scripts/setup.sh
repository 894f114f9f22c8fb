#!/usr/bin/env bash
# Installs what this project needs on Debian 12, from Debian's own packages only.
#
#   scripts/setup.sh [build] [product] [check] [lab] [apiserver] [image] [nodes]      default: build check lab
#
# build      compiler, libraries, test libraries
# product    compiler and libraries only: what building the programs takes
# check      formatters, static checkers, fuzzing
# lab        QEMU and a kernel with ip_vs for it, nginx, and the tools that witness the traffic
# apiserver  what fetching or building a real Kubernetes API server and Helm takes (Go comes by package)
# image      what building the container image takes
# nodes      containerd and runc, for real Kubernetes nodes in the lab
#
# Quick and silent when everything is there. Must be root to install. The guest's kernel is not
# installed on this machine: it is unpacked into ${LVS_CACHE:-~/.cache/lvs-operator}/guest-kernel.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")

declare -A groups=(
  [compiler]="g++ cmake ninja-build make ccache pkg-config git dpkg-dev"
  [libraries]="libcpprest-dev libyaml-cpp-dev libnl-3-dev libnl-genl-3-dev libnl-route-3-dev
    prometheus-cpp-dev libspdlog-dev nlohmann-json3-dev libsimdjson-dev libcli11-dev libexpected-dev libboost-dev
    libboost-system-dev libssl-dev"
  [tests]="libgtest-dev libgmock-dev libbenchmark-dev python3 python3-pytest python3-yaml openssl
    iproute2 iputils-arping prometheus"
  [checkers]="clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev shellcheck"
  [guest]="qemu-system-x86 qemu-system-common busybox-static cpio kmod util-linux procps"
  [servers]="nginx-light keepalived"
  [witnesses]="ipvsadm tcpdump iproute2 iputils-arping iputils-ping ndisc6 curl nftables iptables
    socat prometheus"
  [scripts]="python3 python3-pytest python3-yaml openssl git"
  [go-by-package]="python3 python3-venv python3-pytest python3-yaml openssl ca-certificates"
  [image-builder]="buildah debootstrap python3-pytest binutils"
  [containers]="containerd runc containernetworking-plugins gcc libc6-dev"
)
declare -A why=(
  [compiler]="to build the programs"
  [libraries]="that the programs use"
  [tests]="for the unit and component tests, the benchmarks and promtool"
  [checkers]="for formatting, static checks and fuzzing"
  [guest]="to boot a kernel that has IPVS"
  [servers]="the real servers of the lab, and the peer we compare with"
  [witnesses]="that look at the kernel and the wire from outside"
  [scripts]="for the lab's own scripts"
  [go-by-package]="to fetch or build a real Kubernetes API server and Helm"
  [image-builder]="to build the container image, and the base image where it cannot be pulled"
  [containers]="to run real pods"
)
declare -A parts=(
  [build]="compiler libraries tests"
  [product]="compiler libraries"
  [check]="checkers"
  [lab]="guest servers witnesses scripts"
  [apiserver]="go-by-package"
  [image]="image-builder"
  [nodes]="containers"
)

die() { echo "setup: $*" >&2; exit 1; }

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; }

# missing PACKAGE…: those of them that are not installed.
missing() {
  local installed package
  installed=" $(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk '$2 == "installed" { printf "%s ", $1 }' || true)"
  for package in "$@"; do
    [[ $installed == *" $package "* ]] || echo "$package"
  done
}

# Keeps Debian from starting nginx, keepalived, prometheus and containerd on this machine, then puts its policy back.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d made=''
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=1
  fi
  local status=0
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || status=$?
  [[ -z $made ]] || rm -f "$policy"
  ((status == 0)) || die "apt-get could not install: $*"
  # Those that came just now would start at the next boot; a server that was here before is not ours.
  local package
  for package in "$@"; do
    if [[ -d /run/systemd/system && $package =~ ^(nginx|keepalived|prometheus|containerd$) ]]; then
      systemctl disable --quiet "${BASH_REMATCH[1]}" 2>/dev/null || true
    fi
  done
}

updated=''
install_group() {
  local group=$1 packages
  # shellcheck disable=SC2046,SC2086  # lists of words
  packages=$(missing ${groups[$group]})
  [[ -n $packages ]] || return 0
  packages=${packages//$'\n'/ }
  echo "setup: installing $group, ${why[$group]}: $packages"
  ((EUID == 0)) || die "must be root to install packages; run: sudo $0"
  if [[ -z $updated ]]; then
    apt-get update -q || die "apt-get update failed"
    updated=1
  fi
  # shellcheck disable=SC2086  # a list of words
  install_quietly $packages
}

wanted=()
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    *) [[ -n ${parts[$argument]:-} ]] || die "unknown part $argument; see --help"; wanted+=("$argument") ;;
  esac
done
((${#wanted[@]})) || wanted=(build check lab)

for part in "${wanted[@]}"; do
  for group in ${parts[$part]}; do install_group "$group"; done
  if [[ $part == lab ]]; then
    kernel=$("$root/e2e/guest/fetch-kernel")
    [[ -e $kernel/vmlinuz ]] || die "no guest kernel in $kernel"
  fi
done
