"""What people read when ffmpeg fails: never ffmpeg's own words, never a path."""

import pytest

from services.chassis.errors import InvalidInputError, OverloadedError
from services.decoding.complaints import error_for

PATH = "file:/srv/store/blobs/abc"


@pytest.mark.parametrize(
    ("complaints", "reason"),
    [
        ("[concat @ 0x5] Format not on whitelist 'mov'\n", "PLAYLIST_NOT_ALLOWED"),
        ("[hls @ 0x5] Format not on whitelist 'mov'\n", "PLAYLIST_NOT_ALLOWED"),
        ("[sdp @ 0x5] Format not on whitelist 'mov'\n", "PLAYLIST_NOT_ALLOWED"),
        ("[tty @ 0x5] Format not on whitelist 'mov'\n", "NOT_MEDIA"),
        ("[png_pipe @ 0x5] Format not on whitelist 'mov'\n", "NOT_MEDIA"),
        ("[mov @ 0x5] Protocol 'http' not on whitelist 'file'!\n", "PLAYLIST_NOT_ALLOWED"),
        (f"[mov,mp4 @ 0x5] moov atom not found\n{PATH}: Invalid data\n", "INCOMPLETE_FILE"),
        (f"{PATH}: Invalid data found when processing input\n", "NOT_MEDIA"),
        ("", "NOT_MEDIA"),
    ],
)
def test_each_complaint_has_a_reason_and_tells_no_path(complaints: str, reason: str) -> None:
    error = error_for(complaints)
    assert isinstance(error, InvalidInputError)
    assert error.reason == reason
    assert "/" not in error.message


def test_a_full_disk_can_be_tried_again() -> None:
    assert isinstance(error_for("av_write_frame(): No space left on device"), OverloadedError)
