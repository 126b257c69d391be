"""Ten thousand utterances at once, a third of them cancelled: each sounds as it does alone."""

import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.inference.engines.engine import FinishReason
from tests.eventually import eventually
from tests.xtts_engines import an_engine, spoken
from tests.xtts_isolation import Outcome, held, try_at_once, utterances

COUNT = int(os.environ.get("PROVE_UTTERANCES", "10000"))
SEED = int(os.environ.get("PROVE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
DISTINCT = 200
SLOTS = 8
MOST_GROWTH_BYTES = 16 << 20
REPORT = Path(__file__).parents[3] / "docs" / "proofs" / "isolation.md"


@pytest.mark.timeout(3 * 3600)
async def test_utterances_disturb_each_other_in_nothing_and_leave_nothing() -> None:
    start = time.monotonic()
    async with an_engine(slot_count=SLOTS) as engine:
        alone = [(one, await spoken(engine, one)) for one in utterances(DISTINCT, SEED)]
        warm = await try_at_once(engine, alone, COUNT // 5, SEED)
        before = _resident_bytes()
        rest = await try_at_once(engine, alone, COUNT - COUNT // 5, SEED + 1)
        growth = _resident_bytes() - before
        await eventually(lambda: engine._scheduler.under_way_count == 0)
        await eventually(lambda: not any(held(engine).values()))
        remaining = held(engine)

    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(_report([warm, rest], remaining, growth, time.monotonic() - start))

    assert warm.different == rest.different == []
    assert not any(remaining.values())
    assert growth < MOST_GROWTH_BYTES


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _report(outcomes: list[Outcome], remaining: dict[str, int], growth: int, took: float) -> str:
    reasons = {
        reason: sum(outcome.finish_reasons[reason] for outcome in outcomes)
        for reason in FinishReason
    }
    different = [pick for outcome in outcomes for pick in outcome.different]
    return (
        "# XTTS utterances at once\n\n"
        "Written by `make prove-inference`, not by hand. A tiny XTTS with random weights speaks "
        f"{DISTINCT} distinct utterances, each first alone; text, language, voice, sampling, "
        "speed, length, priority and sentence differ.\n\n"
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, seed {SEED}, {took:.0f} s on a machine of "
        f"{os.cpu_count()} cores\n"
        f"- {sum(o.whole for o in outcomes):,} spoken to their ends, "
        f"{sum(o.cancelled for o in outcomes):,} cancelled at random moments, up to "
        f"{max(o.most_at_once for o in outcomes)} at once on {SLOTS} slots\n"
        f"- ended: {', '.join(f'{count:,} {reason.value}' for reason, count in reasons.items())}\n"
        f"- different from alone, by a single bit: {len(different)}\n"
        f"- left behind: {', '.join(f'{count} {what}' for what, count in remaining.items())}\n"
        f"- memory grew by {growth / 2**20:.0f} MiB over the last four fifths "
        f"(at most {MOST_GROWTH_BYTES >> 20})\n"
    )
