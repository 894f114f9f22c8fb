#!/usr/bin/env bash
# Completes the root folder of a container image, in which the programs are already under usr/bin: adds the
# shared libraries that they load, and for scanners and lawyers the records and licences of the Debian
# packages that these come from.
#
#   scripts/image-root.sh ROOT
set -euo pipefail
root=${1:?usage: image-root.sh ROOT}

# As Debian has it: /lib is /usr/lib.
for folder in lib lib64; do
  if [[ -L /$folder ]]; then
    mkdir -p "$root/usr/$folder"
    ln -sfn "usr/$folder" "$root/$folder"
  fi
done

# package_of FILE: dpkg knows some files by /lib, some by /usr/lib.
package_of() {
  local found
  found=$(dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "/usr$1" 2>/dev/null || dpkg-query -S "${1#/usr}")
  found=${found%%:*}
  echo "${found%%,*}"
}

libraries=$(ldd "$root"/usr/bin/lvs-operator "$root"/usr/bin/lvs-agent "$root"/usr/bin/lvsctl |
  awk '$2 == "=>" { print $3 } $1 ~ /^\/.*\/ld-linux/ { print $1 }' | sort -u)
mkdir -p "$root/var/lib/dpkg/status.d"
for library in $libraries; do
  [[ $library == /* ]] || { echo "image-root: a library was not found" >&2; exit 1; }
  folder=$(readlink -f "$(dirname "$library")")
  install -D -m 755 "$(readlink -f "$library")" "$root$folder/$(basename "$library")"
  package=$(package_of "$library")
  [[ ! -e $root/var/lib/dpkg/status.d/$package ]] || continue
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done

# Scanners find the distribution, and so its advisories, by this file.
mkdir -p "$root/etc" "$root/tmp"
install -D -m 644 /usr/lib/os-release "$root/usr/lib/os-release"
ln -sfn ../usr/lib/os-release "$root/etc/os-release"
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/:/nonexistent\nlvs:x:65532:65532::/:/nonexistent\n' >"$root/etc/passwd"
printf 'root:x:0:\nlvs:x:65532:\n' >"$root/etc/group"
