"""Weights are read out of ONNX files, byte by byte as the format has it."""

import struct
from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.engines.vits.onnx_weights import OnnxNode, read_onnx

INT64 = 7


def field(number: int, content: bytes | int) -> bytes:
    """Encodes a field of a protobuf message: a number below 128, or something of a length."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def tensor(name: str, dims: list[int], *values: float, kind: int = 1) -> bytes:
    raw = struct.pack(f"<{len(values)}f", *values)
    return b"".join(field(1, dim) for dim in dims) + field(2, kind) + field(8, name.encode()) + (
        field(9, raw)
    )  # fmt: skip


def model(*parts: bytes) -> bytes:
    return field(1, 8) + field(7, b"".join(parts))


def test_initialisers_constants_and_operations_are_read(tmp_path: Path) -> None:
    constant = field(2, b"half") + field(4, b"Constant") + field(5, (
        field(1, b"value") + field(5, tensor("", [1], 0.5))
    ))  # fmt: skip
    convolution = field(1, b"x") + field(1, b"w") + field(3, b"/conv") + field(4, b"Conv")
    path = tmp_path / "model.onnx"
    path.write_bytes(
        model(field(1, constant), field(1, convolution), field(5, tensor("w", [2, 1], 1, -2)))
    )

    graph = read_onnx(path)

    assert graph.tensors["w"].tolist() == [[1], [-2]]
    assert graph.tensors["half"].tolist() == [0.5]
    assert graph.nodes[1] == OnnxNode("/conv", "Conv", ("x", "w"))


def test_whole_numbers_are_no_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model(field(5, tensor("shape", [1], 0.0, kind=INT64))))
    assert read_onnx(path).tensors == {}


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\xff not a model")
    with pytest.raises(InvalidInputError, match=r"model\.onnx"):
        read_onnx(path)
