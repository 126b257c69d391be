"""Writes what one component needs: `requirements.py COMPONENT` makes requirements.txt and models.txt.

The first holds the packages of the chassis and of the component's extra, the second the packages
with model weights that name the component in their comment.
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path("pyproject.toml")
MODEL_PACKAGES = Path("deploy/setup/model-packages.txt")


def main() -> None:
    """Writes both files into the current folder."""
    component = sys.argv[1]
    project = tomllib.loads(PROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    if component not in extras:
        sys.exit(f"{component!r} is no component: it must be an extra of {PROJECT}.")
    _write(Path("requirements.txt"), project["dependencies"] + extras[component])
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
