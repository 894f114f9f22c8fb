"""agent/leases.h against a real API server: what the directors' election is told of the Leases."""

import json
import os
import pathlib
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VIP = "192.0.2.1"


class LeaseProbe:
    """One director. `ask` sends a line and returns the next answer that begins as expected."""

    def __init__(self, kubeconfig, namespace, node):
        binary = pathlib.Path(os.environ.get("LVS_LEASE_PROBE", ROOT / "build/dev/tests/apiserver/lease_probe"))
        if not os.access(binary, os.X_OK):
            pytest.skip(f"{binary} is not built; build target lease_probe, or name one in LVS_LEASE_PROBE")
        self._process = subprocess.Popen([str(binary), str(kubeconfig), namespace, node],  # pylint: disable=consider-using-with
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._changed = threading.Condition()
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.strip())
                self._changed.notify_all()

    def send(self, text):
        """Returns where the answers to it begin."""
        with self._changed:
            before = len(self.lines)
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        return before

    def ask(self, text, start, timeout=30):
        after = self.send(text)
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for line in self.lines[after:]:
                    if line.startswith(start):
                        return line.split()
                left = deadline - time.monotonic()
                assert left > 0, f"no line '{start}...' in {timeout} s; {self.lines[-10:]}"
                self._changed.wait(left)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture
def directors(cluster, namespace):
    with LeaseProbe(cluster.kubeconfig, namespace, "a") as a, LeaseProbe(cluster.kubeconfig, namespace, "b") as b:
        yield a, b


def lease(cluster, namespace, name):
    return json.loads(cluster.kubectl("-n", namespace, "get", "lease", name, "-o", "json").stdout)


def test_a_claim_is_granted_once(cluster, namespace, directors):
    a, b = directors
    assert a.ask(f"read {VIP}", "seen")[2:4] == ["-", "0"]
    granted = a.ask(f"claim {VIP} 1", "granted")
    assert granted[2:4] == ["a", "1"]
    spec = lease(cluster, namespace, "lvs-vip-192-0-2-1")["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"]) == ("a", 1)

    # b believed that there was none: refused, and told what stands there.
    after = b.send(f"claim {VIP} 1")
    seen = b.ask(f"read {VIP}", "seen")
    assert seen[2:4] == ["a", "1"]
    assert b.lines[after] == f"refused {VIP}"

    assert b.ask(f"claim {VIP} 2 {seen[4]}", "granted")[2:4] == ["b", "2"]
    # a's picture is old now.
    assert a.ask(f"claim {VIP} 2 {granted[4]}", "refused")
    assert a.ask(f"read {VIP}", "seen")[2:4] == ["b", "2"]


def test_a_hundred_are_read_at_once(directors):
    a, b = directors
    granted = a.ask("claim 10.0.0.7 1", "granted")
    after = b.send("\n".join(f"read 10.0.0.{number}" for number in range(1, 101)))
    deadline = time.monotonic() + 30
    while len(seen := {line.split()[1]: line.split()[2:] for line in b.lines[after:] if line.startswith("seen")}) < 100:
        assert time.monotonic() < deadline, f"{len(seen)} of 100 were read"
        time.sleep(0.1)
    assert seen.pop("10.0.0.7") == ["a", "1", granted[4]]
    assert all(answer[:2] == ["-", "0"] for answer in seen.values()), "there are no others"


def test_both_families_have_names_that_kubernetes_takes(cluster, namespace, directors):
    a, _ = directors
    for vip, name in {"2001:db8::1": "lvs-vip-2001-db8--1", "fd00::": "lvs-vip-fd00--0"}.items():
        assert a.ask(f"claim {vip} 1", "granted")[2] == "a"
        assert lease(cluster, namespace, name)["spec"]["holderIdentity"] == "a"


def test_a_director_that_renews_is_fresh_and_one_that_stops_is_not(cluster, namespace, directors):
    a, b = directors
    b.ask("renew a", "director a stale")  # there is none yet
    a.send("renew")
    deadline = time.monotonic() + 30
    while b.ask("renew a", "director a")[2] != "fresh":
        assert time.monotonic() < deadline
    for _ in range(10):
        last = b.ask("renew a", "director a")[2]
        time.sleep(0.1)
    assert last == "stale"
    assert lease(cluster, namespace, "lvs-director-b")["spec"]["holderIdentity"] == "b"


def test_a_server_that_is_away_says_nothing_and_is_asked_again(own_cluster):
    cluster = own_cluster()
    with LeaseProbe(cluster.kubeconfig, "default", "a") as a:
        assert a.ask(f"claim {VIP} 1", "granted")
        cluster.kill_apiserver()
        after = a.send(f"claim {VIP} 2")
        time.sleep(4)
        assert not [line for line in a.lines[after:] if line.startswith(("granted", "refused", "seen"))]
        cluster.start_apiserver()
        cluster.wait_ready()
        assert a.ask(f"read {VIP}", "seen", timeout=60)[2:4] == ["a", "1"]
