"""A release of the chart in real pods. The tests follow each other: -x is given."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable

from control_plane import ROOT
from helm import CHART, RELEASE, helm, settings

from nodes import NAMES, Nodes

NAMESPACE = "lvs-operator"
MANIFESTS = ROOT / "e2e/scenarios/s7/manifests"
VIP = "192.168.100.100"
LOAD = ROOT / "e2e/lab/load_generator.py"


def eventually(what: str, check: Callable[[], object], timeout: float = 900) -> object:
    deadline = time.monotonic() + timeout
    while not (found := check()):
        assert time.monotonic() < deadline, f"not in {timeout} s: {what}"
        time.sleep(1)
    return found


def release(cluster: Nodes, command: str, *arguments: object, **values: object) -> None:
    named = {name.replace("__", "."): value for name, value in values.items()}
    helm(command, RELEASE, *arguments, "--namespace", NAMESPACE, *settings(named), kubeconfig=cluster.kubeconfig,
         folder=cluster.folder)


def rolled_out(cluster: Nodes) -> None:
    for workload in ("daemonset/lvs-operator-agent", "deployment/lvs-operator"):
        cluster.kubectl("-n", NAMESPACE, "rollout", "status", workload, "--timeout=1200s")


def answers(count: int = 12) -> set[str]:
    """Who answers a client on the VIP: this machine, at the other end of the cable. Nobody while a request fails."""
    done = [subprocess.run(["curl", "-sS", "--max-time", "5", f"http://{VIP}/"], capture_output=True, text=True, check=False)
            for _ in range(count)]
    return set() if any(each.returncode for each in done) else {each.stdout.strip() for each in done}


def agents(cluster: Nodes) -> set[str]:
    return set(cluster.kubectl("-n", NAMESPACE, "get", "pods", "-o", "name", "-l", "app.kubernetes.io/component=agent").stdout.split())


def holders(cluster: Nodes) -> list[str]:
    return [name for name in NAMES if VIP in cluster.guest.run("ip -4 -o addr show dev eth0", node=name)]


def test_from_install_to_the_first_answer(cluster: Nodes) -> None:
    begin = time.monotonic()
    release(cluster, "install", CHART, "--create-namespace", image__pullPolicy="Never")
    rolled_out(cluster)
    ready = time.monotonic()
    cluster.kubectl("label", "node", "--all", "lvs-operator.io/director=true")
    cluster.kubectl("create", "namespace", "shop")
    cluster.kubectl("apply", "-f", str(MANIFESTS / "real-servers.yaml"), "-f", str(MANIFESTS / "virtual-service.yaml"))
    eventually("every node answers through the VIP", lambda: answers() == set(NAMES))
    print(f"install to ready {ready - begin:.0f} s, to answers of all servers {time.monotonic() - begin:.0f} s")
    assert len(holders(cluster)) == 1


def load(rate: int, meanwhile: Callable[[], None]) -> dict:
    """So many requests per second while something happens, and for some seconds after it; the load's report."""
    command = ["/usr/bin/python3", str(LOAD), f"http://{VIP}/", "--rate", str(rate), "--concurrency", "50", "--timeout", "10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            meanwhile()
            time.sleep(5)
        finally:
            process.terminate()
        report = json.loads(process.communicate()[0])
    print(report)
    return report


def test_an_upgrade_costs_no_request(cluster: Nodes) -> None:
    def upgrade() -> None:
        release(cluster, "upgrade", CHART, image__pullPolicy="Never", agent__logLevel="debug")
        rolled_out(cluster)

    before = agents(cluster)
    report = load(50, upgrade)
    assert not before & agents(cluster), "every agent was replaced"
    assert report["ok"] > 0 and report["failed"] == 0, report
