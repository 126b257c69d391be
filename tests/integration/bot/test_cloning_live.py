"""A voice cloned from what a member says in a voice channel, and from nothing that others say."""

import asyncio
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from bot.state.model import GuildSettings
from tests.bot_cloning import agreed
from tests.bot_in_a_world import BotHere, a_bot
from tests.discord_double.messages import Message
from tests.discord_double.people import Person
from tests.discord_double.world import World, a_world
from tests.eventually import eventually

RATE = 48_000
ADAS, BOBS = 300.0, 1000.0


def tone(seconds: float, hertz: float) -> npt.NDArray[np.float64]:
    """Returns how somebody sounds."""
    return 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def loudest_hertz(content: bytes) -> tuple[float, float]:
    """Returns the frequency that a recording is about, and how long it is in seconds."""
    samples, rate = soundfile.read(io.BytesIO(content))
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * rate / len(samples)), len(samples) / rate


async def permitted(here: BotHere, world: World) -> None:
    """Switches live cloning on; alice and bob sit in one channel."""
    town = world.guild
    await here.book.change_guild(town.id, lambda _: GuildSettings(live_cloning=True))
    for person in (town.alice, town.bob):
        await person.join(town.lounge)


async def listening_to(person: Person) -> Message:
    """Lets a person ask and agree; returns the message once the bot listens."""
    question = await agreed(person, await person.slash("clone live", name="Ada"))
    await question.until(lambda message: message.buttons == ["Done"])
    assert "I am listening to you" in question.content
    await (await person.guild.call()).secured()
    await eventually(lambda: not person.guild.bot.self_deaf)
    return question


async def test_what_the_member_says_becomes_a_voice_that_they_may_keep(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        await permitted(here, world)
        question = await listening_to(town.alice)
        await asyncio.gather(town.alice.talk(tone(5.0, ADAS)), town.bob.talk(tone(5.0, BOBS)))
        await town.alice.press(question, "Done")
        await question.until(lambda message: message.buttons == ["Keep it", "Delete it"])
        await eventually(lambda: town.bot.self_deaf)
        assert question.files[0].name == "preview.wav"
        await town.alice.press(question, "Keep it")
        await question.until(lambda message: "It is your voice now" in message.content)
        (voice,) = await here.around.voice_list.own(town.id, town.alice.id)
        await eventually(
            lambda: here.book.member(town.id, town.alice.id).voice_id == voice.voice_id
        )
        key = voice.references[0].audio_uri.removeprefix("artifact://")
        hertz, seconds = loudest_hertz(here.services.voice_service.store.objects[key])
        assert abs(hertz - ADAS) < 10
        assert 3.0 < seconds < 6.5
        await eventually(lambda: not list(tmp_path.rglob("recording")))


async def test_unless_it_is_kept_it_is_deleted_with_the_consent(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        await permitted(here, world)
        question = await listening_to(town.alice)
        await town.alice.talk(tone(4.5, ADAS))
        await town.alice.press(question, "Done")
        await question.until(lambda message: message.buttons == ["Keep it", "Delete it"])
        await town.alice.press(question, "Delete it")
        await question.until(lambda message: "deleted" in message.content)

        async def gone() -> bool:
            here.around.voice_list.forget()
            return not await here.around.voice_list.own(town.id, town.alice.id)

        await eventually(gone)
        (consent,) = [each async for each in here.services.consents.consents()]
        assert consent.HasField("withdraw_time")
        assert here.book.member(town.id, town.alice.id).voice_id == ""


async def test_who_says_nothing_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        await permitted(here, world)
        question = await listening_to(town.alice)
        await town.bob.talk(tone(1.0, BOBS))
        await town.alice.press(question, "Done")
        await question.until(lambda message: "I heard nothing of you" in message.content)
        assert [each async for each in here.services.consents.consents()] == []


async def test_who_leaves_the_channel_is_not_waited_for(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        await permitted(here, world)
        question = await listening_to(town.alice)
        await town.alice.leave()
        await question.until(lambda message: "I heard nothing of you" in message.content)


async def test_it_is_off_until_a_manager_switches_it_on(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        town = world.guild
        await town.alice.join(town.lounge)
        asked = await town.alice.slash("clone live", name="Ada")
        assert "I do not listen in this server" in (await asked.answer()).content
        assert town.bot.channel is None


async def test_where_the_call_is_not_encrypted_end_to_end_it_does_not_listen(
    tmp_path: Path,
) -> None:
    async with a_world(dave=False) as world, a_bot(world, tmp_path) as here:
        town = world.guild
        await permitted(here, world)
        question = await agreed(town.alice, await town.alice.slash("clone live", name="Ada"))
        await question.until(lambda message: "encrypted end to end" in message.content)
