from __future__ import annotations

import re
from datetime import UTC, datetime

from simulator import FAMILIES, SimulatorOptions
from simulator.answer import Request
from simulator.lost import LOST_PLACE, WAYS, lost_how
from simulator.site import Site

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_every_way_of_being_lost_is_met_while_still_listed() -> None:
    for name in FAMILIES:
        site = Site(SimulatorOptions(documents=260, family=name), lambda: NOW)
        catalogue = site.catalogues[name]
        lost = [number for number in range(260) if lost_how(number)]
        met = {}
        for number in lost:
            answer = site.answer(Request("GET", catalogue.document(number).path, {}))
            met[lost_how(number)] = (answer.status, answer.kind)
        assert met == {
            "missing": (404, "missing"), "notice": (200, "notice"), "gone": (410, "gone"),
            "soft404": (200, "soft404"), "login": (200, "login"),
        }  # fmt: skip
        known = {record["doc_id"] for record in site.truth("")}
        assert known == {catalogue.document(number).doc_id for number in range(260) if number not in lost}


def test_a_lost_documents_notice_prints_its_id_and_nothing_of_the_text() -> None:
    site = Site(SimulatorOptions(documents=200), lambda: NOW)
    document = site.catalogues["huiwen"].document(LOST_PLACE + 50 * WAYS.index("notice"))
    page = site.answer(Request("GET", document.path, {})).body.decode()
    assert f"该文档因版权原因已被删除,ID:{document.doc_id}" in page
    assert document.paragraphs[0] not in page


def test_a_listing_names_lost_documents_and_all_others() -> None:
    site = Site(SimulatorOptions(documents=200), lambda: NOW)
    found: list[str] = []
    page = 1
    while (answer := site.answer(Request("GET", f"/list/1{f'_{page}' if page > 1 else ''}.html", {}))).status == 200:
        found += re.findall(r'<h3><a href="/doc/(\d+)\.html', answer.body.decode())
        page += 1
    assert found[0] == "953365"
    assert len(found) == len(set(found)) == 200
    truth = {record["doc_id"] for record in site.truth("")}
    assert truth < set(found) and len(truth) == 196
