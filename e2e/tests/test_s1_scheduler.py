"""S1: another scheduler while clients ask. The kernel has none for a moment; who comes then tries again (ADR 6)."""

from __future__ import annotations

from functools import partial

import pytest

from lab import ipvs, traffic
from lab.machine import Machine, wait_until
from lab.session import Session
from lab.traffic import Load


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


def ruleset(machine: Machine) -> str:
    return machine.run("nft", "list", "ruleset")


def change_scheduler(s1: Session, name: str) -> None:
    s1.manifests.set_spec("VirtualService", "web", scheduler={"name": name})
    wait_until(partial(uses, s1, s1.lab.vip(), name), f"the kernel schedules by {name}", 30)


@pytest.mark.parametrize("scheduler", ["rr", "wlc", "mh"])
def test_scheduler_changed_under_load(s1: Session, scheduler: str) -> None:
    """A plain SET_SERVICE refuses whoever comes in its 20 ms: `ipvsadm -E` fails some 2% of such a load."""
    with requests(s1, s1.lab.vip()) as running:
        for name in (scheduler, "wrr") * 3:
            change_scheduler(s1, name)
    print(running.result)
    assert_unnoticed(running)
    assert ruleset(s1.director) == ""
