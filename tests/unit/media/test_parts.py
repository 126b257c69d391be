"""The arithmetic of parts: whatever arrived in whatever pieces, the file is read once and whole."""

from hypothesis import given
from hypothesis import strategies as st

from services.media.parts import Part, part_at, pieces_of, received_bytes, sha256_at

SHA256 = "ab" * 32
ranges = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda r: Part(r[0], r[0] + r[1]))


def held(part: Part, content: bytes) -> bytes:
    return content[part.start : part.end]


@given(st.lists(ranges, max_size=12))
def test_the_pieces_of_any_parts_join_to_a_prefix_of_the_file(parts: list[Part]) -> None:
    content = bytes(range(100))
    joined = b"".join(held(p.part, content)[p.skipped_bytes :] for p in pieces_of(parts))
    assert joined == content[: len(joined)]
    assert len(joined) == received_bytes(parts)


@given(st.lists(ranges, max_size=12))
def test_no_byte_behind_the_received_ones_has_arrived_next_to_them(parts: list[Part]) -> None:
    end = received_bytes(parts)
    assert not any(part.start <= end < part.end for part in parts)


@given(st.lists(ranges, max_size=12), ranges)
def test_more_parts_never_take_bytes_away(parts: list[Part], more: Part) -> None:
    assert received_bytes([*parts, more]) >= received_bytes(parts)


@given(st.lists(ranges, max_size=12))
def test_the_order_of_arrival_does_not_matter(parts: list[Part]) -> None:
    assert list(pieces_of(parts)) == list(pieces_of(reversed(parts)))


@given(ranges)
def test_a_part_is_found_again_by_its_key(part: Part) -> None:
    key = part.key(SHA256)
    assert part_at(key) == part
    assert sha256_at(key) == SHA256


def test_keys_sort_as_their_parts_do() -> None:
    parts = [Part(0, 9), Part(9, 100), Part(100, 101), Part(100, 1 << 40)]
    assert sorted(part.key(SHA256) for part in parts) == [part.key(SHA256) for part in parts]


def test_foreign_objects_are_no_parts() -> None:
    for name in ("notes.txt", "1", "-", "5-5", "9-3", "a-b", "²-³"):
        assert part_at(f"uploads/{SHA256}/{name}") is None
