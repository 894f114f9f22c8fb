"""Every server of a pool is replaced while clients ask and long connections are open: nobody notices."""

from __future__ import annotations

import random
import threading
from typing import Any, Iterator

import pytest

from conftest import results_root
from lab import ipvs, traffic
from lab.ha import load, nothing_failed
from lab.lab import Lab
from lab.machine import wait_until
from lab.manifests import Manifests
from lab.session import Session
from lab.streams import Streams

CHECK = {"type": "HTTP", "path": "/health", "interval": "1s", "timeout": "1s", "rise": 1, "fall": 3}
STREAMS = 20


def two_of_three(manifests: Manifests) -> None:
    manifests.set_spec("VirtualService", "web", persistence=None, healthCheck=CHECK, drainTimeout="10m")
    manifests.delete("RealServer", "real-server-3")


@pytest.fixture(scope="module")
def s1() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "rolling"), two_of_three) as session:
        yield session


def weight(s1: Session, name: str) -> int:
    """In the holder's kernel; -1: it is not there."""
    key = f"{s1.lab.machine(name).address()}:80"
    found = ipvs.table(s1.director)[f"TCP {s1.lab.vip()}:80"].destinations.get(key)
    return -1 if found is None else found.weight


class RestlessWeights:
    """Somebody changes the weights of whoever is there, all the time."""

    def __init__(self, s1: Session) -> None:
        self._s1 = s1
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failure: Exception | None = None
        self.changes = 0

    def __enter__(self) -> RestlessWeights:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def edit(self, change: Any) -> None:
        """One writer of the folder at a time."""
        with self._lock:
            change(self._s1.manifests)

    def _run(self) -> None:
        dice = random.Random(7)
        try:
            while not self._end.wait(0.5):
                self.edit(lambda manifests: self._shuffle(manifests, dice))
                self.changes += 1
        except Exception as failure:  # pylint: disable=broad-except
            self._failure = failure

    @staticmethod
    def _shuffle(manifests: Manifests, dice: random.Random) -> None:
        for server in [o for o in manifests.objects() if o["kind"] == "RealServer"]:
            manifests.set_spec("RealServer", server["metadata"]["name"], weight=dice.randint(1, 9))


def add(name: str) -> Any:
    return lambda manifests: manifests.write(f"{name}-new.yaml", {
        "apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"nodeName": name, "weight": 2}})


def test_every_server_is_replaced_under_load(s1: Session) -> None:
    url = traffic.url(s1.lab.vip(), 80)
    with RestlessWeights(s1) as weights, Streams(s1.lab.client, STREAMS, url) as streams, load(s1) as running:
        for new, old in (("real-server-3", "real-server-1"), ("real-server-1", "real-server-2"),
                         ("real-server-2", "real-server-3")):
            weights.edit(add(new))
            wait_until(lambda: weight(s1, new) > 0, f"{new} serves")
            weights.edit(lambda manifests: manifests.set_spec("RealServer", old, drain=True))
            wait_until(lambda: weight(s1, old) == 0, f"{old} is drained")
            weights.edit(lambda manifests: manifests.delete("RealServer", old))
    nothing_failed(running)
    assert weights.changes > 3, "the weights were changed all the time"
    assert (streams.result.alive, streams.result.broken) == (STREAMS, {}), streams.result
