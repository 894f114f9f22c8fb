#!/usr/bin/env bash
# Makes the certificates with which the operator, the agents and administrators know each other.
#
#   scripts/make-certs.sh DIR NODE[,ADDRESS…]…      a CA, `operator`, `admin`, and one per node
#   scripts/make-certs.sh --one DIR NAME [OPTION…]  one more certificate of the CA in DIR
#
# Every certificate is a folder: DIR/NAME/{tls.crt,tls.key,ca.crt}; the CA is DIR/ca.{crt,key}.
# What exists already is kept, so nodes can be added later; keep DIR/ca.key away from the machines.
#
# Options of --one:
#   --cn NAME      common name: lvs-operator, lvs-agent or lvs-admin (default lvs-agent)
#   --san LIST     names, for example DNS:node-1,IP:192.0.2.10
#   --usage LIST   extended key usage (default serverAuth,clientAuth)
#   --days N       validity (default 825); -1: expired since yesterday
set -euo pipefail

days_of_ca=3650

die() { echo "make-certs: $*" >&2; exit 1; }
# A folder and a certificate have this name.
check_node() {
  local name=${1%%,*}
  [[ $name =~ ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$ ]] ||
    die "\"$name\" is no node name; write NODE[,ADDRESS...] with lower-case letters, digits, - and ."
}
usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; }

# Nothing of the machine's own openssl.cnf may get into a certificate.
config=$'[req]\ndistinguished_name=dn\n[dn]\n'

# certificate FILE_WITHOUT_SUFFIX OPTION…: a key and a certificate for it, in one process.
certificate() {
  local file=$1 said
  shift
  said=$(openssl req -x509 -config <(printf '%s' "$config") -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$file.key" -out "$file.crt" "$@" 2>&1) || die "$file: $said"
}

make_ca() {
  [[ ! -e $1/ca.crt ]] || return 0
  certificate "$1/ca" -days "$days_of_ca" -subj "/CN=lvs-operator CA" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -addext subjectKeyIdentifier=hash
}

# `openssl req` makes no certificate that is over already: signed once more, from a request.
make_expired() {
  openssl x509 -x509toreq -copy_extensions copyall -in "$2/tls.crt" -signkey "$2/tls.key" -out "$2/request" 2>/dev/null
  openssl x509 -req -copy_extensions copyall -in "$2/request" -CA "$1/ca.crt" -CAkey "$1/ca.key" -days -1 \
    -out "$2/tls.crt" 2>/dev/null
  rm "$2/request"
}

# issue DIR NAME CN SAN USAGE DAYS
issue() {
  local dir=$1 cn=$3 san=$4 usages=$5 days=$6 folder="$1/$2"
  [[ ! -e $folder/tls.crt ]] || return 0
  mkdir -p "$folder"
  certificate "$folder/tls" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -days "${days#-}" -subj "/CN=$cn" \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
    -addext "extendedKeyUsage=$usages" -addext authorityKeyIdentifier=keyid ${san:+-addext "subjectAltName=$san"}
  if ((days < 0)); then make_expired "$dir" "$folder"; fi
  cp "$dir/ca.crt" "$folder/ca.crt"
}

# names_of NODE,ADDRESS,…: as a list of subject alternative names
names_of() {
  local name=${1%%,*} rest=${1#*,} list address
  list="DNS:$name"
  if [[ $1 == *,* ]]; then
    for address in ${rest//,/ }; do list+=",IP:$address"; done
  fi
  echo "$list"
}

one() {
  local dir=$1 name=$2 cn=lvs-agent san='' usages=serverAuth,clientAuth days=825
  shift 2
  while (($#)); do
    case $1 in
      --cn) cn=$2 ;;
      --san) san=$2 ;;
      --usage) usages=$2 ;;
      --days) days=$2 ;;
      *) die "unknown option $1; see --help" ;;
    esac
    shift 2
  done
  make_ca "$dir"
  issue "$dir" "$name" "$cn" "$san" "$usages" "$days"
}

umask 077
case ${1:-} in
  '') usage >&2; exit 1 ;;
  -h | --help) usage; exit 0 ;;
  --one)
    (($# >= 3)) || die "--one needs DIR and NAME"
    mkdir -p "$2"
    one "${@:2}"
    ;;
  -*) die "unknown option $1; see --help" ;;
  *)
    dir=$1
    shift
    [[ $dir != *,* ]] || die "$dir: the first argument is the folder; see --help"
    (($#)) || die "name at least one node"
    for node in "$@"; do check_node "$node"; done
    mkdir -p "$dir"
    make_ca "$dir"
    issue "$dir" operator lvs-operator DNS:lvs-operator clientAuth 825
    issue "$dir" admin lvs-admin DNS:lvs-admin clientAuth 825
    for node in "$@"; do
      issue "$dir" "${node%%,*}" lvs-agent "$(names_of "$node")" serverAuth,clientAuth 825
    done
    echo "make-certs: in $dir: the CA, and for each of operator, admin, ${*/%,*/}: NAME/{tls.crt,tls.key,ca.crt}"
    ;;
esac
