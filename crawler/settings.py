"""Every setting of a crawl: what it means, its unit, and why this default.

Scrapy's own settings come first, ours (`ARCHIVE_`, `CRAWL_`) after them. The command line and the sites' profiles
change single values for one run; defaults are polite and safe.
"""

from __future__ import annotations

import importlib.util

BOT_NAME = "docarchive"
SPIDER_MODULES = ["crawler.spiders"]

# The event loop is asyncio's own, without Twisted's reactor: 1.7-1.9 CPU ms a page against 6.2-6.5 (measured).
TWISTED_REACTOR_ENABLED = False
# uvloop where it installs (not on Windows or PyPy).
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if importlib.util.find_spec("uvloop") else None

# Our handler writes every exchange to WARC and checks the address that is really connected. It is a subclass of the
# aiohttp handler that Scrapy ships: raw header lines, reason phrase and peer address exist only there.
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetching.transport.CaptureDownloadHandler",
    "https": "crawler.fetching.transport.CaptureDownloadHandler",
    # A link must never reach the disk of this machine or another protocol.
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}

# The queue is durable and asked for "seen?" before a Request is built; Scrapy's own loses pages on kill -9.
SCHEDULER = "crawler.fetching.scheduler.FrontierScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

ITEM_PIPELINES = {"crawler.pipeline.StagePipeline": 300}

# Scrapy starts this many tasks for EVERY response; at its default of 100 that alone is a fifth of the time.
CONCURRENT_ITEMS = 1
# Requests in flight in all; the command line's --concurrency. One connection a host is the field's polite custom.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1

# Waiting between requests is done by fetching/politeness.py, which knows response times, Crawl-delay and Retry-After.
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False

# Seconds a try may take in all: connect, headers and body.
DOWNLOAD_TIMEOUT = 30
# Bytes of a response as received; what is longer is cut and marked `WARC-Truncated: length`.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0

# robots.txt is obeyed by our own middleware: Scrapy's takes a failing robots.txt for "allow", RFC 9309 for "stop".
ROBOTSTXT_OBEY = False

# None of Scrapy's own: what they do is done by our transport (content coding), frontier (retries, redirects: each hop
# is a queue entry, so that it is captured, checked and survives a crash; every status is an outcome to record),
# politeness (throttling), profile (cookies, headers, proxy). Environment proxies would void the address guard. They are
# left out here, not switched off one by one: Scrapy imports what it is to switch off, and tldextract with it.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {"crawler.fetching.robots.RobotsMiddleware": 100}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
# No listening socket during a run.
EXTENSIONS_BASE: dict[str, int] = {}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False

# DEBUG prints every item with its whole text.
LOG_LEVEL = "INFO"
# The log of a run goes to its own file (logs/RUN.log); the terminal is for people.
LOG_INSTALL_ROOT_HANDLER = False

# Folder of the archive that `scrapy crawl documents -a site=NAME` writes to; None: $DOCARCHIVE_DIR, then ./data.
ARCHIVE_DIR = None
# Bytes after which the next WARC file is begun: 1 GiB is the field's custom, and what IIPC tools expect at most.
ARCHIVE_WARC_MAX_BYTES = 1024 * 1024 * 1024

# Folder of profiles of one's own that `scrapy crawl documents -a site=NAME` knows besides the packaged ones.
CRAWL_SITES_DIR = None
# "HOST:PORT" of private or loopback addresses that may be fetched from; none by default.
CRAWL_ALLOW_HOSTS: list[str] = []
# Mail address or URL under which the crawl's operator can be reached: part of the user agent.
CRAWL_CONTACT = None
# Command called when a person is needed, as `notify` in docarchive.toml; None: nobody is called.
CRAWL_NOTIFY: str | None = None
# Requests a day for known pages, listing sweeps and revisits of documents together: one for so many documents ...
CRAWL_DOCUMENTS_A_REQUEST = 25
# ... and so many more. 20,000 documents: 950 requests a day, 16 minutes at one a second; each document is seen within a
# month even where nothing speaks for it. A profile's `revisit_budget` goes before them.
CRAWL_BUDGET_BASE = 150
# Seconds between requests to one host; None: the larger of 1 s and 5 times the last response's time.
CRAWL_DELAY_SECONDS = None
# Whether TLS certificates must be valid; a profile may relax it, which is recorded in warcinfo.
CRAWL_TLS_STRICT = True
