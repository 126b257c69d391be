"""Voices with ears and a decoder that are real: whose clips are cloned, and whose refused."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import grpc
import numpy as np
import pytest
import soundfile

from services.chassis.channel import error_of
from services.decoding.mono import decode_mono
from services.inference.voices.ears import InstalledEars
from tests.speech import Samples, load, prompts, save, talk
from tests.voice_service import VoiceService, voice_service
from ttstrainer.inference.v1 import voice_service_pb2 as pb

EARS = InstalledEars()


def woman(count: int, first: int = 0) -> Samples:
    return talk([path for path, _ in prompts("en", min_seconds=3)[first : first + count]])


def man(count: int) -> Samples:
    return talk([path for path, _ in prompts("it", min_seconds=3)[:count]])


def as_bytes(folder: Path, samples: Samples, suffix: str = ".wav") -> bytes:
    return save(folder / f"clip{suffix}", samples).read_bytes()


def encoded(folder: Path, samples: Samples, name: str, *options: str) -> bytes:
    source = save(folder / "source.wav", samples)
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *options, str(folder / name)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return (folder / name).read_bytes()


async def refusal(service: VoiceService, *clips: bytes) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.create(*clips)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "/" not in error_of(caught.value).message
    return error_of(caught.value).reason


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("clip.m4a", ["-c:a", "aac"]),
        ("clip.mp3", ["-c:a", "libmp3lame"]),
        ("clip.mkv", ["-c:a", "libopus"]),
    ],
)
async def test_whatever_ffmpeg_reads_is_cloned_from(
    tmp_path: Path, name: str, options: Sequence[str]
) -> None:
    async with voice_service(tmp_path, ears=EARS, decode=decode_mono) as service:
        voice = await service.create(encoded(tmp_path, woman(3), name, *options))
        (reference,) = voice.references
        assert reference.speech_seconds > 6
        assert reference.snr_db > 15


async def test_two_people_in_one_clip_are_refused(tmp_path: Path) -> None:
    both = np.concatenate([woman(3), man(3)])
    async with voice_service(tmp_path, ears=EARS, decode=decode_mono) as service:
        assert await refusal(service, as_bytes(tmp_path, both)) == "SEVERAL_SPEAKERS"


async def test_two_hours_are_refused_without_decoding_them(tmp_path: Path) -> None:
    clip = tmp_path / "long.flac"
    with soundfile.SoundFile(clip, "w", 8000, 1) as file:
        for _ in range(120):
            file.write(np.zeros(60 * 8000, np.float32))
    decoded_bytes: list[int] = []

    async def watched(source: Path, target: Path, *, max_seconds: float) -> None:
        await decode_mono(source, target, max_seconds=max_seconds)
        decoded_bytes.append(target.stat().st_size)

    async with voice_service(tmp_path, ears=EARS, decode=watched) as service:
        assert await refusal(service, clip.read_bytes()) == "TOO_LONG"
    assert decoded_bytes[0] < 6 * 60 * 8000 * 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"#EXTM3U\nfile:///etc/passwd\n", "NOT_MEDIA"),
        (b"not a sound", "NOT_MEDIA"),
        (b"", "NOT_MEDIA"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "NOT_MEDIA"),
    ],
)
async def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    async with voice_service(tmp_path, ears=EARS, decode=decode_mono) as service:
        assert await refusal(service, content) == reason


async def test_a_third_of_a_second_is_refused(tmp_path: Path) -> None:
    word = load(prompts("en")[0][0])[8000 : 8000 + round(0.3 * 16_000)]
    async with voice_service(tmp_path, ears=EARS, decode=decode_mono) as service:
        assert await refusal(service, as_bytes(tmp_path, word)) == "TOO_SHORT"


async def test_a_voice_is_like_itself_and_unlike_another(tmp_path: Path) -> None:
    async with voice_service(tmp_path, ears=EARS, decode=decode_mono) as service:
        await service.create(as_bytes(tmp_path, woman(3)))
        ada = pb.VoiceSample(voice_id="ada")

        async def compared(samples: Samples) -> pb.CompareVoicesResponse:
            other = pb.VoiceSample(audio=as_bytes(tmp_path, samples))
            request = pb.CompareVoicesRequest(first=ada, second=other)
            return await service.stub.CompareVoices(request)

        same, different = await compared(woman(3, first=20)), await compared(man(3))
        assert same.verdict == pb.LIKENESS_VERDICT_SAME
        assert different.verdict == pb.LIKENESS_VERDICT_DIFFERENT
        assert same.similarity - different.similarity > 0.3
