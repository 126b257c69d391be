"""Reads the weights out of an ONNX file, without the package that could run it.

Only the few fields that lead to the weights are declared; protobuf skips the rest. Field numbers:
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from services.chassis.errors import InvalidInputError

FLOAT = 1
"""TensorProto.DataType.FLOAT, the only type of tensor that holds weights."""
PACKAGE = "ttstrainer.onnx"
FIELDS = {
    "Tensor": {"dims": (1, "int64", True), "data_type": (2, "int32", False),
               "name": (8, "string", False), "raw_data": (9, "bytes", False)},
    "Attribute": {"name": (1, "string", False), "t": (5, "Tensor", False)},
    "Node": {"input": (1, "string", True), "output": (2, "string", True),
             "name": (3, "string", False), "op_type": (4, "string", False),
             "attribute": (5, "Attribute", True)},
    "Graph": {"node": (1, "Node", True), "initializer": (5, "Tensor", True)},
    "Model": {"graph": (7, "Graph", False)},
}  # fmt: skip
"""Message -> field -> (number, type, repeated)."""

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """One operation of the graph."""

    name: str
    operation: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """A model as it lies in its file."""

    tensors: dict[str, Weights]
    """All floating point weights and constants by name."""
    nodes: tuple[OnnxNode, ...]


def read_onnx(path: Path) -> OnnxGraph:
    """Returns the weights and operations of an ONNX file.

    Raises InvalidInputError when it is no ONNX file.
    """
    model = _model_class()()
    try:
        model.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise InvalidInputError(
            f"{path.name!r} is not an ONNX model: fetch it again.", reason="CORRUPT_CHECKPOINT"
        ) from error
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            tensors.update((node.output[0], a.t) for a in node.attribute if a.name == "value")
    return OnnxGraph(
        {name: _array(tensor) for name, tensor in tensors.items() if tensor.data_type == FLOAT},
        tuple(OnnxNode(n.name, n.op_type, tuple(n.input)) for n in model.graph.node),
    )


def _array(tensor: Any) -> Weights:  # noqa: ANN401  a message that is declared at run time
    return np.frombuffer(tensor.raw_data, dtype="<f4").reshape(tuple(tensor.dims))


@cache
def _model_class() -> Any:  # noqa: ANN401
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="ttstrainer_onnx.proto", package=PACKAGE, syntax="proto2"
    )
    for message, fields in FIELDS.items():
        declared = file.message_type.add(name=message)
        for name, (number, kind, repeated) in fields.items():
            field = declared.field.add(name=name, number=number)
            field.label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if kind in FIELDS:
                field.type = kinds.TYPE_MESSAGE
                field.type_name = f".{PACKAGE}.{kind}"
            else:
                field.type = kinds.Type.Value(f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Model"))
