"""Three real Kubernetes nodes in a guest, and their control plane at the host's end of the cable."""

from __future__ import annotations

import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time

import yaml

import cluster as cluster_module
from api_client import ApiClient
from control_plane import ROOT

HERE = pathlib.Path(__file__).resolve().parent
ARCHIVE = ROOT / "build/lvs-operator-image.tar"
NAMES = ["node-1", "node-2", "node-3"]
_HOST, _ORDERS = "192.168.100.1", ("192.168.100.2", 7000)
_NEEDED = {"containerd": "containerd", "ctr": "containerd", "runc": "runc", "gcc": "gcc", "ip": "iproute2",
           "qemu-system-x86_64": "qemu-system-x86", "socat": "socat", "nginx": "nginx-light", "ipvsadm": "ipvsadm"}


def address(name: str) -> str:
    return f"192.168.100.3{name[-1]}"


def missing() -> str:
    """Why this machine cannot run the nodes; empty when it can."""
    packages = sorted({package for program, package in _NEEDED.items() if not shutil.which(program)})
    if not pathlib.Path("/usr/lib/cni/ptp").exists():
        packages.append("containernetworking-plugins")
    if packages:
        return "needs the packages " + " ".join(packages)
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun for the cable to the guest"
    return "" if ARCHIVE.exists() else f"needs {ARCHIVE.relative_to(ROOT)}: run make image"


class CommandFailed(RuntimeError):
    """A command in the guest that ended with another status than 0."""


class Guest:
    """The guest that has the nodes. Commands run as root in its first namespaces, or in a node's network."""

    def __init__(self, folder: pathlib.Path, logs: pathlib.Path):
        environment = {**os.environ, "LVS_NODES_LOGS": str(logs)}
        with open(logs / "guest.log", "wb") as log:
            self._process = subprocess.Popen(  # pylint: disable=consider-using-with
                [str(ROOT / "e2e/guest/run"), "--timeout", "5400", "--results", str(logs), "--tap", "nodes", "--",
                 str(HERE / "in-guest"), str(folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def run(self, script: str, node: str = "", timeout: float = 300) -> str:
        """What the script has written."""
        inside = f"ip netns exec {node} " if node else ""
        order = f"{inside}bash -c {shlex.quote(script)} </dev/null; status=$?; echo; echo status=$status; exit\n"
        with socket.create_connection(_ORDERS, timeout=timeout) as connection:
            connection.sendall(order.encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        text, _, status = answer.decode(errors="replace").rpartition("\nstatus=")
        if status.strip() != "0":
            raise CommandFailed(f"{node or 'guest'}: {script}: status {status.strip()}\n{text}")
        return text

    def wait_until_up(self, timeout: float = 300) -> None:
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.run("true", timeout=5)
                return
            except (OSError, CommandFailed):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
            time.sleep(0.5)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


class Nodes(cluster_module.Cluster):
    """The control plane, with a controller manager and a scheduler, and the guest with three kubelets."""

    admission = "--enable-admission-plugins=NodeRestriction"

    def __init__(self, folder: pathlib.Path, logs: pathlib.Path):
        super().__init__(folder, sans=[_HOST], die_with_parent=True)
        self.logs = logs
        self.port = 443  # of the ClusterIP 10.0.0.1, which is this host's: no kube-proxy is needed
        self.kubeconfig = self.write_kubeconfig(self.folder / "kubeconfig", _HOST, self.port)
        self.admin = ApiClient(self.port, self.authority.certificate, *self._admin)
        certificate, key = self._admin
        self._extra_flags = [
            "--bind-address=0.0.0.0", "--authorization-mode=Node", "--kubelet-preferred-address-types=InternalIP",
            f"--kubelet-certificate-authority={self.authority.certificate}",
            f"--kubelet-client-certificate={certificate}", f"--kubelet-client-key={key}"]
        self.guest: Guest | None = None

    def up(self) -> "Nodes":
        """Returns when every node is Ready."""
        store = ROOT / "build/nodes-store"
        subprocess.run([str(HERE / "make-store"), str(ARCHIVE), str(store)], check=True)
        (self.folder / "store").symlink_to(store)
        (self.folder / "programs").symlink_to(self.bin)
        for name in NAMES:
            self._configure(name)
        self.guest = Guest(self.folder, self.logs)
        self.start()
        self._start_controllers()
        self.guest.wait_until_up()
        self._wait_for_nodes()
        return self

    def _configure(self, name: str) -> None:
        certificate, key = self.authority.server(f"kubelet-{name}", [address(name)], [name])
        self.write_kubeconfig(self.folder / f"{name}.kubeconfig", _HOST, self.port, f"system:node:{name}", ["system:nodes"])
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False},
                               "x509": {"clientCAFile": str(self.authority.certificate)}},
            "authorization": {"mode": "AlwaysAllow"},
            "tlsCertFile": str(certificate), "tlsPrivateKeyFile": str(key),
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "cgroupDriver": "cgroupfs", "failSwapOn": False, "serializeImagePulls": False,
            "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%",
                             "imagefs.available": "0%"}}))

    def _start_controllers(self) -> None:
        _, private = self.token_keys
        self._spawn("controller-manager", [
            str(self.bin / "kube-controller-manager"), f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
            "--use-service-account-credentials", f"--service-account-private-key-file={private}",
            f"--root-ca-file={self.authority.certificate}", "--bind-address=127.0.0.1"])
        self._spawn("scheduler", [str(self.bin / "kube-scheduler"), f"--kubeconfig={self.kubeconfig}",
                                  "--leader-elect=false", "--bind-address=127.0.0.1"])

    def kubectl(self, *args: str, **options) -> subprocess.CompletedProcess:
        """As everywhere; a machine that emulates a processor beside the API server makes connections wait."""
        for _ in range(10):
            try:
                return super().kubectl(*args, **options)
            except RuntimeError as error:
                if "Unable to connect to the server" not in str(error):
                    raise
        return super().kubectl(*args, **options)

    def _wait_for_nodes(self, timeout: float = 1200) -> None:
        deadline = time.monotonic() + timeout
        while len(self.kubectl("get", "nodes", "-o", "name").stdout.split()) < len(NAMES):
            assert time.monotonic() < deadline, f"not every node has come: see {self.logs}"
            time.sleep(1)
        self.kubectl("wait", "--for=condition=Ready", "node", "--all", f"--timeout={timeout}s")

    def down(self) -> None:
        """Ends everything; the control plane's logs stay beside those of the nodes."""
        if self.guest is not None:
            self.guest.stop()
        for log in self.folder.glob("*.log"):
            shutil.copy(log, self.logs)
        self.remove()
