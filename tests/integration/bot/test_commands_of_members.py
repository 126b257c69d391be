"""What members choose for themselves: voice, pace, language, words; and what they take along."""

from pathlib import Path

import pytest

from bot.ownership import own_voice_id, owner_of
from bot.state.model import MemberSettings
from bot.text.dictionary import Dictionary
from services.chassis.errors import OverloadedError, UnavailableError
from tests.bot_in_a_world import BotHere, a_bot
from tests.discord_double.world import World
from tests.eventually import eventually
from ttstrainer.inference.v1 import inference_service_pb2 as pb


async def cloned(here: BotHere, world: World, name: str, owner: str = "alice") -> str:
    """Returns the id of a voice that was cloned before."""
    town = world.guild
    user_id = {"alice": town.alice.id, "bob": town.bob.id}[owner]
    voice_id = own_voice_id(town.id, user_id, "0123abcd")
    granted = await here.services.consent_service.grant()
    await here.services.voice_service.create(
        voice_id=voice_id, display_name=name, consent_id=granted.consent_id
    )
    return voice_id


async def test_a_voice_is_chosen_by_its_name_and_spoken_with(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        voice_id = await cloned(here, world, "Ada's own")
        present = await (await town.alice.slash("voice")).answer()
        assert "server's own voice" in present.content
        chosen = await (await town.alice.say("!voice ada's OWN")).answer()
        assert chosen.content == "From now on you speak as **Ada's own**."
        present = await (await town.alice.slash("voice")).answer()
        assert present.content == "You speak as **Ada's own**. `voices` lists the others."
        await town.alice.join(town.lounge)
        await (await town.alice.slash("say", text="hello")).answer()
        await (await town.listener()).heard(frames=1)
        assert here.speech.orders[0].voice_id == voice_id
        reset = await (await town.alice.slash("voice", name="none")).answer()
        assert "server's voice" in reset.content
        assert here.book.member(town.id, town.alice.id) == MemberSettings()


async def test_a_voice_of_somebody_else_cannot_be_chosen_seen_or_heard(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        voice_id = await cloned(here, world, "Ada")
        for command in ("voice", "preview"):
            for name in ("Ada", voice_id):
                asked = await town.bob.slash(command, name=name)
                assert "no such voice" in (await asked.answer()).content
        listed = await (await town.bob.slash("voices")).answer()
        assert "Ada" not in listed.text
        offered = await town.bob.complete("voice", "name", "")
        assert "joe" in offered
        assert voice_id not in offered


async def test_voices_are_completed_from_any_part_of_their_names(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        voice_id = await cloned(here, world, "Ada")
        own, *others = await town.alice.complete("voice", "name", "")
        assert own == voice_id
        assert "joe" in others
        assert await town.alice.complete("preview", "name", "JO") == ["joe"]
        assert await town.alice.complete("delete", "voice", "") == [voice_id]


async def test_voices_are_listed_with_pages_that_their_reader_turns(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        granted = await here.services.consent_service.grant()
        for number in range(20):
            await here.services.voice_service.create(
                voice_id=f"v{number:02}", consent_id=granted.consent_id
            )
        listed = await (await town.alice.say("!voices")).answer()
        assert "**v00** — English (en)" in listed.text
        assert "Page 1 of 2" in listed.text
        turned = await town.bob.press(listed, "Next")
        assert (await turned.answer()).is_ephemeral
        assert "Page 1 of 2" in listed.text
        await town.alice.press(listed, "Next")
        await listed.until(lambda message: "Page 2 of 2" in message.text)
        await town.alice.press(listed, "Next")
        await listed.until(lambda message: "Page 1 of 2" in message.text)


async def test_a_preview_is_a_file_for_the_one_who_asked(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        town = world.guild
        heard = await (await town.alice.slash("preview", name="joe")).answer()
        assert heard.is_ephemeral
        assert heard.files[0].name == "preview.wav"
        assert heard.files[0].content.startswith(b"RIFF")
        which = await (await town.alice.slash("preview")).answer()
        assert which.content.startswith("Which one?")


async def test_pace_and_language_are_chosen_shown_and_spoken_with(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        await (await town.alice.say("!speed 1.5")).answer()
        chosen = await (await town.alice.say("!language German")).answer()
        assert chosen.content == "Your language is now Deutsch (de)."
        await (await town.alice.slash("say", text="hallo")).answer()
        await (await town.listener()).heard(frames=1)
        order = here.speech.orders[0]
        assert (order.speed, order.language_code) == (1.5, "de")
        assert order.text == "Alice sagt: hallo"
        shown = await (await town.alice.slash("speed")).answer()
        assert shown.content.startswith("Your pace is 1.5")
        refused = await (await town.alice.slash("speed", pace="7")).answer()
        assert "not possible here" in refused.content
        assert here.book.member(town.id, town.alice.id).speed == 1.5
        assert await town.alice.complete("language", "name", "ger") == ["de"]


async def test_words_are_spoken_as_their_writer_says(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await (await town.alice.say("!dictionary add nginx engine ex")).answer()
        for_all = await town.alice.slash("dictionary add-for-all", written="SQL", spoken="sequel")
        await for_all.answer()
        listed = await (await town.alice.slash("dictionary list")).answer()
        assert listed.text == (
            "Dictionary\n“nginx” as “engine ex” (yours)\n“SQL” as “sequel” (for all)"
        )
        await town.alice.join(town.lounge)
        await (await town.alice.slash("say", text="nginx and SQL")).answer()
        await (await town.listener()).heard(frames=1)
        assert dict(here.speech.orders[0].pronunciations) == {"nginx": "engine ex", "SQL": "sequel"}
        assert await town.alice.complete("dictionary remove", "written", "n") == ["nginx"]
        await (await town.alice.slash("dictionary remove", written="NGINX")).answer()
        await (await town.alice.slash("dictionary remove-for-all", written="sql")).answer()
        emptied = await (await town.alice.slash("dictionary list")).answer()
        assert emptied.content.startswith("There are none yet")
        missing = await (await town.alice.say("!dictionary remove nginx")).answer()
        assert "no such word" in missing.content


async def test_a_dictionary_of_long_words_is_listed_on_as_many_pages_as_it_takes(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        alice = world.guild.alice
        entries = {f"{number}" + "*" * 48: "_" * 150 for number in range(20)}
        await here.book.change_own_dictionary(alice.id, lambda _: Dictionary(entries))
        listed = await (await alice.say("!dictionary")).answer()
        assert "Page 1 of 3" in listed.text
        await alice.press(listed, "Next")
        await listed.until(lambda message: "Page 2 of 3" in message.text)
        await alice.press(listed, "Next")
        await listed.until(lambda message: "Page 3 of 3" in message.text)
        assert "“19" in listed.text


@pytest.mark.parametrize(("kind", "name"), [("", "speech.ogg"), ("mp3", "speech.mp3")])
async def test_speech_is_taken_along_as_a_file(
    world: World, tmp_path: Path, kind: str, name: str
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await (await town.alice.slash("speed", pace="1.5")).answer()
        written = await (await town.alice.say(f"!tts {kind} take this along")).answer()
        slashed = await town.alice.slash("tts", text="take this along", format=kind or "ogg")
        for answer in (written, await slashed.answer()):
            assert answer.files[0].name == name
            assert answer.files[0].content == b"fLaC"
        assert here.services.speaking.texts == ["take this along"] * 2
        options = here.services.speaking.options
        assert options.speed == 1.5
        assert options.priority == pb.PRIORITY_BULK


async def test_a_service_that_is_busy_or_away_is_told_of_in_words(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        speaking = here.services.speaking
        speaking.refusals = [OverloadedError("64 streams wait in pool 7")] * 50
        answer = await (await town.alice.slash("tts", text="hello")).answer(within_seconds=20)
        assert answer.content.startswith("Too many people are speaking at once.")
        speaking.refusals = [UnavailableError("10.0.0.7 refused")] * 50
        answer = await (await town.alice.slash("tts", text="hello")).answer(within_seconds=20)
        assert "does not answer" in answer.content
        assert "10.0.0.7" not in answer.content


async def test_a_service_that_never_answers_is_not_waited_for_for_ever(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path, answer_seconds=0.3) as here:
        here.services.speaking.pause_seconds = 3600
        answer = await (await world.guild.alice.slash("tts", text="hello")).answer()
        assert "does not answer" in answer.content
        await eventually(lambda: here.services.speaking.cancelled_count == 1)


async def test_who_wants_to_be_forgotten_is_even_where_they_are_banned(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await cloned(here, world, "Bob", "bob")
        await (await town.bob.slash("speed", pace="1.5")).answer()
        await (await town.bob.say("!dictionary add nginx engine ex")).answer()
        await (await town.alice.slash("ban", member=town.bob)).answer()
        done = await (await town.bob.slash("forget")).answer()
        assert "deleted 1 voice of yours" in done.content
        assert here.book.member(town.id, town.bob.id) == MemberSettings()
        assert not here.book.own_dictionary(town.bob.id).entries
        voices = [voice.voice_id async for voice in here.services.voices.voices()]
        assert not any(map(owner_of, voices))
        in_private = await town.bob.write("!forget")
        assert "deleted no voice" in (await in_private.answer()).content
