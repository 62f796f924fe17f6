"""A Marian checkpoint of OPUS-MT's size that translates as a small one does.

    python tests/benchmarks/enlarge.py SMALL LARGE [--encoder 5120] [--decoder 40960]
    derive models add LARGE --quantization int8

The feed-forward layers get units that compute and are then not listened to: a model that gives the
same translations (in int8, too: 400 of 400 questions of Do-Not-Answer), for as many multiplications
a token as a Transformer base takes (six layers of 512 each side and a vocabulary of 58,000), which
is what the models of OPUS-MT are. With --encoder 65536 --decoder 393216 it has as many weights as
the smallest NLLB-200, 600 million.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any


def enlarge(small: Path, large: Path, units: dict[str, int]) -> None:
    """Write the checkpoint in `small` to `large`. units: of each side's feed-forward layers."""
    import torch
    from safetensors.torch import load_file, save_file

    large.mkdir(parents=True)
    for file in small.iterdir():
        shutil.copyfile(file, large / file.name)
    torch.manual_seed(1)

    def padded(name: str, tensor: Any) -> Any:
        side = "encoder" if ".encoder." in name else "decoder"
        part, _, kind = name.rpartition(".")
        axis = {"fc1": 0, "fc2": 1}.get(part.rpartition(".")[2])
        if axis is None or (axis == 1 and kind == "bias"):
            return tensor
        shape = list(tensor.shape)
        shape[axis] = units[side] - shape[axis]
        # small, so that they do not set the scale that the others are quantized by
        scale = 0.1 * float(tensor.float().std()) if axis == 0 else 0.0
        more = torch.randn(shape, dtype=torch.float32) * scale
        return torch.cat([tensor, more.to(tensor.dtype)], axis).contiguous()

    weights = load_file(small / "model.safetensors")
    save_file({name: padded(name, tensor) for name, tensor in weights.items()},
              large / "model.safetensors", metadata={"format": "pt"})  # fmt: skip
    config = json.loads((small / "config.json").read_text())
    config |= {f"{side}_ffn_dim": size for side, size in units.items()}
    (large / "config.json").write_text(json.dumps(config, indent=2))


def main() -> None:
    """Enlarge the checkpoint that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("small", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--encoder", type=int, default=5120)
    parser.add_argument("--decoder", type=int, default=40960)
    options = parser.parse_args()
    enlarge(options.small, options.large, {"encoder": options.encoder, "decoder": options.decoder})


if __name__ == "__main__":
    main()
