"""The logs of child processes."""

from pathlib import Path

from gateway.embedded.log_files import LogReader, bounded, last_lines, rotated


def test_a_log_that_grew_too_large_starts_again_under_its_writer(tmp_path: Path) -> None:
    log = tmp_path / "media.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        bounded(log, max_bytes=1000)
        assert log.stat().st_size == 400
        bounded(log, max_bytes=100)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "media.log.1").read_bytes() == b"old\n" * 100


def test_a_new_stack_starts_a_new_log_and_keeps_the_last(tmp_path: Path) -> None:
    log = tmp_path / "media.log"
    rotated(log)
    log.write_text("old")
    rotated(log)
    assert not log.exists()
    assert (tmp_path / "media.log.1").read_text() == "old"


def test_an_error_message_quotes_the_end_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "media.log"
    assert not last_lines(log)
    log.write_bytes(b"x\xff\n" * 100_000 + b"the end\n")
    quoted = last_lines(log).splitlines()
    assert len(quoted) == 12
    assert quoted[-1] == "  the end"


def test_each_line_is_read_once_and_when_it_is_complete(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    reader = LogReader(log)
    assert reader.new_lines() == []
    with log.open("ab", buffering=0) as writer:
        writer.write(b"one\ntwo\nthr")
        assert reader.new_lines() == ["one", "two"]
        writer.write(b"ee\n")
        assert reader.new_lines() == ["three"]
        assert reader.new_lines() == []


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    reader = LogReader(log)
    log.write_text("a long line\n")
    reader.new_lines()
    log.write_text("new\n")
    assert reader.new_lines() == ["new"]
