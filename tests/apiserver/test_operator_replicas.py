"""Two operators, one Lease: one leads, the other waits; nobody pushes what a later one has overtaken."""

import json
import signal

import pytest

from objects import path, standalone_server, virtual_service
from waiting import eventually

TAKEN_OVER = 60  # seconds: generous


class Replicas:
    """Two operators of one namespace and the agent of a director."""

    def __init__(self, cluster, namespace, operator, agents, lease_seconds: int):
        self.cluster, self.namespace = cluster, namespace
        flags = ("--namespace", namespace, "--leader-elect", "--lease-namespace", namespace,
                 "--lease-seconds", str(lease_seconds))
        self.first = operator(None, *flags)
        eventually(lambda: self.term() == 1, "the first leads")
        self.second = operator(None, *flags, authority=self.first.authority)
        self.agent = agents(self.first, "director-1", 11)
        cluster.admin.request("POST", "/api/v1/nodes", self.agent.manifest(director=True))
        cluster.admin.request("POST", path("VirtualService", namespace), virtual_service())
        self.add_server(21)

    def lease(self) -> dict:
        done = self.cluster.kubectl("-n", self.namespace, "get", "lease", "lvs-operator", "-o", "json")
        return json.loads(done.stdout)["spec"]

    def term(self) -> int:
        leases = self.cluster.kubectl("-n", self.namespace, "get", "leases", "-o", "name").stdout
        return self.lease()["leaseTransitions"] if "lvs-operator" in leases else 0

    def add_server(self, number: int):
        """Whoever leads tells the director of it."""
        server = standalone_server(f"server-{number}", f"192.0.2.{number}", weight=1)
        self.cluster.admin.request("POST", path("RealServer", self.namespace), server)
        wanted = f"192.0.2.100:80 192.0.2.{number}:80"
        eventually(lambda: self.agent.weights().get(wanted) == 1, "the director sends to it", TAKEN_OVER)

    def newest_term(self) -> int:
        return max(body["term"] for _, body in self.agent.pushes())


@pytest.fixture
def replicas(cluster, namespace, operator, agents):
    made = []

    def start(lease_seconds: int) -> Replicas:
        made.append(Replicas(cluster, namespace, operator, agents, lease_seconds))
        return made[-1]

    yield start
    if made:
        cluster.admin.request("DELETE", "/api/v1/nodes/director-1")


def test_a_killed_leader_is_replaced_with_a_higher_term(replicas):
    both = replicas(lease_seconds=3)
    assert both.second.metric("lvs_operator_term") == 0
    assert both.newest_term() == 1
    both.first.kill()
    eventually(lambda: both.second.metric("lvs_operator_term") == 2, "the second leads", TAKEN_OVER)
    both.add_server(22)
    assert both.newest_term() == both.term() == 2
    assert not both.agent.deletions()


def test_a_leader_that_ends_hands_over_at_once(replicas):
    both = replicas(lease_seconds=20)
    assert both.first.stop() == 0
    eventually(lambda: both.second.metric("lvs_operator_term") == 2, "the second leads", TAKEN_OVER)
    both.add_server(22)


def test_a_leader_that_slept_does_no_harm_and_ends(replicas):
    both = replicas(lease_seconds=3)
    both.first.send(signal.SIGSTOP)
    try:
        eventually(lambda: both.second.metric("lvs_operator_term") == 2, "the second leads", TAKEN_OVER)
        both.add_server(22)
    finally:
        both.first.send(signal.SIGCONT)
    assert both.first.wait(TAKEN_OVER) == 1
    assert "another operator leads" in both.first.log()
    both.add_server(23)
    assert both.agent.weights() == {f"192.0.2.100:80 192.0.2.{n}:80": 1 for n in (21, 22, 23)}
    assert not both.agent.deletions()
