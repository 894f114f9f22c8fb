"""lvsctl and `kubectl lvs` on a real API server: status is read from the objects, nothing else is needed."""

import json
import os
import subprocess

import pytest

from objects import condition, path, real_server, virtual_service


@pytest.fixture
def ask(lvsctl, cluster, namespace):
    """ask("-o", "json") runs `lvsctl status` on the test's namespace."""

    def run(*arguments):
        return subprocess.run([str(lvsctl), "status", "--kubeconfig", str(cluster.kubeconfig), "-n", namespace,
                               *arguments], capture_output=True, text=True, check=False, timeout=30)

    return run


@pytest.fixture
def web(cluster, namespace):
    """A service with one real server, as applied."""
    for manifest in (virtual_service(), real_server(address="192.0.2.21")):
        cluster.admin.request("POST", path(manifest["kind"], namespace), manifest)


def write_status(cluster, namespace, kind, name, status):
    cluster.admin.request("PATCH", path(kind, namespace, name, "status"), {"status": status},
                          content_type="application/merge-patch+json")


@pytest.fixture
def programmed(cluster, namespace, web):
    """The same with the status that an operator writes when all is well."""
    write_status(cluster, namespace, "VirtualService", "web", {
        "observedGeneration": 1, "conditions": [condition("Accepted", "True", "Accepted")],
        "vips": [{"address": "192.0.2.100", "holder": "director-1", "term": 4, "since": "2026-01-02T03:04:05Z"}],
        "summary": {"vips": "192.0.2.100", "ports": "80/TCP", "holder": "director-1", "ready": "1/1"}})
    write_status(cluster, namespace, "RealServer", "real-server-1", {
        "observedGeneration": 1, "conditions": [condition("Prepared", "True", "Prepared")],
        "services": [{"virtualService": "web", "port": 80, "protocol": "TCP", "state": "Serving", "weight": 1}],
        "summary": {"address": "192.0.2.21", "state": "Serving", "services": "web:80"}})


def test_objects_that_no_operator_has_seen_are_a_problem(ask, web):
    done = ask("-o", "json")
    assert done.returncode == 1, done.stderr
    problems = json.loads(done.stdout)["problems"]
    assert sorted(p["where"].split(" ")[0] for p in problems) == ["RealServer", "VirtualService"]
    assert {p["reason"] for p in problems} == {"NoStatus"}


def test_the_status_of_the_objects_is_shown(ask, programmed):
    done = ask("-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["vips"] == [{"address": "192.0.2.100", "holders": ["director-1"], "term": 4,
                               "since": "2026-01-02T03:04:05Z", "candidates": []}]
    server = report["services"][0]["realServers"][0]
    assert (server["state"], server["weight"]) == ("Serving", 1)
    assert "activeConnections" not in server, "only kernels know; nobody asked them"
    assert "192.0.2.100  director-1" in ask().stdout


def explain(lvsctl, cluster, namespace, server):
    return subprocess.run([str(lvsctl), "explain", server, "--kubeconfig", str(cluster.kubeconfig), "-n", namespace],
                          capture_output=True, text=True, check=False, timeout=30)


def test_a_server_is_explained(lvsctl, cluster, namespace, programmed):
    done = explain(lvsctl, cluster, namespace, "real-server-1")
    assert done.returncode == 0 and "gets new connections\n" in done.stdout, done.stdout + done.stderr
    write_status(cluster, namespace, "RealServer", "real-server-1", {
        "conditions": [{**condition("Prepared", "False", "WrongArpSetting"), "message": "set it to 0"}],
        "services": [{"virtualService": "web", "port": 80, "protocol": "TCP", "state": "Preparing", "weight": 0}]})
    done = explain(lvsctl, cluster, namespace, "real-server-1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "WrongArpSetting: set it to 0" in done.stdout and done.stdout.endswith("next:\n  set it to 0\n")
    done = explain(lvsctl, cluster, namespace, "nobody")
    assert done.returncode == 2 and f"there are: {namespace}/real-server-1" in done.stderr


def test_kubectl_finds_the_plugin(lvsctl, cluster, namespace, programmed, tmp_path):
    (tmp_path / "kubectl-lvs").symlink_to(lvsctl.resolve())
    environment = {**os.environ, "PATH": f"{tmp_path}:{cluster.bin}:{os.environ['PATH']}",
                   "KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run(["kubectl", "lvs", "status", "-n", namespace], env=environment, capture_output=True,
                          text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no problems" in done.stdout


def test_a_server_that_is_not_there_is_an_error(lvsctl, cluster, tmp_path):
    nowhere = cluster.write_kubeconfig(tmp_path / "kubeconfig", "127.0.0.1", 1)
    done = subprocess.run([str(lvsctl), "status", "--kubeconfig", str(nowhere), "--timeout", "1s"],
                          capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert done.stderr.startswith("lvsctl: ")
