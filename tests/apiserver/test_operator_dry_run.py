"""lvs-operator --dry-run on an API server: what would be programmed, without agents or certificates."""

import subprocess

from conftest import built
from objects import path, standalone_server, virtual_service

PLANS = """\
# dry-director
# VIP 192.0.2.100, candidates: dry-director
-A -t 192.0.2.100:80 -s wrr
-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 3
"""


def _dry_run(cluster, namespace: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(built("LVS_OPERATOR", "operator/lvs-operator")), "--source=kubernetes", "--dry-run",
                           "--kubeconfig", str(cluster.kubeconfig), "--namespace", namespace, "--log-level=error"],
                          capture_output=True, text=True, check=False, timeout=60)


def test_prints_the_plans_and_what_is_wrong(cluster, namespace):
    server = standalone_server("web-1", "192.0.2.21", weight=3)
    node = {"metadata": {"name": "dry-director", "labels": {"lvs-operator.io/director": "true"}},
            "status": {"addresses": [{"type": "InternalIP", "address": "127.0.9.1"}]}}
    cluster.admin.request("POST", "/api/v1/nodes", node)
    try:
        for manifest in (server, virtual_service()):
            cluster.admin.request("POST", path(manifest["kind"], namespace), manifest)
        done = _dry_run(cluster, namespace)
        assert (done.returncode, done.stdout, done.stderr) == (0, PLANS, "")
        cluster.admin.request("POST", path("VirtualService", namespace), virtual_service("zz-copy"))
        done = _dry_run(cluster, namespace)
        assert done.returncode == 1
        assert done.stdout.startswith(PLANS)
        assert f"# VirtualService {namespace}/zz-copy: spec.ports[0]: TCP port 80 of 192.0.2.100 collides" in done.stdout
    finally:
        cluster.admin.request("DELETE", "/api/v1/nodes/dry-director")
    shown = cluster.kubectl("-n", namespace, "get", "lvsvs", "web", "-o", "jsonpath={.status}")
    assert shown.stdout == "", "a dry run writes nothing"


def test_an_api_server_that_does_not_answer_is_an_error(tmp_path, cluster):
    nowhere = cluster.write_kubeconfig(tmp_path / "kubeconfig", "127.0.0.1", 1)
    done = subprocess.run([str(built("LVS_OPERATOR", "operator/lvs-operator")), "--source=kubernetes", "--dry-run",
                           "--kubeconfig", str(nowhere), "--log-level=error"],
                          capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 1
    assert "lvs-operator: " in done.stderr and "127.0.0.1:1" in done.stderr
