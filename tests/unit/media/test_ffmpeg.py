"""The command line and the reading of ffmpeg's progress."""

from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError
from services.decoding.containers import DEMUXERS
from services.media.ffmpeg import Decoding, Watch, command_for

DECODING = Decoding(Path("/store/-i http: 'x'"), 3, 24, Path("/scratch/audio.flac"))


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_only_the_chosen_track_is_decoded_and_no_picture() -> None:
    command = command_for(DECODING, Path("ffmpeg"))
    assert option(command, "-map") == "0:3"
    assert {"-vn", "-sn", "-dn", "-nostdin"} <= set(command[: command.index("-i")]) | {"-nostdin"}


def test_a_path_can_be_no_option_and_no_other_protocol() -> None:
    command = command_for(DECODING, Path("ffmpeg"))
    assert option(command, "-i") == "file:/store/-i http: 'x'"
    assert "file:/scratch/audio.flac" in command


def test_ffmpeg_reads_files_only_and_no_playlists() -> None:
    command = command_for(DECODING, Path("ffmpeg"))
    before_input = command[: command.index("-i")]
    assert option(before_input, "-protocol_whitelist") == "file,pipe"
    assert option(before_input, "-format_whitelist").split(",") == list(DEMUXERS)
    assert not {"hls", "dash", "concat", "sdp", "rtsp", "image2", "tty", "lavfi"} & set(DEMUXERS)


@pytest.mark.parametrize(("bits", "sample_format"), [(16, "s16"), (24, "s32")])
def test_the_samples_keep_their_bits(bits: int, sample_format: str) -> None:
    decoding = Decoding(DECODING.source, 0, bits, DECODING.target)
    command = command_for(decoding, Path("ffmpeg"))
    assert option(command, "-sample_fmt") == sample_format
    assert option(command, "-bits_per_raw_sample") == str(bits)


def test_progress_is_read_from_pieces_of_any_size() -> None:
    reached: list[float] = []
    watch = Watch(reached.append, max_seconds=100, max_bytes=100)
    for byte in b"frame=1\nout_time_us=N/A\nout_time_us=1500000\nprogress=end\nout_time_us=20":
        watch.read(bytes([byte]))
    assert reached == [1.5]


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"out_time_us=100000001\n", "RECORDING_TOO_LONG"), (b"total_size=101\n", "AUDIO_TOO_LARGE")],
)
def test_what_passes_a_limit_is_ended(line: bytes, reason: str) -> None:
    watch = Watch(lambda _: None, max_seconds=100, max_bytes=100)
    watch.read(b"out_time_us=100000000\ntotal_size=100\n")
    with pytest.raises(InvalidInputError) as raised:
        watch.read(line)
    assert raised.value.reason == reason
