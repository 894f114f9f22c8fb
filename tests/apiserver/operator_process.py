"""lvs-operator as a child process with certificates of its own."""

import pathlib
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pki
from control_plane import free_ports


class OperatorProcess:
    """Runs from construction until stop() or kill(); start() runs it again with the same arguments.

    `authority` signs `certificate`; an agent of the test takes its own certificate from it.
    """

    def __init__(self, binary: pathlib.Path, kubeconfig: pathlib.Path, folder: pathlib.Path, flags=(),
                 authority: pki.Authority | None = None):
        folder.mkdir(parents=True)
        self.log_file = folder / "operator.log"
        self.authority = authority or pki.Authority(folder / "pki")
        if authority is None:
            self.authority.both("lvs-operator", ["127.0.0.1"])
        self.certificate = self.authority.folder / "lvs-operator.crt"
        self.key = self.authority.folder / "lvs-operator.key"
        self._metrics = f"127.0.0.1:{free_ports(1)[0]}"
        self._command = [str(binary), "--source=kubernetes", "--kubeconfig", str(kubeconfig),
                         "--metrics-listen", self._metrics,
                         "--tls-cert", str(self.certificate), "--tls-key", str(self.key),
                         "--tls-ca", str(self.authority.certificate), *flags]
        self._process = None
        self.start()

    def start(self):
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(  # pylint: disable=consider-using-with
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def metric(self, name: str, **labels: str) -> float:
        """The sum of its series that have these labels; 0 while there is none."""
        try:
            with urllib.request.urlopen(f"http://{self._metrics}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except (urllib.error.URLError, OSError):
            return 0  # just starting
        found = [re.fullmatch(re.escape(name) + r"(?:\{(.*)\})? (\S+)", line) for line in lines]
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(float(match[2]) for match in found if match and all(w in (match[1] or "") for w in wanted))

    def send(self, number: signal.Signals):
        self._process.send_signal(number)

    def wait(self, timeout: float) -> int:
        return self._process.wait(timeout)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self, timeout: float = 10) -> int:
        """SIGTERM, and SIGKILL when that takes too long. Returns the exit status."""
        if self.running():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode
