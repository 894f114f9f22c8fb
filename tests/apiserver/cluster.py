#!/usr/bin/env python3
"""A real etcd and kube-apiserver on loopback, for tests and for the lab.

  cluster.py up --dir DIR [--san ADDRESS]...   start; writes DIR/kubeconfig (server 127.0.0.1) and
                                               DIR/kubeconfig-guest (server: the first --san)
  cluster.py down --dir DIR                    kill both, remove what `up` has put into DIR
  cluster.py status --dir DIR                  say whether they run

`up` also installs the CRDs of this repository unless --no-crds is given. The programs come from
scripts/apiserver-assets.sh. As a module: class Cluster.
"""

import argparse
import base64
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import yaml

import pki
from api_client import ApiClient, ApiError

ROOT = pathlib.Path(__file__).resolve().parents[2]
CRDS = ROOT / "crds"
_OWN_FILES = ["kubeconfig", "kubeconfig-guest", "cluster.json", "pki", "etcd", "etcd.log", "apiserver.log",
              "kubectl-cache", "apiserver-certs"]
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


class Cluster:
    """etcd and kube-apiserver whose files are in `folder`. Ports and data survive kill and start.

    `die_with_parent`: the kernel kills both when this process ends, however it ends.
    `watch_cache` False: watches and lists read etcd itself, so that compact() alone makes an old
    resourceVersion 410 Gone.
    """

    def __init__(self, folder, sans=(), die_with_parent: bool = False, watch_cache: bool = True,
                 extra_flags=()):
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.bin = assets()
        self.sans = list(sans)
        self.port, self.etcd_port, self._etcd_peer_port = free_ports(3)
        self._watch_cache = watch_cache
        self._extra_flags = list(extra_flags)
        self._before_exec = _die_with_parent if die_with_parent else None
        self._processes: dict[str, subprocess.Popen] = {}
        self._make_certificates()
        self.kubeconfig = self.write_kubeconfig(self.folder / "kubeconfig", "127.0.0.1", self.port)
        self.admin = ApiClient(self.port, self.authority.certificate, *self._admin)

    # Credentials

    def _make_certificates(self):
        self.authority = pki.Authority(self.folder / "pki")
        addresses = ["127.0.0.1", "10.0.0.1"] + [s for s in self.sans if not s[0].isalpha()]
        names = ["localhost", "kubernetes.default.svc"] + [s for s in self.sans if s[0].isalpha()]
        self._server = self.authority.server("apiserver", addresses, names)
        self._admin = self.authority.client("admin", ["system:masters"])
        self._token_keys = pki.service_account_keys(self.folder / "pki")

    def write_kubeconfig(self, path: pathlib.Path, host: str, port: int, user: str = "",
                         groups=()) -> pathlib.Path:
        """A kubeconfig with everything embedded. Without `user` it is the administrator's."""
        certificate, key = self.authority.client(user, list(groups)) if user else self._admin

        def embedded(file: pathlib.Path) -> str:
            return base64.b64encode(file.read_bytes()).decode()

        path.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": f"https://{host}:{port}",
                "certificate-authority-data": embedded(self.authority.certificate)}}],
            "users": [{"name": user or "admin", "user": {
                "client-certificate-data": embedded(certificate), "client-key-data": embedded(key)}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user or "admin"}}],
        }))
        path.chmod(0o600)
        return path

    # Processes

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
        public, private = self._token_keys
        self._spawn("apiserver", [
            str(self.bin / "kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{self.etcd_port}",
            "--bind-address=127.0.0.1", f"--secure-port={self.port}",
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            f"--tls-cert-file={self._server[0]}", f"--tls-private-key-file={self._server[1]}",
            f"--client-ca-file={self.authority.certificate}",
            f"--service-account-key-file={public}", f"--service-account-signing-key-file={private}",
            "--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
            "--etcd-compaction-interval=0", f"--cert-dir={self.folder / 'apiserver-certs'}",
            f"--watch-cache={'true' if self._watch_cache else 'false'}", *self._extra_flags])

    def start(self, timeout: float = 60) -> "Cluster":
        self.start_etcd()
        self.start_apiserver()
        self.wait_ready(timeout)
        return self

    def wait_ready(self, timeout: float = 60):
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

    def restart_apiserver(self, timeout: float = 60):
        self.kill_apiserver()
        self.start_apiserver()
        self.wait_ready(timeout)

    def restart_etcd(self, timeout: float = 60):
        self.kill_etcd()
        self.start_etcd()
        self.wait_ready(timeout)

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    def stop(self):
        for name in list(self._processes):
            self.kill(name)

    def remove(self):
        """Stops both and removes every file; the folder too when nothing else is in it."""
        self.stop()
        remove_files(self.folder)

    # What tests do to it

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

    def kubectl(self, *args: str, stdin: str | None = None, check: bool = True,
                kubeconfig=None) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [str(self.bin / "kubectl"), f"--kubeconfig={kubeconfig or self.kubeconfig}",
             f"--cache-dir={self.folder / 'kubectl-cache'}", *args],
            input=stdin, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
        return done

    def install_crds(self):
        """Applies crds/ and waits until both are served."""
        self.kubectl("apply", "--server-side", "-f", str(CRDS))
        self.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))


def remove_files(folder: pathlib.Path):
    for name in _OWN_FILES:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


# The command line

def _read_state(folder: pathlib.Path) -> dict:
    path = folder / "cluster.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _is_ours(pid: int, folder: pathlib.Path) -> bool:
    """Process ids are used again; ours has its folder on the command line."""
    try:
        return str(folder).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _running(folder: pathlib.Path) -> dict[str, int]:
    pids = _read_state(folder).get("pids", {})
    return {name: pid for name, pid in pids.items() if _is_ours(pid, folder)}


def up(folder: pathlib.Path, sans: list[str], with_crds: bool) -> int:
    if _running(folder):
        print(f"cluster: already runs in {folder}; first: cluster.py down --dir {folder}", file=sys.stderr)
        return 1
    cluster = Cluster(folder, sans)
    try:
        cluster.start()
        if sans:
            cluster.write_kubeconfig(folder / "kubeconfig-guest", sans[0], cluster.port)
        if with_crds:
            cluster.install_crds()
    except BaseException:
        cluster.remove()
        raise
    (folder / "cluster.json").write_text(json.dumps(
        {"pids": cluster.pids(), "port": cluster.port, "etcd_port": cluster.etcd_port}) + "\n")
    print(f"cluster: up, KUBECONFIG={folder / 'kubeconfig'}", file=sys.stderr)
    return 0


def down(folder: pathlib.Path) -> int:
    for pid in _running(folder).values():
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _running(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    if _running(folder):
        print(f"cluster: these did not end: {_running(folder)}", file=sys.stderr)
        return 1
    remove_files(folder)
    print("cluster: down", file=sys.stderr)
    return 0


def status(folder: pathlib.Path) -> int:
    running = _running(folder)
    print(json.dumps(running))
    return 0 if {"etcd", "apiserver"} <= set(running) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("up", "down", "status"):
        command = commands.add_parser(name)
        command.add_argument("--dir", required=True, type=pathlib.Path, help="folder for its files")
        if name == "up":
            command.add_argument("--san", action="append", default=[],
                                 help="another address or name in the serving certificate, such as 10.0.2.2")
            command.add_argument("--no-crds", action="store_true", help="do not install this repository's CRDs")
    arguments = parser.parse_args()
    folder = arguments.dir.resolve()
    if arguments.command == "up":
        return up(folder, arguments.san, not arguments.no_crds)
    return down(folder) if arguments.command == "down" else status(folder)


if __name__ == "__main__":
    sys.exit(main())
