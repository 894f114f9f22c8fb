"""What Prometheus sees of S1 with traffic, a failover, drains and failures; and every panel shows something.

One run that the first fixture plays; the tests then ask Prometheus about it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any, Iterator

import pytest

from conftest import results_root, without_persistence
from lab import ipvs, prometheus, servers, traffic
from lab.ha import other, put_right
from lab.kubernetes import KubernetesSession
from lab.lab import Lab
from lab.machine import Machine, wait_until
from lab.manifests import Manifests
from lab.pictures import Picture
from lab.product import ROOT
from lab.prometheus import Prometheus
from lab.session import Session

sys.path.insert(0, str(ROOT / "tests" / "dashboards"))
from sources import dashboards, documented, metrics_in, page_series, panels, with_all  # noqa: E402

pytestmark = pytest.mark.skipif(not prometheus.is_installed(), reason="no prometheus here: run scripts/setup.sh lab")

REQUESTS = 60
CHECK = {"type": "HTTP", "path": "/health", "interval": "500ms", "timeout": "500ms", "rise": 2, "fall": 2}
WITH_API = "LVS_KUBECONFIG" in os.environ
ONLY_WITH_API = {"lvs_operator_api_requests_total", "lvs_operator_api_request_seconds", "lvs_operator_status_writes_total"}
HOLDER = 'lvs_agent_vip_holder{vip="%s"} == 1'
OUT = "lvs_agent_destination_out"


def prepare(manifests: Manifests) -> None:
    without_persistence(manifests)
    manifests.set_spec("VirtualService", "web", healthCheck=CHECK)


class Run:
    """The scenario, step by step, and what was seen meanwhile."""

    def __init__(self, session: Session, watch: Prometheus) -> None:
        self.session, self.watch = session, watch
        self.lab, self.product = session.lab, session.product
        self.vip = session.lab.vip()
        self.service = f"TCP {self.vip}:80"
        self.shares: dict[str, dict[str, float]] = {}

    def ask_for(self, kind: str, name: str, **fields: Any) -> None:
        self.session.manifests.set_spec(kind, name, **fields)
        if isinstance(self.session, KubernetesSession):
            self.session.apply()

    def change(self, kind: str, name: str, **fields: Any) -> None:
        self.ask_for(kind, name, **fields)
        self.session.follow()

    def holder(self) -> Machine:
        return self.session.director

    def server(self, name: str) -> str:
        return f"{self.lab.machine(name).address()}:80"

    def play(self) -> None:
        self.some_traffic()
        self.a_director_dies()
        self.servers_fail()
        self.a_server_is_drained()
        self.directors_are_drained()
        self.somebody_else_deletes_a_destination()

    def some_traffic(self) -> None:
        """Shares are asked for at once: later the other director counts, too."""
        served = traffic.answers(self.lab.client, traffic.url(self.vip, 80), REQUESTS)
        assert served == {"real-server-1": 30, "real-server-2": 20, "real-server-3": 10}
        ipvs.statistics_after(self.holder(), self.service, REQUESTS)
        total = f'sum(lvs_agent_destination_connections_total{{service="{self.service}"}})'
        wait_until(lambda: self.watch.now(total)[0][1] == REQUESTS, "Prometheus has seen the traffic", 120, 0.5)
        for of in ("of weights", "of connections"):
            expr = query_of("lvs-service.json", "Servers: weights against share", of, "30m")
            self.shares[of] = {labels["server"]: value for labels, value in self.watch.now(expr)
                               if labels["service"] == self.service}

    def a_director_dies(self) -> None:
        dying = self.holder()
        self.watch.wait_for(HOLDER % self.vip, "node", {dying.name})
        self.product.agent(dying).kill()
        self.lab.unplug(dying)
        heir = other(self.session, dying)
        wait_until(lambda: heir.holds(self.vip) and heir.holds(self.lab.vip(6)), "the heir holds both", 60)
        self.watch.wait_for(HOLDER % self.vip, "node", {heir.name})
        put_right(self.session)
        self.watch.wait_for('up{job="lvs-agent"} == 0', "instance", set())
        self.watch.wait_for(HOLDER % self.vip, "node", set(self.lab.holder()))

    def servers_fail(self) -> None:
        """One is taken out; when two of three look dead, none is."""
        out = OUT + '{service="%s",reason="Down"}' % self.service
        self.stop_serving("real-server-2")
        self.watch.wait_for(out, "server", {self.server("real-server-2")})
        self.watch.wait_for('ALERTS{alertname="LvsServerOut"}', "server",
                            {self.server("real-server-2"), self.server_6("real-server-2")})
        self.stop_serving("real-server-1")
        self.watch.wait_for("lvs_agent_service_fail_open == 1", "node", {m.name for m in self.lab.directors})
        self.watch.wait_for('lvs_agent_problems{reason="PoolFailOpen"} > 0', "node", {m.name for m in self.lab.directors})
        for name in ("real-server-1", "real-server-2"):
            servers.start_nginx(self.lab.machine(name), self.lab.state / name)
        self.watch.wait_for(OUT, "server", set())

    def server_6(self, name: str) -> str:
        return f"[{self.lab.machine(name).address(6)}]:80"

    def stop_serving(self, name: str) -> None:
        machine = self.lab.machine(name)
        machine.processes["nginx"].stop()
        wait_until(lambda: not servers.listening(machine, [80]), f"{name} serves no more")

    def a_server_is_drained(self) -> None:
        self.change("RealServer", "real-server-3", drain=True)
        self.watch.wait_for(OUT + '{reason="Draining"}', "server",
                            {self.server("real-server-3"), self.server_6("real-server-3")})
        self.change("RealServer", "real-server-3", drain=False)
        self.watch.wait_for(OUT, "server", set())

    def directors_are_drained(self) -> None:
        """The VIP goes to the other one; from that it cannot go on."""
        first = self.holder()
        wait_until(lambda: self.product.lvsctl("drain", first.name)[0] == 0, "the holder is empty", 120, 1)
        heir = other(self.session, first)
        self.watch.wait_for(HOLDER % self.vip, "node", {heir.name})
        self.watch.wait_for('lvs_agent_vips_taken_total{reason="DirectorDrained"} > 0', "node", {heir.name})
        self.product.lvsctl("drain", heir.name, "--wait", "1s")
        self.watch.wait_for('lvs_agent_vip_concern{concern="NoSuccessor"}', "node", {heir.name})
        for machine in self.lab.directors:
            self.product.lvsctl("undrain", machine.name)
        self.watch.wait_for("lvs_agent_vip_concern", "concern", set())

    def somebody_else_deletes_a_destination(self) -> None:
        """Again and again, so that a change of its weight finds it gone, however slow the machine is: the kernel refuses."""
        weights = iter(range(2, 300))
        holder = self.holder()
        delete = f"ipvsadm -d -t {self.vip}:80 -r {self.server('real-server-3')}"
        deleting = holder.popen("deleting", "sh", "-c", f"while :; do {delete} 2>/dev/null; sleep 0.2; done")

        def refused() -> bool:
            self.ask_for("RealServer", "real-server-3", weight=next(weights))
            return any(name.startswith("lvs_agent_kernel_errors_total") for name in self.product.metrics(holder))

        try:
            wait_until(refused, "the kernel has refused a change", 300, 2)
        finally:
            deleting.kill()
        self.change("RealServer", "real-server-3", weight=1)
        self.watch.wait_for("lvs_agent_kernel_errors_total", "node", {self.holder().name})


def query_of(board: str, title: str, column: str, window: str) -> str:
    """The query behind a column of a table."""
    panel = next(panel for panel in panels(dashboards()[board]) if panel["title"] == title)
    renamed = panel["transformations"][1]["options"]["renameByName"]
    source = next(source for source, name in renamed.items() if name == column)
    target = next(target for target in panel["targets"] if source == f"Value #{target['refId']}")
    return with_all(target["expr"], window)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    make = KubernetesSession if WITH_API else Session
    with make(Lab("s1", results_root() / "metrics"), prepare) as session, Prometheus(session) as watch:
        played = Run(session, watch)
        try:
            played.play()
        except BaseException:
            session.lab.dump("metrics")
            raise
        yield played


def test_the_share_of_connections_is_the_share_of_weights(run: Run) -> None:
    expected = {run.server("real-server-1"): 3 / 6, run.server("real-server-2"): 2 / 6, run.server("real-server-3"): 1 / 6}
    assert run.shares == {"of weights": pytest.approx(expected), "of connections": pytest.approx(expected)}


def test_the_holder_is_who_has_the_address(run: Run) -> None:
    expr = query_of("lvs-overview.json", "Who holds what", "since", "1m")
    for vip in run.lab.topology.vips.values():
        rows = [(labels["node"], since) for labels, since in run.watch.now(expr) if labels["vip"] == vip]
        assert [node for node, _ in rows] == [machine.name for machine in run.lab.directors if machine.holds(vip)]
        assert run.watch.started < rows[0][1] / 1000 <= time.time() + 1
    holders = {labels["vip"]: value for labels, value in run.watch.now("sum by (vip) (lvs_agent_vip_holder)")}
    assert holders == dict.fromkeys(run.lab.topology.vips.values(), 1)


def test_the_moves_and_their_reasons_are_counted(run: Run) -> None:
    counted = {labels["reason"] for labels, value in run.watch.now(
        "sum by (reason) (increase(lvs_agent_vips_taken_total[1h])) > 0") if value > 0}
    assert {"HeartbeatLost", "DirectorDrained"} <= counted


def test_counters_are_the_kernels_own(run: Run) -> None:
    """As ipvsadm prints them, and they never went back although an agent was killed."""
    for machine in run.lab.directors:
        counted = ipvs.statistics(machine)[run.service][""]
        labels = f'{{node="{machine.name}",service="{run.service}"'

        def same() -> bool:
            connections = run.watch.now(f"lvs_agent_service_connections_total{labels}}}")
            packets = run.watch.now(f'lvs_agent_service_packets_total{labels},direction="in"}}')
            out = run.watch.now(f'lvs_agent_service_packets_total{labels},direction="out"}}')
            return [each[0][1] for each in (connections, packets, out)] == [counted.connections, counted.in_packets, 0]

        wait_until(same, f"the numbers of {machine.name} are ipvsadm's {counted}", 60, 0.5)
    for what in ("connections", "packets", "bytes"):
        assert run.watch.now(f"max(resets(lvs_agent_service_{what}_total[1h]))") == [({}, 0)]


def test_every_panel_has_shown_something(run: Run) -> None:
    empty = []
    for name, board in dashboards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                needs_api = any(metric.startswith(tuple(ONLY_WITH_API)) for metric in metrics_in(target["expr"]))
                if needs_api and not WITH_API:
                    continue
                if not run.watch.over_the_run(with_all(target["expr"])):
                    empty.append(f"{name}: {panel['title']}: {target['expr']}")
    assert not empty, "\n".join(empty)


def test_the_dashboards_can_be_drawn(run: Run) -> None:
    """For people: RESULTS/lab/metrics/pictures, and copies in docs/pictures."""
    folder = run.lab.results / "pictures"
    folder.mkdir(exist_ok=True)
    end = time.time()
    for name, board in dashboards().items():
        drawn = Picture(board, lambda expr: run.watch.over_the_run(with_all(expr, "20s")), run.watch.started, end).svg()
        (folder / name).with_suffix(".svg").write_text(drawn)
    assert f"{run.vip} on {run.holder().name}" in (folder / "lvs-overview.svg").read_text()


def test_every_alert_is_evaluated(run: Run) -> None:
    rules = [rule for group in run.watch.ask("rules")["groups"] for rule in group["rules"]]
    assert rules and [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"] == []


def test_the_page_is_what_the_documentation_says(run: Run) -> None:
    """Every metric that is documented was there in the run, with these labels; and no other."""
    seen: dict[str, set[str]] = {}
    for labels in run.watch.ask("series", **{"match[]": '{__name__=~"lvs_.+"}', "start": str(run.watch.started)}):
        seen.setdefault(labels["__name__"], set()).update(set(labels) - {"__name__", "instance", "job", "le"})
    expected = page_series() if WITH_API else {
        name for name in page_series() if not name.startswith(tuple(ONLY_WITH_API))}
    assert set(seen) == expected
    for name, (kind, labels) in documented().items():
        series = f"{name}_count" if kind == "histogram" else name
        assert seen.get(series, labels) == labels, series


def test_promtool_has_nothing_to_say(run: Run) -> None:
    pages = [run.holder().run("curl", "-sSf", f"http://{run.holder().address()}:9441/metrics"),
             subprocess.run(["curl", "-sSf", "http://127.0.0.1:9442/metrics"], capture_output=True, text=True,
                            check=True).stdout]
    for page in pages:
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_types_are_as_documented(run: Run) -> None:
    page = run.holder().run("curl", "-sSf", f"http://{run.holder().address()}:9441/metrics")
    types = dict(line.split()[2:4] for line in page.splitlines() if line.startswith("# TYPE lvs_agent"))
    assert types and types == {name: kind for name, (kind, _) in documented().items() if name in types}


def test_destinations_can_be_left_out(run: Run) -> None:
    machine = run.holder()
    run.product.agent(machine).kill()
    command = [*run.product.agent_command(machine), "--metrics-per-destination=false"]
    machine.popen("agent", *command)
    run.product.wait_for_agent(machine)

    def page() -> dict[str, float]:
        return run.product.metrics(machine)

    serving = f'lvs_agent_service_servers{{service="{run.service}",state="Serving"}}'
    wait_until(lambda: page().get(serving) == 3, "the service is counted", 60)
    assert not [name for name in page() if name.startswith("lvs_agent_destination_")]
