#!/usr/bin/env bash
# Makes the three Secrets that lvs-operator.yaml names: the operator's certificate, the agents', and the key of
# the directors' heartbeats.
#
#   deploy/kubernetes/make-secrets.sh DIR [NAMESPACE] | kubectl apply -f -
#
# DIR gets the CA and the certificates (scripts/make-certs.sh) and the key; what exists there is kept, so the same
# DIR gives the same Secrets. Keep it away from the cluster: it has the CA's key. NAMESPACE: default lvs-operator.
set -euo pipefail

(($# == 1 || $# == 2)) || { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 1; }
dir=$1
namespace=${2:-lvs-operator}
make_certs=$(dirname "${BASH_SOURCE[0]}")/../../scripts/make-certs.sh

umask 077
"$make_certs" --one "$dir" operator --cn lvs-operator --san DNS:lvs-operator --usage clientAuth
"$make_certs" --one "$dir" agent --cn lvs-agent --san DNS:lvs-agent
[ -e "$dir/heartbeat.key" ] || echo "1:$(openssl rand -hex 32)" >"$dir/heartbeat.key"

# secret NAME TYPE KEY=FILE…
secret() {
  local pair
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: %s\ntype: %s\ndata:\n' \
    "$1" "$namespace" "$2"
  for pair in "${@:3}"; do printf '  %s: %s\n' "${pair%%=*}" "$(base64 -w0 <"${pair#*=}")"; done
}

for role in operator agent; do
  name=lvs-operator-tls
  [ $role = operator ] || name=lvs-operator-agent-tls
  secret $name kubernetes.io/tls tls.crt="$dir/$role/tls.crt" tls.key="$dir/$role/tls.key" ca.crt="$dir/$role/ca.crt"
done
secret lvs-operator-heartbeat Opaque heartbeat.key="$dir/heartbeat.key"
