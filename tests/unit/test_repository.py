"""The rules that the tree keeps about itself."""

import re
import statistics
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "gateway", "services")
LONGEST_FILE_LINES = 300
LONGEST_MEDIAN_FILE_LINES = 100
LARGEST_BINARY_BYTES = 100_000
NAMES_THAT_SAY_NOTHING = {"base", "common", "core", "helpers", "manager", "misc", "util", "utils"}

HOSTS = ("debian", "npmjs", "pypi", "pythonhosted")
PLACES_OF_ONE_MACHINE = re.compile(
    rf"://[\w.-]*\b(?:{'|'.join(HOSTS)})\."
    r"|(?:index|find-links|extra-index)-url\s*="
    r"|(?<![\w.])/(?:home|root|work|Users)/\w+/"
)


def tracked() -> list[Path]:
    """Returns the files that git has or would take: those that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    """Returns the Python files that we run; stubs and tests are left out."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in OURS
    ]


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {str(path.relative_to(ROOT)): line_count(path) for path in modules()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_most_modules_are_short() -> None:
    lengths = [line_count(path) for path in modules() if path.name != "__init__.py"]

    assert statistics.median(lengths) <= LONGEST_MEDIAN_FILE_LINES


def test_modules_are_named_after_their_subject() -> None:
    assert [path for path in modules() if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_no_large_binary_is_committed() -> None:
    large = [path for path in tracked() if path.stat().st_size > LARGEST_BINARY_BYTES]

    assert [path for path in large if b"\0" in path.read_bytes()[:8000]] == []


def test_no_file_names_a_package_host_or_a_place_of_one_machine() -> None:
    found = {}
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="ignore")
        if match := PLACES_OF_ONE_MACHINE.search(text):
            found[str(path.relative_to(ROOT))] = match.group()

    assert found == {}


def test_every_requirement_is_pinned_exactly_by_itself_or_in_the_constraints() -> None:
    pinned = {
        _normalised(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    required = {
        _normalised(re.split(r"[\[=<>~! ;]", requirement, maxsplit=1)[0])
        for group in [project["dependencies"], *extras]
        for requirement in group
        if "==" not in requirement
    }

    assert required - pinned == {"tts-trainer"}  # the extras that name other extras


def test_constraints_hold_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [
        line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)
    ] == []


def test_each_service_has_an_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    folders = {path.parent.name.replace("_", "-") for path in ROOT.glob("services/*/__main__.py")}

    assert folders <= set(project["optional-dependencies"])


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
