"""One machine: a network namespace, and the processes that run in it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Callable, Sequence

from lab.topology import MachineSpec


class CommandFailed(RuntimeError):
    """A command that had to succeed did not. The message carries its output."""


class Process:
    """A long-running process, its output in a log file. Ends with stop() or kill()."""

    def __init__(self, name: str, argv: Sequence[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = log.open("ab")
        self._child = subprocess.Popen(
            self.argv, stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})})

    @property
    def pid(self) -> int:
        return self._child.pid

    def running(self) -> bool:
        return self._child.poll() is None

    def send(self, sig: signal.Signals) -> None:
        if self.running():
            self._child.send_signal(sig)

    def stop(self, timeout: float = 10) -> int:
        """Asks it to end, and kills it when it does not. Returns its exit code (negative: the signal)."""
        self.send(signal.SIGTERM)
        try:
            code = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait()
        self._file.close()
        return code

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        self.send(signal.SIGKILL)
        self._child.wait()
        self._file.close()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")


def run(argv: Sequence[str], *, check: bool = True, timeout: float = 60, stdin: str | None = None) -> str:
    """Runs a command to its end and returns what it printed on standard output."""
    done = subprocess.run(list(argv), input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise CommandFailed(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def wait_until(condition: Callable[[], object], what: str, timeout: float = 120, interval: float = 0.1) -> None:
    """Returns once the condition is true; raises TimeoutError with `what` when it does not become so."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout:g} s still not: {what}")
        time.sleep(interval)


class Machine:
    """A namespace of the lab. `logs` is the folder for the output of its processes."""

    def __init__(self, spec: MachineSpec, logs: Path) -> None:
        self.spec = spec
        self.name = spec.name
        self.logs = logs
        self.processes: dict[str, Process] = {}

    def argv(self, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command: str, check: bool = True, timeout: float = 60, stdin: str | None = None) -> str:
        return run(self.argv(command), check=check, timeout=timeout, stdin=stdin)

    def popen(self, name: str, *command: str, env: dict[str, str] | None = None) -> Process:
        """Starts a process under a name; its log is LOGS/MACHINE/NAME.log, appended to."""
        process = Process(name, self.argv(command), self.logs / self.name / f"{name}.log", env)
        self.processes[name] = process
        return process

    def address(self, family: int = 4) -> str:
        return self.spec.address(family)

    @property
    def mac(self) -> str:
        """The hardware address of the first interface."""
        return self.spec.interfaces[0].mac

    def sysctl(self, key: str) -> str:
        return self.run("cat", "/proc/sys/" + key.replace(".", "/")).strip()

    def set_sysctl(self, key: str, value: object) -> None:
        self.run("tee", "/proc/sys/" + key.replace(".", "/"), stdin=f"{value}\n")

    def addresses(self, interface: str) -> set[str]:
        """Addresses of an interface in ADDRESS/LENGTH form, link-local ones left out."""
        words = self.run("ip", "-o", "addr", "show", "dev", interface).split("\n")
        found = {line.split()[3] for line in words if line}
        return {address for address in found if not address.startswith("fe80:")}

    def holds(self, vip: str) -> bool:
        """True when the address is on one of the machine's network interfaces (lo does not count)."""
        out = self.run("ip", "-o", "addr", "show", "to", vip)
        return any(not line.split()[1] == "lo" for line in out.splitlines() if line)

    def fingerprint(self) -> list[str]:
        """Addresses and the sysctls that direct routing changes: what must be as before in the end."""
        files = [f"/proc/sys/net/ipv4/conf/*/{name}"
                 for name in ("arp_ignore", "arp_announce", "rp_filter", "accept_local")]
        sysctls = self.run("sh", "-c", "grep -H . " + " ".join(files)).splitlines()
        names = ["lo", *(interface.name for interface in self.spec.interfaces)]
        return sysctls + [f"{name}: {sorted(self.addresses(name))}" for name in names]

    def pids(self) -> list[int]:
        return [int(word) for word in run(["ip", "netns", "pids", self.name], check=False).split()]
