"""Playing through a program that is installed."""

import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.errors import CommandError
from gateway.cli.speech.player import Player, installed_player, play_file, playing
from gateway.cli.speech.sinks import audio_sinks
from ttstrainer.inference.v1.inference_service_pb2 import AudioFormat

FORM = AudioFormat(sample_rate_hertz=8000, voice_id="joe", model="joe")
SAMPLES = bytes(range(256)) * 100


def only(name: str) -> Callable[[str], str | None]:
    return lambda wanted: f"/bin/{wanted}" if wanted == name else None


def program(folder: Path, script: str) -> str:
    path = folder / "player"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_a_player_that_is_installed_is_taken() -> None:
    assert installed_player(only("aplay")).name == "aplay"
    assert installed_player(lambda _: "/bin/x").name == "ffplay"


def test_without_a_player_the_person_is_told_which_to_install() -> None:
    with pytest.raises(CommandError, match="ffplay, aplay, afplay"):
        installed_player(only("vlc"))


async def test_what_is_played_is_heard_to_its_end(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    player = Player(program(tmp_path, f"exec cat > {heard}"), ("-",), ())
    async with playing(player, 8000) as playback:
        await playback.write(SAMPLES)
    assert heard.read_bytes().startswith(b"RIFF")
    assert heard.read_bytes().endswith(SAMPLES)


async def test_a_player_without_a_sound_device_is_told_of(tmp_path: Path) -> None:
    player = Player(program(tmp_path, "cat > /dev/null; exit 7"), ("-",), ())
    with pytest.raises(CommandError, match="ended with status 7"):
        async with playing(player, 8000) as playback:
            await playback.write(SAMPLES)


async def play_much(player: Player) -> None:
    async with playing(player, 8000) as playback:
        for _ in range(1000):
            await playback.write(SAMPLES)


async def test_a_player_that_dies_in_the_middle_is_told_of(tmp_path: Path) -> None:
    player = Player(program(tmp_path, "exit 3"), ("-",), ())
    with pytest.raises(CommandError, match="ended with status 3"):
        await play_much(player)


async def test_an_interrupted_playback_leaves_no_player_behind(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    player = Player(program(tmp_path, f"cat > /dev/null; sleep 60; touch {ended}"), ("-",), ())
    with pytest.raises(ZeroDivisionError):
        async with playing(player, 8000):
            raise ZeroDivisionError
    assert not ended.exists()


async def test_a_player_of_files_alone_plays_when_the_file_is_there(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    player = Player(program(tmp_path, f'exec cp "$1" {heard}'), (), ())
    async with audio_sinks(FORM, None, player) as write:
        await write(SAMPLES)
        assert not heard.exists()
    with wave.open(str(heard)) as read:
        assert read.readframes(len(SAMPLES)) == SAMPLES


async def test_a_file_stays_although_it_cannot_be_played(tmp_path: Path) -> None:
    output = tmp_path / "speech.wav"
    player = Player(program(tmp_path, "cat > /dev/null; exit 1"), ("-",), ())
    with pytest.raises(CommandError):
        async with audio_sinks(FORM, output, player) as write:
            await write(SAMPLES)
    with wave.open(str(output)) as read:
        assert read.getnframes() == len(SAMPLES) // 2
    with pytest.raises(CommandError, match="status 1"):
        await play_file(player, output)
