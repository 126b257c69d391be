"""Makes torchaudio importable beside a torch without CUDA; run with the Python that has both.

The newest torchaudio there is links CUDA's libraries, without which `import torchaudio` fails. Its
part in Python needs none of them, and is all that coqui-tts uses. This file may not be called after
the package: its folder comes first where Python looks, so that it would find itself.
"""

import importlib.util
import sys
from pathlib import Path


def main() -> None:
    """Removes the libraries where they could not be loaded; safe to call again."""
    found = importlib.util.find_spec("torchaudio")
    if found is None or found.origin is None or importlib.util.find_spec("torch") is None:
        return
    from torch.version import cuda  # noqa: PLC0415 - takes a second, and may not be there

    if cuda is not None:
        return
    for library in (Path(found.origin).parent / "lib").glob("*.so"):
        library.unlink()
        sys.stderr.write(f"removed {library.name}, which needs CUDA\n")


if __name__ == "__main__":
    main()
