"""The agent takes plans from the operator only. Everyone else is turned away, logged, and changes nothing."""

from __future__ import annotations

import json
import time
from typing import Iterator

import pytest

from conftest import results_root
from lab import ipvs
from lab.lab import Lab
from lab.machine import run
from lab.product import AGENT_PORT, ROOT
from lab.session import Session

MAKE_CERTS = str(ROOT / "scripts" / "make-certs.sh")
HOST = "192.168.100.1"  # where the requests come from
STATUS = "%{http_code}"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Lab("s1", results_root() / "agent_tls")) as running:
        certificates = str(running.product.certificates)
        run([MAKE_CERTS, "--one", certificates, "expired", "--cn", "lvs-operator", "--days", "-1"])
        run([MAKE_CERTS, "--one", str(running.lab.state / "other-ca"), "stranger", "--cn", "lvs-operator"])
        yield running


def ask(session: Session, *options: str, scheme: str = "https") -> str:
    """The HTTP status of a request to director-1's agent; 000 when there was no answer."""
    url = f"{scheme}://{session.director.address()}:{AGENT_PORT}/v1/plan"
    authority = str(session.product.certificates / "ca.crt")
    return run(["curl", "-s", "-m", "10", "-o", "/dev/null", "-w", STATUS, "--cacert", authority, *options, url],
               check=False)


def identity(session: Session, name: str) -> list[str]:
    folder = session.lab.state / "other-ca" / name if name == "stranger" else session.product.certificates / name
    return ["--cert", str(folder / "tls.crt"), "--key", str(folder / "tls.key")]


# A plan as an operator could send it; who gets it accepted empties the director.
EMPTY_PLAN = {"version": 1, "node": "director-1", "term": 1000, "acceptMassDeletion": True, "vips": [], "directors": [],
              "backends": [], "withdrawn": [], "services": []}
PUT = ["-X", "PUT", "-H", "Content-Type: application/json", "--data-binary", json.dumps(EMPTY_PLAN)]
# 000: no answer, for there was no connection over which to send one.
REFUSALS = {"nobody": "000", "stranger": "000", "expired": "000", "admin": "403", "real-server-1": "000", "plain": "400"}


@pytest.mark.parametrize("who", REFUSALS)
def test_only_the_operator_may_change_the_plan(session: Session, who: str) -> None:
    saved = ipvs.save(session.director)
    log_before = len(session.product.agent(session.director).log_text())
    known = who not in ("nobody", "plain")
    status = ask(session, *PUT, *(identity(session, who) if known else []),
                 scheme="http" if who == "plain" else "https")
    assert status == REFUSALS[who]
    new_lines = session.product.agent(session.director).log_text()[log_before:]
    refused = [line for line in new_lines.splitlines() if "refused" in line]
    assert any(HOST in line for line in refused), f"the refusal is not logged with the peer's address:\n{new_lines}"
    time.sleep(1)
    assert ipvs.save(session.director) == saved
    assert session.product.in_sync()


MALFORMED = {"empty object": "{}", "cut": "[", "null": "null", "cut object": '{"node":', "binary": "\x00\x01",
             "deep": "[" * 5000}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_bodies_are_refused(session: Session, body: str) -> None:
    saved = ipvs.save(session.director)
    file = session.lab.state / "body"
    file.write_text(body)
    status = ask(session, "-X", "PUT", "--data-binary", f"@{file}", *identity(session, "operator"))
    assert status.startswith("4"), status
    assert session.product.agent(session.director).running()
    assert ipvs.save(session.director) == saved


def test_an_oversized_body_is_refused(session: Session) -> None:
    file = session.lab.state / "huge"
    with file.open("wb") as stream:
        stream.truncate(256 << 20)
    status = ask(session, "-T", str(file), *identity(session, "operator"))
    assert status == "413"
    assert session.product.agent(session.director).running()
    assert session.product.in_sync()
