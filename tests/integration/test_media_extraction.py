"""Extraction: lossless, repeatable, of the track asked for, ended when nobody waits."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.artifacts import uri_of
from services.chassis.errors import InvalidInputError, NotFoundError
from services.media.registering import display_name_of, register
from tests.eventually import eventually
from tests.media_parts import MediaParts, media_parts
from tests.recorded_media import SAMPLE_RATE_HERTZ, encode, record, spoken, spoken_wav
from ttstrainer.media.v1 import media_service_pb2 as pb

SLOW_FFMPEG = """#!/bin/sh
echo $$ > "{folder}/pid"
trap '' TERM
printf 'out_time_us=1000000\\n'
while true; do sleep 0.1; done
"""
COUNTING_FFMPEG = """#!/bin/sh
echo "$*" >> "{folder}/calls"
exec {ffmpeg} "$@"
"""


@pytest.fixture
def parts(tmp_path: Path) -> MediaParts:
    return media_parts(tmp_path)


@pytest.mark.parametrize(
    ("subtype", "bits", "dtype"),
    [("PCM_U8", 16, "int16"), ("PCM_16", 16, "int16"), ("PCM_24", 24, "int32")],
)
async def test_pcm_comes_out_with_identical_samples(
    parts: MediaParts, tmp_path: Path, subtype: str, bits: int, dtype: str
) -> None:
    wav = spoken_wav(tmp_path / "spoken.wav", subtype=subtype)
    audio = await parts.extract(wav)
    assert audio.bits_per_sample == bits
    extracted, _ = soundfile.read(parts.path_of(audio.audio_uri), dtype=dtype)
    original, _ = soundfile.read(wav, dtype=dtype)
    np.testing.assert_array_equal(extracted, original)


@pytest.mark.parametrize("channels", [2, 6, 8])
async def test_channels_and_sample_rate_are_kept(
    parts: MediaParts, tmp_path: Path, channels: int
) -> None:
    mono = spoken()[: SAMPLE_RATE_HERTZ // 4]
    gains = np.linspace(0.1, 1.0, channels, dtype=np.float32)
    wav = tmp_path / "many.wav"
    soundfile.write(wav, mono[:, None] * gains, 44_100, subtype="PCM_16")
    audio = await parts.extract(wav)
    assert (audio.channel_count, audio.sample_rate_hertz) == (channels, 44_100)
    extracted, _ = soundfile.read(parts.path_of(audio.audio_uri), dtype="int16")
    np.testing.assert_array_equal(extracted, soundfile.read(wav, dtype="int16")[0])


async def test_more_channels_than_flac_holds_are_refused(parts: MediaParts, tmp_path: Path) -> None:
    wav = tmp_path / "sphere.wav"
    soundfile.write(wav, np.zeros((4800, 16), np.float32), SAMPLE_RATE_HERTZ)
    with pytest.raises(InvalidInputError, match="16 channels"):
        await parts.extract(wav)


async def test_pure_silence_is_extracted_as_it_is(parts: MediaParts, tmp_path: Path) -> None:
    wav = tmp_path / "silence.wav"
    soundfile.write(wav, np.zeros(SAMPLE_RATE_HERTZ), SAMPLE_RATE_HERTZ)
    audio = await parts.extract(wav)
    assert audio.sample_count == SAMPLE_RATE_HERTZ


async def test_each_of_two_tracks_can_be_chosen_by_index_and_language(
    parts: MediaParts, tmp_path: Path
) -> None:
    film = encode(
        tmp_path / "film.mkv",
        *("-f", "lavfi", "-i", "sine=frequency=300:duration=1"),
        *("-f", "lavfi", "-i", "sine=frequency=600:duration=1"),
        *("-map", "0", "-map", "1", "-c:a", "flac", "-disposition:a:1", "default"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger"),
    )
    media = await parts.probe(film)
    assert [stream.language_code for stream in media.streams] == ["en", "de"]
    assert [warning.reason for warning in media.warnings] == ["SEVERAL_AUDIO_TRACKS"]

    english = await parts.extract(film, language_code="en-GB")
    german = await parts.extract(film, stream_index=1)
    by_default = await parts.extract(film)
    assert (english.language_code, pitch(parts, english)) == ("en", 300)
    assert (german.language_code, pitch(parts, german)) == ("de", 600)
    assert by_default == german
    with pytest.raises(InvalidInputError, match=r"ask for one of 0 \(en\), 1 \(de\)") as raised:
        await parts.extract(film, language_code="fr")
    assert raised.value.field == "language_code"


@pytest.mark.parametrize("suffix", ["mkv", "flac", "mp3"])
async def test_a_truncated_file_gives_what_it_still_holds(
    parts: MediaParts, tmp_path: Path, suffix: str
) -> None:
    whole = record(tmp_path, suffix).read_bytes()
    audio = await parts.extract(whole[: len(whole) // 2])
    seconds = audio.sample_count / audio.sample_rate_hertz
    whole_seconds = len(spoken()) / SAMPLE_RATE_HERTZ
    assert 0.3 * whole_seconds < seconds < 0.7 * whole_seconds
    assert abs(audio.missing_seconds - (whole_seconds - seconds)) < 0.1


async def test_extraction_gives_the_same_bytes_every_time(tmp_path: Path) -> None:
    film = record(tmp_path, "mp4")
    first = await media_parts(tmp_path / "one").extract(film)
    second = await media_parts(tmp_path / "two").extract(film)
    assert first == second


async def test_a_second_extraction_computes_nothing(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    parts = media_parts(tmp_path, program=script(tmp_path, COUNTING_FFMPEG))
    film = record(tmp_path, "mp4")
    assert await parts.extract(film) == await parts.extract(film)
    assert len(calls.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "my talk.mp4",
        'it\'s "quoted".mp4',
        "two\nlines.mp4",
        "näme 語 🎙.mp4",
        "-i.mp4",
        "-y",
        "http:x.mp4",
        "concat:a|b.mp4",
        "%03d.mp4",
        "$(touch owned).mp4",
    ],
)
async def test_names_of_any_kind_never_reach_the_command_line(tmp_path: Path, name: str) -> None:
    parts = media_parts(tmp_path, program=script(tmp_path, COUNTING_FFMPEG))
    key = f"inbox/{name}"
    await parts.store.put(key, record(tmp_path, "flac"))
    blob = await register(parts.store, parts.intake, uri_of(key))
    assert display_name_of(uri_of(key)) == name
    request = pb.ExtractAudioRequest(recording_id=blob.sha256)
    assert (await parts.extraction.extract(request, lambda _: None)).sample_count == len(spoken())
    call = (tmp_path / "calls").read_text()
    assert f"file:{parts.root}/{blob.key}" in call
    assert name not in call.split()


async def test_an_unknown_recording_is_not_found(parts: MediaParts) -> None:
    with pytest.raises(NotFoundError, match="import the file first"):
        await parts.extraction.extract(
            pb.ExtractAudioRequest(recording_id="0" * 64), lambda _: None
        )


async def test_progress_rises_to_the_end(parts: MediaParts, tmp_path: Path) -> None:
    told: list[float] = []
    request = pb.ExtractAudioRequest(recording_id=await parts.add(record(tmp_path, "mp3")))
    await parts.extraction.extract(request, told.append)
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1.0


async def test_cancelling_ends_even_a_stubborn_ffmpeg_and_leaves_no_file(tmp_path: Path) -> None:
    parts = media_parts(tmp_path, program=script(tmp_path, SLOW_FFMPEG))
    request = pb.ExtractAudioRequest(recording_id=await parts.add(record(tmp_path, "flac")))
    told: list[float] = []
    extracting = asyncio.create_task(parts.extraction.extract(request, told.append))
    await eventually(lambda: told)
    pid = int((tmp_path / "pid").read_text())
    assert is_running(pid)
    extracting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await extracting
    assert not is_running(pid)
    assert list(parts.scratch.iterdir()) == []


async def test_a_decoder_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    parts = media_parts(tmp_path, program=script(tmp_path, SLOW_FFMPEG), limit_seconds=1.0)
    with pytest.raises(InvalidInputError, match="took longer") as raised:
        await parts.extract(record(tmp_path, "flac"))
    assert raised.value.reason == "TIME_LIMIT_EXCEEDED"
    assert not is_running(int((tmp_path / "pid").read_text()))


async def test_several_recordings_are_extracted_side_by_side(
    parts: MediaParts, tmp_path: Path
) -> None:
    suffixes = ("flac", "mp3", "ogg", "m4a")
    recorded = [record(tmp_path, suffix) for suffix in suffixes]
    found = await asyncio.gather(*(parts.extract(each) for each in recorded))
    assert len({audio.audio_uri for audio in found}) == len(suffixes)


def script(folder: Path, text: str) -> Path:
    """Writes a program that stands in for ffmpeg."""
    path = folder / "ffmpeg"
    path.write_text(text.format(folder=folder, ffmpeg=shutil.which("ffmpeg")))
    path.chmod(0o755)
    return path


def is_running(pid: int) -> bool:
    """Says whether there is such a process, other than as a zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def pitch(parts: MediaParts, audio: pb.ExtractedAudio) -> int:
    """Returns the frequency of a tone in hertz."""
    samples, rate = soundfile.read(parts.path_of(audio.audio_uri))
    peak = int(np.argmax(np.abs(np.fft.rfft(samples))))
    return round(peak * int(rate) / len(samples))
