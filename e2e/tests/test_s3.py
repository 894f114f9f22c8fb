"""S3: web and mail on one address, weights 3 and 1."""

from __future__ import annotations

from collections import Counter
from typing import Iterator

import pytest

from conftest import results_root
from lab import servers, traffic
from lab.lab import Lab
from lab.session import Session

TABLE = """
-A -t 192.168.100.100:25 -s wrr
-a -t 192.168.100.100:25 -r 192.168.100.21:25 -g -w 3
-a -t 192.168.100.100:25 -r 192.168.100.22:25 -g -w 1
-A -t 192.168.100.100:80 -s wrr
-a -t 192.168.100.100:80 -r 192.168.100.21:80 -g -w 3
-a -t 192.168.100.100:80 -r 192.168.100.22:80 -g -w 1
-A -t [fd00:100::100]:25 -s wrr
-a -t [fd00:100::100]:25 -r [fd00:100::21]:25 -g -w 3
-a -t [fd00:100::100]:25 -r [fd00:100::22]:25 -g -w 1
-A -t [fd00:100::100]:80 -s wrr
-a -t [fd00:100::100]:80 -r [fd00:100::21]:80 -g -w 3
-a -t [fd00:100::100]:80 -r [fd00:100::22]:80 -g -w 1
"""


@pytest.fixture(scope="module")
def s3() -> Iterator[Session]:
    with Session(Lab("s3", results_root() / "s3")) as session:
        yield session


def test_each_port_is_a_service_of_its_own(s3: Session) -> None:
    s3.wait_for_table(TABLE)


@pytest.mark.parametrize("family", [4, 6])
def test_web_follows_the_weights(s3: Session, family: int) -> None:
    served = traffic.answers(s3.lab.client, traffic.url(s3.lab.vip(family), 80), 12)
    assert served == {"real-server-1": 9, "real-server-2": 3}


@pytest.mark.parametrize("family", [4, 6])
def test_mail_follows_the_weights_and_sees_the_client(s3: Session, family: int) -> None:
    greeted = Counter(traffic.mail_greeting(s3.lab.client, s3.lab.vip(family)) for _ in range(8))
    assert greeted == {"real-server-1": 6, "real-server-2": 2}
    for server in s3.lab.real_servers:
        assert s3.lab.client.address(family) in servers.mail_log(server)
