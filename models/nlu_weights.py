"""The classifier's weights on disk: eight bits a number, so that they fit into the repository, and a card beside them.

Matrices are kept as int8 with one float32 scale a row (its largest number is 127), everything else as float16.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from models.errors import ModelError
from models.nlu import CARD_FILE, WEIGHTS_FILE

_SCALE = ".scale"


def pack(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Float tensors in eight bits."""
    packed: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        if tensor.ndim != 2:
            packed[name] = tensor.half().contiguous()
            continue
        scale = (tensor.float().abs().amax(dim=1, keepdim=True) / 127).clamp(min=1e-12)
        packed[name] = (tensor.float() / scale).round().clamp(-127, 127).to(torch.int8).contiguous()
        packed[name + _SCALE] = scale
    return packed


def unpack(packed: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same as float32."""
    return {
        name: tensor.float() * packed[name + _SCALE] if tensor.dtype == torch.int8 else tensor.float()
        for name, tensor in packed.items()
        if not name.endswith(_SCALE)
    }


def write_weights(folder: Path, state: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
    """Write the weights and their card."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(pack(state), folder / WEIGHTS_FILE)
    (folder / CARD_FILE).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_weights(folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Weights as float32, and the card. Raises ModelError ``model_missing`` or ``model_damaged``."""
    try:
        state = unpack(load_file(folder / WEIGHTS_FILE))
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError("model_missing", f"No classifier in {folder}: {error}") from error
    except (SafetensorError, json.JSONDecodeError, OSError, UnicodeDecodeError, KeyError) as error:
        raise ModelError("model_damaged", f"The classifier in {folder} cannot be read: {error}") from error
    if not isinstance(card, dict):
        raise ModelError("model_damaged", f"{folder / CARD_FILE} holds no object")
    return state, card
