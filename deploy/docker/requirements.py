"""Writes what one component needs: `requirements.py COMPONENT [EXTRA]`.

requirements.txt holds the packages of the chassis, of the component's extra and of a further one;
models.txt the packages with model weights that name the component in their comment.
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path("pyproject.toml")
MODEL_PACKAGES = Path("deploy/setup/model-packages.txt")


def main() -> None:
    """Writes both files into the current folder."""
    component, *names = sys.argv[1:]
    project = tomllib.loads(PROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"]
    for name in (component, *names):
        if name not in extras:
            sys.exit(f"{name!r} is no extra of {PROJECT}.")
        wanted += extras[name]
    _write(Path("requirements.txt"), wanted)
    _write(Path("models.txt"), [line for line in _packages() if component in _components(line)])


def _packages() -> list[str]:
    lines = MODEL_PACKAGES.read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def _components(line: str) -> list[str]:
    comment = line.partition("#")[2]
    return re.split(r",\s*", comment.partition(":")[0].strip())


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
