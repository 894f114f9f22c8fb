"""Who holds a VIP, since when, from whom and why: in the status, as Events, and what is written for it.

The directors are real agents that hear each other's heartbeats; their kernels are in memory.
"""

import json
import subprocess
import time

import pytest

import objects
from waiting import eventually

VIP = "192.0.2.100"
WARM_UP = 11


class Directors:
    """Two directors and a VirtualService that prefers the first."""

    def __init__(self, cluster, namespace, agents, operator, key):
        self.cluster, self.namespace = cluster, namespace
        key.write_text("1:" + "5a" * 32 + "\n")
        self.operator = operator(cluster.kubeconfig, "--namespace", namespace)
        self.nodes = {name: agents(self.operator, name, number, heartbeat_key=key)
                      for name, number in (("director-1", 11), ("director-2", 12))}
        for node in self.nodes.values():
            cluster.admin.request("POST", "/api/v1/nodes", node.manifest(director=True))
        for manifest in (objects.virtual_service(directors={"preferred": ["director-1"]}),
                         objects.standalone_server("rs-1", "192.0.2.21")):
            cluster.admin.request("POST", objects.path(manifest["kind"], namespace), manifest)
        eventually(lambda: self.vip().get("holder") == "director-1", "the preferred one takes it")
        eventually(lambda: self.condition("FailoverReady").get("status") == "True", "the other one is heard")

    def service(self) -> dict:
        return json.loads(self.cluster.kubectl("-n", self.namespace, "get", "lvsvs", "web", "-o", "json").stdout)

    def vip(self) -> dict:
        return self.service().get("status", {}).get("vips", [{}])[0]

    def condition(self, kind: str) -> dict:
        conditions = self.service().get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == kind), {})

    def events(self) -> list[tuple[str, str, str]]:
        shown = json.loads(self.cluster.kubectl("-n", self.namespace, "get", "events", "-o", "json").stdout)
        return [(event["type"], event["reason"], event["message"]) for event in shown["items"]]

    def version(self) -> str:
        return self.service()["metadata"]["resourceVersion"]


@pytest.fixture
def directors(cluster, namespace, agents, operator, tmp_path):
    yield Directors(cluster, namespace, agents, operator, tmp_path / "heartbeat.key")
    cluster.admin.request("DELETE", "/api/v1/nodes")


def test_a_director_dies(directors):
    taken = directors.vip()
    assert (taken["reason"], taken.get("previousHolder")) == ("NoHolder", None)
    directors.nodes["director-1"].kill()
    eventually(lambda: directors.vip().get("holder") == "director-2", "the other one takes it")
    moved = directors.vip()
    assert (moved["previousHolder"], moved["reason"]) == ("director-1", "HeartbeatLost")
    assert moved["term"] > taken["term"] and moved["since"] >= taken["since"]
    eventually(lambda: directors.condition("FailoverReady").get("reason") == "NoStandby", "nobody is left")
    note = f"{VIP} moved from director-1 to director-2 (HeartbeatLost, term {moved['term']})"
    eventually(lambda: ("Warning", "VIPMoved", note) in directors.events(), "the Event")
    described = directors.cluster.kubectl("-n", directors.namespace, "describe", "lvsvs", "web").stdout
    assert note in described, described
    reasons = [reason for _, reason, _ in directors.events()]
    assert reasons.count("VIPMoved") == 1 and "NoStandby" in reasons, reasons

    # An operator that starts anew has nothing to tell, and nothing to write.
    directors.operator.kill()
    directors.operator.start()
    eventually(lambda: directors.operator.metric("lvs_operator_pushes_total", kind="probe", result="ok") == 1, "back")
    time.sleep(3)
    assert directors.vip() == moved
    assert [reason for _, reason, _ in directors.events()] == reasons


def test_idle_directors_have_nothing_to_write(directors):
    time.sleep(2)
    before, told = directors.version(), directors.events()
    time.sleep(8)
    assert directors.version() == before, "heartbeats and round trips are no news"
    assert directors.events() == told


@pytest.fixture
def lvs(directors, lvsctl):
    """lvs("failover", VIP) as an administrator of the cluster: exit code and everything that it says."""

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run([str(lvsctl), *arguments, "--kubeconfig", str(directors.cluster.kubeconfig),
                               "-n", directors.namespace], capture_output=True, text=True, check=False, timeout=90)
        return done.returncode, done.stdout + done.stderr

    time.sleep(WARM_UP)  # only a warm director is a successor
    return run


def test_a_failover_is_an_annotation_that_is_good_once(directors, lvs):
    code, said = lvs("failover", VIP, "--dry-run")
    assert (code, said) == (0, f"{VIP}: would move from director-1 to director-2\n")
    term = directors.vip()["term"]
    code, said = lvs("failover", VIP, "--to", "director-2")
    assert code == 0 and f"director-2 holds it (term {term + 1})" in said, said
    moved = directors.vip()
    assert (moved["holder"], moved["reason"], moved["previousHolder"]) == ("director-2", "FailoverRequested", "director-1")
    note = f"{VIP} moved from director-1 to director-2 (FailoverRequested, term {moved['term']})"
    eventually(lambda: ("Normal", "VIPMoved", note) in directors.events(), "the Event")

    # The annotation is still there, and spent: restarts do not obey it again.
    assert directors.service()["metadata"]["annotations"]["lvs-operator.io/failover"] == f"{VIP}@{term}=director-2"
    directors.operator.kill()
    directors.operator.start()
    time.sleep(5)
    assert directors.vip() == moved


def test_a_drained_node_hands_over_and_takes_nothing(directors, lvs):
    code, said = lvs("drain", "director-1")
    assert code == 0 and "director-1 holds no VIP" in said, said
    assert (directors.vip()["holder"], directors.vip()["reason"]) == ("director-2", "DirectorDrained")
    node = json.loads(directors.cluster.kubectl("get", "node", "director-1", "-o", "json").stdout)
    assert node["metadata"]["annotations"]["lvs-operator.io/drain"] == "true"
    code, said = lvs("drain", "director-2", "--wait", "2s")
    assert code == 1 and "stays drained" in said, said
    assert directors.vip()["holder"] == "director-2", "nobody else may take it"
    eventually(lambda: directors.condition("FailoverReady").get("reason") == "NoSuccessor", "the condition")
    code, said = lvs("undrain", "director-1")
    assert code == 0, said
    eventually(lambda: directors.vip()["holder"] == "director-1", "the other one is still drained")


def test_a_cordoned_node_is_drained(directors, lvs):
    directors.cluster.kubectl("cordon", "director-1")
    eventually(lambda: directors.vip()["holder"] == "director-2", "it hands over")
    code, said = lvs("undrain", "director-1", "--wait", "1s")
    assert code == 1 and "cordoned" in said, said
    directors.cluster.kubectl("uncordon", "director-1")
    time.sleep(3)
    assert directors.vip()["holder"] == "director-2", "nothing moves back by itself"
