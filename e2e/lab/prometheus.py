"""A real Prometheus (Debian's) in the guest that scrapes our programs, with our alerts loaded."""

from __future__ import annotations

import json
import os
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import yaml

from lab.machine import Process, wait_until
from lab.product import AGENT_METRICS_PORT, OPERATOR_METRICS_PORT, ROOT
from lab.session import Session

ADDRESS = "127.0.0.1:9090"
SCRAPE_EVERY = "2s"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"

Sample = tuple[dict[str, str], float]


def is_installed() -> bool:
    return shutil.which("prometheus") is not None


class Prometheus:
    """Runs while the block does. It is in the host's namespace, which reaches every machine."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folder = session.lab.state / "prometheus"
        self.started = 0.0

    def __enter__(self) -> Prometheus:
        self._folder.mkdir()
        agents = [f"{machine.address()}:{AGENT_METRICS_PORT}" for machine in self._session.product.nodes]
        jobs = {"lvs-agent": agents, "lvs-operator": [f"127.0.0.1:{OPERATOR_METRICS_PORT}"]}
        config = {"global": {"scrape_interval": SCRAPE_EVERY, "evaluation_interval": SCRAPE_EVERY},
                  "rule_files": [str(ALERTS)],
                  "scrape_configs": [{"job_name": job, "static_configs": [{"targets": targets}]}
                                     for job, targets in jobs.items()]}
        (self._folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        log = self._session.lab.results / "host" / "prometheus.log"
        # Twice as fast in an emulated guest.
        self._process = Process("prometheus", [
            "prometheus", f"--config.file={self._folder / 'prometheus.yaml'}", f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address={ADDRESS}"], log, {**os.environ, "GOGC": "400", "GODEBUG": "cpu.all=off"})
        self._session.lab.host_processes["prometheus"] = self._process
        self.started = time.time()
        wait_until(self._all_targets_up, "Prometheus scrapes every agent and the operator", 120, 0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop(timeout=20)

    def _all_targets_up(self) -> bool:
        if not self._process.running():
            raise RuntimeError(f"prometheus ended:\n{self._process.log_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}/-/ready", timeout=60):
                up = self.now("up")
        except OSError:  # not yet
            return False
        return len(up) == len(self._session.product.nodes) + 1 and all(value == 1 for _, value in up)

    def ask(self, path: str, **parameters: str) -> Any:
        """GET /api/v1/PATH: what is in `data`. A query that does not parse is an error."""
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}/api/v1/{path}?{query}", timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def now(self, expr: str) -> list[Sample]:
        """The labels and value of each series, at this moment."""
        found = self.ask("query", query=expr)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def over_the_run(self, expr: str) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
        """Each series of the query from the start until now: labels, and (time, value)."""
        found = self.ask("query_range", query=expr, start=str(self.started), end=str(time.time()), step="2")["result"]
        return [(series["metric"], [(when, float(value)) for when, value in series["values"]]) for series in found]

    def label(self, expr: str, name: str) -> set[str]:
        return {labels[name] for labels, _ in self.now(expr)}

    def wait_for(self, expr: str, name: str, expected: set[str], timeout: float = 120) -> None:
        """Until the query's series have exactly these values of the label."""
        seen: set[str] = set()

        def same() -> bool:
            seen.clear()
            seen.update(self.label(expr, name))
            return seen == expected

        try:
            wait_until(same, "", timeout, 0.5)
        except TimeoutError:
            raise AssertionError(f"{expr}: {name} is {sorted(seen)}, expected {sorted(expected)}") from None
