"""The options that say which documents a command is about: the same for every verb that takes some of them."""

from __future__ import annotations

from typing import Annotated

import typer

Search = Annotated[
    str | None, typer.Option("--search", metavar="TEXT", help='Words: space = AND, "..." phrase, -not, OR, ( ).')
]
Exact = Annotated[
    bool, typer.Option("--exact", help="Width, case and script (traditional, simplified) of the words matter.")
]
LikeOriginal = Annotated[
    bool,
    typer.Option(
        "--like-original", help="What sites put in the place of a word is found too: 计划生育 finds 方案生育."
    ),
]
Where = Annotated[str | None, typer.Option("--where", metavar="SQL", help="A condition on the columns.")]
Site = Annotated[list[str] | None, typer.Option("--site", metavar="SITE", help="Only of this site; repeatable.")]
DocFormat = Annotated[
    list[str] | None, typer.Option("--doc-format", metavar="FORMAT", help="docx, pdf, ...; repeatable.")
]
PublishedFrom = Annotated[str | None, typer.Option("--published-from", metavar="DATE")]
PublishedTo = Annotated[str | None, typer.Option("--published-to", metavar="DATE")]
MinPages = Annotated[int | None, typer.Option("--min-pages", metavar="N")]
MaxPages = Annotated[int | None, typer.Option("--max-pages", metavar="N")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="What the sites said then.")]
AsPublished = Annotated[
    str | None, typer.Option("--as-published", metavar="RUN_OR_TIME", help="What readers of the archive saw then.")
]
Unique = Annotated[
    bool,
    typer.Option("--unique", help="Of the copies of one work, as `duplicates` last found them, only the best one."),
]
Fields = Annotated[str | None, typer.Option("--fields", metavar="a,b", help="Only these fields.")]
Sort = Annotated[str | None, typer.Option("--sort", metavar="relevance|published|fetched")]
Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most N rows; 0 = all.")]


def field_names(fields: str | None) -> list[str] | None:
    """Return the names in *fields*, None for none."""
    return [name.strip() for name in fields.split(",") if name.strip()] if fields else None
