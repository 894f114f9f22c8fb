#!/usr/bin/env bash
# Renders the chart into deploy/kubernetes/lvs-operator.yaml, for those who do not use Helm. Certificates and
# keys are not rendered: the manifests name Secrets that deploy/kubernetes/make-secrets.sh makes.
#
# Options: --check   change nothing; fail when the file is not what the chart renders
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=deploy/kubernetes

render() {
  cat <<'YAML'
# Rendered from helm/lvs-operator by scripts/render-deploy.sh: change the chart, then run make deploy-manifests.
apiVersion: v1
kind: Namespace
metadata:
  name: lvs-operator
  labels:
    # The agents use the host's network and folders of the node.
    pod-security.kubernetes.io/enforce: privileged
YAML
  "$helm" template lvs-operator helm/lvs-operator --namespace lvs-operator --values "$folder/values.yaml"
}

helm=$(scripts/helm-asset.sh)
case ${1:-} in
  '') render >"$folder/.new" && mv "$folder/.new" "$folder/lvs-operator.yaml" ;;
  --check)
    diff -u "$folder/lvs-operator.yaml" <(render) || {
      echo "$folder/lvs-operator.yaml is not what the chart renders: run make deploy-manifests" >&2
      exit 1
    } ;;
  *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 1 ;;
esac
