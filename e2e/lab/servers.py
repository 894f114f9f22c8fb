"""What the real servers run: nginx, and a small mail banner for S3."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.machine import Machine, Process, wait_until

_NGINX = """\
daemon off;
master_process off;
pid {state}/nginx.pid;
error_log {logs}/nginx-error.log warn;
events {{ worker_connections 512; }}
http {{
  log_format lab '$remote_addr $server_addr $server_port "$request" $status';
  access_log {logs}/access.log lab;
  client_body_temp_path {state}/body;
  proxy_temp_path {state}/proxy;
  fastcgi_temp_path {state}/fastcgi;
  uwsgi_temp_path {state}/uwsgi;
  scgi_temp_path {state}/scgi;
  default_type text/plain;
  server {{
{listen}
    location = / {{ return 200 "{name}\\n"; }}
    location = /health {{
      if (-f {state}/sick) {{ return 500; }}
      return 200 "ok\\n";
    }}
    location = /redirect {{ return 302 $scheme://$http_host/; }}
  }}
}}
"""


@dataclass(frozen=True)
class LoggedRequest:
    """One line of nginx's access log: who asked, on which of the server's addresses, and for what."""

    client: str
    address: str
    port: int
    request: str
    status: int


def start_nginx(machine: Machine, state: Path) -> Process:
    """Starts nginx; it answers its machine's name on /, 200 on /health (500 while `sick` is in its folder), and a redirect on /redirect."""
    state.mkdir(parents=True, exist_ok=True)
    logs = machine.logs / machine.name
    logs.mkdir(parents=True, exist_ok=True)
    listen = "\n".join(
        f"    listen 0.0.0.0:{port};\n    listen [::]:{port} ipv6only=on;" for port in machine.spec.web_ports)
    config = state / "nginx.conf"
    config.write_text(_NGINX.format(state=state, logs=logs, listen=listen, name=machine.name))
    return machine.popen("nginx", "nginx", "-e", str(logs / "nginx-error.log"), "-c", str(config))


def start_smtp(machine: Machine) -> Process:
    """Starts the mail banner on port 25; see lab/smtp_banner.py."""
    program = Path(__file__).with_name("smtp_banner.py")
    return machine.popen("smtp", sys.executable, str(program), machine.name)


def listening(machine: Machine, ports: list[int]) -> bool:
    """True when every one of these TCP ports has a listener."""
    sockets = machine.run("ss", "-Hltn")
    return all(f":{port} " in sockets for port in ports)


def start_all(machines: list[Machine], state: Path) -> None:
    """Starts every server of the scenario and waits until all of them listen."""
    for machine in machines:
        if machine.spec.web_ports:
            start_nginx(machine, state / machine.name)
        if machine.spec.smtp:
            start_smtp(machine)
    for machine in machines:
        ports = [*machine.spec.web_ports, *([25] if machine.spec.smtp else [])]
        wait_until(partial(listening, machine, ports), f"{machine.name} listens on {ports}")


def access_log(machine: Machine) -> list[LoggedRequest]:
    """The requests that this server has answered so far."""
    file = machine.logs / machine.name / "access.log"
    found = []
    for line in file.read_text().splitlines() if file.exists() else []:
        where, request, status = line.split('"')
        client, address, port = where.split()
        found.append(LoggedRequest(client, address, int(port), request, int(status)))
    return found


def mail_log(machine: Machine) -> list[str]:
    """The client addresses that the mail server of this machine has seen."""
    file = machine.logs / machine.name / "smtp.log"
    return [line.split()[1] for line in file.read_text().splitlines() if line.startswith("client ")]
