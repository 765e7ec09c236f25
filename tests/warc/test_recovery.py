"""After any death, what was whole is kept, closed and indexed; nothing else is."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import durable
from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.warc.cdxj import read_cdxj
from archive.warc.reading import read_capture, scan
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, Earlier
from archive.warc.recovery import recover, write_index
from archive.warc.writing import Stored, WarcWriter, cdxj_path
from tests.warc.conftest import NOW, Killed, exchange
from tests.warc.power import PowerCut, copy_of

NewWriter = Callable[..., WarcWriter]
NAME = "warc/huiwen/RUN-1-00000.warc.gz"


def killed_writer(new_writer: NewWriter, exchanges: int = 3) -> list[Stored]:
    """Write and let go without closing, as a SIGKILL does."""
    writer = new_writer()
    stored = [writer.write_exchange(exchange(number, b"body %d" % number)) for number in range(exchanges)]
    writer.abandon()
    return stored


def assert_sound(layout: Layout, stored: list[Stored]) -> None:
    """The folder holds closed, whole, indexed files and nothing else, and every position of *stored* can be read."""
    folder = layout.warc_folder("huiwen")
    names = sorted(p.name for p in folder.iterdir()) if folder.exists() else []
    closed = [name for name in names if name.endswith(".warc.gz")]
    assert names == sorted([*closed, *(cdxj_path(Path(name)).name for name in closed)])
    for name in closed:
        captures = [r for r in scan(folder / name) if r.record_type in ("response", "revisit", "resource")]
        entries = sorted(read_cdxj(cdxj_path(folder / name)), key=lambda e: e.offset)
        assert [(e.offset, e.length) for e in entries] == [(r.offset, r.length) for r in captures]
    for one in stored:
        record = read_capture(layout, one.file, one.offset, one.length)
        assert record.capture == one.capture


def whole(stored: list[Stored], size: int) -> list[Stored]:
    return [s for s in stored if s.offset + s.length <= size]


def test_a_killed_run_is_closed(layout: Layout, new_writer: NewWriter) -> None:
    stored = killed_writer(new_writer)
    assert recover(layout, "huiwen") == [(NAME, stored[-1].offset + stored[-1].length)]
    assert_sound(layout, stored)
    assert recover(layout, "huiwen") == []


def test_no_folder_is_nothing_to_do(layout: Layout) -> None:
    assert recover(layout, "huiwen") == []


def test_the_same_index_as_a_clean_close(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    first = writer.write_exchange(exchange(1))
    for profile in (IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED):
        earlier = Earlier(first.capture, exchange(1).url, NOW, first.payload_digest, profile)
        writer.write_exchange(exchange(1), revisit_of=earlier)
    writer.write_resource("urn:x:y", b"content", "text/plain; charset=utf-8")
    writer.write_metadata("urn:x:y", b"{}", "application/json")
    writer.close()
    index = cdxj_path(layout.root / first.file)
    closed = index.read_bytes()
    index.unlink()
    assert recover(layout, "huiwen") == []
    assert index.read_bytes() == closed
    write_index(layout.root / first.file)
    assert index.read_bytes() == closed


def test_torn_at_every_byte(layout: Layout, new_writer: NewWriter) -> None:
    stored = killed_writer(new_writer)
    open_path = layout.root / (NAME + ".open")
    data = open_path.read_bytes()
    ends = [s.offset + s.length for s in stored]
    for size in range(len(data) + 1):
        (layout.root / NAME).unlink(missing_ok=True)
        open_path.write_bytes(data[:size])
        kept = max((end for end in ends if end <= size), default=0)
        assert recover(layout, "huiwen") == [(NAME, kept)]
        assert (layout.root / NAME).exists() == (kept > 0)
        if kept:
            assert (layout.root / NAME).read_bytes() == data[:kept]
    assert_sound(layout, stored)


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b"\0" * 5000, id="zeros of a power cut"),
        pytest.param(random.Random(1).randbytes(5000), id="garbage"),
        pytest.param(b"\x1f\x8b", id="a member's first bytes"),
        pytest.param(b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0", id="an empty member"),
    ],
)
@pytest.mark.parametrize("torn_bytes", [0, 6, 40])
def test_tail_that_is_no_record(layout: Layout, new_writer: NewWriter, tail: bytes, torn_bytes: int) -> None:
    stored = killed_writer(new_writer)
    open_path = layout.root / (NAME + ".open")
    data = open_path.read_bytes()
    open_path.write_bytes(data[: len(data) - torn_bytes] + tail)
    kept = stored if torn_bytes == 0 else stored[:-1]
    assert recover(layout, "huiwen") == [(NAME, kept[-1].offset + kept[-1].length)]
    assert_sound(layout, kept)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_ends_the_file_before_it(layout: Layout, new_writer: NewWriter, data: st.DataObject) -> None:
    folder = layout.warc_folder("huiwen")
    for path in folder.glob("*") if folder.exists() else ():
        path.unlink()
    stored = killed_writer(new_writer)
    open_path = layout.root / (NAME + ".open")
    content = bytearray(open_path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    open_path.write_bytes(content)
    ((_, size),) = recover(layout, "huiwen")
    # Flags, time and system in a gzip header mean nothing: a changed bit there may go unseen.
    assert whole(stored, size) in (whole(stored, at), stored)
    assert_sound(layout, whole(stored, size))


def test_a_file_without_capture_is_removed(layout: Layout, new_writer: NewWriter) -> None:
    stored = killed_writer(new_writer, exchanges=1)
    open_path = layout.root / (NAME + ".open")
    open_path.write_bytes(open_path.read_bytes()[: stored[0].offset])
    assert recover(layout, "huiwen") == [(NAME, 0)]
    assert list(layout.warc_folder("huiwen").iterdir()) == []


def kills(action: Callable[[], object], torn_writes: bool = True) -> Iterator[int]:
    """Run *action* killed at its 1st, 2nd, ... operation until it ends by itself; yield after each kill."""
    for at in itertools.count(1):
        calls = itertools.count(1)

        def kill(operation: str, _subject: object, at: int = at, calls: Iterator[int] = calls) -> None:
            if next(calls) == at:
                raise Killed

        durable.fault_hook = kill
        try:
            action()
        except Killed:
            durable.fault_hook = None
            yield at
        else:
            durable.fault_hook = None
            return


def test_killed_anywhere_while_writing_and_closing(tmp_path: Path, clock: ManualClock) -> None:
    """Whatever was handed out as stored before the kill is there after it."""
    stored: list[Stored] = []
    layout = create(tmp_path / "data")
    writer: WarcWriter | None = None

    def run() -> None:
        nonlocal writer
        writer = WarcWriter(layout, "huiwen", "RUN", 1, clock, info={}, max_bytes=2000)
        for number in range(6):
            stored.append(writer.write_exchange(exchange(number)))
        writer.close()

    times = 0
    for _ in kills(run):
        times += 1
        if writer is not None:
            writer.abandon()
        recover(layout, "huiwen")
        assert_sound(layout, stored)
        stored.clear()
        layout = create(tmp_path / f"data{times}")
    assert times > 30
    assert_sound(layout, stored)


def test_killed_anywhere_inside_recover(layout: Layout, new_writer: NewWriter, tmp_path: Path) -> None:
    stored = killed_writer(new_writer)
    open_path = layout.root / (NAME + ".open")
    open_path.write_bytes(open_path.read_bytes() + b"\x1f\x8btorn")
    (layout.warc_folder("huiwen") / "RUN-1-00000.cdxj.open").write_bytes(b"scratch of the dead writer")
    torn = copy_of(layout.root, tmp_path / "torn")
    times = 0
    for _ in kills(lambda: recover(layout, "huiwen")):
        times += 1
        recover(layout, "huiwen")
        assert_sound(layout, stored)
        copy_of(torn, layout.root)
    assert times >= 10
    assert_sound(layout, stored)


def test_a_writer_that_still_lives_keeps_a_file_nobody_sees(
    layout: Layout, new_writer: NewWriter, tmp_path: Path
) -> None:
    """A process that lost its lease while it was stopped may write on: into no file of the archive."""
    writer = new_writer()
    stored = [writer.write_exchange(exchange(number)) for number in range(3)]
    for _ in kills(lambda: recover(layout, "huiwen")):
        pass
    assert_sound(layout, stored)
    before = (layout.root / NAME).read_bytes()
    writer.write_exchange(exchange(9))
    assert (layout.root / NAME).read_bytes() == before
    writer.abandon()
    assert recover(layout, "huiwen") == []
    assert_sound(layout, stored)


@pytest.mark.parametrize("tail", [b"", b"\0", b"garbage"], ids=["gone", "zeros", "garbage"])
def test_power_cut_anywhere(tmp_path: Path, clock: ManualClock, tail: bytes) -> None:
    """What was synced is there after the power comes back; cut again inside recover, too."""
    for at in itertools.count(1):
        layout = create(tmp_path / f"data{at}")
        durable.make_folder(layout.warc_folder("huiwen"))
        synced: list[Stored] = []
        writer = WarcWriter(layout, "huiwen", "RUN", 1, clock, info={}, max_bytes=2500)
        cut = PowerCut(layout.root, at, tail)
        durable.fault_hook = cut
        done = False
        try:
            stored = []
            for number in range(6):
                stored.append(writer.write_exchange(exchange(number)))
                if number % 2:
                    writer.sync()
                    synced = list(stored)
            writer.close()
            synced = list(stored)
            done = True
        except Killed:
            pass
        durable.fault_hook = None
        writer.abandon()
        cut.restore()
        again = PowerCut(layout.root, at % 12 + 1, tail)
        durable.fault_hook = again
        try:
            recover(layout, "huiwen")
        except Killed:
            durable.fault_hook = None
            again.restore()
        durable.fault_hook = None
        recover(layout, "huiwen")
        assert_sound(layout, synced)
        if done:
            assert at > 30
            break


def test_time_of_the_fixture_is_cut_to_milliseconds() -> None:
    assert exchange(1).fetched_at.microsecond == NOW.microsecond // 1000 * 1000
