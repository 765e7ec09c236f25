"""A document-sharing site in Chinese: facts in one row, "read 5, 55 left" page counts, an introduction as preview."""
# ruff: noqa: E501 - markup is read by the line

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import Family, Listing, Printing, Route
from simulator.families.markup import date_in_other_order
from simulator.wording.chinese import CHINESE

_DOCUMENT = re.compile(r"/paper/(\d+)\.html")
_LISTING = re.compile(r"/renrendoc_0_(\d+)_0_0_(\d+)\.html")
_FIXED = {"/": "home", "/help": "help", "/login": "login", "/search": "search"}
_FIRST_CATEGORY = 11
SHOWN_AT_ONCE = 5
"""Pages shown before the reader has to ask for more."""


class Renrendoc(Family):
    """One row of facts; half the page counts stand only in "已读5页,还剩55页"; no tags; base href in listings."""

    name = "renrendoc"
    wording = CHINESE
    language = "zh-CN"
    text_sentences = (6, 24)

    def document_path(self, doc_id: str, number: int) -> str:
        return f"/paper/{doc_id}.html"

    def listing_path(self, category: int, page: int) -> str:
        return f"{self.root}/renrendoc_0_{category + _FIRST_CATEGORY}_0_0_{page}.html"

    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        if path in _FIXED:
            return Route(_FIXED[path])
        if match := _DOCUMENT.fullmatch(path):
            return Route("document", doc_id=match.group(1))
        if match := _LISTING.fullmatch(path):
            return Route("listing", category=int(match.group(1)) - _FIRST_CATEGORY, page=int(match.group(2)))
        return Route("download") if path.startswith("/download/") else None

    def size_text(self, draw: Draw) -> str:
        return f"{draw.between(1, 30)}.{draw.between(1, 99):02d}MB" if draw.chance(0.4) else f"{draw.between(9, 990)}KB"

    def shown_tags(self, document: Document) -> tuple[str, ...]:
        return ()

    def _left_to_read(self, document: Document) -> bool:
        """Return whether the page states its count only as read and left."""
        return document.number % 2 == 1 and document.pages is not None and document.pages > SHOWN_AT_ONCE

    def record(self, document: Document, base_url: str, now: datetime) -> dict[str, Any]:
        record = super().record(document, base_url, now)
        if self._left_to_read(document):
            record["pages_text"] = None  # printed as a sum of two numbers: no one text states it
        return record

    def frame(self, title: str, body: str, printing: Printing) -> str:
        css = printing.look.css
        return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}_仁人文档</title>
<script>window.sid="{printing.noise.token()}";</script></head><body>
<div class="{css("bar")}"><a href="{self.root}/">仁人文档</a><ul>{self.menu()}</ul></div>
{body}
<div class="{css("bottom")}"><a href="{self.root}/help">常见问题</a><span>版权申诉 400-000-0000</span></div></body></html>
"""

    def document_page(self, document: Document, printing: Printing) -> str:
        look, noise = printing.look, printing.noise
        css = look.css
        facts = self._facts_row(document, printing)
        images = min(SHOWN_AT_ONCE, document.pages or 1)
        shown = "".join(
            f'<div class="{css("leaf")}"><img src="{self.root}/leaf/{page}.png" alt="第{page}页"></div>'
            for page in range(1, images + 1)
        )
        more = ""
        if self._left_to_read(document) and document.pages:
            left = document.pages - SHOWN_AT_ONCE
            more = f'<div class="{css("more")}">已阅读<b>{SHOWN_AT_ONCE}</b>页,还剩<b>{left}</b>页未读,<a href="#">继续阅读</a></div>'
        paragraphs = ("文档内容正在处理,请稍候刷新页面。",) if look.same_text else document.paragraphs
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        related = "".join(
            f'<dd><a href="{one.path}">{escape(one.title)}</a><i>{one.size_text or ""}</i></dd>'
            for one in printing.related
        )
        body = f"""<div class="{css("doc")}"><h1 title="{escape(document.title)}">{escape(document.title)}</h1>
{"" if look.moved_label else facts}
<div class="{css("viewer")}">{shown}</div>{more}
<h2>文档简介</h2><div class="{css("about")}">{text}</div>
{facts if look.moved_label else ""}
<h2>温馨提示</h2><p class="{css("hint")}">下载前请核对文档内容,文件一经下载不予退换。</p><p>阅读:{noise.views(document.number)}</p>
<dl class="{css("newest")}"><dt>最新文档</dt>{related}</dl></div>"""
        return self.frame(document.title, body, printing)

    def _facts_row(self, document: Document, printing: Printing) -> str:
        look = printing.look
        size = document.size_text
        pages = None if self._left_to_read(document) or document.pages is None else str(document.pages)
        if look.swapped_fields:
            size, pages = pages, size
        day = date_in_other_order(document.published) if look.date_format else document.published.isoformat()
        uploader = ("江边柳", "w****3", "老周的书桌", "159****0088")[document.number % 4]
        cells = (
            ("上传人", uploader),
            ("上传时间", day),
            ("页数", pages),
            ("大小", size),
            ("格式", document.format.upper()),
            ("编号", document.doc_id),
            ("积分", str(5 + document.number % 20)),
        )
        css = look.css
        if look.design == 1:
            return (
                f'<p class="{css("row")}">'
                + " ".join(f"<em>{label}\uff1a{value}</em>" for label, value in cells if value)
                + "</p>"
            )
        return (
            "<ul>"
            + "".join(f"<li><span>{label}</span>：<span>{value}</span></li>" for label, value in cells if value)
            + "</ul>"
        )

    def shown_pages(self, document: Document) -> str | None:
        return None if document.pages is None else str(document.pages)

    def listing_page(self, listing: Listing, printing: Printing) -> str:
        css = printing.look.css
        rows = "".join(
            f'<tr><td><a href="{one.path}" target="_blank">{escape(one.title)}</a></td><td>{one.published.isoformat()}</td></tr>'
            for one in listing.documents
        )
        links = [f'<a href="{self.listing_path(listing.category, 1)}">首页</a>']
        if listing.page > 1:
            links.append(f'<a href="{self.listing_path(listing.category, listing.page - 1)}">&lt;</a>')
        links.append(f"<b>{listing.page}</b>")
        if listing.page < listing.pages and not printing.look.next_gone:
            links.append(f'<a href="{self.listing_path(listing.category, listing.page + 1)}">&gt;</a>')
        name = self.category_name(listing.category)
        body = f"""<h2>{name}</h2><table class="{css("papers")}">{rows}</table><div class="{css("pages")}">{"".join(links)} 共 {listing.total} 篇</div>"""
        return self.frame(name, body, printing)
