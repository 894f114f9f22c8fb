#!/usr/bin/env bash
# Copies into the chart what it ships and does not own: crds/, the dashboards, the alerts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=helm/lvs-operator/files

rm -rf "$files"
mkdir -p "$files/crds"
cp crds/*.yaml "$files/crds/"
if compgen -G 'deploy/grafana/*.json' >/dev/null; then
  mkdir -p "$files/dashboards"
  cp deploy/grafana/*.json "$files/dashboards/"
fi
if [ -e deploy/prometheus/alerts.yaml ]; then cp deploy/prometheus/alerts.yaml "$files/"; fi
