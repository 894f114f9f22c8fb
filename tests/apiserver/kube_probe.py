"""tests/apiserver/kube_probe.cpp as a child process: what lib/kube sees, line by line."""

import os
import pathlib
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary() -> pathlib.Path:
    path = pathlib.Path(os.environ.get("LVS_KUBE_PROBE", ROOT / "build/dev/tests/apiserver/kube_probe"))
    if not os.access(path, os.X_OK):
        pytest.skip(f"{path} is not built; build target kube_probe, or name one in LVS_KUBE_PROBE")
    return path


class KubeProbe:
    """`kube_probe watch` from construction until stop()."""

    def __init__(self, kubeconfig, kind: str = "RealServer", *arguments):
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [str(binary()), "watch", str(kubeconfig), kind, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._changed = threading.Condition()
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def wait_for(self, start: str | tuple[str, ...], after: int = 0, timeout: float = 30) -> int:
        """Waits for a line that starts so (or with one of several), from index `after` on; returns the index behind it."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for index in range(after, len(self.lines)):
                    if self.lines[index].startswith(start):
                        return index + 1
                left = deadline - time.monotonic()
                assert left > 0, f"no line '{start}...' in {timeout} s; the last were {self.lines[-20:]}"
                self._changed.wait(left)

    def events(self) -> list[str]:
        """Everything but the requests."""
        with self._changed:
            return [line for line in self.lines if not line.startswith("request ")]

    def count(self, start: str) -> int:
        with self._changed:
            return sum(line.startswith(start) for line in self.lines)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self) -> float:
        """Ends it in good order; returns how many seconds that took."""
        if self._process.poll() is not None:
            return 0
        begin = time.monotonic()
        self._process.stdin.close()
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        self._reader.join(5)
        assert status == 0, self.lines[-20:]
        return time.monotonic() - begin


def take_lease(kubeconfig, key: str, holder: str, *version: str) -> str:
    done = subprocess.run([str(binary()), "lease", str(kubeconfig), key, holder, *version],
                          capture_output=True, text=True, check=False, timeout=30)
    return [line for line in done.stdout.splitlines() if not line.startswith("request ")][-1]
