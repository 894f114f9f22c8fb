#!/usr/bin/env python3
"""Programming the kernel: the agent beside ipvsadm and keepalived, in one guest and one run.

Runs as root on a kernel with ip_vs. Every measurement has a network namespace of its own, because a
deleted destination slows later adds for two minutes. Ratios mean something; seconds are the guest's.

Usage: bench.py BUILD_DIR [cold]
"""
from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SIZES = [(200, 50, "wrr"), (1000, 100, "wrr"), (1000, 100, "mh")]
BIG = (1000, 100, "wrr")
DEADLINE = 300.0


@dataclass
class Row:
    """One line of the report; `floor` is what the project promises, as a test of `value`."""

    what: str
    value: float
    unit: str
    promise: str
    holds: bool


class Namespace:
    """A machine with lo and an interface for the VIPs."""

    def __init__(self, name: str) -> None:
        self.name = name
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "add", "vip0", "type", "dummy")
        self.run("ip", "address", "add", "192.168.200.254/24", "dev", "vip0")
        self.run("ip", "address", "add", "10.127.255.254/10", "dev", "vip0")  # the real servers' segment
        self.run("ip", "link", "set", "vip0", "up")

    def command(self, *args: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *args]

    def run(self, *args: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*args), check=True, **options)

    def has(self, service: str, entries: int) -> bool:
        """Whether the service has so many real servers; only it is read, so that waiting costs who is waited for little."""
        table = subprocess.run(self.command("ipvsadm", "-Ln", "-t", service), capture_output=True, check=False).stdout
        return table.count(b"  -> ") == entries + 1

    def count(self) -> int:
        """Lines of the kernel's table: services and destinations."""
        text = self.run("cat", "/proc/net/ip_vs", capture_output=True).stdout
        return text.count(b"\n") - 3


@contextlib.contextmanager
def namespace(name: str) -> Iterator[Namespace]:
    machine = Namespace(name)
    try:
        yield machine
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def wait_for_table(machine: Namespace, table: Path, start: float) -> float:
    """keepalived programs in the order of its file: the last service is the last to be whole."""
    lines = table.read_text().splitlines()
    last = [line.split()[2] for line in lines if line.startswith("-A")][-1]
    servers = sum(line.startswith("-a") and line.split()[2] == last for line in lines)
    while not machine.has(last, servers):
        if time.monotonic() - start > DEADLINE:
            raise TimeoutError(f"{machine.name}: {machine.count()} entries, and not yet all of {last}")
        time.sleep(0.05)
    took = time.monotonic() - start
    if machine.count() != len(lines):
        raise AssertionError(f"{machine.name}: {machine.count()} of {len(lines)} entries")
    return took


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def memory_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Bench:
    def __init__(self, build: Path, work: Path) -> None:
        self.driver = build / "tests" / "bench" / "agent_driver"
        self.bare = build / "tests" / "bench" / "bench_kernel"
        self.agent = build / "agent" / "lvs-agent"
        self.operator = build / "operator" / "lvs-operator"
        self.work = work
        self.certs = work / "certs"
        self.rows: list[Row] = []
        script = Path(__file__).resolve().parents[2] / "scripts" / "make-certs.sh"
        subprocess.run([str(script), str(self.certs), "bench"], check=True, capture_output=True)

    def table(self, size: tuple[int, int, str]) -> Path:
        file = self.work / ("table-%d-%d-%s" % size)
        if not file.exists():
            with file.open("w") as out:
                subprocess.run([self.driver, "table", *map(str, size)], stdout=out, check=True)
        return file

    def row(self, what: str, value: float, unit: str, promise: str = "", holds: bool = True) -> None:
        self.rows.append(Row(what, value, unit, promise, holds))
        verdict = "" if not promise else ("  holds: " if holds else "  FALLS SHORT: ") + promise
        print(f"  {what:<52}{value:>11.3f} {unit}{verdict}", flush=True)

    # --- peers ---------------------------------------------------------------------------------

    def ipvsadm(self, size: tuple[int, int, str]) -> float:
        with namespace("bench-ipvsadm") as machine, self.table(size).open() as table:
            start = time.monotonic()
            machine.run("ipvsadm", "-R", stdin=table)
            return time.monotonic() - start

    def keepalived(self, size: tuple[int, int, str]) -> float:
        conf = self.work / "keepalived.conf"
        conf.write_text(keepalived_conf(self.table(size)))
        with namespace("bench-keepalived") as machine:
            start = time.monotonic()
            process = subprocess.Popen(
                machine.command("keepalived", "-n", "-C", "-f", str(conf),
                                "-p", str(self.work / "k.pid"), "-c", str(self.work / "kc.pid")),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                return wait_for_table(machine, self.table(size), start)
            finally:
                process.kill()
                process.wait()
                subprocess.run(["pkill", "-9", "keepalived"], check=False)

    def bare_batches(self, size: tuple[int, int, str]) -> dict[str, float]:
        """Nothing but the agent's netlink batches, made before the clock runs: what this kernel allows anybody."""
        with namespace("bench-bare") as machine:
            output = machine.run(str(self.bare), *map(str, size), capture_output=True, text=True).stdout
        lines = (line.rsplit(None, 2) for line in output.splitlines() if line.endswith(" ms"))
        return {step: float(milliseconds) / 1000 for step, milliseconds, _unit in lines}

    # --- the agent -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def running_agent(self, machine: Namespace, state: Path) -> Iterator[subprocess.Popen]:
        log = (self.work / f"{machine.name}.log").open("a")
        process = subprocess.Popen(
            machine.command(str(self.agent), "--node", "bench", "--listen", "127.0.0.1:9440",
                            "--metrics-listen", "127.0.0.1:9441",
                            "--state-dir", str(state), "--run-dir", str(state / "run"),
                            "--tls-cert", str(self.certs / "bench" / "tls.crt"),
                            "--tls-key", str(self.certs / "bench" / "tls.key"),
                            "--tls-ca", str(self.certs / "bench" / "ca.crt")),
            stdout=log, stderr=log)
        try:
            yield process
        finally:
            stop(process)

    def drive(self, machine: Namespace, verb: str, size: tuple[int, int, str]) -> dict[str, float]:
        output = machine.run(str(self.driver), verb, *map(str, size), "https://127.0.0.1:9440",
                             str(self.certs), capture_output=True, text=True).stdout
        return {name: float(value) for name, value in map(str.split, output.splitlines())}

    def wait_for_agent(self, machine: Namespace) -> None:
        for _ in range(500):
            probe = subprocess.run(machine.command("sh", "-c", "ss -Hltn | grep -q :9440"))
            if probe.returncode == 0:
                return
            time.sleep(0.02)
        raise TimeoutError("the agent does not listen")

    def metric(self, machine: Namespace, name: str) -> float:
        page = machine.run("curl", "-sf", "http://127.0.0.1:9441/metrics", capture_output=True, text=True).stdout
        found = re.search(rf"^{name}(?:{{\S*}})? (\S+)", page, re.M)
        if found is None:
            raise AssertionError(f"{name} is not in the scrape")
        return float(found.group(1))

    def programming_seconds(self, machine: Namespace) -> float:
        """By the agent's own clock: the last byte of its only plan received, to kernel complete."""
        return self.metric(machine, "lvs_agent_plan_programming_seconds_sum")

    @contextlib.contextmanager
    def scraped(self, machine: Namespace) -> Iterator[list[float]]:
        """Scrapes again and again while the block runs: the time of each."""
        seconds: list[float] = []
        over = threading.Event()

        def scrape() -> None:
            while not over.is_set():
                took = machine.run("curl", "-sf", "-o", "/dev/null", "-w", "%{time_total}",
                                   "http://127.0.0.1:9441/metrics", capture_output=True, text=True).stdout
                seconds.append(float(took))

        thread = threading.Thread(target=scrape)
        thread.start()
        try:
            yield seconds
        finally:
            over.set()
            thread.join()

    def cold(self, size: tuple[int, int, str]) -> None:
        name = "%dx%d %s" % size
        with namespace("bench-agent") as machine:
            state = Path(tempfile.mkdtemp(dir=self.work))
            with self.running_agent(machine, state):
                self.wait_for_agent(machine)
                pushed = self.drive(machine, "put", size)["applied_seconds"]
                ours = self.programming_seconds(machine)
                held = machine.count()
        expected = size[0] * (size[1] + 1)
        if held != expected:
            raise AssertionError(f"{name}: the kernel holds {held} entries, not {expected}")
        adm, kpd = self.ipvsadm(size), self.keepalived(size)
        bare = self.bare_batches(size)["create, scheduler bound late"]
        self.row(f"cold {name}: bare netlink batches", bare, "s")
        self.row(f"cold {name}: agent, plan received to kernel", ours, "s")
        self.row(f"cold {name}: with the push over TLS, and the report back", pushed, "s")
        self.row(f"cold {name}: ipvsadm -R", adm, "s")
        self.row(f"cold {name}: keepalived", kpd, "s")
        self.row(f"cold {name}: ipvsadm / agent", adm / ours, "x", "at least 20", adm / ours >= 20)
        self.row(f"cold {name}: keepalived / agent", kpd / ours, "x", "at least 6", kpd / ours >= 6)

    def at_scale(self) -> None:
        adm = self.ipvsadm(BIG)
        dump = self.bare_batches(BIG)["dump everything"]
        with namespace("bench-agent") as machine:
            state = Path(tempfile.mkdtemp(dir=self.work))
            with self.running_agent(machine, state) as agent:
                self.wait_for_agent(machine)
                self.drive(machine, "put", BIG)
                memory = memory_mib(agent_pid(agent))
                change = self.drive(machine, "weight", BIG)
                self.drive(machine, "put", BIG)
                with self.scraped(machine) as scrapes:
                    meanwhile = self.drive(machine, "weight", BIG)
                    time.sleep(10)
                memory_scraped = memory_mib(agent_pid(agent))
                self.drive(machine, "put", BIG)
            start = time.monotonic()
            with self.running_agent(machine, state):
                self.drive(machine, "wait", BIG)
                restart = time.monotonic() - start
                writes = self.metric(machine, "lvs_agent_start_kernel_writes")
        self.row("memory of the agent at 100,000 destinations", memory, "MiB", "at most 75", memory <= 75)
        median = change["weight_median_seconds"] * 1000
        self.row("one weight of 100,000, push to kernel (median)", median, "ms", "at most 20", median <= 20)
        self.row("one weight of 100,000, push to kernel (worst)", change["weight_worst_seconds"] * 1000, "ms")
        self.row("one weight of 100,000, body", change["weight_body_bytes"], "bytes", "at most 2048",
                 change["weight_body_bytes"] <= 2048)
        median = statistics.median(scrapes)
        self.row("reading 100,000 destinations, bare netlink dumps", dump, "s")
        self.row("a scrape of 100,000 destinations (median)", median, "s", "at most 1", median <= 1)
        worst = meanwhile["weight_worst_seconds"]
        self.row("one weight of 100,000 while scraped all the time (worst)", worst, "s", "at most 0.2", worst <= 0.2)
        self.row("memory of the agent after scrapes", memory_scraped, "MiB")
        self.row("start with 100,000 right destinations", restart, "s")
        self.row("start with 100,000 right destinations, kernel writes", writes, "", "0", writes == 0)
        self.row("ipvsadm -R / start", adm / restart, "x", "at least 13", adm / restart >= 13)

    def operator_memory(self) -> None:
        """1,000 services that share 100 real servers: 100,000 destinations, from a folder."""
        folder = self.work / "manifests"
        folder.mkdir()
        write_manifests(folder, 1000, 100)
        with namespace("bench-operator") as machine, (self.work / "operator.log").open("w") as log:
            process = subprocess.Popen(
                machine.command(str(self.operator), "--source", f"directory:{folder}", "--nodes=self", "--node", "bench",
                                "--metrics-listen", "127.0.0.1:9441",
                                "--tls-cert", str(self.certs / "operator" / "tls.crt"),
                                "--tls-key", str(self.certs / "operator" / "tls.key"),
                                "--tls-ca", str(self.certs / "operator" / "ca.crt")),
                stdout=log, stderr=log)
            try:
                start = time.monotonic()
                while self.planned(machine) == 0:
                    if time.monotonic() - start > DEADLINE:
                        raise TimeoutError("the operator has not planned")
                    time.sleep(0.2)
                self.row("memory of the operator at 100,000 destinations", memory_mib(process.pid), "MiB")
            finally:
                stop(process)

    def planned(self, machine: Namespace) -> float:
        try:
            return self.metric(machine, "lvs_operator_plannings_total")
        except (subprocess.CalledProcessError, AssertionError):
            return 0  # not listening yet

    def overtaking(self) -> None:
        with namespace("bench-agent") as machine:
            state = Path(tempfile.mkdtemp(dir=self.work))
            with self.running_agent(machine, state):
                self.wait_for_agent(machine)
                result = self.drive(machine, "overtake", BIG)
        seconds, programming = result["overtake_seconds"], result["overtaken_programming_seconds"]
        self.row("a weight while 100,000 are programmed", seconds, "s", "at most 0.2", seconds <= 0.2)
        self.row("  the programming that it overtook", programming, "s", "longer than that", programming > seconds)


def agent_pid(process: subprocess.Popen) -> int:
    """`ip netns exec` replaces itself by the command, so its pid is the agent's."""
    return process.pid


def write_manifests(folder: Path, services: int, servers: int) -> None:
    """JSON is YAML."""
    def document(kind: str, name: str, version: str = "lvs-operator.io/v1alpha1", **fields: object) -> str:
        metadata = {"name": name, **({} if kind == "Node" else {"namespace": "bench"}), **fields.pop("metadata", {})}
        return json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **fields}) + "\n---\n"

    with (folder / "all.yaml").open("w") as out:
        out.write(document("Node", "bench", "v1", metadata={"labels": {"lvs-operator.io/director": "true"}},
                           status={"addresses": [{"type": "InternalIP", "address": "10.127.255.254"}]}))
        for number in range(servers):
            out.write(document("RealServer", f"server-{number}", metadata={"labels": {"app": "web"}},
                               spec={"address": f"10.64.0.{1 + number}"}))
        for number in range(services):
            out.write(document("VirtualService", f"service-{number}", spec={
                "vips": [f"10.65.{number // 250}.{1 + number % 250}"],
                "ports": [{"name": "http", "protocol": "TCP", "port": 80}], "scheduler": {"name": "wrr"},
                "forwarding": "DirectRouting", "realServerSelector": {"matchLabels": {"app": "web"}}}))


def keepalived_conf(table: Path) -> str:
    """The same services and servers, with no checkers."""
    lines: list[str] = []
    for line in table.read_text().splitlines():
        words = line.split()
        host, port = words[2].rsplit(":", 1)
        if words[0] == "-A":
            if lines:
                lines.append("}")
            lines += [f"virtual_server {host} {port} {{", "  lb_kind DR", "  protocol TCP",
                      f"  lb_algo {words[words.index('-s') + 1]}"]
        else:
            server, server_port = words[4].rsplit(":", 1)
            weight = words[words.index("-w") + 1]
            lines.append(f"  real_server {server} {server_port} {{ weight {weight} }}")
    return "global_defs {\n  lvs_flush_onstop\n}\n" + "\n".join([*lines, "}"]) + "\n"


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    print(f"kernel {os.uname().release}, {os.cpu_count()} CPUs", flush=True)
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as work:
        bench = Bench(build, Path(work))
        if "cold" not in sys.argv[2:]:
            bench.at_scale()
            bench.operator_memory()
            bench.overtaking()
        for size in SIZES:
            bench.cold(size)
    short = [row.what for row in bench.rows if not row.holds]
    print(f"\n{len(short)} promises fall short" + "".join(f"\n  {what}" for what in short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
