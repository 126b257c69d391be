"""Where an embedded stack keeps its data, and what is said where it cannot."""

from pathlib import Path

import pytest

from gateway.embedded.data_folder import DataFolder, default_data_folder
from gateway.embedded.errors import StackError

HOME = Path("/home/ada")
ADVICE = "set TTSTRAINER_HOME to a folder"


def test_data_lies_where_the_user_says_else_where_the_platform_does() -> None:
    assert default_data_folder({"TTSTRAINER_HOME": "/x"}, HOME).root == Path("/x")
    assert default_data_folder({"XDG_DATA_HOME": "/d"}, HOME).root == Path("/d/tts-trainer")
    unset = default_data_folder({"XDG_DATA_HOME": "relative"}, HOME).root
    assert unset.is_relative_to(HOME)


def test_the_home_of_nobody_is_refused() -> None:
    with pytest.raises(StackError, match=ADVICE):
        default_data_folder({"TTSTRAINER_HOME": "~no-such-account/data"}, HOME)


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(StackError, match=f"{place} .*{ADVICE}"):
            DataFolder(place).create()
