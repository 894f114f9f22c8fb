"""A scenario with our programs running in it: what most tests and the demo start from."""

from __future__ import annotations

import time
from typing import Any, Callable, Self

from lab import ipvs
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.product import Product


class Session:
    """A lab, our programs, and the folder of manifests that the operator watches.

    `prepare` changes the manifests before anything starts. Use as a context manager.
    """

    def __init__(self, lab: Lab, prepare: Callable[[Manifests], None] = lambda _: None) -> None:
        self.lab = lab
        self.product = Product(lab)
        self.prepare = prepare
        self.manifests = Manifests(lab.topology.manifests, lab.state / "manifests")
        self.untouched: dict[str, list[str]] = {}
        self._at_start: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self.lab.up()
            self.untouched = self.fingerprints()
            self.prepare(self.manifests)
            self._at_start = self.manifests.contents()
            self.product.make_certificates()
            self.before_agents()
            self.product.start_agents()
            self.start_operator()
            self.settle()
        except BaseException:
            self.lab.dump("start")
            self.lab.down()
            raise
        return self

    def before_agents(self) -> None:
        """The machines are up, and nothing of ours runs yet."""

    def start_operator(self) -> None:
        self.product.start_operator(manifests=self.manifests.folder)

    def __exit__(self, *_: object) -> None:
        self.lab.down()

    def fingerprints(self) -> dict[str, list[str]]:
        """Of every node; `untouched` holds them from before our programs ran."""
        return {machine.name: machine.fingerprint() for machine in self.product.nodes}

    @property
    def director(self) -> Machine:
        """The one that holds the VIP; director-1 while nobody does."""
        holders = self.lab.holder()
        return self.lab.machine(holders[0] if holders else "director-1")

    def settle(self, timeout: float = 300) -> None:
        """Waits until one director holds every VIP and `lvsctl diff` finds nothing to do."""
        wait_until(self.lab.held_by_one, "one director holds each VIP", timeout)
        wait_until(self.product.in_sync, "every kernel follows the resources", timeout, interval=0.5)

    def wait_for_table(self, expected: str, machine: Machine | None = None, timeout: float = 120) -> None:
        """Waits until `ipvsadm -Sn` on a director (director-1) reads as expected; order means nothing."""
        where = machine or self.director
        wanted = sorted(expected.strip().splitlines())
        seen: list[str] = []

        def same() -> bool:
            seen[:] = sorted(ipvs.save(where).strip().splitlines())
            return seen == wanted

        try:
            wait_until(same, "", timeout)
        except TimeoutError:
            listed = "\n".join(seen)
            raise AssertionError(f"the table of {where.name} after {timeout:g} s:\n{listed}\n"
                                 f"expected:\n" + "\n".join(wanted)) from None

    def change(self, kind: str, name: str, **fields: Any) -> None:
        """Sets fields of an object's spec, and waits until the kernels follow."""
        self.manifests.set_spec(kind, name, **fields)
        self.follow()

    def follow(self, timeout: float = 300) -> None:
        """Waits for a change: first that the operator has seen it, then that everyone is in sync."""
        time.sleep(0.5)
        self.settle(timeout)

    def reset(self) -> None:
        """The manifests as they were at the start, and the kernels with them."""
        now = self.manifests.contents()
        if now == self._at_start:
            return
        for name in now.keys() - self._at_start.keys():
            (self.manifests.folder / name).unlink()
        for name, text in self._at_start.items():
            self.manifests.write_text(name, text)
        self.follow()
