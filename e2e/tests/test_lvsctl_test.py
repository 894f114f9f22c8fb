"""`lvsctl test` from a client machine: says what a person wants to read, and exits by whether it holds."""

from __future__ import annotations

import subprocess
import threading
import time

import pytest

from lab import traffic
from lab.machine import wait_until
from lab.product import binary
from lab.session import Session

WEIGHTS = ("--expect", "real-server-1=3", "--expect", "real-server-2=2", "--expect", "real-server-3=1")


def ask(s1: Session, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(s1.lab.client.argv([binary("lvsctl"), "test", *arguments]), check=False,
                          capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(params=[4, 6])
def url(s1: Session, request: pytest.FixtureRequest) -> str:
    return traffic.url(s1.lab.vip(request.param), 80)


def test_basic(s1: Session, url: str) -> None:
    code, said = ask(s1, "basic", url)
    assert code == 0 and "real-server-" in said, said
    code, said = ask(s1, "basic", url.replace(":80/", ":81/"))
    assert code == 1 and ":81/" in said, said


def test_distribution(s1: Session, url: str) -> None:
    code, said = ask(s1, "distribution", "60", url, *WEIGHTS)
    assert code == 0 and "answers follow the weights" in said, said
    code, said = ask(s1, "distribution", "60", url, "--expect", "real-server-1=1", "--expect", "real-server-2=1")
    assert code == 1 and "does not hold" in said, said


def test_performance(s1: Session, url: str) -> None:
    code, said = ask(s1, "performance", "10", "500", url)
    assert code == 0 and "500 answers" in said and "99 %" in said, said


def test_dsr_verify(s1: Session, url: str) -> None:
    code, said = ask(s1, "dsr-verify", url)
    assert code == 0 and "holds: every answer comes from other hardware" in said, said
    assert s1.director.mac in said
    assert all(server.mac in said for server in s1.lab.real_servers), said


def test_failover(s1: Session) -> None:
    """The holder is asked to end in the middle; the bound is generous, the bench measures."""
    holder = s1.director
    result: list[tuple[int, str]] = []
    where = traffic.url(s1.lab.vip(), 80)
    probing = threading.Thread(
        target=lambda: result.append(ask(s1, "failover", "15s", where, "--interval", "50ms", "--max-outage", "14s")))
    probing.start()
    time.sleep(3)
    s1.product.agent(holder).stop()
    probing.join()
    s1.product.start_agent(holder)
    s1.product.wait_for_agent(holder)
    wait_until(s1.lab.held_by_one, "one director holds each VIP", 60)
    code, said = result[0]
    assert code == 0 and "301 probes" in said, said
