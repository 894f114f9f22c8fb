"""The real API server on the host, as the lab's directors reach it, and its outages.

e2e/with-apiserver starts it and says where it is in LVS_KUBECONFIG. An outage is one of the network:
to its clients it is the same, and the guest cannot stop what runs outside.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from lab import network
from lab.lab import Lab
from lab.machine import Machine

NAMESPACE = "lvs-operator"  # of the Leases
_LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"


def is_there() -> bool:
    return "LVS_KUBECONFIG" in os.environ


class ApiServer:
    """Routes from the lab's directors to it; `kill` and `revive` for all, `cut_off` for one of them."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.kubeconfig = Path(os.environ["LVS_KUBECONFIG"])
        config = yaml.safe_load(self.kubeconfig.read_text())
        where = urlsplit(config["clusters"][0]["cluster"]["server"])
        self.host, self.port = str(where.hostname), where.port
        user = config["users"][0]["user"]
        pem = lab.state / "api-client.pem"
        pem.touch(mode=0o600)
        pem.write_bytes(base64.b64decode(user["client-certificate-data"]) +
                        base64.b64decode(user["client-key-data"]))
        authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
        self._tls = ssl.create_default_context(cadata=authority.decode())
        self._tls.load_cert_chain(pem)

    def let_in(self) -> None:
        """The lab has to be up. Also makes the namespace of the Leases."""
        network.masquerade(self.host)
        for machine in self.lab.directors:
            network.let_out(self.lab.topology, machine.spec, self.host)
        self.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})

    def kill(self) -> None:
        """Connections break, and new ones are refused."""
        network.block(self.host, "reject with tcp reset")

    def freeze(self) -> None:
        """Nothing is answered."""
        network.block(self.host, "drop")

    def revive(self) -> None:
        network.unblock()

    def cut_off(self, machine: Machine) -> None:
        """From one machine alone."""
        machine.run("nft", "-f", "-", stdin="table ip no_api {\nchain out {\ntype filter hook output priority 0\n"
                                            f"ip daddr {self.host} drop\n}}\n}}\n")

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=30, context=self._tls)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def lease_of(self, vip: str) -> tuple[str, int]:
        """Holder and term as the Lease says; "" and 0 while there is none."""
        name = "lvs-vip-" + vip.replace(".", "-").replace(":", "-")
        status, text = self.request("GET", f"{_LEASES}/{name}")
        if status == 404:
            return "", 0
        spec = json.loads(text)["spec"]
        return spec.get("holderIdentity", ""), spec.get("leaseTransitions", 0)

    def forget_leases(self) -> None:
        self.request("DELETE", _LEASES)

    def writes(self) -> float:
        """Requests that wanted to change something, since the API server started."""
        _, text = self.request("GET", "/metrics")
        lines = (line for line in text.splitlines() if line.startswith("apiserver_request_total{"))
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if any(f'verb="{verb}"' in line for verb in ("POST", "PUT", "PATCH", "DELETE")))
