"""etcd and kube-apiserver as child processes: their command lines, their start, their end."""

import contextlib
import ctypes
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import time

from api_client import ApiError

ROOT = pathlib.Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1


def assets() -> pathlib.Path:
    """The folder with etcd, kube-apiserver and kubectl; builds them on first use."""
    script = ROOT / "scripts" / "apiserver-assets.sh"
    done = subprocess.run([str(script)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed with status {done.returncode}; its messages are above")
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody has now. Held together, so that no port comes twice."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [s.getsockname()[1] for s in sockets]


def _die_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ControlPlane:
    """The two processes. Ports and data survive kill and start.

    Who extends it sets `authority`, `server_certificate` and `token_keys` (files of pki.py) and `admin`
    (an ApiClient) before start().
    """

    # Nobody makes tokens for pods where no controller manager runs.
    admission = "--disable-admission-plugins=ServiceAccount"

    def __init__(self, folder: pathlib.Path, die_with_parent: bool, watch_cache: bool, extra_flags):
        self.folder = folder
        self.bin = assets()
        self.port, self.etcd_port, self._etcd_peer_port = free_ports(3)
        self._watch_cache = watch_cache
        self._extra_flags = list(extra_flags)
        self._before_exec = _die_with_parent if die_with_parent else None
        self._processes: dict[str, subprocess.Popen] = {}

    def _spawn(self, name: str, command: list[str]):
        with open(self.folder / f"{name}.log", "ab") as log:
            # A session of its own: a Ctrl-C meant for the test run does not reach it first.
            self._processes[name] = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True, preexec_fn=self._before_exec)

    def start_etcd(self):
        client, peer = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self._etcd_peer_port}"
        self._spawn("etcd", [
            str(self.bin / "etcd"), "--name=test", f"--data-dir={self.folder / 'etcd'}", "--unsafe-no-fsync",
            f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=test={peer}", "--log-level=warn"])

    def start_apiserver(self):
        public, private = self.token_keys
        self._spawn("apiserver", [
            str(self.bin / "kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{self.etcd_port}",
            "--bind-address=127.0.0.1", f"--secure-port={self.port}",
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            f"--tls-cert-file={self.server_certificate[0]}", f"--tls-private-key-file={self.server_certificate[1]}",
            f"--client-ca-file={self.authority.certificate}",
            f"--service-account-key-file={public}", f"--service-account-signing-key-file={private}",
            "--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24", self.admission,
            "--etcd-compaction-interval=0", f"--cert-dir={self.folder / 'apiserver-certs'}",
            f"--watch-cache={'true' if self._watch_cache else 'false'}", *self._extra_flags])

    def start(self, timeout: float = 180) -> "Cluster":
        self.start_etcd()
        self.start_apiserver()
        self.wait_ready(timeout)
        return self

    def wait_ready(self, timeout: float = 180):
        deadline = time.monotonic() + timeout
        while True:
            self._raise_if_ended()
            try:
                self.admin.request("GET", "/readyz", timeout=2)
                # /readyz is good a moment before RBAC's own objects and the default namespace are there.
                self.admin.request("GET", "/api/v1/namespaces/default", timeout=2)
                return
            except (OSError, http.client.HTTPException, ApiError) as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"the API server was not ready in {timeout} s: {error}\n"
                                       + self.log_tail()) from error
            time.sleep(0.1)

    def _raise_if_ended(self):
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} has ended with status {process.returncode}\n" + self.log_tail())

    def log_tail(self, lines: int = 20) -> str:
        parts = []
        for name in ("etcd", "apiserver"):
            log = self.folder / f"{name}.log"
            if log.exists():
                parts += [f"--- {log}", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(parts)

    def kill(self, name: str):
        """kill -9: a kube-apiserver without its etcd does not end on SIGTERM."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def kill_apiserver(self):
        self.kill("apiserver")

    def kill_etcd(self):
        self.kill("etcd")

    def restart_apiserver(self, timeout: float = 180):
        self.kill_apiserver()
        self.start_apiserver()
        self.wait_ready(timeout)

    def restart_etcd(self, timeout: float = 180):
        self.kill_etcd()
        self.start_etcd()
        self.wait_ready(timeout)

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    def stop(self):
        for name in list(self._processes):
            self.kill(name)

    def etcd_request(self, path: str, body: dict) -> dict:
        """A call of etcd's v3 API through its JSON gateway."""
        connection = http.client.HTTPConnection("127.0.0.1", self.etcd_port, timeout=30)
        try:
            connection.request("POST", path, body=json.dumps(body))
            answer = connection.getresponse()
            parsed = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"etcd {path}: {parsed}")
        return parsed

    def compact(self) -> int:
        """Compacts etcd up to now; resource versions before the returned one are gone for ever."""
        revision = int(self.etcd_request("/v3/kv/range", {"key": "AA=="})["header"]["revision"])
        self.etcd_request("/v3/kv/compaction", {"revision": revision, "physical": True})
        return revision
