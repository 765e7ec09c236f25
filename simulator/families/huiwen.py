"""A document-sharing site in Chinese with label and value rows; the home of the project's sample document."""
# ruff: noqa: E501 - markup is read by the line

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import Any

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import FIRST_DAY, LAST_DAY, Facts, Family, Listing, Printing, Route
from simulator.families.markup import date_in_other_order, kept, options_text
from simulator.wording.chinese import CHINESE

SAMPLE_ID = "953365"
"""The project's sample document: below every drawn ID, so it meets none."""

_PATHS = (
    (re.compile(r"/doc/(\d+)\.html"), "document"),
    (re.compile(r"/list/(\d+)(?:_(\d+))?\.html"), "listing"),
)
_FIXED = {"/": "home", "/help/upload.html": "help", "/login": "login", "/search": "search"}


@cache
def sample() -> Mapping[str, Any]:
    """Return the sample document's fields (simulator/content/sample.json)."""
    path = Path(__file__).parent.parent / "content" / "sample.json"
    fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return fields


class Huiwen(Family):
    """Label and value rows, tags, one long preview; some pages in GBK."""

    name = "huiwen"
    wording = CHINESE
    language = "zh-CN"

    @cached_property
    def sample_number(self) -> int:
        """Where the sample document stands among the others: by its date."""
        day = date.fromisoformat(sample()["published_on"])
        place = (day - FIRST_DAY).days * self.count // ((LAST_DAY - FIRST_DAY).days + 1)
        return min(place, self.count - 1)

    @property
    def pinned(self) -> tuple[int, ...]:
        return (self.sample_number,)

    def doc_id(self, number: int, generation: int) -> str:
        if number == self.sample_number and generation == 0:
            return SAMPLE_ID
        return super().doc_id(number, generation)

    def number(self, doc_id: str, generation: int) -> int | None:
        if doc_id == SAMPLE_ID and generation == 0:
            return self.sample_number
        number = super().number(doc_id, generation)
        return None if number == self.sample_number and generation == 0 else number

    def published(self, number: int) -> date:
        if number == self.sample_number:
            return date.fromisoformat(sample()["published_on"])
        return super().published(number)

    def facts(self, number: int) -> Facts:
        if number != self.sample_number:
            return super().facts(number)
        fields = sample()
        return Facts(
            title=fields["title"],
            format=fields["format"],
            size_text=fields["size_text"],
            pages=fields["pages"],
            tags=tuple(fields["tags"]),
        )

    def text(self, number: int) -> tuple[str, ...]:
        return tuple(sample()["paragraphs"]) if number == self.sample_number else super().text(number)

    def text_of(self, number: int) -> int:
        return number if number == self.sample_number else super().text_of(number)

    def size_text(self, draw: Draw) -> str:
        if draw.chance(0.3):
            return f"{draw.between(1, 24)}.{draw.between(1, 99):02d}MB"
        return (
            f"{draw.between(11, 980)}.{draw.between(1, 99):02d}KB" if draw.chance(0.8) else f"{draw.between(11, 980)}KB"
        )

    def document_path(self, doc_id: str, number: int) -> str:
        return f"/doc/{doc_id}.html"

    def listing_path(self, category: int, page: int) -> str:
        return f"{self.root}/list/{category + 1}{f'_{page}' if page > 1 else ''}.html"

    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        if path in _FIXED:
            return Route(_FIXED[path])
        for pattern, kind in _PATHS:
            if match := pattern.fullmatch(path):
                if kind == "document":
                    return Route(kind, doc_id=match.group(1))
                return Route(kind, category=int(match.group(1)) - 1, page=int(match.group(2) or 1))
        return Route("download") if path.startswith("/download/") else None

    def shown_pages(self, document: Document) -> str | None:
        return None if document.pages is None else f"{document.pages}页"

    # -- pages --------------------------------------------------------------------------------------------------

    def frame(self, title: str, body: str, printing: Printing) -> str:
        css, noise = printing.look.css, printing.noise
        return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="csrf" content="{noise.token()}"><link rel="stylesheet" href="{self.root}/static/main.css">
<script>var visit={{"k":"{noise.token()}"}};</script></head><body>
<header class="{css("masthead")}"><a href="{self.root}/">会文文库</a><ul class="{css("menu")}">{self.menu()}</ul>
<form action="{self.root}/search"><input name="q" placeholder="搜文档"></form></header>
{body}
<footer class="{css("colophon")}"><p>本站文档均由会员上传,仅供参考。客服邮箱:kefu@huiwen.invalid</p>
<a href="{self.root}/help/upload.html">上传须知</a> <a href="{self.root}/login">登录</a></footer></body></html>
"""

    def document_page(self, document: Document, printing: Printing) -> str:
        look, noise = printing.look, printing.noise
        css = look.css
        facts = self._facts_block(document, printing)
        tags = "" if look.empty_tag else " ".join(
            f'<a rel="tag" href="{self.root}/tag/{place}.html">{escape(tag)}</a>'
            for place, tag in enumerate(document.tags, 1)
        )  # fmt: skip
        paragraphs = ("本文档正在转码,请稍后查看全文内容。",) if look.same_text else document.paragraphs
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        more = "".join(
            f'<li><a href="{one.path}">{escape(one.title)}.{one.format}</a> <small>{kept(one.size_text)}</small></li>'
            for one in printing.related
        )
        body = f"""<main class="{css("paper")}"><div class="{css("headline")}"><h1>{escape(document.title)}.{document.format}</h1>
<a class="{css("get")}" href="{self.root}/download/{document.doc_id}">立即下载</a></div>
{"" if look.moved_label else facts}
<p class="{css("count")}">浏览:{noise.views(document.number)}次 下载:{noise.downloads(document.number)}次</p>
<div class="{css("keywords")}">{tags}</div>
<article class="{css("sheet")}" id="content">{text}</article>
{facts if look.moved_label else ""}
<div class="{css("notice")}"><h4>友情提醒</h4><p>下载后如有乱码,请更换阅读软件再试。</p><p>如侵犯了您的权益,请与管理员联系。</p></div>
<section class="{css("others")}"><h3>相关推荐</h3><ol>{more}</ol></section></main>"""
        return self.frame(f"{document.title} - 会文文库", body, printing)

    def _facts_block(self, document: Document, printing: Printing) -> str:
        look = printing.look
        size, pages = self.shown_size(document), self.shown_pages(document)
        if look.swapped_fields:
            size, pages = pages, size
        day = date_in_other_order(document.published) if look.date_format else document.published.isoformat()
        rows = (
            ("ID", document.doc_id),
            ("大小", size),
            ("页数", pages),
            ("格式", document.format.upper()),
            ("时间", day),
        )
        colon = ":" if document.number % 3 else "\uff1a"
        css = look.css
        if look.design == 1:
            cells = "".join(
                f'<p class="{css("fact")}"><b>{label}{colon}</b><span>{value}</span></p>'
                for label, value in rows
                if value
            )
            return f'<div class="{css("facts")}">{cells}</div>'
        cells = "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in rows if value)
        return f'<table class="{css("facts")}">{cells}</table>'

    def listing_page(self, listing: Listing, printing: Printing) -> str:
        css = printing.look.css
        rows = "".join(
            f'<div class="{css("entry")}"><h3><a href="{one.path}">{escape(one.title)}.{one.format}</a></h3>'
            f"<p>{options_text(('大小', one.size_text), ('页数', self.shown_pages(one)), ('时间', one.published.isoformat()))}</p></div>"
            for one in listing.documents
        )
        name = self.category_name(listing.category)
        body = f"""<main class="{css("shelf")}"><h1>{name}</h1><p class="{css("sum")}">共{listing.total}篇文档</p>
<div class="{css("entries")}">{rows}</div>{self._pager(listing, printing)}</main>"""
        return self.frame(f"{name}文档大全 - 会文文库", body, printing)

    def _pager(self, listing: Listing, printing: Printing) -> str:
        page, links = listing.page, []
        if page > 1:
            links.append(f'<a href="{self.listing_path(listing.category, page - 1)}">上一页</a>')
        links.append(f"<em>{page}/{listing.pages}</em>")
        if page < listing.pages and not printing.look.next_gone:
            links.append(f'<a href="{self.listing_path(listing.category, page + 1)}">下一页</a>')
        return f'<nav class="{printing.look.css("turn")}">{" ".join(links)}</nav>'
