"""What somebody changes by hand in what is ours is put back; what the kernel cannot do is told, and hurts nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import pytest

from lab import ipvs
from lab.machine import run, wait_until
from lab.session import Session

KEY = "TCP 192.168.100.100:80"
VIP = "192.168.100.100"
BLOCK = Path("/etc/modprobe.d/lvs-lab.conf")


def weights(s1: Session) -> dict[str, int]:
    found = ipvs.table(s1.director)[KEY].destinations
    return {address: destination.weight for address, destination in found.items()}


def test_a_destination_deleted_by_hand_comes_back(s1: Session) -> None:
    s1.director.run("ipvsadm", "-d", "-t", f"{VIP}:80", "-r", "192.168.100.22:80")
    wait_until(lambda: weights(s1).get("192.168.100.22:80") == 2, "it is back", 120)


def test_a_scheduler_changed_by_hand_is_put_back(s1: Session) -> None:
    s1.director.run("ipvsadm", "-E", "-t", f"{VIP}:80", "-s", "lc")
    wait_until(lambda: ipvs.table(s1.director)[KEY].scheduler == "wrr", "it is wrr again", 120)


def test_addresses_and_arp_settings_taken_off_by_hand_come_back(s1: Session) -> None:
    server = s1.lab.machine("real-server-1")
    server.run("ip", "addr", "del", f"{VIP}/32", "dev", "lo")
    wait_until(lambda: f"{VIP}/32" in server.addresses("lo"), "the server has the VIP again", 120)
    server.set_sysctl("net.ipv4.conf.eth0.arp_ignore", 0)
    wait_until(lambda: server.sysctl("net.ipv4.conf.eth0.arp_ignore") == "1", "and is silent again", 120)
    s1.director.run("ip", "addr", "del", f"{VIP}/32", "dev", "eth0")
    wait_until(lambda: len(s1.lab.holder()) == 1, "a director has the VIP again", 120)


@pytest.fixture
def without_module(s1: Session) -> Iterator[Session]:
    """A kernel that has no mh."""
    run(["modprobe", "-r", "ip_vs_mh"], check=False)
    BLOCK.write_text("install ip_vs_mh /bin/false\n")
    yield s1
    BLOCK.unlink(missing_ok=True)


def second_service(s1: Session, name: str, **spec: Any) -> None:
    service = next(each for each in s1.manifests.objects() if each["kind"] == "VirtualService")
    service["metadata"]["name"] = name
    service["spec"].update(spec)
    s1.manifests.write(f"{name}.yaml", service)


def wait_for_reason(s1: Session, reason: str) -> None:
    wait_until(lambda: reason in s1.product.lvsctl("status")[1], f"lvsctl status says {reason}", 120, 0.5)


def test_a_scheduler_that_the_kernel_lacks(without_module: Session) -> None:
    s1 = without_module
    second_service(s1, "maglev", vips=["192.168.100.101"], scheduler={"name": "mh"})
    wait_for_reason(s1, "SchedulerUnavailable")
    assert not s1.director.holds("192.168.100.101"), "nobody is invited to a service that is not there"
    s1.manifests.set_spec("RealServer", "real-server-3", weight=9)
    wait_until(lambda: weights(s1)["192.168.100.23:80"] == 9, "everything else goes on", 120)
    BLOCK.unlink()
    wait_until(lambda: "TCP 192.168.100.101:80" in ipvs.table(s1.director), "it comes with its module", 300)


def test_a_vip_that_no_interface_of_the_director_reaches(s1: Session) -> None:
    before = ipvs.save(s1.director)
    second_service(s1, "far", vips=["198.51.100.1"])
    wait_for_reason(s1, "DirectorHasNoPathToVIPNetwork")
    assert not s1.director.holds("198.51.100.1")
    assert [line for line in before.splitlines() if line not in ipvs.save(s1.director).splitlines()] == []


def test_what_cannot_be_accepted_is_said_and_harms_nobody(s1: Session) -> None:
    before = ipvs.save(s1.director)
    second_service(s1, "zz-same-port")
    second_service(s1, "of-a-node", vips=["192.168.100.23"])
    second_service(s1, "nobody", vips=["192.168.100.103"], realServerSelector={"matchLabels": {"app": "none"}})
    second_service(s1, "nowhere", vips=["192.168.100.104"], directors={"nodeSelector": {"matchLabels": {"rack": "9"}}})
    s1.manifests.write("lost.yaml", {
        "apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
        "metadata": {"name": "lost", "namespace": "shop", "labels": {"app": "web"}}, "spec": {"nodeName": "nowhere"}})
    said = {"VirtualService shop/zz-same-port": "VIPPortConflict", "VirtualService shop/of-a-node": "VIPIsNodeAddress",
            "VirtualService shop/nobody": "NoRealServers", "VirtualService shop/nowhere": "NoDirector",
            "RealServer shop/lost": "UnknownNode"}
    for name, reason in said.items():
        wait_until(lambda: any(name in line and reason in line for line in s1.product.lvsctl("status")[1].splitlines()),
                   f"lvsctl status says {reason} of {name}", 120, 0.5)
    table = ipvs.save(s1.director).splitlines()
    assert [line for line in before.splitlines() if line not in table] == [], "what was accepted goes on"
    assert not s1.director.holds("192.168.100.23") and not s1.director.holds("192.168.100.104")
