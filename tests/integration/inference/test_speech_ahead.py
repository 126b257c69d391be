"""Sentences made ahead by a tiny XTTS: heard as if they were made one by one."""

import asyncio
import math
import time
from contextlib import aclosing
from dataclasses import replace

from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import Priority
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.pool.admission import Admission, Patience
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.pace import Pace
from services.inference.speaking.parts import SpeechPart, SpeechSummary
from services.inference.speaking.recital import Recital, Role
from services.inference.speaking.script import Script
from tests.eventually import eventually
from tests.xtts_engines import a_voice, an_engine

TEXT = (
    "Please call Stella. Ask her to bring these things with her from the store. "
    "Six spoons of fresh snow peas, five thick slabs of blue cheese. And maybe a snack for her "
    "brother Bob! She can scoop these things into three red bags."
)
ONE_BY_ONE = Pace(min_lead_seconds=math.inf)


def loaded(engine: XttsEngine) -> LoadedModel:
    description = ModelDescription(
        "tiny", "1", engine.kind, engine.language_codes, True, engine.sample_rate_hertz
    )
    admission = Admission(engine.kind, engine.slot_count, Patience())
    return LoadedModel(description, engine, admission, last_used=0)


async def recited(
    model: LoadedModel, priority: Priority, pace: Pace, text: str = TEXT, seed: int = 3
) -> list[SpeechPart]:
    """Returns the parts of a stream, without what depends on the time."""
    options = SpeechOptions(voice_id="stella", priority=priority)
    outbox = Outbox()
    role = Role("stella", "en", a_voice(1), options, seed)
    recital = Recital(model, role, pace, outbox, time.monotonic)
    parts = asyncio.create_task(_all(outbox))
    characters = model.engine.max_characters("en")
    async with aclosing(Script(text, 10_000).lines("en", characters, {})) as lines:
        await recital.perform(lines, time.monotonic, 0)
    outbox.end()
    return await parts


async def _all(outbox: Outbox) -> list[SpeechPart]:
    return [
        replace(part, time_to_first_audio_seconds=0, real_time_factor=0)
        if isinstance(part, SpeechSummary)
        else part
        async for part in outbox
    ]


async def test_a_book_and_a_listener_hear_what_is_made_one_by_one() -> None:
    async with an_engine(slot_count=4) as engine:
        model = loaded(engine)
        alone = await recited(model, Priority.INTERACTIVE, ONE_BY_ONE)
        assert await recited(model, Priority.BULK, Pace()) == alone
        at_once = Pace(min_lead_seconds=0)
        assert await recited(model, Priority.INTERACTIVE, at_once) == alone


async def test_books_that_take_each_others_slots_are_heard_as_alone() -> None:
    async with an_engine(slot_count=4) as engine:
        model = loaded(engine)
        alone = [await recited(model, Priority.INTERACTIVE, ONE_BY_ONE, seed=n) for n in range(3)]
        books = [asyncio.create_task(recited(model, Priority.BULK, Pace(), seed=0))]
        await eventually(lambda: model.admission.spare_turn_count == 3, every_seconds=0.001)
        books += [
            asyncio.create_task(recited(model, priority, Pace(), seed=seed))
            for seed, priority in ((1, Priority.INTERACTIVE), (2, Priority.BULK))
        ]
        assert await asyncio.gather(*books) == alone
        assert (model.admission.active_count, model.admission.spare_turn_count) == (0, 0)


async def test_audio_ends_at_its_longest_length_as_it_does_one_by_one() -> None:
    short = Pace(max_sentence_seconds=1.0, max_audio_seconds=3.77)
    async with an_engine(slot_count=4) as engine:
        model = loaded(engine)
        alone = await recited(
            model, Priority.INTERACTIVE, replace(short, min_lead_seconds=math.inf)
        )
        assert await recited(model, Priority.BULK, short) == alone
