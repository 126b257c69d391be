"""What a stack tells other commands about itself, and how the folder is shared."""

import os
from pathlib import Path

from gateway.embedded.locks import FileLock
from gateway.embedded.stack_file import Endpoint, StackInfo, read_stack_file, write_stack_file
from gateway.services import MEDIA, PIPELINE

DEAD_PID = 2**22 - 3


def info(owner_pid: int) -> StackInfo:
    return StackInfo(owner_pid, "nats://h:1", {"media": Endpoint("h:2", "h:3")})


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_stack_file(tmp_path / "stack.json", info(os.getpid()))
    assert read_stack_file(tmp_path / "stack.json") == info(os.getpid())


def test_the_file_of_a_dead_owner_tells_nothing(tmp_path: Path) -> None:
    write_stack_file(tmp_path / "stack.json", info(DEAD_PID))
    assert read_stack_file(tmp_path / "stack.json") is None


def test_no_file_and_a_damaged_one_tell_nothing(tmp_path: Path) -> None:
    assert read_stack_file(tmp_path / "stack.json") is None
    (tmp_path / "stack.json").write_text('{"format": 1, "owner_pid":')
    assert read_stack_file(tmp_path / "stack.json") is None


def test_a_stack_serves_what_it_runs() -> None:
    assert info(1).serves((MEDIA,))
    assert not info(1).serves((MEDIA, PIPELINE))


def test_a_lock_is_held_by_one_alone_or_shared_by_many(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path) as one, FileLock(path) as two, FileLock(path) as three:
        assert one.try_exclusive()
        assert not two.try_shared()
        one.release()
        assert two.try_shared()
        assert three.try_shared()
        assert not one.try_exclusive()
    with FileLock(path) as again:
        assert again.try_exclusive()
