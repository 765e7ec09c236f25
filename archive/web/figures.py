"""What is in the archive as a whole, counted once a publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.archive import Archive
from archive.web.opened import Opened

_SITES = """
WITH known AS (
  SELECT site, doc_id, max(fetched_at) AS fetched_at
  FROM raw_versions JOIN visible_runs USING (run_id) GROUP BY site, doc_id
)
SELECT site, count(*) AS documents, max(fetched_at) AS fetched_at,
  (SELECT count(*) FROM withdrawals w WHERE w.site = known.site) AS withdrawn
FROM known GROUP BY site ORDER BY documents DESC, site
"""


def everything(archive: Archive, opened: Opened) -> Mapping[str, Any]:
    """Return `documents`, `sites` (a row a site: `site`, `documents`, `withdrawn`, `fetched_at`), `published_at`."""

    def counted() -> dict[str, Any]:
        sites = archive.query(_SITES).to_list()
        published = archive.query("SELECT max(published_at) AS published_at FROM visible_runs").to_list()
        return {
            "sites": sites,
            "documents": sum(site["documents"] for site in sites),
            "published_at": published[0]["published_at"],
        }

    return opened.remembered("everything", counted)
