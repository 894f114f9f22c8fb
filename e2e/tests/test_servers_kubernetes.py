"""What kubectl tells of real servers: who is out and why, and what is left of a drain."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any, Iterator

import pytest

from conftest import results_root
from lab import servers, traffic
from lab.kubernetes import KubernetesSession
from lab.lab import Lab
from lab.machine import wait_until
from lab.manifests import Manifests
from lab.streams import Streams

CHECK = {"type": "HTTP", "path": "/health", "interval": "1s", "timeout": "1s", "rise": 2, "fall": 2}
pytestmark = pytest.mark.skipif("LVS_KUBECONFIG" not in os.environ,
                                reason="no API server: e2e/run-tests starts one where it can")


def with_checks(manifests: Manifests) -> None:
    manifests.set_spec("VirtualService", "web", persistence=None, healthCheck=CHECK)


@pytest.fixture(scope="module")
def s1() -> Iterator[KubernetesSession]:
    with KubernetesSession(Lab("s1", results_root() / "servers_kubernetes"), with_checks) as session:
        yield session


def row(s1: KubernetesSession, kind: str, name: str) -> str:
    return s1.kubectl("get", kind, "-n", "shop", name, "--no-headers")


def summary(s1: KubernetesSession, name: str) -> dict[str, Any]:
    found = json.loads(s1.kubectl("get", "lvsrs", "-n", "shop", name, "-o", "json"))
    return found.get("status", {}).get("summary", {})


def drain(s1: KubernetesSession, name: str, wanted: bool) -> None:
    s1.kubectl("patch", "lvsrs", "-n", "shop", name, "--type=merge", "-p", json.dumps({"spec": {"drain": wanted}}))


def test_kubectl_says_which_server_is_out_and_why(s1: KubernetesSession) -> None:
    lame = s1.lab.machine("real-server-2")
    wait_until(lambda: "3/3" in row(s1, "lvsvs", "web"), "all are ready", interval=0.5)
    for pid in set(re.findall(r"pid=(\d+)", lame.run("ss", "-Hltnp", "sport = :80"))):
        os.kill(int(pid), signal.SIGKILL)
    wait_until(lambda: " Down " in row(s1, "lvsrs", lame.name), "kubectl get lvsrs says Down", interval=0.5)
    wait_until(lambda: "2/3" in row(s1, "lvsvs", "web"), "kubectl get lvsvs says 2/3", interval=0.5)
    healthy = s1.condition("lvsrs", "shop", lame.name, "Healthy")
    assert (healthy["status"], healthy["reason"]) == ("False", "CheckFailed")
    assert "Connection refused" in healthy["message"] and "see whether the service runs there" in healthy["message"]
    said = s1.condition("lvsvs", "shop", "web", "Healthy")
    assert said["reason"] == "ServersUnhealthy" and lame.address() in said["message"]
    wait_until(lambda: "CheckFailed" in s1.kubectl("get", "events", "-n", "shop"), "an event says it", interval=0.5)
    servers.start_nginx(lame, s1.lab.state / lame.name)
    wait_until(lambda: " Serving " in row(s1, "lvsrs", lame.name), "it is back", interval=0.5)
    s1.wait_for_condition("lvsrs", "shop", lame.name, "Healthy")


def test_kubectl_counts_what_is_left_of_a_drain(s1: KubernetesSession) -> None:
    name = "real-server-1"
    url = traffic.url(s1.lab.vip(), 80)
    with Streams(s1.lab.client, 40, url):
        with Streams(s1.lab.client, 60, url):
            drain(s1, name, True)
            wait_until(lambda: summary(s1, name).get("active") == 50, "half of a hundred connections are left", interval=0.5)
            assert re.search(r" Draining .* 50 ", row(s1, "lvsrs", name)), row(s1, "lvsrs", name)
        wait_until(lambda: summary(s1, name)["active"] == 20, "the number falls", interval=0.5)
    wait_until(lambda: summary(s1, name)["active"] == 0, "none is left", interval=0.5)
    assert traffic.answers(s1.lab.client, url, 9).keys() == {"real-server-2", "real-server-3"}
    drain(s1, name, False)
    wait_until(lambda: " Serving " in row(s1, "lvsrs", name), "it serves again", interval=0.5)
    assert "active" not in summary(s1, name)
