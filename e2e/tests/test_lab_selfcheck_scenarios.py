"""The lab proves S2 and S3 the way test_lab_selfcheck proves S1: by hand, without our programs."""

from __future__ import annotations

from conftest import results_root
from lab import by_hand, servers, traffic
from lab.lab import Lab


def test_s2_works_by_hand_without_a_route_back_from_the_director() -> None:
    with Lab("s2", results_root() / "selfcheck-s2") as lab:
        by_hand.set_up(lab, {"real-server-1": 1, "real-server-2": 1}, 8080)
        for client in ("client", "inner-client"):
            for vip in lab.topology.vips.values():
                served = traffic.answers(lab.machine(client), traffic.url(vip, 8080), 4)
                assert served == {"real-server-1": 2, "real-server-2": 2}
        outer = lab.client.address()
        assert lab.machine("director-1").run("ip", "route", "get", outer, check=False) == ""


def test_s3_has_mail_servers_that_see_the_client() -> None:
    with Lab("s3", results_root() / "selfcheck-s3") as lab:
        by_hand.set_up(lab, {"real-server-1": 3, "real-server-2": 1}, 25)
        greeted = [traffic.mail_greeting(lab.client, lab.vip(6)) for _ in range(4)]
        assert sorted(greeted) == ["real-server-1"] * 3 + ["real-server-2"]
        assert servers.mail_log(lab.machine("real-server-2")) == [lab.client.address(6)]
