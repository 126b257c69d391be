"""Files that are no recordings are refused with a reason, and never make ffmpeg reach out."""

import asyncio
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError
from services.media.ffprobe import Ffprobe
from tests.media_parts import MediaParts, media_parts
from tests.recorded_media import PICTURE, encode, record

SUBTITLES = b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n"
TEXT = b"Dear diary,\n\ntoday I renamed a text file.\n" * 40
ANSI = b"\x1b[31mred\x1b[0m\n" * 100
PLAYLISTS: dict[str, str] = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "list.mpd": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S"><Period><AdaptationSet><Representation id="1" '
        'bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ),
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=audio {port} RTP/AVP 0\n",
}


@pytest.fixture
def parts(tmp_path: Path) -> MediaParts:
    return media_parts(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n", "NOT_MEDIA"),
        (TEXT, "NOT_MEDIA"),
        (SUBTITLES, "NOT_MEDIA"),
        (ANSI, "NOT_MEDIA"),
        (b"\x00" * 100_000, "NOT_MEDIA"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 500, "NOT_MEDIA"),
    ],
)
async def test_what_is_no_media_is_refused_with_a_reason(
    parts: MediaParts, content: bytes, reason: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await parts.probe(content)
    assert raised.value.reason == reason
    assert str(parts.root) not in raised.value.message


@pytest.mark.parametrize("name", PLAYLISTS)
@pytest.mark.parametrize("suffix", ["own", ".mp4"])
async def test_a_playlist_is_refused_and_nobody_is_asked(
    parts: MediaParts, tmp_path: Path, name: str, suffix: str
) -> None:
    with counting_server() as (port, asked):
        for target in (f"http://127.0.0.1:{port}/recording.ts", "/etc/passwd"):
            content = PLAYLISTS[name].format(target=target, port=port).encode()
            with pytest.raises(InvalidInputError):
                await parts.probe(content)
            path = tmp_path / (name if suffix == "own" else name + suffix)
            path.write_bytes(content)
            with pytest.raises(InvalidInputError):
                await Ffprobe(Path("ffprobe"), "test", 10.0).describe(path)
        assert asked() == 0


async def test_the_server_of_the_tests_would_have_been_asked(tmp_path: Path) -> None:
    """Shows that the playlist works where nothing restricts ffmpeg."""
    with counting_server() as (port, asked):
        path = tmp_path / "list.m3u8"
        target = f"http://127.0.0.1:{port}/recording.ts"
        path.write_text(PLAYLISTS["list.m3u8"].format(target=target))
        allowed = ("-protocol_whitelist", "file,http,tcp")
        unguarded = await asyncio.create_subprocess_exec("ffprobe", "-v", "quiet", *allowed, path)
        await unguarded.wait()
        assert asked() > 0


async def test_a_video_cut_before_its_index_is_told_to_be_incomplete(
    parts: MediaParts, tmp_path: Path
) -> None:
    whole = record(tmp_path, "mp4").read_bytes()
    with pytest.raises(InvalidInputError, match="incomplete") as raised:
        await parts.probe(whole[: len(whole) // 2])
    assert raised.value.reason == "INCOMPLETE_FILE"


async def test_a_video_without_audio_is_warned_of_and_not_extracted(
    parts: MediaParts, tmp_path: Path
) -> None:
    silent_film = encode(tmp_path / "film.mp4", *PICTURE, "-t", "1", "-c:v", "libx264")
    media = await parts.probe(silent_film)
    assert [warning.reason for warning in media.warnings] == ["NO_AUDIO_STREAM"]
    with pytest.raises(InvalidInputError, match="no audio track") as raised:
        await parts.extract(silent_film)
    assert raised.value.reason == "NO_AUDIO_STREAM"


async def test_an_audio_track_of_which_nothing_can_be_decoded_is_refused(
    parts: MediaParts, tmp_path: Path
) -> None:
    whole = record(tmp_path, "m4a").read_bytes()
    start, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    with pytest.raises(InvalidInputError) as raised:
        await parts.extract(whole[:start] + bytes(end - start) + whole[end:])
    assert raised.value.reason == "NOTHING_DECODED"


async def test_too_many_streams_are_refused(tmp_path: Path) -> None:
    parts = media_parts(tmp_path, max_stream_count=2)
    tones = [f"sine=frequency={hertz}:duration=1" for hertz in (300, 400, 500)]
    inputs = [word for tone in tones for word in ("-f", "lavfi", "-i", tone)]
    maps = [word for index in range(3) for word in ("-map", str(index))]
    many = encode(tmp_path / "many.mkv", *inputs, *maps, "-c:a", "flac")
    with pytest.raises(InvalidInputError, match="3 streams") as raised:
        await parts.probe(many)
    assert raised.value.reason == "TOO_MANY_STREAMS"


async def test_a_recording_that_is_too_long_is_refused(tmp_path: Path) -> None:
    parts = media_parts(tmp_path, max_duration_seconds=2.0)
    with pytest.raises(InvalidInputError) as raised:
        await parts.extract(record(tmp_path, "wav"))
    assert raised.value.reason == "RECORDING_TOO_LONG"


async def test_a_recording_that_hides_its_length_is_stopped_at_the_limit(tmp_path: Path) -> None:
    parts = media_parts(tmp_path, max_duration_seconds=2.0)
    stream = encode(
        tmp_path / "live.mkv",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=600",
        "-live",
        "1",
        "-c:a",
        "flac",
    )
    assert (await parts.probe(stream)).duration_seconds == 0
    with pytest.raises(InvalidInputError) as raised:
        await parts.extract(stream)
    assert raised.value.reason == "RECORDING_TOO_LONG"
    assert list(parts.scratch.iterdir()) == []


@contextmanager
def counting_server() -> Iterator[tuple[int, Callable[[], int]]]:
    """Listens on a loopback port and counts who asks."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *arguments: object) -> None:
            """Keeps the test's output clean."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port, lambda: len(requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
