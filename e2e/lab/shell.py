"""An interactive shell in a running scenario: python3 -m lab.shell SCENARIO. See e2e/lab-shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lab.lab import Lab
from lab.product import NotBuilt, binary
from lab.session import Session

_RC = """
on() {{ local machine=$1; shift; ip netns exec "$machine" "$@"; }}
commands() {{ PYTHONPATH={e2e} /usr/bin/python3 -m lab.commands {scenario} "$@"; }}
for name in basic distribution performance dsr-verify ipvs status logs; do
  eval "$name() {{ commands $name \\"\\$@\\"; }}"
done
export PATH={binaries}:$PATH LVS_TLS_CERT={tls}/tls.crt LVS_TLS_KEY={tls}/tls.key LVS_TLS_CA={tls}/ca.crt
cd {state}
PS1='lab {scenario}> '
"""

_HELP = """
Machines: {machines}
Manifests, watched by the operator: {manifests} (edit them)
  on MACHINE COMMAND…       run a command on a machine: on client curl http://{vip}/
  basic                     one request through the VIP
  distribution 100          who answers 100 requests
  performance 10 500        500 requests, 10 at a time: latency, rate, failures
  dsr-verify                whose hardware address the answers carry
  ipvs                      the directors' tables
  status                    what lvsctl says
  logs MACHINE              the logs of a machine's processes; `logs host` for the operator
  exit                      end the lab
"""


def interactive(session: Session, scenario: str, built: bool) -> None:
    lab = session.lab
    rc = lab.state / "rc"
    binaries = ":".join(str(Path(binary(name)).parent) for name in ("lvs-agent", "lvsctl")) if built else ""
    rc.write_text(_RC.format(e2e=Path(__file__).resolve().parents[1], scenario=scenario, state=lab.state,
                             binaries=binaries, tls=session.product.certificates / "admin"))
    print(_HELP.format(machines=", ".join(lab.machines), manifests=session.manifests.folder, vip=lab.vip()))
    subprocess.run(["bash", "--rcfile", str(rc), "-i"], check=False,
                   env={**os.environ, "LVS_LAB_STATE": str(lab.state), "LVS_LAB_RESULTS": str(lab.results)})


def main() -> int:
    scenario = sys.argv[1] if len(sys.argv) > 1 else "s1"
    lab = Lab(scenario, Path("/run/lvs-lab-results"), progress=lambda text: print(f"... {text}", flush=True))
    session = Session(lab)
    try:
        binary("lvs-agent")
    except NotBuilt as problem:
        print(f"{problem}\nThe machines come up without our programs.")
        with lab:
            interactive(session, scenario, built=False)
        return 0
    with session:
        interactive(session, scenario, built=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
