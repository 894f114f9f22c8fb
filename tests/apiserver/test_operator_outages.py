"""The operator on an API server that dies, forgets and cuts connections, with real agents behind it.

The agents (on kernels in memory) write down everything that was asked of them: whatever happens to the API
server, nothing may ever be taken out of a plan or a kernel that no one has deleted.
"""

import shutil
import time

import pytest

from objects import path, real_server, virtual_service
from proxy import Proxy
from waiting import eventually

VIP = "192.0.2.100:80"


class Site:
    """Two directors and three real servers; the operator reaches the API server through `proxy`."""

    def __init__(self, cluster, proxy, operator, agents):
        self.cluster, self.proxy, self._new_agent = cluster, proxy, agents
        kubeconfig = cluster.write_kubeconfig(cluster.folder / "through-proxy", "127.0.0.1", proxy.port)
        self.operator = operator(kubeconfig)
        self.agents = []
        self.directors = [self.add_node("director-1", 11, director=True), self.add_node("director-2", 12, director=True)]
        self.put(virtual_service())
        self.weights: dict[str, int] = {}
        for number in (1, 2, 3):
            self.add_server(number)

    def put(self, manifest: dict):
        self.cluster.admin.request("POST", path(manifest["kind"], "default"), manifest)

    def add_node(self, name: str, number: int, director: bool = False):
        agent = self._new_agent(self.operator, name, number)
        self.agents.append(agent)
        self.cluster.admin.request("POST", "/api/v1/nodes", agent.manifest(director))
        return agent

    def add_server(self, number: int):
        """A node, its agent and its RealServer."""
        agent = self.add_node(f"real-server-{number}", 20 + number)
        self.put(real_server(f"real-server-{number}", address=agent.machine, weight=number))
        self.weights[f"{VIP} {agent.machine}:80"] = number

    def set_weight(self, number: int, weight: int):
        self.cluster.admin.request("PATCH", path("RealServer", "default", f"real-server-{number}"),
                                   {"spec": {"weight": weight}}, content_type="application/merge-patch+json")
        self.weights[f"{VIP} 192.0.2.{20 + number}:80"] = weight

    def remove_server(self, number: int):
        self.cluster.admin.request("DELETE", path("RealServer", "default", f"real-server-{number}"))
        del self.weights[f"{VIP} 192.0.2.{20 + number}:80"]

    def wait_until_right(self):
        """Both directors' kernels have just what was applied."""
        for director in self.directors:
            eventually(lambda d=director: d.weights() == self.weights,
                       lambda d=director: f"{d.node} has {d.weights()}, wanted {self.weights}")

    def lost(self) -> dict[str, list]:
        """What was ever taken out of a plan or a kernel, by node."""
        found = {agent.node: [*map(str, agent.plan().lost), *agent.deletions()] for agent in self.agents}
        return {node: losses for node, losses in found.items() if losses}

    def lists(self) -> float:
        return self.operator.metric("lvs_operator_api_requests_total", verb="list", code="200")

    def in_trouble(self) -> bool:
        return self.operator.metric("lvs_operator_source_trouble") > 0


@pytest.fixture
def site(own_cluster, operator, agents):
    cluster = own_cluster(watch_cache=False)
    with Proxy(cluster.port) as proxy:
        running = Site(cluster, proxy, operator, agents)
        running.wait_until_right()
        yield running


def test_watches_are_cut_again_and_again(site):
    for round_number in range(5):
        assert site.proxy.cut() > 0
        site.set_weight(1, 10 + round_number)
        site.wait_until_right()
    assert site.lists() == 5, "a cut watch goes on where it was: 3 kinds and 2 of the statuses, listed once"
    assert site.lost() == {}


def test_the_api_server_is_killed_while_things_change(site):
    site.proxy.refuse()
    for victim in ("apiserver", "etcd"):
        site.cluster.kill(victim)
    eventually(site.in_trouble, "the operator notices")
    assert site.lost() == {}
    site.cluster.start_etcd()
    site.cluster.start_apiserver()
    site.cluster.wait_ready()
    site.set_weight(2, 7)  # the operator is still locked out
    site.add_server(4)
    site.proxy.refuse(False)
    site.wait_until_right()
    eventually(lambda: not site.in_trouble(), "the operator is well again")
    assert site.lost() == {}


def test_the_api_server_hangs(site):
    site.proxy.stall()
    site.set_weight(2, 7)
    time.sleep(5)
    assert site.directors[0].weights()[f"{VIP} 192.0.2.22:80"] == 2, "nothing comes through"
    site.proxy.resume()
    site.wait_until_right()
    assert site.lost() == {}


def test_history_is_compacted_while_the_operator_is_cut_off(site):
    listed = site.lists()
    site.proxy.refuse()
    site.proxy.cut()
    eventually(site.in_trouble, "the operator notices")
    site.set_weight(3, 9)
    site.add_server(4)
    site.cluster.compact()
    site.proxy.refuse(False)
    site.wait_until_right()
    assert site.lists() > listed, "410 Gone, so everything was listed anew"
    assert site.lost() == {}


def test_an_api_server_that_comes_back_empty_deletes_nothing(site):
    """Its data is lost; the CRDs and the nodes are there again before the resources are."""
    grow_history(site.cluster, 500)
    site.set_weight(1, 5)
    site.wait_until_right()
    for name in ("apiserver", "etcd"):
        site.cluster.kill(name)
    shutil.rmtree(site.cluster.folder / "etcd")
    site.cluster.start()
    site.cluster.install_crds()
    for agent in site.agents:
        site.cluster.admin.request("POST", "/api/v1/nodes", agent.manifest(agent in site.directors))
    eventually(lambda: site.operator.metric("lvs_operator_held_deletions") == 4, "one service, three servers")
    site.wait_until_right()
    assert site.lost() == {}
    site.put(virtual_service())
    for number in (1, 2, 3):
        site.put(real_server(f"real-server-{number}", address=f"192.0.2.{20 + number}", weight=number))
        site.weights[f"{VIP} 192.0.2.{20 + number}:80"] = number
    eventually(lambda: site.operator.metric("lvs_operator_held_deletions") == 0, "everything is there again")
    site.wait_until_right()
    assert site.lost() == {}


def grow_history(cluster, writes: int):
    """So that a new API server is younger than this one."""
    where = "/api/v1/namespaces/default/configmaps"
    cluster.admin.request("POST", where, {"metadata": {"name": "history"}})
    for number in range(writes):
        cluster.admin.request("PATCH", where + "/history", {"data": {"at": str(number)}},
                              content_type="application/merge-patch+json")


def test_a_deletion_that_nobody_watched_arrives_and_nothing_else_goes(site):
    site.proxy.refuse()
    site.proxy.cut()
    site.remove_server(3)
    site.cluster.compact()
    site.cluster.restart_apiserver()
    site.proxy.refuse(False)
    site.wait_until_right()
    lost = site.lost()
    assert {line for node in ("director-1", "director-2") for line in lost[node] if line.startswith("-")} == {
        "-d -t 192.0.2.100:80 -r 192.0.2.23:80"}
    eventually(lambda: not site.agents[4].plan().backends(), "the server gives the VIP back")
    assert set(site.lost()) == {"director-1", "director-2", "real-server-3"}


def test_the_operator_is_killed_and_nothing_is_pushed_when_it_is_back(site):
    pushes = {agent.node: len(agent.pushes()) for agent in site.agents}
    site.operator.kill()
    site.operator.start()
    eventually(lambda: site.operator.metric("lvs_operator_agent_reachable") == len(site.agents), "all agents answer")
    site.set_weight(1, 5)
    site.wait_until_right()
    for agent in site.agents:
        expected = 1 if agent in site.directors else 0
        assert len(agent.pushes()) - pushes[agent.node] == expected, agent.node
    assert site.lost() == {}
