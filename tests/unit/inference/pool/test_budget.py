"""How much memory models may take."""

from pathlib import Path

from services.inference.pool.budget import machine_bytes, memory_budget_bytes


def test_what_is_asked_for_counts() -> None:
    assert memory_budget_bytes(123, uses_gpu=False) == 123


def test_without_it_a_share_of_the_memory_is_left_to_others() -> None:
    assert 0 < memory_budget_bytes(0, uses_gpu=False) < machine_bytes()


def test_a_container_has_what_its_limit_says(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("1000\n")
    assert machine_bytes((limit, tmp_path / "absent")) == 1000
    limit.write_text("max\n")
    assert machine_bytes((limit,)) == machine_bytes(())
