"""Each component's extra holds all that its code imports: an image installs nothing else."""

import re
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MODEL_PACKAGES = ROOT / "deploy" / "setup" / "model-packages.txt"
OURS = ("bot", "gateway", "services", "ttstrainer")
COMPONENTS = {
    name: f"services.{name.replace('-', '_')}"
    for name in ("media", "audio-qc", "transcription", "dataset", "pipeline", "inference")
} | {"bot": "bot"}
OPTIONAL = {
    "inference": {"perth"},  # the setting `watermark` says what to install
}


@pytest.mark.parametrize("component", COMPONENTS)
def test_all_that_a_component_imports_is_installed_with_it(component: str) -> None:
    installed = closure(
        PROJECT["dependencies"]
        + PROJECT["optional-dependencies"][component]
        + model_packages(component)
    )
    distributions = packages_distributions()
    missing = {
        module
        for module in imported(COMPONENTS[component]) - OPTIONAL.get(component, set())
        if not {canonicalize_name(name) for name in distributions.get(module, [])} & installed
    }
    assert missing == set()


@cache
def graph() -> grimp.ImportGraph:
    """Returns who imports whom in our code, at the top of a module or inside a function."""
    return grimp.build_graph(
        *OURS, include_external_packages=True, exclude_type_checking_imports=True
    )


def imported(package: str) -> set[str]:
    """Returns the names of all foreign packages that a package of ours needs."""
    reached = graph().find_upstream_modules(package, as_package=True)
    foreign = {module.split(".")[0] for module in reached} - {*OURS, *sys.stdlib_module_names}
    return foreign - {"google"}  # a namespace that protobuf and googleapis share


def model_packages(component: str) -> list[str]:
    """Returns the packages with weights that name the component."""
    found = []
    for line in MODEL_PACKAGES.read_text().splitlines():
        requirement, _, comment = line.partition("#")
        if requirement and component in re.split(r",\s*", comment.partition(":")[0].strip()):
            found.append(requirement.strip())
    return found


def closure(wanted: list[str]) -> set[str]:
    """Returns the names of the distributions that these requirements bring along."""
    found: set[str] = set()
    waiting = [Requirement(each) for each in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or not applies(requirement):
            continue
        found.add(name)
        try:
            waiting += [
                each
                for each in map(Requirement, requires(name) or [])
                if applies(each) or any(applies(each, extra) for extra in requirement.extras)
            ]
        except PackageNotFoundError:
            continue
    return found


def applies(requirement: Requirement, extra: str = "") -> bool:
    """Says whether a requirement counts on this machine."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
