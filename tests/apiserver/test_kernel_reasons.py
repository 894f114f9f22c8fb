"""What only a node's kernel knows to be impossible reaches the conditions of the VirtualService.

The other reasons are in test_conditions.py.
"""

import json

import pytest

from objects import path, standalone_server, virtual_service
from waiting import eventually

CASES = [
    ({"scheduler": {"name": "mh"}}, "SchedulerUnavailable",
     "spec.scheduler.name: director-1: TCP 192.0.2.100:80: "),
    ({"vips": ["198.51.100.1"]}, "DirectorHasNoPathToVIPNetwork",
     "spec.vips: director-1: 198.51.100.1: no interface of this node is on the network of 198.51.100.1"),
    ({"interface": "eth7"}, "InterfaceMissing",
     "spec.interface: director-1: 192.0.2.100: interface eth7 of spec.interface does not exist on this node"),
]


def _conditions(cluster, namespace: str) -> dict[str, dict]:
    shown = json.loads(cluster.kubectl("-n", namespace, "get", "lvsvs", "web", "-o", "json").stdout)
    return {condition["type"]: condition for condition in shown.get("status", {}).get("conditions", [])}


@pytest.mark.parametrize("spec, reason, message", CASES, ids=[case[1] for case in CASES])
def test_a_spec_that_a_director_cannot_do_is_not_accepted(cluster, namespace, operator, agents, spec, reason, message):
    running = operator(cluster.kubeconfig, "--namespace", namespace)
    director = agents(running, "director-1", 11, missing_scheduler="mh")
    cluster.admin.request("POST", "/api/v1/nodes", director.manifest(director=True))
    try:
        cluster.admin.request("POST", path("VirtualService", namespace), virtual_service(**spec))
        # Until the director has answered it is an empty service, which is not accepted either.
        for kind in ("Accepted", "Programmed"):
            eventually(lambda each=kind: _conditions(cluster, namespace).get(each, {}).get("reason") == reason,
                       f"{kind} says {reason}")
        conditions = _conditions(cluster, namespace)
        for kind in ("Accepted", "Programmed"):
            assert (conditions[kind]["status"], conditions[kind]["reason"]) == ("False", reason)
        assert conditions["Accepted"]["message"].startswith(message), conditions["Accepted"]["message"]
    finally:
        cluster.admin.request("DELETE", "/api/v1/nodes/director-1")


def test_a_server_that_no_director_reaches_directly_is_not_accepted(cluster, namespace, operator, agents):
    running = operator(cluster.kubeconfig, "--namespace", namespace)
    director = agents(running, "director-1", 11)
    cluster.admin.request("POST", "/api/v1/nodes", director.manifest(director=True))

    def accepted() -> dict:
        shown = json.loads(cluster.kubectl("-n", namespace, "get", "lvsrs", "far", "-o", "json").stdout)
        conditions = shown.get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == "Accepted"), {})

    try:
        cluster.admin.request("POST", path("VirtualService", namespace), virtual_service())
        cluster.admin.request("POST", path("RealServer", namespace), standalone_server("far", "203.0.113.21"))
        eventually(lambda: accepted().get("reason") == "RealServerNotOnLink", "the director says so")
        assert accepted()["status"] == "False"
        assert accepted()["message"].startswith("spec.address: director-1 reaches it through a gateway"), accepted()
        patch = json.dumps({"spec": {"address": "192.0.2.21"}})
        cluster.kubectl("-n", namespace, "patch", "lvsrs", "far", "--type=merge", "-p", patch)
        eventually(lambda: accepted().get("status") == "True", "accepted on the director's segment")
    finally:
        cluster.admin.request("DELETE", "/api/v1/nodes/director-1")
