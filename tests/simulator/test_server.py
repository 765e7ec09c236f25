from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulator import BadScript, PortTaken, RunningSite, SimulatorError, SimulatorOptions, running


def fetch(site: RunningSite, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)) as connection:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        with connection.getresponse() as response:
            return response, response.read()


def test_every_form_of_body_decodes(tmp_path: Path) -> None:
    """http.client checks lengths and chunks itself; the texts must be those of the truth."""
    with running(documents=80, log=tmp_path / "log.jsonl") as site:
        forms = set()
        truth = site.truth()
        for record in truth:
            response, body = fetch(site, urlsplit(record["url"]).path, Accept_Encoding="gzip", User_Agent="test/1")
            packed = response.headers["Content-Encoding"] == "gzip"
            form = response.headers["Transfer-Encoding"] or (
                "length" if response.headers["Content-Length"] else "close"
            )
            forms.add((form, packed))
            plain = gzip.decompress(body) if packed else body
            text = plain.decode("utf-8" if b'charset="utf-8"' in plain else "gbk")
            assert record["doc_id"] in text
        assert forms == {
            ("length", True), ("length", False), ("chunked", True), ("chunked", False), ("close", True),
        }  # fmt: skip
        lines = site.requests()
        assert [line["doc_id"] for line in lines] == [record["doc_id"] for record in truth]
        assert {(line["method"], line["status"], line["user_agent"]) for line in lines} == {("GET", 200, "test/1")}
        assert all(line["bytes"] > 500 for line in lines)


def test_one_connection_serves_many_requests() -> None:
    with running(documents=5, plain_bodies=True) as site:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        for method in ("GET", "HEAD", "GET"):
            connection.request(method, "/doc/953365.html")
            response = connection.getresponse()
            body = response.read()
            assert bool(body) == (method == "GET")
            assert int(response.headers["Content-Length"]) > 5000
        connection.close()


def test_304_has_no_body() -> None:
    with running(documents=5) as site:
        first, _ = fetch(site, "/doc/953365.html")
        again, body = fetch(site, "/doc/953365.html", If_None_Match=first.headers["ETag"])
        assert (again.status, body) == (304, b"")
        assert site.requests()[1]["conditional"]


def test_a_hundred_thousand_documents_start_at_once() -> None:
    """Pages are made on request: opening must not depend on how many there are (2 s allowed, 0.2 measured)."""
    began = time.monotonic()
    with running(documents=100_000) as site:
        response, _ = fetch(site, "/list/1_5000.html")
        assert response.status == 200
    assert time.monotonic() - began < 10


def test_clock_and_events_from_outside() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    options = SimulatorOptions(
        documents=30, clock_start=start, clock_speed=0, events=({"at": "+1d", "action": "added", "count": 2},)
    )
    with running(options) as site:
        assert site.now() == start
        assert len(site.truth()) == 30
        site.move_to(start + timedelta(days=2))
        assert len(site.truth()) == 32
        _, body = fetch(site, "/list/1.html")
        assert "共32篇".encode() in gzip.decompress(body) if body[:2] == b"\x1f\x8b" else "共32篇".encode() in body
        site.happen(action="withdrawn", document="953365", how="gone")
        assert fetch(site, "/doc/953365.html")[0].status == 410
        assert [one["withdrawn_how"] for one in site.truth() if one["doc_id"] == "953365"] == ["gone"]
        with pytest.raises(SimulatorError, match="does not go back"):
            site.move_to(start)
        with pytest.raises(SimulatorError, match="unknown action"):
            site.happen(action="exploded")


def test_failure_rate_and_latency() -> None:
    with running(documents=5, failure_rate=0.5, latency_seconds=0.01) as site:
        statuses = [fetch(site, "/doc/953365.html")[0].status for _ in range(40)]
        assert 5 < statuses.count(503) < 35


def test_traps() -> None:
    with running(documents=5, traps=True) as site:
        assert b"/trap/infinite" in fetch(site, "/")[1]
        assert fetch(site, "/trap/loop")[0].headers["Location"] == "/trap/loop2"
        assert fetch(site, "/trap/to-metadata")[0].headers["Location"].startswith("http://169.254.169.254/")
        assert b"/trap/calendar/2027-01" in fetch(site, "/trap/calendar/2026-12")[1]
        assert fetch(site, "/trap/session/1")[1] != fetch(site, "/trap/session/2")[1]
        with pytest.raises(http.client.IncompleteRead):
            fetch(site, "/trap/longer")
        with pytest.raises(http.client.IncompleteRead):
            fetch(site, "/trap/truncated", Accept_Encoding="gzip")
        with pytest.raises(http.client.HTTPException):
            fetch(site, "/trap/headers")
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
            connection.sendall(b"GET /trap/infinite HTTP/1.1\r\nHost: x\r\n\r\n")
            received = 0
            while received < 3_000_000:
                received += len(connection.recv(1 << 16))
        assert fetch(site, "/doc/953365.html")[0].status == 200
    with running(documents=5) as site:
        assert fetch(site, "/trap/loop")[0].status == 404


def test_taken_port_and_bad_script_are_told(tmp_path: Path) -> None:
    with (
        running(documents=5) as site,
        pytest.raises(PortTaken, match=f"port {site.port} .* choose another"),
        running(documents=5, port=site.port),
    ):
        pass
    script = tmp_path / "script.jsonl"
    script.write_text('{"at": "+1d", "action": "added"}\n{"at": \n')
    with pytest.raises(BadScript, match="line 2"), running(documents=5, script=script):
        pass


def test_scripts_in_both_forms(tmp_path: Path) -> None:
    lines, tables = tmp_path / "script.jsonl", tmp_path / "script.toml"
    lines.write_text('# later\n{"at": "+0s", "action": "added", "count": 4}\n')
    tables.write_text('[[event]]\nat = "+0s"\naction = "added"\ncount = 4\n')
    for script in (lines, tables):
        with running(documents=5, script=script) as site:
            assert len(site.truth()) == 9


def test_by_hand(tmp_path: Path) -> None:
    """`python -m simulator` prints its URL, writes the truth and ends cleanly when asked to."""
    truth = tmp_path / "truth.jsonl"
    command = [sys.executable, "-m", "simulator", "--documents", "7", "--truth", str(truth), "--family", "dspace"]
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        url = process.stdout.readline().strip().removesuffix("/")
        assert process.stdout.readline().startswith(url)
        records = [json.loads(line) for line in truth.read_text().splitlines()]
        assert len(records) == 7
        assert all(record["url"].startswith(url + "/handle/") for record in records)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_site_ends_with_its_owner() -> None:
    """Whoever started it may be killed: the site must not stay."""
    code = "import simulator, time\nwith simulator.running() as s:\n print(s.port, flush=True); time.sleep(60)"
    root = str(Path(__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root) as owner:
        assert owner.stdout
        port = int(owner.stdout.readline())
        owner.kill()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise AssertionError("the site is still there")
