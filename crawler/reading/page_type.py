"""Pages that are no documents whatever they print: challenges, login walls, notices that a document is gone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.reading.heading import parts_of
from crawler.reading.sight import Sight
from crawler.reading.tree import Parsed
from crawler.reading.vocabulary import (
    APPLICATION,
    CAPTCHA,
    GONE,
    GONE_HEADING,
    GONE_ITSELF,
    HELP,
    LOGIN,
    MAINTENANCE,
    NEEDS_SCRIPTS,
    NOT_FOUND,
    PASSWORD,
    PROFILE,
    SERVICE,
)

SHORT_PAGE = 1500
"""Characters of text below which a page is hardly more than a notice."""

CHALLENGE_PAGE = 3000
NOTICE_CHARACTERS = 90
LONG_NOTICE_CHARACTERS = 200
"""A longer line is a notice only if it says so of the document itself."""

FIRST_LINES = 80
"""Lines in which a challenge says what it is."""

NOTICE_LINES = 12
"""Lines below the heading in which a notice that the document is gone stands."""

_CHALLENGES = (
    ".g-recaptcha, .h-captcha, #captcha, div[class*=captcha], form[class*=captcha], img[src*=captcha], "
    "iframe[src*=captcha], #cf-challenge, .geetest_panel, [class*=cf-turnstile]"
)
LONG_TEXT = 300
"""Characters of a text that no login form stands before, and that no page has which is there to search."""

FRONT_PAGE = re.compile(r"https?://[^/?#]+/?(?:(?:index|default|home|main)\.[a-z]{3,5})?", re.IGNORECASE)
"""The address of the first page of a site: a listing, or nothing."""

NEEDS_BROWSER = "needs_browser"
SHELL_CHARACTERS = 400
"""Characters of text below which a page may be a shell that scripts fill."""

_SCRIPT_ROOTS = (
    "#app, #root, #__next, #__nuxt, #___gatsby, #svelte, #q-app, #app-root, app-root, [ng-app], [ng-view], "
    "[data-reactroot], [v-cloak], main:empty, [id$=-app], [id$=-root]"
)
"""What scripts hang a page on: React, Vue, Angular, Next, Nuxt, Gatsby, Svelte, Quasar."""

SEARCH_FIELDS = 4
"""Fields of forms from which on a page that states little is there to search."""

_FIELD_TAGS = ("input", "select", "textarea")
_FIELDS = "form select, form input[type=text], form input[type=date], form input:not([type]), form textarea"


_HELP_PAGES = frozenset(("help", "faq", "faqs", "help centre", "help center", "帮助", "帮助中心", "使用帮助"))
"""What a window's title calls pages that explain the site: Document symbols - Help."""

OVERRULED = frozenset(("captcha", "soft_404", "maintenance", "help", "profile"))
"""Reasons that rest on words which titles of documents have as well: "Breaking CAPTCHAs", "How to use a lathe"."""


def refusal(page: Parsed, sight: Sight) -> str | None:
    """Return why the page cannot be a document, one word; None where nothing speaks against it."""
    lines, heading, head_title = sight.lines, sight.heading, sight.head_title
    size = sum([len(line.text) for line in lines])
    headings = [head_title, *[x.plain for x in lines if x.tag in ("h1", "h2") and len(x.plain) < 120][:4]]
    short = size < SHORT_PAGE
    said = "\n".join(headings)  # for words that few pages have it is looked through once
    if (CAPTCHA.may_be_in(said) and any(map(CAPTCHA.search, headings))) or (
        short and any(map(CAPTCHA.search, _short_lines(sight, FIRST_LINES, NOTICE_CHARACTERS)))
    ):
        return "captcha"
    main = lines[heading].plain if heading is not None else ""
    # Where the window's title has the main heading, others may be of a form that stands beside the document.
    if any(map(LOGIN.search, headings if short and main not in head_title else (*parts_of(head_title), main))) and (
        short or _asks_for_password(page, sight)
    ):
        return "login_wall"
    if short and any(map(NOT_FOUND.search, headings)):
        return "soft_404"
    if MAINTENANCE.may_be_in(said) and any(map(MAINTENANCE.search, headings)):
        return "maintenance"
    last = len(lines) if heading is None else heading + 1 + NOTICE_LINES
    if _says_it_is_gone(_short_lines(sight, last, LONG_NOTICE_CHARACTERS)):
        return "gone"
    if GONE_HEADING.search(main):
        return "gone"
    if SERVICE.may_be_in(main) and SERVICE.pattern.fullmatch(main.strip(" !！。.")):
        return "service"
    called = main or head_title
    if APPLICATION.may_be_in(called) and APPLICATION.pattern.fullmatch(called) and _is_full_of_fields(page, sight):
        return "service"
    if HELP.search(main) or (len(head_title) < 20 and HELP.search(head_title)) or _is_of_help(head_title):
        return "help"
    if PROFILE.search(main) or PROFILE.search(head_title):
        return "profile"
    return None


def _is_of_help(head_title: str) -> bool:
    """Whether the window's title says behind the page's own that it is one of the help pages."""
    folded = head_title.casefold()
    if not any(word in folded for word in ("help", "faq", "帮助")):
        return False
    return not _HELP_PAGES.isdisjoint(parts_of(folded)[1:])


def obstacle(page: Parsed, sight: Sight, *, is_listing: bool, is_offered: bool, text: str | None) -> str | None:
    """Return what stands between us and documents on a page that states few attributes, in one word.

    A page that offers a file (*is_offered*) or has a long text is not there to search, whatever forms it has.
    """
    lines, heading = sight.lines, sight.heading
    if sum(len(line.text) for line in lines) < CHALLENGE_PAGE and page.tree.css_first(_CHALLENGES) is not None:
        return "captcha"
    if not is_listing and len(text or "") < LONG_TEXT and _asks_for_password(page, sight):
        form = next(
            (index for index, line in enumerate(lines) if PASSWORD.search(line.plain[:NOTICE_CHARACTERS])), None
        )
        # A form above the heading, or far below it, stands on every page of the site.
        if form is None or heading is None or 0 <= form - heading <= NOTICE_LINES:
            return "login_wall"
    if not (is_listing or is_offered) and len(text or "") < LONG_TEXT and _is_full_of_fields(page, sight):
        return "search_form"
    return None


def _asks_for_password(page: Parsed, sight: Sight) -> bool:
    return "input" in sight.passed_over and page.tree.css_first("input[type=password]") is not None


def _is_full_of_fields(page: Parsed, sight: Sight) -> bool:
    if sight.passed_over.isdisjoint(_FIELD_TAGS) or (fields := len(page.tree.css(_FIELDS))) < SEARCH_FIELDS:
        return False
    for form in page.tree.css("form"):  # one to log in by searches for nothing
        if form.css_first("input[type=password]") is not None:
            fields -= len(form.css("select, input[type=text], input[type=date], input:not([type]), textarea"))
    return fields >= SEARCH_FIELDS


def _is_shell(page: Parsed) -> bool:
    """Whether scripts are to fill the page: an element that they hang it on is empty, or the page says so."""
    if page.tree.css_first("script") is None:
        return False
    if any(not element.text(strip=True) for element in page.tree.css(_SCRIPT_ROOTS)):
        return True
    return any(NEEDS_SCRIPTS.search(element.text()) for element in page.tree.css("noscript"))


def _short_lines(sight: Sight, last: int, longest: int) -> list[str]:
    """Return the texts of at most *longest* characters among the first lines, without items of lists."""
    zones, item_lines = sight.zones, sight.links.item_lines
    return [
        line.plain
        for index, line in enumerate(sight.lines[:last])
        if len(line.plain) <= longest and not item_lines[index] and not zones[index].foreign
    ]


def _says_it_is_gone(texts: Sequence[str]) -> bool:
    """Whether one of *texts* says that the document is gone; few pages have a word of it anywhere."""
    if not GONE.may_be_in("\n".join(texts)):
        return False
    return any((GONE if len(text) <= NOTICE_CHARACTERS else GONE_ITSELF).search(text) for text in texts)


def empty_reason(page: Parsed, sight: Sight) -> str:
    """Return why a page without evidence of anything is `other`."""
    lines = sight.lines
    if sum(len(line.plain) for line in lines) < SHELL_CHARACTERS and _is_shell(page):
        return NEEDS_BROWSER
    top = [line.plain for line in lines[:15] if not line.navigation]  # each page of a site has a link to log in
    if any(map(LOGIN.search, top)):
        return "login_wall"
    if any(map(NOT_FOUND.search, top)):
        return "soft_404"
    return "no_evidence" if lines else "empty"
