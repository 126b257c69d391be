"""`python -m deploy.checks.k8s`: renders every overlay and says what is wrong with it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.checks.k8s import pods, scalers, schemas, settings
from deploy.checks.k8s.rendering import Document, overlays, rendered

DEPLOY = Path(__file__).parents[2]


def problems_of(deploy: Path, overlay: str) -> list[str]:
    """Returns everything that is wrong with an overlay."""
    try:
        return problems_in(rendered(deploy, overlay))
    except RuntimeError as error:
        return [str(error)]


def problems_in(documents: Sequence[Document]) -> list[str]:
    """Returns everything that is wrong with documents; rules ask only what is well formed."""
    found = [problem for document in documents for problem in schemas.problems(document)]
    if found:
        return found
    rules = (pods.problems, settings.problems, scalers.problems)
    return [problem for rule in rules for problem in rule(documents)]


def main() -> int:
    """Prints what is wrong; exit code 1 when anything is."""
    names = overlays(DEPLOY)
    found = [f"{name}: {problem}" for name in names for problem in problems_of(DEPLOY, name)]
    for problem in found:
        sys.stderr.write(f"k8s: {problem}\n")
    if not names:
        sys.stderr.write("k8s: no overlay was found\n")
    return 1 if found or not names else 0


if __name__ == "__main__":
    sys.exit(main())
