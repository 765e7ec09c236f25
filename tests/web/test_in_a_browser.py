"""What people meet in a browser: keys, no scripts, small screens, both schemes; and what a hostile page cannot do."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.web.conftest import CHANGED, NAUGHTY, Site, kinds

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REACHED = ["scrollable-region-focusable", "target-size", "html-has-lang", "valid-lang"]


@pytest.mark.timeout(400)
def test_axe_finds_nothing(browser: Any, site: Site) -> None:
    """Each kind of page, light and, on a phone in Chinese, dark; nothing is said on any console, nothing overflows."""
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    complaints: list[str] = []
    found = {}
    for scheme, locale, width in (("light", "en-US", 1200), ("dark", "zh-CN", 360)):
        context = browser.new_context(
            base_url=site.url, color_scheme=scheme, locale=locale, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        # What differs between the two is colours, and whether what is narrow can still be reached.
        rules = None if scheme == "light" else {"type": "rule", "values": ["color-contrast", *REACHED]}
        for name, address in kinds(site).items():
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found[f"{name} {scheme}"] = "wider than its window"
            result = axe.run(page, options={"iframes": False, "resultTypes": ["violations"], "runOnly": rules or TAGS})
            if result.violations_count:
                found[f"{name} {scheme}"] = result.generate_report()
        context.close()
    assert found == {}
    assert complaints == []


def test_from_the_search_to_a_document_with_keys_alone(page: Any, site: Site) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.insert_text("计生 长效")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=**")
    page.wait_for_selector(".hits mark")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.hits h2')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/document?**")
    assert page.inner_text("h1") == "2023年市计生长效工作汇报"
    assert page.locator("#preview mark").all_inner_texts() == ["计生长效"]


def test_hits_follow_what_is_typed(page: Any, site: Site) -> None:
    page.goto("/")
    page.locator("#search").press_sequentially("水利 3", delay=5)
    page.wait_for_url("**/?search=%E6%B0%B4%E5%88%A9+3")  # the address is written behind the hits
    assert page.locator(".hits mark").count() > 0
    assert page.evaluate("document.activeElement.id") == "search"
    page.locator("#search").fill("没有这个")
    page.wait_for_selector(".nothing")


def test_all_of_it_works_without_scripts(browser: Any, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto("/")
    page.fill("#search", "水利")
    page.click("button[type=submit]")
    assert page.locator(".count").inner_text() == "25 documents"
    page.click("a[rel=next]")
    assert page.locator(".hits > li").count() == 5
    page.click(".facets a.facet:has-text('huiwen')")
    assert "site=huiwen" in page.url
    page.click(".chips a")
    assert "site=" not in page.url
    page.click("text=中文")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.click(".hits h2 a >> nth=0")
    assert page.locator("h1").inner_text().startswith("农田水利")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    context.close()


def test_a_document_shows_its_history_and_its_copies(page: Any, site: Site) -> None:
    page.goto("/document?site=huiwen&doc_id=gbk")
    assert page.locator("#preview p").all_inner_texts() == CHANGED.split("\n")
    difference = page.locator(".difference")
    assert difference.locator("del").all_inner_texts() == ["增加三"]
    assert difference.locator("ins").all_inner_texts() == ["减少五"]
    assert page.locator(".copies a").get_attribute("href").startswith("/document?site=register&doc_id=77")
    assert "label:页数" in page.inner_text(".facts")
    assert page.locator("#preview").get_attribute("lang") == "zh-Hans"


def test_two_copies_side_by_side_with_keys_alone_and_without_scripts(browser: Any, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto("/document?site=huiwen&doc_id=c1")
    rows = page.locator(".members tbody tr")
    assert rows.count() == 3
    assert "earliest" in rows.nth(0).inner_text()
    link = rows.nth(1).locator("a[href^='/compare']")
    for _ in range(80):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?**")
    left, right = page.locator(".sides td:first-child"), page.locator(".sides td:nth-child(2)")
    assert set(left.locator(".replaced").all_inner_texts()) == {"计划", "基本", "服务"}
    assert set(right.locator(".replaced").all_inner_texts()) == {"方案", "根本", "效劳"}
    assert left.locator(".renumbered").all_inner_texts() == ["100"]
    assert right.locator(".renumbered").all_inner_texts() == ["20230"]
    assert (left.locator("del").all_inner_texts(), right.locator("ins").all_inner_texts()) == (["本站"], ["他人"])
    assert page.locator(".skipped").count() == 1
    page.click(".members a[href^='/document'] >> nth=0")
    assert page.locator("h1").inner_text() == "最新长效机制总结"
    page.goto("/compare?site=huiwen&doc_id=c1&with_site=huiwen&with_doc_id=c4")
    assert "not found to be copies" in page.locator(".notice").inner_text()
    assert max(map(len, page.locator(".sides ins").all_inner_texts())) == 300
    assert "characters more" in page.locator(".sides .cut").inner_text()
    context.close()


def test_what_filters_put_is_found_and_one_copy_shown(page: Any, site: Site) -> None:
    page.goto("/?search=计划生育&like_original=1")
    assert page.locator(".count").inner_text() == "4 documents"
    assert "方案生育" in page.locator(".hits mark").all_inner_texts()
    assert page.locator("#like_original").is_checked()
    page.check("#unique")
    page.press("#search", "Enter")
    page.wait_for_url("**unique=1**")
    page.wait_for_selector('.count:text-is("2 documents")')


def test_a_hostile_page_can_do_nothing(browser: Any, site: Site, listener: tuple[str, list[bytes]]) -> None:
    """Not in its frame, and not when its bytes are opened by themselves."""
    context = browser.new_context(base_url=site.url)
    for address in ("/captured", "/captured/bytes"):
        page = context.new_page()
        page.goto(f"{address}?{urlencode({'capture': site.captures['hostile']})}", wait_until="load")
        frame = page.frames[-1] if address == "/captured" else page.main_frame
        shown = page.frame_locator("iframe").locator("h1") if address == "/captured" else page.locator("h1")
        assert shown.inner_text() == "不怀好意"
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None
        assert frame.evaluate("window.ran") is None
        assert frame.evaluate("window.origin") == "null"
        assert page.url.startswith(site.url)
        assert "taken" not in page.title()
        page.close()
    context.close()
    assert listener[1] == []


def test_naughty_strings_are_shown_as_they_are(page: Any, site: Site) -> None:
    """As title, as text, in a list and on pages of their own; nothing in them is alive."""
    page.goto("/?site=naughty")
    shown = page.evaluate(
        """async () => { const shown = {};
        for (let number = 1; number <= 26; number++) {
          const page = number === 1 ? document : new DOMParser().parseFromString(
            await (await fetch('/?site=naughty&page=' + number)).text(), 'text/html');
          for (const a of page.querySelectorAll('.hits h2 a'))
            shown[new URLSearchParams(a.getAttribute('href').split('?')[1]).get('doc_id')] = a.textContent;
        } return shown }"""
    )
    assert shown == NAUGHTY
    texts = page.evaluate(
        """async (ids) => { const found = {};
        for (const id of ids) {
          const page = new DOMParser().parseFromString(
            await (await fetch('/document?site=naughty&doc_id=' + id)).text(), 'text/html');
          found[id] = [page.querySelector('h1').textContent,
            [...page.querySelectorAll('#preview p')].map(p => p.textContent).join('\\n'),
            page.querySelectorAll('script, iframe, img, svg:not(main svg), object, embed, [onload], [onerror]').length];
        } return found }""",
        list(NAUGHTY)[::10],
    )
    for number, (title, text, alive) in texts.items():
        assert (title, text, alive) == (NAUGHTY[number], NAUGHTY[number], 0), number


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '""><img src=x onerror=alert(1)>', "' OR 1=1 --", "\u202e页"]
)
def test_what_is_searched_for_is_no_markup(page: Any, site: Site, text: str) -> None:
    page.goto(f"/?search={quote(text)}")
    assert page.input_value("#search") == text
    assert page.evaluate("document.querySelectorAll('img, script:not([src])').length") == 0
