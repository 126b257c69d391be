"""How a run goes on: `apply(run, fact) -> run` and `pending(run) -> commands`, both pure.

Commands are derived from the state, so nothing is lost between keeping a state and publishing
what follows from it. A fact that answers anything but the present attempt at the present step
changes nothing: facts may come twice, late and in any order.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from services.pipeline.details import detail_of
from services.pipeline.facts import (
    Built,
    Extracted,
    Fact,
    Failed,
    Outcome,
    Prepared,
    Probed,
    Queued,
    Transcribed,
    Verified,
)
from services.pipeline.run_model import (
    RECORDING_STAGES,
    Failure,
    Options,
    Recording,
    Results,
    Run,
    Snapshot,
    Stage,
    State,
    StepRef,
)
from services.pipeline.validation import problem_with

__all__ = [
    "Rules",
    "advance",
    "apply",
    "cancel",
    "finish",
    "is_built_after",
    "pending",
    "pending_of",
    "retry",
    "retry_recording",
    "settle",
]

OUTCOMES: dict[Stage, type[Outcome]] = {
    Stage.PROBE: Probed,
    Stage.EXTRACT: Extracted,
    Stage.PREPARE: Prepared,
    Stage.TRANSCRIBE: Transcribed,
    Stage.VERIFY: Verified,
    Stage.BUILD: Built,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the flow is told by the service's settings."""

    max_attempts: int = 3
    """How often a step is tried before its recording is left out."""
    window_count: int = 8
    """How many recordings of a run are under way at once: a bulk run leaves room for others."""


def apply(snapshot: Snapshot, fact: Fact, rules: Rules, now: datetime) -> Snapshot:
    """Returns the run after `fact`."""
    run, recordings = snapshot.run, snapshot.recordings
    if run.state is not State.RUNNING:
        return snapshot
    if fact.step.stage is Stage.BUILD:
        return Snapshot(finish(run, fact, rules, now), recordings)
    advanced = tuple(
        advance(each, fact, run.options, rules)
        if each.recording_id == fact.step.recording_id
        else each
        for each in recordings
    )
    return Snapshot(settle(Snapshot(run, advanced), now), advanced)


def advance(recording: Recording, fact: Fact, options: Options, rules: Rules) -> Recording:
    """Returns one recording of a running run after `fact`."""
    step, asked = recording.step, fact.step
    is_awaited = (asked.stage, asked.attempt) == (recording.stage, step.attempt)
    if recording.state is not State.RUNNING or not is_awaited:
        return recording
    match fact.outcome:
        case Queued():
            return recording.with_step(replace(step, queued=True))
        case Failed(_, _, retryable=True) if step.automatic_retry_count + 1 < rules.max_attempts:
            return recording.with_step(step.again())
        case Failed(reason, message):
            return _left_out(recording, Failure(reason, message, recording.stage))
        case outcome if isinstance(outcome, OUTCOMES[recording.stage]):
            return _passed(recording, outcome, options)
        case _:
            return recording


def settle(snapshot: Snapshot, now: datetime) -> Run:
    """Returns the run, ended if too many of its recordings were left out."""
    run = snapshot.run
    if run.state is not State.RUNNING or snapshot.count(State.RUNNING):
        return run
    succeeded, needed = snapshot.count(State.SUCCEEDED), _needed_count(snapshot)
    if succeeded >= needed:
        return run
    return _ended(run, State.FAILED, now, failure=_too_few(snapshot, needed))


def finish(run: Run, fact: Fact, rules: Rules, now: datetime) -> Run:
    """Returns a running run after a fact on its last step, which builds the dataset."""
    if run.state is not State.RUNNING or fact.step.attempt != run.build.attempt:
        return run
    match fact.outcome:
        case Queued():
            return replace(run, build=replace(run.build, queued=True))
        case Failed(_, _, retryable=True) if (
            run.build.automatic_retry_count + 1 < rules.max_attempts
        ):
            return replace(run, build=run.build.again())
        case Failed(reason, message):
            return _ended(run, State.FAILED, now, failure=Failure(reason, message, Stage.BUILD))
        case Built(dataset) as built:
            build = replace(run.build, queued=True, detail=detail_of(built))
            return _ended(replace(run, build=build, dataset=dataset), State.SUCCEEDED, now)
        case _:
            return run


def pending(snapshot: Snapshot, rules: Rules) -> tuple[StepRef, ...]:
    """Returns the steps whose commands are not on the queue yet, in the order to publish them."""
    run = snapshot.run
    if run.state is not State.RUNNING:
        return ()
    unfinished = [each for each in snapshot.recordings if each.state is State.RUNNING]
    if unfinished:
        window = unfinished[: rules.window_count]
        return tuple(ref for each in window for ref in pending_of(run, each))
    if run.build.queued or snapshot.count(State.SUCCEEDED) < _needed_count(snapshot):
        return ()
    return (StepRef(run.run_id, Stage.BUILD, "", run.build.attempt),)


def pending_of(run: Run, recording: Recording) -> tuple[StepRef, ...]:
    """Returns the step of a recording under way whose command is not on the queue yet."""
    if run.state is not State.RUNNING or recording.state is not State.RUNNING:
        return ()
    if recording.step.queued:
        return ()
    step = StepRef(run.run_id, recording.stage, recording.recording_id, recording.step.attempt)
    return (step,)


def is_built_after(run: Run, other: Run) -> bool:
    """Says whether `run` is built only when `other`, an earlier run of the voice, has ended.

    It holds all recordings of `other`. Were it built first, the smaller version would be the
    newest one, until somebody starts another run.
    """
    is_earlier = other.voice == run.voice and other.run_id < run.run_id
    is_part = set(other.recording_ids) <= set(run.recording_ids)
    return other.state is State.RUNNING and is_earlier and is_part


def cancel(run: Run, now: datetime) -> Run:
    """Returns a running run after somebody ended it; an ended one stays as it is."""
    if run.state is not State.RUNNING:
        return run
    return _ended(run, State.CANCELLED, now)


def retry(run: Run) -> Run:
    """Returns an ended run that goes on; its build is a new attempt, which old facts miss."""
    return replace(
        run,
        state=State.RUNNING,
        end_time=None,
        failure=None,
        dataset=None,
        build=run.build.afresh(),
    )


def retry_recording(recording: Recording) -> Recording:
    """Returns a recording that was left out, or stopped, ready to go on where it was."""
    if recording.state is State.SUCCEEDED:
        return recording
    again = replace(recording, state=State.RUNNING, failure=None)
    return again.with_step(recording.step.afresh())


def _passed(recording: Recording, outcome: Outcome, options: Options) -> Recording:
    kept = replace(recording, results=_with(recording.results, outcome))
    kept = kept.with_step(replace(kept.step, queued=True, detail=detail_of(outcome)))
    if problem := problem_with(outcome, options):
        return _left_out(kept, problem)
    place = RECORDING_STAGES.index(recording.stage) + 1
    if place == len(RECORDING_STAGES):
        return replace(kept, state=State.SUCCEEDED)
    return replace(kept, stage=RECORDING_STAGES[place])


def _with(results: Results, outcome: Outcome) -> Results:
    match outcome:
        case Probed():
            return replace(results, duration_seconds=outcome.duration_seconds)
        case Extracted():
            return replace(
                results,
                extracted_audio_uri=outcome.audio_uri,
                missing_seconds=outcome.missing_seconds,
                duration_seconds=results.duration_seconds or outcome.duration_seconds,
            )
        case Prepared():
            return replace(
                results,
                prepared_audio_uri=outcome.audio_uri,
                clips_uri=outcome.clips_uri,
                speaker_embedding=outcome.speaker_embedding,
            )
        case Transcribed(transcript_uri, language_code):
            return replace(results, transcript_uri=transcript_uri, language_code=language_code)
        case Verified(verdicts_uri):
            return replace(results, verdicts_uri=verdicts_uri)
        case _:
            return results


def _left_out(recording: Recording, failure: Failure) -> Recording:
    return replace(recording, state=State.FAILED, failure=failure)


def _ended(run: Run, state: State, now: datetime, *, failure: Failure | None = None) -> Run:
    return replace(run, state=state, end_time=now, failure=failure)


def _needed_count(snapshot: Snapshot) -> int:
    share = snapshot.run.options.min_success_ratio * len(snapshot.recordings)
    return max(1, math.ceil(share - 1e-9))


def _too_few(snapshot: Snapshot, needed: int) -> Failure:
    failed = [(each, each.failure) for each in snapshot.recordings if each.failure]
    stage = failed[0][1].stage if failed else Stage.PROBE
    if len(snapshot.recordings) == 1 and failed:
        recording, failure = failed[0]
        message = f"{recording.display_name!r} was left out: {failure.message}"
        return Failure(failure.reason, message, stage)
    first = "; ".join(f"{each.display_name!r}: {failure.message}" for each, failure in failed[:3])
    more = f" And {len(failed) - 3} more." if len(failed) > 3 else ""  # noqa: PLR2004
    message = (
        f"{snapshot.count(State.SUCCEEDED)} of {len(snapshot.recordings)} recordings came through "
        f"and {needed} are needed. {first}{more}"
    )
    return Failure("TOO_FEW_RECORDINGS", message, stage)
