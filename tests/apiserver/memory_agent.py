"""Real lvs-agents on kernels in memory (memory_agent.cpp), and what was asked of them."""

import json
import pathlib
import signal
import socket
import subprocess


class Plan:
    """A node's plan as the pushed bodies make it, read without any code of ours.

    `entries`: weight and admission by key, nothing for what has none; `lost`: what any push ever took
    away, or stopped from taking connections.
    """

    def __init__(self):
        self.entries: dict[tuple, list] = {}
        self.lost: list[tuple] = []
        self._admitted: set[tuple] = set()  # destinations that took connections at some time

    def push(self, method: str, body: dict):
        before = dict(self.entries)
        if method == "PUT":
            self.entries = _entries_of(body)
        else:
            for edit in body["edits"]:
                self._edit(edit)
        for key in before:
            now = self.entries.get(key)
            if now is None or (key in self._admitted and now[1] in ("hold", "drain")):
                self.lost.append(key)
        self._admitted |= {key for key, value in self.entries.items() if value[1] == "admit"}

    def _edit(self, edit: dict):
        name = edit["edit"]
        if name == "removeService":
            service = _service(edit)
            self.entries = {key: value for key, value in self.entries.items()
                            if key != ("service", *service) and key[1:4] != service}
        elif name.startswith("remove"):
            self.entries.pop(_key(name.removeprefix("remove").lower(), edit), None)
        else:
            kind = name.removeprefix("put").lower()
            self.entries[_key(kind, edit)] = _value(kind, edit)

    def backends(self) -> set[str]:
        return {key[1] for key in self.entries if key[0] == "backend"}


def _service(item: dict) -> tuple:
    return (item["address"], item["protocol"], item["port"])


def _key(kind: str, item: dict) -> tuple:
    if kind == "service":
        return ("service", *_service(item))
    if kind == "destination":
        return ("destination", *_service(item), item["serverAddress"], item["serverPort"])
    return (kind, item.get("address") or item.get("vip") or item.get("virtualService"))


def _value(kind: str, item: dict) -> list:
    return [item["weight"], item.get("admission", "admit")] if kind == "destination" else [None, None]


def _entries_of(plan: dict) -> dict[tuple, list]:
    entries = {_key("vip", vip): [None, None] for vip in plan["vips"]}
    entries |= {_key("backend", backend): [None, None] for backend in plan["backends"]}
    for service in plan["services"]:
        entries[_key("service", service)] = [None, None]
        for address, port, weight, *more in service["destinations"]:
            entries["destination", *_service(service), address, port] = [weight, *(more[:1] or ["admit"])]
    return entries


class MemoryAgent:
    """One node and its machine. `dial` is where the operator reaches it, `machine` its address on eth0."""

    def __init__(self, binary: pathlib.Path, authority, folder: pathlib.Path, node: str, dial: str, machine: str,
                 missing_scheduler: str = "-", heartbeat_key: pathlib.Path | None = None):
        folder.mkdir(parents=True)
        self.node, self.dial, self.machine = node, dial, machine
        self._record = folder / "record"
        self._record.touch()
        with socket.create_server((dial, 0)) as free:
            self.port = free.getsockname()[1]
        certificate, key = authority.both(node, [dial])
        self._command = [str(binary), str(self._record), f"{machine}/24", missing_scheduler, "--node", node,
                         "--listen", f"{dial}:{self.port}", "--state-dir", str(folder / "state"),
                         "--run-dir", str(folder / "run"), "--tls-cert", str(certificate), "--tls-key", str(key),
                         "--tls-ca", str(authority.certificate)]
        if heartbeat_key:
            self._command += ["--heartbeat-key-file", str(heartbeat_key)]
        self._log = folder / "agent.log"
        self._process = None
        self.start()

    def start(self):
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(  # pylint: disable=consider-using-with
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self):
        """As a machine that loses power: its kernel is gone with it."""
        self._process.kill()
        self._process.wait()

    def manifest(self, director: bool = False) -> dict:
        """Its Node object."""
        labels = {"lvs-operator.io/director": "true"} if director else {}
        return {"apiVersion": "v1", "kind": "Node",
                "metadata": {"name": self.node, "labels": labels,
                             "annotations": {"lvs-operator.io/agent-port": str(self.port)}},
                "status": {"addresses": [{"type": "InternalIP", "address": self.dial}]}}

    def record(self) -> list[dict]:
        text = self._record.read_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def pushes(self) -> list[tuple[str, dict]]:
        return [(entry["request"], entry["body"]) for entry in self.record() if "request" in entry]

    def plan(self) -> Plan:
        plan = Plan()
        for method, body in self.pushes():
            plan.push(method, body)
        return plan

    def operations(self) -> list[str]:
        """Everything that was asked of the kernel, in ipvsadm and ip syntax."""
        return [line for entry in self.record() for line in entry.get("kernel", [])]

    def deletions(self) -> list[str]:
        return [line for line in self.operations() if line.startswith(("-d ", "-D ")) or " del " in line]

    def weights(self) -> dict[str, int]:
        """The kernel's weight of each destination, such as "192.0.2.100:80 192.0.2.21:80"."""
        weights: dict[str, int] = {}
        for line in self.operations():
            words = line.split()
            if words[0] in ("-a", "-e"):
                weights[f"{words[2]} {words[4]}"] = int(words[words.index("-w") + 1])
            elif words[0] == "-d":
                weights.pop(f"{words[2]} {words[4]}", None)
        return weights
