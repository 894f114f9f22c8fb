"""S1: another scheduler while clients ask. The kernel has none for a moment; who comes then tries again (ADR 6)."""

from __future__ import annotations

from functools import partial
from typing import Iterator

import pytest

from lab import ipvs, traffic
from lab.machine import Machine, Process, wait_until
from lab.session import Session
from lab.traffic import Load

TABLE = "table inet lvs-agent {"  # others of ours stay: inet lvs-agent-resets


def requests(s1: Session, vip: str) -> Load:
    """As fast as they go, with the patience for a second and a third SYN (1 s and 3 s after the first)."""
    return Load(s1.lab.client, traffic.url(vip, 80), timeout=10, concurrency=8)


def assert_unnoticed(running: Load) -> None:
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert running.result.ok > 20


def uses(s1: Session, vip: str, scheduler: str) -> bool:
    """True when every service of the address is scheduled so."""
    of_vip = [service for key, service in ipvs.table(s1.director).items() if f" {vip}:" in key]
    return {service.scheduler for service in of_vip} == {scheduler}


def serves(s1: Session, vip: str, count: int) -> bool:
    """True when the address has so many services, and every destination of theirs a weight."""
    of_vip = [service for key, service in ipvs.table(s1.director).items() if f" {vip}:" in key]
    weights = [destination.weight for service in of_vip for destination in service.destinations.values()]
    return len(of_vip) == count and len(weights) == 3 * count and min(weights) > 0


def ruleset(machine: Machine) -> str:
    return machine.run("nft", "list", "ruleset")


def change_scheduler(s1: Session, name: str) -> None:
    s1.manifests.set_spec("VirtualService", "web", scheduler={"name": name})
    wait_until(partial(uses, s1, s1.lab.vip(), name), f"the kernel schedules by {name}")


@pytest.mark.parametrize("scheduler", ["rr", "wlc", "mh"])
def test_scheduler_changed_under_load(s1: Session, scheduler: str) -> None:
    """A plain SET_SERVICE refuses whoever comes in its 20 ms: `ipvsadm -E` fails some 2% of such a load."""
    with requests(s1, s1.lab.vip()) as running:
        for name in (scheduler, "wrr") * 3:
            change_scheduler(s1, name)
    print(running.result)
    assert_unnoticed(running)
    assert TABLE not in ruleset(s1.director)


@pytest.fixture
def many_ports(s1: Session) -> Iterator[str]:
    """An address with 12 services: to change them all takes a quarter of a second, in one call of the kernel."""
    service = next(o for o in s1.manifests.objects() if o["kind"] == "VirtualService")
    service["metadata"]["name"] = "many"
    service["spec"]["vips"] = ["192.168.100.101"]
    service["spec"]["ports"] = [{"name": f"p{port}", "protocol": "TCP", "port": port}
                                for port in (80, *range(8001, 8012))]
    s1.manifests.write("many.yaml", service)
    wait_until(partial(serves, s1, "192.168.100.101", 12), "the services are there, and their servers ready", 60)
    yield "192.168.100.101"


@pytest.fixture
def ruleset_monitor(s1: Session) -> Iterator[Process]:
    process = s1.director.popen("nft-monitor", "nft", "monitor")
    yield process
    process.stop(timeout=5)


def test_agent_killed_while_schedulers_change(s1: Session, many_ports: str, ruleset_monitor: Process) -> None:
    """Nobody takes the table away: it lets go by itself, and until then nothing that works is touched."""
    director = s1.director
    with requests(s1, many_ports) as running:
        s1.manifests.set_spec("VirtualService", "many", scheduler={"name": "rr"})
        element = f"add element inet lvs-agent ipv4 {{ {many_ports} . tcp . 80 expires"
        wait_until(lambda: element in ruleset_monitor.log_text(), "the table is there", interval=0.005)
        s1.product.agent(director).kill()
        assert TABLE in ruleset(director)
        traffic.answers(s1.lab.client, traffic.url(many_ports, 80), 12)
        wait_until(lambda: many_ports not in ruleset(director), "the kernel lets go of every service")
        assert TABLE in ruleset(director)
        s1.product.start_agent(director)
        s1.product.wait_for_agent(director)
        wait_until(lambda: TABLE not in ruleset(director), "the agent takes away what its predecessor left")
        wait_until(partial(uses, s1, many_ports, "rr"), "and finishes the change")
    print(running.result)
    assert_unnoticed(running)


def test_net_admin_is_enough(s1: Session) -> None:
    """Of all capabilities the agent needs CAP_NET_ADMIN to change a scheduler unnoticed."""
    director = s1.director
    s1.product.agent(director).kill()
    director.popen("agent", "setpriv", "--bounding-set=-all,+net_admin", "--inh-caps=-all", "--no-new-privs",
                   *s1.product.agent_command(director))
    s1.product.wait_for_agent(director)
    assert "CapEff:\t0000000000001000" in director.run("cat", f"/proc/{s1.product.agent(director).pid}/status")
    with requests(s1, s1.lab.vip()) as running:
        for name in ("lc", "wrr") * 3:
            change_scheduler(s1, name)
    assert_unnoticed(running)
    assert "ClientsRefused" not in s1.product.lvsctl("status")[1]
