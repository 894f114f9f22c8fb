"""S3 with health checks: each port of each server is judged by itself, by the directors alone."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import Iterator

import pytest

from conftest import results_root
from lab import ipvs, servers, traffic
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.session import Session
from lab.traffic import Load

CHECK = {"interval": "500ms", "timeout": "500ms", "rise": 2, "fall": 2}
# A mail server has to run to answer, and on a busy machine that takes its time.
MAIL = {"type": "SMTP", "interval": "3s", "timeout": "3s", "fastInterval": "500ms", "rise": 2, "fall": 2}
PORTS = [{"name": "http", "protocol": "TCP", "port": 80, "healthCheck": {"type": "HTTP", "path": "/health", **CHECK}},
         {"name": "smtp", "protocol": "TCP", "port": 25, "healthCheck": MAIL}]
FAMILIES = [4, 6]


def with_checks(manifests: Manifests) -> None:
    manifests.set_spec("VirtualService", "office", ports=PORTS)


@pytest.fixture(scope="module")
def s3_running() -> Iterator[Session]:
    with Session(Lab("s3", results_root() / "health"), with_checks) as session:
        yield session


@pytest.fixture
def s3(s3_running: Session) -> Iterator[Session]:
    """Everything healthy, before and after."""
    yield s3_running
    for director in s3_running.lab.directors:
        director.run("nft", "flush", "ruleset")
    if not s3_running.product.operator.running():
        s3_running.product.restart_operator()
    for server in s3_running.lab.real_servers:
        serve(s3_running, server)
    for family in FAMILIES:
        for port in (80, 25):
            wait_for_weights(s3_running, port, family, [3, 1])


def weights(session: Session, port: int, family: int) -> list[int]:
    """Of the two servers in the holder's kernel, as ipvsadm reads it."""
    vip = session.lab.vip(family)
    key = f"TCP [{vip}]:{port}" if family == 6 else f"TCP {vip}:{port}"
    destinations = ipvs.table(session.director)[key].destinations
    return [destinations[name].weight for name in sorted(destinations)]


def wait_for_weights(session: Session, port: int, family: int, expected: list[int]) -> None:
    wait_until(lambda: weights(session, port, family) == expected, f"weights {expected} for port {port}")


def stop_listening(machine: Machine, port: int) -> None:
    """As a service that dies: who listens there is killed."""
    pids = set(re.findall(r"pid=(\d+)", machine.run("ss", "-Hltnp", f"sport = :{port}")))
    assert pids, f"nobody listens on {machine.name}:{port}"
    for pid in pids:
        os.kill(int(pid), signal.SIGKILL)
    wait_until(lambda: not servers.listening(machine, [port]), f"{machine.name} does not listen on {port}")


def serve(session: Session, machine: Machine) -> None:
    if not servers.listening(machine, [80]):
        servers.start_nginx(machine, session.lab.state / machine.name)
    if not servers.listening(machine, [25]):
        servers.start_smtp(machine)


def status_problems(session: Session) -> str:
    """What `lvsctl status` lists below its tables; its exit code says the same."""
    code, said = session.product.lvsctl("status")
    assert (code == 0) == ("no problems" in said), said
    return "" if code == 0 else said


@pytest.mark.parametrize("family", FAMILIES)
def test_a_server_without_mail_serves_the_web_only(s3: Session, family: int) -> None:
    lame = s3.lab.machine("real-server-2")
    wait_for_weights(s3, 25, family, [3, 1])
    stop_listening(lame, 25)
    wait_for_weights(s3, 25, family, [3, 0])
    assert {traffic.mail_greeting(s3.lab.client, s3.lab.vip(family)) for _ in range(8)} == {"real-server-1"}
    served = traffic.answers(s3.lab.client, traffic.url(s3.lab.vip(family), 80), 12)
    assert served == {"real-server-1": 9, "real-server-2": 3}
    said = status_problems(s3)
    assert re.search(r"real-server-2 .* Down ", said) and "Connection refused" in said, said
    serve(s3, lame)
    wait_for_weights(s3, 25, family, [3, 1])
    wait_until(lambda: status_problems(s3) == "", "no problem is left", interval=0.5)


def test_a_mail_server_that_says_nothing_is_out(s3: Session) -> None:
    """A connection to it succeeds, so only a check that speaks SMTP finds out."""
    lame = s3.lab.machine("real-server-2")
    pids = [int(pid) for pid in set(re.findall(r"pid=(\d+)", lame.run("ss", "-Hltnp", "sport = :25")))]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for family in FAMILIES:
            wait_for_weights(s3, 25, family, [3, 0])
        wait_until(lambda: "no answer within" in status_problems(s3), "the status says what is missing", 30, 0.5)
        assert weights(s3, 80, 4) == [3, 1]
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_of_500_takes_exactly_that_server_out(s3: Session, family: int) -> None:
    sick = s3.lab.state / "real-server-2" / "sick"
    sick.touch()
    try:
        wait_for_weights(s3, 80, family, [3, 0])
        assert weights(s3, 25, family) == [3, 1], "mail is another matter"
        assert "HTTP status 500" in status_problems(s3)
        served = traffic.answers(s3.lab.client, traffic.url(s3.lab.vip(family), 80), 6)
        assert served == {"real-server-1": 6}
    finally:
        sick.unlink()
    wait_for_weights(s3, 80, family, [3, 1])


def test_nobody_but_the_directors_is_needed(s3: Session) -> None:
    """No operator: a server leaves, and comes back under load."""
    lame = s3.lab.machine("real-server-1")
    s3.product.operator.kill()
    stop_listening(lame, 80)
    for family in FAMILIES:
        wait_for_weights(s3, 80, family, [0, 1])
    with Load(s3.lab.client, traffic.url(s3.lab.vip(), 80), concurrency=2, rate=50) as running:
        serve(s3, lame)
        wait_for_weights(s3, 80, 4, [3, 1])
        served = traffic.answers(s3.lab.client, traffic.url(s3.lab.vip(), 80), 12)
    assert (running.result.failed, running.result.reasons) == (0, {})
    assert served["real-server-1"] > 0


class Watch:
    """What the weights for the web were, again and again, while the block runs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seen: set[tuple[int, ...]] = set()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.02):
            for family in FAMILIES:
                self.seen.add(tuple(weights(self._session, 80, family)))


def test_checks_that_all_fail_empty_no_pool(s3: Session) -> None:
    """The check is wrong, not the servers: a firewall on the directors eats the probes."""
    pools = {"ip": "192.168.100.21, 192.168.100.22", "ip6": "fd00:100::21, fd00:100::22"}
    rules = "".join(f"{family} daddr {{ {servers} }} tcp dport 80 drop\n" for family, servers in pools.items())
    url = traffic.url(s3.lab.vip(), 80)
    with Load(s3.lab.client, url, concurrency=2, rate=50) as running, Watch(s3) as watch:
        for director in s3.lab.directors:
            director.run("nft", "-f", "-", stdin="table inet cut {\nchain out {\ntype filter hook output priority 0\n"
                                                 f"{rules}}}\n}}\n")
        wait_until(lambda: status_problems(s3).count("PoolFailOpen") == len(FAMILIES), "lvsctl says that pools are kept",
                   interval=0.5)
        assert s3.product.metrics(s3.director)["lvs_agent_health_pools_fail_open"] == len(FAMILIES)
        served = traffic.answers(s3.lab.client, url, 12)
    assert served["real-server-1"] > 0 and served["real-server-2"] > 0
    assert {weights(s3, 80, family) == [3, 1] for family in FAMILIES} == {True}
    assert watch.seen and (0, 0) not in watch.seen, watch.seen
    assert (running.result.failed, running.result.reasons) == (0, {})


def test_an_agents_restart_takes_nobody_out(s3: Session) -> None:
    """States are unknown for a moment, and unknown is not down."""
    stop_listening(s3.lab.machine("real-server-2"), 25)
    wait_for_weights(s3, 25, 4, [3, 0])
    director = s3.director
    seen = set()
    s3.product.agent(director).kill()
    s3.product.start_agent(director)
    s3.product.wait_for_agent(director)
    for _ in range(30):
        seen.add((tuple(weights(s3, 25, 4)), tuple(weights(s3, 80, 4))))
    assert seen == {((3, 0), (3, 1))}
    assert s3.director is director
