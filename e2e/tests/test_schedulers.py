"""Every scheduler with its flags, programmed from a manifest and read back by ipvsadm -Sn."""

from __future__ import annotations

from typing import Any

import pytest

from lab.session import Session

PLAIN = ["rr", "wrr", "lc", "wlc", "sh", "dh", "sed", "nq", "lblc", "lblcr", "fo", "ovf", "mh"]

CASES: dict[str, tuple[dict[str, Any], str]] = {
    **{name: ({"scheduler": {"name": name}}, f"-s {name}") for name in PLAIN},
    "mh with its flags": (
        {"scheduler": {"name": "mh", "flags": ["mh-port", "mh-fallback"]}}, "-s mh -b mh-fallback,mh-port"),
    "sh with its flags": (
        {"scheduler": {"name": "sh", "flags": ["sh-port", "sh-fallback"]}}, "-s sh -b sh-fallback,sh-port"),
    "persistence": ({"persistence": {"timeout": "60s"}}, "-s wrr -p 60"),
    "persistence by network": (
        {"persistence": {"timeout": "60s", "prefixLength": 24}}, "-s wrr -p 60 -M 255.255.255.0"),
}


@pytest.mark.parametrize("case", CASES)
def test_scheduler_is_what_ipvsadm_reads_back(s1_running: Session, case: str) -> None:
    fields, options = CASES[case]
    wanted = {"vips": ["192.168.100.100"], "scheduler": {"name": "wrr"}, "persistence": None, **fields}
    s1_running.manifests.set_spec("VirtualService", "web", **wanted)
    s1_running.wait_for_table(f"""
-A -t 192.168.100.100:80 {options}
-a -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3
-a -t 192.168.100.100:80 -r 192.168.100.22:80 -g -w 2
-a -t 192.168.100.100:80 -r 192.168.100.23:80 -g -w 1
""")


def test_one_packet_scheduling(s1: Session) -> None:
    """ops is for UDP only."""
    s1.manifests.set_spec(
        "VirtualService", "web", vips=["192.168.100.100"], scheduler={"name": "rr", "flags": ["ops"]},
        ports=[{"name": "dns", "protocol": "UDP", "port": 53}], healthCheck=None, persistence=None)
    s1.wait_for_table("""
-A -u 192.168.100.100:53 -s rr -o
-a -u 192.168.100.100:53 -r 192.168.100.21:53 -g -w 3
-a -u 192.168.100.100:53 -r 192.168.100.22:53 -g -w 2
-a -u 192.168.100.100:53 -r 192.168.100.23:53 -g -w 1
""")
