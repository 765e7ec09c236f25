"""Links of a page: which belong together as the items of a list."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from crawler.reading.aside import ANSWER, ELSEWHERE, FORMAT_ALONE, OF_FILES
from crawler.reading.lines import SEPARATOR, Anchor, Line, widths
from crawler.reading.urls import LONGEST_ENDING, Base, is_sister, shape
from crawler.reading.values import file_ending
from crawler.reading.vocabulary import BOILERPLATE, ENDING, KNOWN, NEXT, PREVIOUS, normal_label
from crawler.reading.zones import HEADINGS, IN_FILES, IN_RELATED, Zone

SMALLEST_LIST = 3
"""Links of one shape from which on they are taken for the items of a list."""

TALLER = 3
MOST_COUNTED = 60
TALLEST_ALONE = 6
LONGEST_ALONE = 300
"""Lines and characters of an item that no other stands beside, at the most."""

SITE_AND_PAGE = 2
"""Main headings of a page that are not titles of items: the site's name and the page's own."""

TITLE_CHARACTERS = 5
"""A document's title has at least so many; shorter link texts are categories, tags, page numbers."""

SHORT_TITLE = 16
"""Width that the titles of a list have on the average; less are categories, places, names."""

MAX_FOLDERS = 8
BESIDE = 3
"""Lines below a title in which its author may stand."""

BY_LINE = 0.7
"""Length of authors' names between titles, in lengths of titles, at the most."""

LONG_TITLE = 40
LONGEST_TITLE = 200

MORE = re.compile(
    r"(?:view |see |show |browse )?(?:more|all)\b|(?:查看)?(?:更多|全部)|"
    r"(?:cookies?|privacy) (?:policy|notice|statement)|terms (?:of|and) \w{3,10}\Z",
    re.IGNORECASE,
)
"""How links to more of the same begin, and those to what the site says of itself."""

_CONTROLS_BEGIN = frozenset("下后>›»→次查更全上前<«‹←AaBbCcMmNnOoPpRrSsſTtVvWwZz")
"""What the words of `NEXT`, `MORE` and `PREVIOUS` begin with: a look before the expressions."""

_OFFER = re.compile(r"(?:download|下载|下載|view|open|preview|查看|预览)\b", re.IGNORECASE)
"""What a link says that leads to a file of the page's own, not to another document."""

_BY = f"by{SEPARATOR}"
"""What stands before the link to an item's author."""

_DOWNLOAD = re.compile(r"\S{0,4}(?:下载|下載)[(（][^()（）]{1,24}[)）]")
"""A link to the page's own file, and what is said of it: 文书下载（PDF，213KB）."""

_OF_A_FILE = re.compile(r"(?:pdf|download|full text|下载|下載)(?: of |[:：]| )", re.IGNORECASE)
LONGEST_CONTROL = 14
LONGEST_NEXT = 24
"""Characters of the text of a link to the next page."""

_NAMED_FILE = re.compile(r"=([^=&?]{1,200}\.[A-Za-z0-9]{2,4})(?:&|\Z)")
"""A file's name in a query: ?download=7&filename=report.docx."""

_ELSEWHERE_FOLDER = re.compile(rf"/(?:{'|'.join(sorted(ELSEWHERE))})(?:/|\.|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page, sorted out."""

    clusters: Mapping[str, Mapping[str, tuple[int, str]]]
    """Shape of URL -> URL -> (line, text): links that may be documents', by shape."""
    elsewhere: Mapping[str, Mapping[str, tuple[int, str]]]
    """The same of links into folders of users, categories, searches: seldom documents'."""
    zones: Sequence[Zone]
    items: Mapping[int, str]
    """Element of each item of a list -> the URL it leads to."""
    item_lines: Sequence[bool]
    """For each line, whether it stands in an item of a list."""


def links_of(lines: Sequence[Line], zones: Sequence[Zone], base: Base, url: str) -> Links:
    """Return the links of *lines*; *url* is the page's own."""
    clusters: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    elsewhere: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    here = (base.netloc + "/", base.netloc + "?")
    own_path = url.partition("?")[0]
    laid_over: list[tuple[Anchor, int, str]] = []
    absolute = base.absolute
    for index, line in enumerate(lines):
        anchors = line.anchors
        if not anchors or (line.navigation and zones[index] is not IN_RELATED):
            continue
        by_line = _BY in line.text
        for anchor in anchors:
            text = anchor.text
            if not text:
                text = anchor.title
                if not text and (over := _laid_over(lines, index)):
                    laid_over.append((anchor, index, over))
            if text.isdecimal() and anchor is anchors[0] and len(anchors) <= 2:
                text = line.plain  # a number, and its case's name behind it
            if by_line and _BY + text in line.text:
                continue
            if not anchor.text and _OF_A_FILE.match(text):
                continue  # a picture that stands for the file of the document whose title is beside it
            said = len(text)
            if said < TITLE_CHARACTERS or (said <= LONGEST_NEXT and _is_control(text)):
                continue
            target = absolute(anchor.href)
            if target is None or target == url:
                continue
            if own_path in target and target.partition("?")[0] == own_path and _OFFER.match(text):
                continue
            if text[-1:] in ")）" and _DOWNLOAD.fullmatch(text):
                continue
            kind, is_aside = kind_of(target)
            if not is_aside and "." in text[-LONGEST_ENDING - 1 :]:
                is_aside = OF_FILES.search(target) is not None and ENDING.search(text) is not None
            if kind.startswith(here) or is_sister(kind, base.netloc):
                listed = (elsewhere if is_aside else clusters)[kind]
                before = listed.get(target)
                if before is None or len(before[1]) < len(text) <= LONGEST_TITLE:  # a picture's words before the title
                    listed[target] = (index if before is None else before[0], text)
    for anchor, index, text in laid_over:
        target = base.absolute(anchor.href)
        if target is not None and target != url and len(text) >= TITLE_CHARACTERS:
            kind, is_aside = kind_of(target)
            if kind.startswith(here) and not is_aside:
                clusters[kind].setdefault(target, (index, text))
    clusters.pop("", None)
    _join_folders(clusters)
    _join_kinds(clusters, lines)
    _part_kinds(clusters)
    items = items_of(lines, clusters)
    if items and IN_FILES in zones:
        _leave_files(lines, zones, items)
    holds_none_of = items.keys().isdisjoint
    inside = [not holds_none_of(line.path) for line in lines] if items else [False] * len(lines)
    return Links(clusters, elsewhere, zones, items, inside)


def _laid_over(lines: Sequence[Line], index: int) -> str:
    """Return the title that an empty link is laid over: the next line of text, beside it in the same element."""
    path = lines[index].path
    for line in lines[index + 1 : index + 1 + BESIDE]:
        if len(path) < 2 or path[-1] not in line.path or (line.anchors and line.plain):
            return ""
        if line.plain:
            return line.plain
    return ""


def _join_folders(clusters: dict[str, dict[str, tuple[int, str]]]) -> None:
    """Join the lists of one title or two whose URLs differ in one folder: /anna/report-a, /ben/report-b."""
    alone: dict[str, list[str]] = defaultdict(list)
    for kind, listed in clusters.items():
        if "/" in kind and len(listed) < SMALLEST_LIST and 2 * said(listed) >= SHORT_TITLE * len(listed):
            host, *folders, file = kind.split("/")
            for number in range(min(len(folders), MAX_FOLDERS)):
                alone["/".join((host, *folders[:number], "*", *folders[number + 1 :], file))].append(kind)
    for joined, kinds in alone.items():
        listed = {url: place for kind in kinds if kind in clusters for url, place in clusters[kind].items()}
        if len(kinds) >= SMALLEST_LIST and len(listed) >= SMALLEST_LIST and said(listed) >= SHORT_TITLE * len(listed):
            clusters[joined] = listed
            for kind in kinds:
                clusters.pop(kind, None)


def _join_kinds(clusters: dict[str, dict[str, tuple[int, str]]], lines: Sequence[Line]) -> None:
    """Join lists whose titles stand in turn, in elements alike, and whose URLs differ in one folder.

    Such as /concern/reports/1 and /concern/theses/2.
    """
    alike: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for kind, links in clusters.items() if len(clusters) > 1 else ():
        if "/" not in kind:
            continue
        looks = Counter([(lines[line].tag, len(lines[line].path)) for line, _ in links.values()])
        (tag, depth), count = looks.most_common(1)[0]
        if count < 0.8 * len(links):  # what is first among them may be set off
            continue
        host, *folders, file = kind.split("/")
        for number in range(min(len(folders), MAX_FOLDERS)):
            joined = "/".join((host, *folders[:number], "*", *folders[number + 1 :], file))
            alike[joined, tag, depth].append(kind)
    for (joined, _, _), kinds in alike.items():
        there = [kind for kind in dict.fromkeys(kinds) if kind in clusters]
        if len(there) < 2 or not _stand_in_turn([clusters[kind] for kind in there]):
            continue
        listed = {url: place for kind in there for url, place in clusters[kind].items()}
        fewest = min(len(clusters[kind]) for kind in there)
        if (
            len(there) >= (2 if fewest > 1 else SMALLEST_LIST)
            and len(listed) >= SMALLEST_LIST
            and said(listed) >= SHORT_TITLE * len(listed)
        ):
            for kind in there:
                del clusters[kind]
            clusters[joined] = dict(sorted(listed.items(), key=lambda item: item[1][0]))


def _stand_in_turn(lists: Sequence[Mapping[str, tuple[int, str]]]) -> bool:
    """Whether each list begins before those that begin above it have ended."""
    spans = sorted((min(places), max(places)) for places in ([line for line, _ in links.values()] for links in lists))
    reached = accumulate((end for _, end in spans), max)
    return all(begin < end for (begin, _), end in zip(spans[1:], reached, strict=False))


def _part_kinds(clusters: dict[str, dict[str, tuple[int, str]]]) -> None:
    """Part the links of one folder whose files are of several kinds, each with its number: /p-17.html, /list-3.html."""
    for kind, listed in list(clusters.items()):
        if len(listed) < 2 * SMALLEST_LIST:
            continue
        if not 1 < _heads_of_files(listed) <= MOST_KINDS:
            continue
        kinds: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        for url, place in listed.items():
            named = _NUMBERED.match(url, url.rfind("/"))
            name = "" if named is None else named[1]
            kinds["sections" if _OF_A_SECTION.match(name) else name][url] = place
        most = max((len(urls) for name, urls in kinds.items() if name not in ("", "sections")), default=0)
        if most and len(kinds.get("", ())) > most:
            continue
        are_lists = all(len(urls) >= SMALLEST_LIST or name in ("", "sections") for name, urls in kinds.items())
        if len(kinds) > 1 and (are_lists or most >= MOST_OF_LINKS * len(listed)):
            del clusters[kind]
            clusters.update((f"{kind} {name}", urls) for name, urls in kinds.items())


MOST_OF_LINKS = 0.8
"""Share of the links of a folder from which on those of another kind are set apart, be they ever so few."""


def _heads_of_files(urls: Iterable[str]) -> int:
    """Return with how many beginnings the files' names of *urls* begin, up to a few more than kinds of pages have."""
    heads: set[str] = set()
    for url in urls:
        heads.add(url.rpartition("/")[2].replace("_", "-").partition("-")[0])
        if len(heads) > MOST_KINDS:
            break
    return len(heads)


MOST_KINDS = 8
"""Beginnings of the files' names in one folder, at the most; more are titles."""

_NUMBERED = re.compile(r"/((?:space-)?[A-Za-z]{1,12}[-_])\d[\d\-_]*(?:\.[a-z]{2,5})?\Z")
"""A kind of page and its number: p-953365, list-3, space-uid-493."""

_OF_A_SECTION = re.compile(
    r"(?:list|cat|category|class|channel|column|sort|tag|c|fenlei|lanmu|forum|space)[-_]", re.IGNORECASE
)


def _is_control(text: str) -> bool:
    """Whether a link's text is of the site's own: next page, download, log in."""
    if text[:1] in _CONTROLS_BEGIN and (NEXT.match(text) or MORE.match(text) or PREVIOUS.match(text)):
        return True
    if text[0] in "[(【" and FORMAT_ALONE.fullmatch(text) is not None:
        return True
    return len(text) < LONGEST_CONTROL and _has_boilerplate(text)


@lru_cache(maxsize=8192)
def _has_boilerplate(text: str) -> bool:
    return BOILERPLATE.search(text) is not None


def kind_of(url: str) -> tuple[str, bool]:
    """Return the shape of *url*, and whether it leads to users, searches or files."""
    folders, _, file = url.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    if stem.isdecimal() and ending.isalpha() and "?" not in folders:  # most documents
        return _kind_in(folders, ending)
    if not dot or not ending.isalpha() or "?" in url or ";" in stem:
        return _kind_of_any(url)
    found = _kind_in(folders, ending)
    if found[1] or stem.partition(".")[0].lower() not in ELSEWHERE:
        return found
    return found[0], True


@lru_cache(maxsize=4096)
def _kind_of_any(url: str) -> tuple[str, bool]:
    if "goto=" in url and ANSWER.search(url) is not None:
        return "", True
    return _of_any_category(shape(url)), _elsewhere(url) or leads_to_file(url)


@lru_cache(maxsize=4096)
def _kind_in(folders: str, ending: str) -> tuple[str, bool]:
    """Return the same for any file of that ending: the documents of a site lie in few folders."""
    url = f"{folders}/0.{ending}"
    return _of_any_category(shape(url)), _in_elsewhere(folders) or leads_to_file(url)


def _of_any_category(kind: str) -> str:
    """Return *kind* without its first folder where days follow: documents of one list lie in their categories'.

    /jixie/2014/1017/4937.html stands beside /jingji/2012/0712/14984.html.
    """
    return _CATEGORY_OF_DAYS.sub(r"\1/", kind, count=1)


_CATEGORY_OF_DAYS = re.compile(r"^([^/]+)/[a-z][\w-]{1,30}(?=/0/0/)")


def _elsewhere(url: str) -> bool:
    """Whether *url* leads to users, categories, searches, downloads."""
    if "/search/" in url and _FOUND.search(url) is not None:
        return False
    folders, _, file = url.partition("?")[0].rpartition("/")
    return _in_elsewhere(folders) or file.partition(".")[0].lower() in ELSEWHERE


_FOUND = re.compile(r"/search/[^/?]{0,30}detail[^/?]{0,20}\?(?:[^#]{0,60}&)?\w{0,10}id=\w", re.IGNORECASE)
"""One document in a folder of searches, where a site has all its pages: /gb/search/gbDetailed?id=7."""


def leads_to_file(url: str) -> bool:
    """Whether *url* leads to a document itself rather than to a page about it."""
    ending = file_ending(url)
    if ending is None and "?" in url and (named := _NAMED_FILE.search(url)) is not None:
        ending = file_ending(named[1])
    return ending is not None and ending not in ("html", "xml", "json", "txt", "md")


@lru_cache(maxsize=4096)
def _in_elsewhere(folders: str) -> bool:
    return _ELSEWHERE_FOLDER.search(folders, 8) is not None


def items_of(lines: Sequence[Line], clusters: Mapping[str, Mapping[str, tuple[int, str]]]) -> dict[int, str]:
    """Return the items of lists: the largest element around a listed link that holds no other one, and its link."""
    sole: dict[int, str | None] = {}
    lists = [links for links in clusters.values() if len(links) >= SMALLEST_LIST]
    tops = [index for index, line in enumerate(lines) if line.tag == "h1" and line.plain and not line.navigation]
    by_line = tops[-1] + BESIDE if 0 < len(tops) <= SITE_AND_PAGE else -1
    places = {
        url
        for kind, links in clusters.items()
        if kind.endswith("/*") and _are_places(kind, links)
        for url, (line, _) in links.items()
        if line <= by_line
    }
    listed = [(url, line) for links in without_by_lines(lists) for url, (line, _) in links.items() if url not in places]
    for url, line in listed:
        for element in reversed(lines[line].path):
            alone = sole.setdefault(element, url)
            if alone is None:
                break  # and so are all around it
            if alone != url:
                sole[element] = None
    headings = [lines[index].path for index in tops]
    # The main heading is in no item, only in the element of all that stands below it; more h1 are titles of items.
    around = frozenset(headings[-1]) if 0 < len(headings) <= SITE_AND_PAGE else frozenset()
    items: dict[int, str] = {}
    beside: dict[int, list[int]] = defaultdict(list)
    """Element around items -> the items and their lines."""
    for url, line in listed:
        item: int | None = None
        before = 0
        for element in reversed(lines[line].path):
            if sole[element] != url or element in around:
                before = element  # and so is all around it
                break
            item = element
        if item is not None and item not in items:
            items[item] = url
            beside[before].append(line)
    _leave_labelled(lines, items)
    _leave_parts(lines, items, beside)
    for line, *others in beside.values():
        if others:
            continue
        path = lines[line].path
        at = next((i for i, e in enumerate(path) if e in items), len(path))
        if at == len(path) or not _is_a_part(lines, line, path[at]):
            continue
        url = items.pop(path[at])
        smaller = next((e for e in path[at + 1 :] if not _is_a_part(lines, line, e)), None)
        if smaller is not None:
            items[smaller] = url
    return items


def _are_places(kind: str, links: Mapping[str, tuple[int, str]]) -> bool:
    """Whether links at the top of a site, with short texts, lead to its users and sections: /anna, /premium."""
    return kind.count("/") == 1 and said(links) < SHORT_TITLE * len(links)


def _leave_files(lines: Sequence[Line], zones: Sequence[Zone], items: dict[int, str]) -> None:
    """Take out the parts of a page that a heading such as "Files" opens: what is linked there are its own files."""
    for line, zone in zip(lines, zones, strict=True):
        if zone is IN_FILES and line.tag in HEADINGS and not line.anchors:
            for element in line.path:
                items.pop(element, None)


def _leave_labelled(lines: Sequence[Line], items: dict[int, str]) -> None:
    """Take out the rows of a list of attributes whose values are links: Language: English."""
    for index, line in enumerate(lines[:-1]):
        if line.tag in _LABELS and not line.anchors and len(line.plain) <= LONGEST_LABEL:
            element = _item_around(line.path, items)
            if element is not None and (not index or element not in lines[index - 1].path):
                meaning = KNOWN.get(normal_label(line.plain))
                if meaning is not None and element in lines[index + 1].path:
                    items.pop(element)


_LABELS = frozenset(("dt", "th", "td"))
LONGEST_LABEL = 30


def _leave_parts(lines: Sequence[Line], items: dict[int, str], beside: Mapping[int, Sequence[int]]) -> None:
    """Take out what is far taller than the items it stands among: a part of the page that has one of their links."""
    for listed in beside.values():
        if len(listed) < 2:
            continue
        if len(listed) > 2 and max([b - a for a, b in pairwise(sorted(listed))]) <= TALLEST_ALONE:
            continue
        elements = [_item_around(lines[line].path, items) for line in listed]
        heights = [_height(lines, line, element) for line, element in zip(listed, elements, strict=True)]
        usual = sorted(heights)[len(heights) // 2 if len(heights) > 2 else 0]
        for element, height in zip(elements, heights, strict=True):
            if element is not None and height > max(TALLEST_ALONE, TALLER * usual):
                items.pop(element, None)


def _item_around(path: Sequence[int], items: Mapping[int, str]) -> int | None:
    """Return the item that a line stands in, None where it stands in none."""
    for element in path:
        if element in items:
            return element
    return None


def _height(lines: Sequence[Line], line: int, element: int | None) -> int:
    """Return how many lines around *line* stand in *element*, up to a few more than any item has."""
    if element is None:
        return 0
    first, end = line, line + 1
    while end < min(len(lines), line + MOST_COUNTED) and element in lines[end].path:
        end += 1
    while first > max(0, line - MOST_COUNTED + 1) and element in lines[first - 1].path:
        first -= 1
    return end - first


def _is_a_part(lines: Sequence[Line], line: int, element: int) -> bool:
    """Whether *element*, around *line*, holds more than a list's item: it is a part of the page with a link in it."""
    height, said = 0, 0
    for numbers in (range(line, len(lines)), range(line - 1, -1, -1)):
        for index in numbers:
            if element not in lines[index].path:
                break
            height, said = height + 1, said + len(lines[index].plain)
            if height > TALLEST_ALONE or said > LONGEST_ALONE:
                return True
    return False


def without_by_lines(lists: Sequence[Mapping[str, tuple[int, str]]]) -> Sequence[Mapping[str, tuple[int, str]]]:
    """Return *lists* but those of authors, folders or the like: shorter than the titles between which they stand."""
    if len(lists) < 2:
        return lists
    lengths = [said(listed) / len(listed) for listed in lists]
    kept = []
    for listed, length in zip(lists, lengths, strict=True):
        wordier = (main for main, other in zip(lists, lengths, strict=True) if length < BY_LINE * other)
        if not any(len(listed) <= 2 * len(main) and _stand_beside(listed, main) for main in wordier):
            kept.append(listed)
    return kept


def _stand_beside(listed: Mapping[str, tuple[int, str]], main: Mapping[str, tuple[int, str]]) -> bool:
    """Whether most links of *listed* stand right below those of *main*."""
    has_none_of = {line for line, _ in main.values()}.isdisjoint
    beside = [not has_none_of(range(line - BESIDE, line + 1)) for line, _ in listed.values()]
    return sum(beside) * 2 > len(listed)


def said(listed: Mapping[str, tuple[int, str]]) -> int:
    """Return how much the texts of links say; what all say, such as "read more", counts once."""
    texts = {text for _, text in listed.values()}
    return sum([min(width, LONG_TITLE) for width in widths(texts)])
