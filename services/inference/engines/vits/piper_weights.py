"""Carries the weights of a Piper voice over into coqui's `Vits`, which has the same layers.

Piper (https://github.com/rhasspy/piper) trains VITS with the layer names of its reference
implementation, https://github.com/jaywalnut310/vits, and exports it as ONNX.
"""

import re
from typing import Any

import torch

from services.chassis.errors import InvalidInputError
from services.inference.engines.vits.onnx_weights import OnnxGraph, Weights

PARTS = {
    "enc_p": "text_encoder",
    "dec": "waveform_decoder",
    "flow": "flow",
    "dp": "duration_predictor",
}
"""Piper's name of a part of the network -> coqui's."""
UNUSED = "duration_predictor.flows.1."
"""The one layer that VITS trains but skips when it speaks; Piper does not export it."""
SCALE_NODE = "/dp/flows.0/Mul"


def carry_over(graph: OnnxGraph, network: Any) -> None:  # noqa: ANN401  coqui has no types
    """Fills all weights of coqui's `Vits` that speaking needs.

    `network` has its weights folded, and no parts for training. Raises InvalidInputError when the
    model in `graph` is not of the same architecture.
    """
    state = {
        name: torch.from_numpy(values.copy()) for name, values in _named_as_coqui(graph).items()
    }
    try:
        found = network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise _not_alike() from error
    missing = [name for name in found.missing_keys if not name.startswith(UNUSED)]
    if missing or found.unexpected_keys:
        raise _not_alike()


def _named_as_coqui(graph: OnnxGraph) -> dict[str, Weights]:
    named = {
        _coqui_name(name): values
        for name, values in (graph.tensors | _anonymous_weights(graph)).items()
        if name.split(".")[0] in PARTS
    }
    for node in graph.nodes:
        if node.operation == "Gather" and node.name == "/enc_p/emb/Gather":
            # The export joined the embedding with another tensor of the same name.
            named["text_encoder.emb.weight"] = graph.tensors[node.inputs[0]]
        if node.name == SCALE_NODE:
            # Exported as exp(-log_scale), worked out.
            scale = next(graph.tensors[name] for name in node.inputs if name in graph.tensors)
            named["duration_predictor.flows.0.log_scale"] = -_log(scale)
    return named


def _anonymous_weights(graph: OnnxGraph) -> dict[str, Weights]:
    """The export drops the names of weights that it works out; their biases have kept theirs."""
    return {
        node.inputs[2].replace(".bias", ".weight"): graph.tensors[node.inputs[1]]
        for node in graph.nodes
        if node.operation == "Conv"
        and len(node.inputs) > len(("input", "weight"))
        and node.inputs[1].startswith("onnx::")
    }


def _coqui_name(name: str) -> str:
    part, rest = name.split(".", maxsplit=1)
    if flow := re.match(r"flows\.(\d+)\.(.*)", rest):
        # The reference counts the flips between the flows as layers; coqui does not.
        number = int(flow[1]) // 2 if part == "flow" else (int(flow[1]) + 1) // 2
        rest = f"flows.{number}.{'translation' if flow[2] == 'm' else flow[2]}"
    return f"{PARTS[part]}.{rest}"


def _log(values: Weights) -> Weights:
    return torch.from_numpy(values.copy()).log().numpy()


def _not_alike() -> InvalidInputError:
    return InvalidInputError(
        "This Piper voice is not of the architecture that is known: use another one.",
        reason="CORRUPT_CHECKPOINT",
    )
