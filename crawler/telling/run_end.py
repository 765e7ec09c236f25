"""How a run ended, as one process can say it to the one that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from archive.clock import instant_text, parse_instant
from archive.site_state.staging import Run
from crawler.telling.last_end import Ended


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """How a run ended."""

    site: str
    run: Run | None
    """As the state had it, its counts up to date; None: it did not come so far as to be one."""
    event: str
    """As in the ledger, else `BLOCKED` or `FAILED`."""
    exit_code: int
    reason: str | None
    at: datetime
    resumed: bool = False
    failures: tuple[tuple[str, str], ...] = ()
    """Some of the URLs that were given up, with the reason."""

    def ended(self) -> Ended:
        """Return what is remembered of it, for the site's next run."""
        run_id = self.run.run_id if self.run is not None else None
        return Ended(run_id=run_id, event=self.event, exit_code=self.exit_code, reason=self.reason, at=self.at)

    def row(self) -> dict[str, Any]:
        """Return it as JSON has it; of the run's options what a report needs, the others may be long."""
        run = self.run
        if run is not None:
            run = replace(run, options={name: run.options[name] for name in ("partial",) if name in run.options})
        return {**asdict(replace(self, run=run)), "at": instant_text(self.at)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> RunEnd:
        """Return what `row` made a row of."""
        return cls(
            **{
                **row,
                "run": Run(**row["run"]) if row["run"] is not None else None,
                "at": parse_instant(row["at"]),
                "failures": tuple((url, reason) for url, reason in row["failures"]),
            }
        )
