"""What web servers show of their folders is a listing of files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, read_page
from crawler.reading.page import PageType

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /pub/reports</title></head><body>
<h1>Index of /pub/reports</h1><table><tr><th><a href="?C=N;O=D">Name</a></th>
<th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/pub/">Parent Directory</a></td><td>&nbsp;</td></tr>
<tr><td><a href="2023/">2023/</a></td><td>2024-01-03 10:00</td><td>-</td></tr>
<tr><td><a href="annual%20report.pdf">annual report.pdf</a></td><td>2024-05-03 10:00</td><td>1.2M</td></tr>
<tr><td><a href="notes.txt">notes.txt</a></td><td>2024-05-04 10:00</td><td>2.0K</td></tr></table></body></html>"""

NGINX = """<html><head><title>Index of /pub/reports/</title></head><body>
<h1>Index of /pub/reports/</h1><hr><pre><a href="../">../</a>
<a href="2023/">2023/</a>   03-Jan-2024 10:00   -
<a href="annual%20report.pdf">annual report.pdf</a>  03-May-2024 10:00  1234567
<a href="notes.txt">notes.txt</a>  04-May-2024 10:00  2048
</pre></body></html>"""

IIS = """<html><head><title>files.example - /pub/reports/</title></head><body><H1>files.example - /pub/reports/</H1><hr>
<pre><A HREF="/pub/">[To Parent Directory]</A><br><br>
1/3/2024 10:00 AM &lt;dir&gt; <A HREF="/pub/reports/2023/">2023</A><br>
5/3/2024 10:00 AM 1234567 <A HREF="/pub/reports/annual%20report.pdf">annual report.pdf</A><br>
5/4/2024 10:00 AM 2048 <A HREF="/pub/reports/notes.txt">notes.txt</A><br></pre></body></html>"""


def read(body: str, url: str = "http://files.example/pub/reports/") -> Page:
    return read_page(body.encode(), url=url, fetched_at=datetime(2024, 6, 1, tzinfo=UTC))


PYTHON = """<!DOCTYPE HTML><html lang="en"><head><title>Directory listing for /pub/reports/</title></head><body>
<h1>Directory listing for /pub/reports/</h1><hr><ul><li><a href="2023/">2023/</a></li>
<li><a href="annual%20report.pdf">annual report.pdf</a></li>
<li><a href="notes.txt">notes.txt</a></li></ul></body></html>"""


@pytest.mark.parametrize("body", [APACHE, NGINX, IIS, PYTHON], ids=["apache", "nginx", "iis", "python"])
def test_a_folder_of_a_web_server_lists_its_files(body: str) -> None:
    page = read(body)
    assert (page.page_type, page.reason) == (PageType.LISTING, "directory")
    files = ["http://files.example/pub/reports/annual%20report.pdf", "http://files.example/pub/reports/notes.txt"]
    assert list(page.document_urls) == files
    assert page.listing_urls == ("http://files.example/pub/reports/2023/",)


def test_a_page_that_is_called_so_and_leads_nowhere_up_is_none() -> None:
    body = "<title>Index of Multiple Deprivation</title><h1>Index of Deprivation</h1><a href='/pub/reports/a.pdf'>x</a>"
    assert read(body).reason != "directory"


@pytest.mark.parametrize("called", ["Index of Multiple Deprivation", "Index of / all our reports", "example - /news"])
def test_a_site_that_is_called_so_is_no_folder(called: str) -> None:
    body = f"<title>{called}</title><h1>Welcome</h1><a href='/a.pdf'>A</a> <a href='/news/'>News</a>"
    assert read(body, "http://files.example/").reason != "directory"
