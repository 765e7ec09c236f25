"""What links have that lead to no document: to users and searches, answers, files beside a title, front pages."""

from __future__ import annotations

import re

ELSEWHERE = frozenset(
    {"u", "user", "users", "author", "agency", "agencies", "departments", "people", "profile", "member",
     "space", "home", "org", "organisation", "organisations", "organization", "organizations", "tag", "tags",
     "category", "cat", "browse", "search", "login", "reg", "register", "help", "about", "privacy", "terms",
     "contact", "cookies", "copyright", "cookie-policy", "privacy-policy", "privacy-notice", "terms-of-use",
     "terms-of-service", "terms-and-conditions"}
)  # fmt: skip
"""Folders and files of pages about users, categories, searches, downloads: not of documents."""

ANSWER = re.compile(r"[?&]goto=(?:last|new|next|find|old)\w{3,9}")
"""What leads to an answer inside a forum's thread, or to the thread beside it: goto=lastpost."""

OF_FILES = re.compile(r"down|attach", re.IGNORECASE)
"""What addresses of files have that do not end as files do: /download/7, ?mod=attachment&aid=7."""

FORMAT_ALONE = re.compile(
    r"[\[(【]\s?(?:PDF|HTML|XML|DOCX?|CAJ|EPUB)(?:全文| ?\d{1,5}(?:\.\d{1,3})? ?[KM]B?)?\s?[\])】]", re.IGNORECASE
)
"""The text of a link to a file of the article whose title is beside it: [PDF 2.74 M]."""

SLASHES_OF_A_SITE = 3


def is_front_page(url: str) -> bool:
    """Whether *url* leads to the front page of a site: http://a.example/."""
    return url[-1] == "/" and url.count("/") == SLASHES_OF_A_SITE
