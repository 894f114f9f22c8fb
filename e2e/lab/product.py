"""Our own programs in the lab: an agent on every node, the operator on the host, lvsctl to ask."""

from __future__ import annotations

import os
import secrets
import subprocess
import urllib.request
from pathlib import Path

from lab.lab import Lab
from lab.machine import Machine, Process, run, wait_until

ROOT = Path(__file__).resolve().parents[2]
AGENT_PORT, AGENT_METRICS_PORT, OPERATOR_METRICS_PORT = 9440, 9441, 9442


class NotBuilt(RuntimeError):
    """A program of ours is not there; the message says how to make it."""


def binary(name: str) -> str:
    """The path of lvs-agent, lvs-operator or lvsctl in $LVS_BUILD_DIR (default build/dev)."""
    build = Path(os.environ.get("LVS_BUILD_DIR", ROOT / "build" / "dev"))
    for folder in ("agent", "operator", "cli", "."):
        if (build / folder / name).is_file():
            return str(build / folder / name)
    raise NotBuilt(f"{build} has no {name}: run `make build`, or set LVS_BUILD_DIR")


class Product:
    """Starts, kills and asks our programs. `lab` is the lab that they run in."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.certificates = lab.state / "certificates"
        self.heartbeat_key = lab.state / "heartbeat.key"
        self.leases_from: Path | None = None  # a kubeconfig: the directors claim their VIPs there, too
        self.agent_options: list[str] = []  # for every agent, beside those that all need
        self.agent_prefix: list[str] = []  # a command that runs it
        self._operator_arguments: list[str] = []
        self._source: list[str] = []

    # Certificates ---------------------------------------------------------------------------

    def make_certificates(self) -> None:
        nodes = [",".join([m.name, m.address(4), m.address(6)]) for m in self.nodes]
        run([str(ROOT / "scripts" / "make-certs.sh"), str(self.certificates), *nodes])
        self.heartbeat_key.touch(mode=0o600)
        self.heartbeat_key.write_text(f"1:{secrets.token_hex(32)}\n")

    def tls(self, name: str) -> list[str]:
        folder = self.certificates / name
        return ["--tls-cert", str(folder / "tls.crt"), "--tls-key", str(folder / "tls.key"),
                "--tls-ca", str(folder / "ca.crt")]

    # Agents ---------------------------------------------------------------------------------

    @property
    def nodes(self) -> list[Machine]:
        return [*self.lab.directors, *self.lab.real_servers]

    def state_folder(self, machine: Machine) -> Path:
        return self.lab.state / machine.name / "agent"

    def agent_command(self, machine: Machine) -> list[str]:
        state, run_dir = self.state_folder(machine), self.lab.state / machine.name / "run"
        for folder in (state, run_dir):
            folder.mkdir(parents=True, exist_ok=True)
        leases = ["--leases", "--kubeconfig", str(self.leases_from)] if self.leases_from else []
        return [*self.agent_prefix, binary("lvs-agent"), "--node", machine.name, *(leases if machine in self.lab.directors else []),
                "--listen", f"{machine.address()}:{AGENT_PORT}",
                "--metrics-listen", f"{machine.address()}:{AGENT_METRICS_PORT}",
                "--state-dir", str(state), "--run-dir", str(run_dir),
                "--heartbeat-key-file", str(self.heartbeat_key), *self.tls(machine.name),
                *self.agent_options]

    def start_agent(self, machine: Machine) -> Process:
        """Starts the agent of one machine; an earlier log is appended to."""
        return machine.popen("agent", *self.agent_command(machine))

    def clean_up(self, machine: Machine) -> None:
        """Uninstalls: the agent removes what is ours from the kernel, and ends."""
        machine.run(*self.agent_command(machine), "--cleanup")

    def start_agents(self) -> None:
        for machine in self.nodes:
            self.start_agent(machine)
        for machine in self.nodes:
            self.wait_for_agent(machine)

    def agent(self, machine: Machine) -> Process:
        return machine.processes["agent"]

    def wait_for_agent(self, machine: Machine) -> None:
        process = self.agent(machine)

        def up() -> bool:
            if not process.running():
                raise RuntimeError(f"the agent of {machine.name} ended:\n{process.log_text()[-3000:]}")
            return f":{AGENT_PORT} " in machine.run("ss", "-Hltn")

        wait_until(up, f"the agent of {machine.name} listens")

    # Operator -------------------------------------------------------------------------------

    def start_operator(self, *, manifests: Path | None = None, kubeconfig: Path | None = None) -> Process:
        """From a folder of manifests or from an API server. Runs in the host's namespace."""
        if manifests:
            source, self._source = [f"--source=directory:{manifests}"], ["--manifests", str(manifests)]
        else:
            self._source = ["--kubeconfig", str(kubeconfig)]
            source = ["--source=kubernetes", *self._source]
        self._operator_arguments = [binary("lvs-operator"), *source, "--metrics-listen",
                                    f"127.0.0.1:{OPERATOR_METRICS_PORT}", *self.tls("operator")]
        return self.restart_operator()

    def restart_operator(self) -> Process:
        """Starts it again the way it was started last. It must not be running."""
        process = Process("operator", self._operator_arguments, self.lab.results / "host" / "operator.log")
        self.lab.host_processes["operator"] = process
        return process

    @property
    def operator(self) -> Process:
        return self.lab.host_processes["operator"]

    # Questions ------------------------------------------------------------------------------

    def lvsctl(self, command: str, *arguments: str) -> tuple[int, str]:
        """`lvsctl status` or `diff` as the administrator, on what the operator watches: exit code, output."""
        done = subprocess.run([binary("lvsctl"), command, *self._source, *self.tls("admin"), *arguments],
                              capture_output=True, text=True, check=False, timeout=300)
        return done.returncode, done.stdout + done.stderr

    def in_sync(self) -> bool:
        """True when lvsctl finds every kernel as it should be."""
        return self.lvsctl("diff")[0] == 0

    def metrics(self, machine: Machine) -> dict[str, float]:
        """The agent's metrics: `name{labels}` to value, without the label that names the node."""
        text = machine.run("curl", "-sSf", f"http://{machine.address()}:{AGENT_METRICS_PORT}/metrics")
        node = f'node="{machine.name}"'
        return parse_metrics(text.replace(f"{{{node}}}", "").replace(f"{node},", "").replace(f",{node}", ""))

    def operator_metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{OPERATOR_METRICS_PORT}/metrics", timeout=5) as answer:
            return parse_metrics(answer.read().decode())


def parse_metrics(text: str) -> dict[str, float]:
    """Prometheus' text format, comments left out."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def start_everything(lab: Lab, manifests: Path) -> Product:
    """Certificates, agents and the operator on a folder of manifests."""
    product = Product(lab)
    product.make_certificates()
    product.start_agents()
    product.start_operator(manifests=manifests)
    return product
