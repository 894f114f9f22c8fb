"""`lvsctl drain SERVER` on a real API server: spec.drain is set, the directors follow, connections are counted."""

import json
import subprocess

import pytest

from objects import path, standalone_server, virtual_service
from waiting import eventually

DESTINATION = "192.0.2.100:80 192.0.2.21:80"


@pytest.fixture
def director(cluster, namespace, operator, agents, tmp_path):
    """One director, which holds the VIP, and a real server behind it."""
    key = tmp_path / "heartbeat.key"
    key.write_text("1:" + "5a" * 32 + "\n")
    running = operator(cluster.kubeconfig, "--namespace", namespace)
    agent = agents(running, "director-1", 11, heartbeat_key=key)
    cluster.admin.request("POST", "/api/v1/nodes", agent.manifest(director=True))
    for manifest in (virtual_service(), standalone_server("rs-1", "192.0.2.21")):
        cluster.admin.request("POST", path(manifest["kind"], namespace), manifest)
    eventually(lambda: agent.weights().get(DESTINATION) == 1, "the server has its weight")
    agent.authority = running.authority
    yield agent
    cluster.admin.request("DELETE", "/api/v1/nodes/director-1")


@pytest.fixture
def ask(lvsctl, cluster, namespace, director):
    """ask("drain", "rs-1") runs lvsctl as the administrator: on the API server and with a certificate for agents."""
    certificate, key = director.authority.both("lvs-admin", [])
    tls = ["--tls-cert", str(certificate), "--tls-key", str(key), "--tls-ca", str(director.authority.certificate)]

    def run(*arguments, can_ask_agents=True):
        return subprocess.run([str(lvsctl), *arguments, "--kubeconfig", str(cluster.kubeconfig), "-n", namespace,
                               *(tls if can_ask_agents else [])],
                              capture_output=True, text=True, check=False, timeout=90)

    return run


def is_drained(cluster, namespace):
    shown = cluster.kubectl("-n", namespace, "get", "lvsrs", "rs-1", "-o", "json").stdout
    return json.loads(shown)["spec"].get("drain", False)


def test_a_server_is_drained_and_comes_back(cluster, namespace, director, ask):
    done = ask("drain", "rs-1", "--dry-run")
    assert done.returncode == 0 and "spec.drain would be set" in done.stdout, done.stdout + done.stderr
    assert not is_drained(cluster, namespace)
    done = ask("drain", "rs-1", "--wait", "60s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is drained: no connection is left" in done.stdout, done.stdout
    assert is_drained(cluster, namespace)
    assert director.weights()[DESTINATION] == 0
    done = ask("undrain", "rs-1", "--wait", "60s")
    assert done.returncode == 0 and "gets new connections again" in done.stdout, done.stdout + done.stderr
    assert director.weights()[DESTINATION] == 1


def test_without_a_certificate_for_agents_it_says_that_nobody_counts(ask, director):
    done = ask("drain", "rs-1", "--wait", "60s", can_ask_agents=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "how many are left is not known here" in done.stdout, done.stdout
    assert director.weights()[DESTINATION] == 0


def test_what_is_neither_director_nor_server(ask):
    done = ask("drain", "nobody")
    assert done.returncode == 2 and "there is no RealServer nobody" in done.stderr, done.stdout + done.stderr
