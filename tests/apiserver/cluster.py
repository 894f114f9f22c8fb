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
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import yaml

import pki
from api_client import ApiClient
from control_plane import ROOT, ControlPlane

CRDS = ROOT / "crds"
_OWN_FILES = ["kubeconfig", "kubeconfig-guest", "cluster.json", "pki", "etcd", "etcd.log", "apiserver.log",
              "kubectl-cache", "apiserver-certs"]


class Cluster(ControlPlane):
    """A control plane whose files are in `folder`, with its credentials and the tools to use it.

    `die_with_parent`: the kernel kills both processes when this one ends, however it ends.
    `watch_cache` False: watches and lists read etcd itself, so that compact() alone makes an old
    resourceVersion 410 Gone.
    """

    def __init__(self, folder, sans=(), die_with_parent: bool = False, watch_cache: bool = True,
                 extra_flags=()):
        folder = pathlib.Path(folder).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, die_with_parent, watch_cache, extra_flags)
        self.sans = list(sans)
        self._make_certificates()
        self.kubeconfig = self.write_kubeconfig(self.folder / "kubeconfig", "127.0.0.1", self.port)
        self.admin = ApiClient(self.port, self.authority.certificate, *self._admin)

    def _make_certificates(self):
        self.authority = pki.Authority(self.folder / "pki")
        addresses = ["127.0.0.1", "10.0.0.1"] + [s for s in self.sans if not s[0].isalpha()]
        names = ["localhost", "kubernetes.default.svc"] + [s for s in self.sans if s[0].isalpha()]
        self.server_certificate = self.authority.server("apiserver", addresses, names)
        self._admin = self.authority.client("admin", ["system:masters"])
        self.token_keys = pki.service_account_keys(self.folder / "pki")

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

    def remove(self):
        """Stops both and removes every file; the folder too when nothing else is in it."""
        self.stop()
        remove_files(self.folder)

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
