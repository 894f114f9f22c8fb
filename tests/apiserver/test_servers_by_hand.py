"""What people say of a single real server, on a real API server: `lvsctl drain`, and the annotations that force it."""

import datetime
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


def force(cluster, namespace, to, until=None):
    """As `kubectl annotate` does; nothing takes the word back."""
    annotations = {"lvs-operator.io/force": to, "lvs-operator.io/force-until": until}
    cluster.admin.request("PATCH", path("RealServer", namespace, "rs-1"), {"metadata": {"annotations": annotations}},
                          content_type="application/merge-patch+json")


def condition(cluster, namespace, kind):
    shown = json.loads(cluster.kubectl("-n", namespace, "get", "lvsrs", "rs-1", "-o", "json").stdout)
    found = [each for each in shown.get("status", {}).get("conditions", []) if each["type"] == kind]
    return (found[0]["status"], found[0]["reason"], found[0]["message"]) if found else ("", "", "")


def in_seconds(seconds):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_server_is_forced_down_and_taken_back(cluster, namespace, director, ask):
    force(cluster, namespace, "down")
    eventually(lambda: director.weights()[DESTINATION] == 0, "it gets no new connections")
    eventually(lambda: condition(cluster, namespace, "Healthy")[:2] == ("False", "ForcedDown"), "the condition says so")
    done = ask("explain", "rs-1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "forced down until it is taken back (lvs-operator.io/force)" in done.stdout, done.stdout
    assert "ForcedDown" in ask("status").stdout
    assert "ForcedDown" in cluster.kubectl("-n", namespace, "get", "lvsrs", "rs-1").stdout
    force(cluster, namespace, None)
    eventually(lambda: director.weights()[DESTINATION] == 1, "it serves again")
    eventually(lambda: condition(cluster, namespace, "Healthy") == ("", "", ""), "nothing is checked, nothing forced")


def test_the_word_ends_by_itself(cluster, namespace, director):
    force(cluster, namespace, "down", until=in_seconds(20))
    eventually(lambda: director.weights()[DESTINATION] == 0, "it gets no new connections")
    eventually(lambda: director.weights()[DESTINATION] == 1, "its time is over", 60)
    eventually(lambda: condition(cluster, namespace, "Healthy") == ("", "", ""), "nobody forces it any more")


@pytest.mark.parametrize("to, until, message", [
    ("sideways", None, 'metadata.annotations[lvs-operator.io/force]: "sideways" has no effect; write up or down'),
    ("down", "tomorrow", 'metadata.annotations[lvs-operator.io/force-until]: "tomorrow" is no time; write one like'),
    (None, "2026-01-02T03:04:05Z", "metadata.annotations[lvs-operator.io/force-until]: has no effect without"),
])
def test_a_word_that_means_nothing_is_told_and_does_nothing(cluster, namespace, director, to, until, message):
    force(cluster, namespace, to, until)
    eventually(lambda: condition(cluster, namespace, "Accepted")[1] == "InvalidForce", "the condition says so")
    status, _, said = condition(cluster, namespace, "Accepted")
    assert status == "True" and said.startswith(message), said
    assert director.weights()[DESTINATION] == 1
