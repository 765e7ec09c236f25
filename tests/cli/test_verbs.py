"""Only what a command line names is made of all verbs, and it is the same as among all."""

from __future__ import annotations

import pytest

from docarchive.cli import app, command, verb_of

VERBS = sorted(str(known.name) for known in (*app.registered_commands, *app.registered_groups))


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_alone_is_what_it_is_among_all(verb: str) -> None:
    alone, among_all = command(verb), command()
    assert list(alone.commands) == [verb]
    assert [option.opts for option in alone.params] == [option.opts for option in among_all.params]
    assert [option.opts for option in alone.commands[verb].params] == [
        option.opts for option in among_all.commands[verb].params
    ]


@pytest.mark.parametrize("verb", [None, "recrods", "--help", ""])
def test_whoever_mistypes_a_verb_is_told_of_all(verb: str | None) -> None:
    assert set(command(verb).commands) == set(VERBS)


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ("records --archive data", "records"),
        ("--archive data records", "records"),
        ("--archive=data --debug records", "records"),
        ("--archive", None),
        ("--help", None),
        ("", None),
        ("--archive records", None),
    ],
)
def test_the_verb_of_a_command_line(words: str, verb: str | None) -> None:
    assert verb_of(words.split()) == verb
