"""What a stage must deliver before the next one is worth its cost."""

from services.pipeline.facts import Extracted, Outcome, Prepared, Probed, Transcribed, Verified
from services.pipeline.run_model import Failure, Options, Stage

__all__ = ["MIN_AUDIO_SECONDS", "problem_with"]

MIN_AUDIO_SECONDS = 1.0


def problem_with(outcome: Outcome, options: Options) -> Failure | None:
    """Returns why a recording cannot go on with what its stage delivered, or None."""
    match outcome:
        case Probed():
            return _problem_with_media(outcome)
        case Extracted():
            return _problem_with_audio(outcome)
        case Prepared():
            return _problem_with_clips(outcome)
        case Transcribed():
            return _problem_with_transcript(outcome, options.language_code)
        case Verified():
            return _problem_with_verdicts(outcome)
        case _:
            return None


def _problem_with_media(media: Probed) -> Failure | None:
    if media.audio_tracks:
        return None
    message = "It has no audio track: give a recording in which somebody can be heard."
    return Failure("NO_AUDIO_STREAM", message, Stage.PROBE)


def _problem_with_audio(audio: Extracted) -> Failure | None:
    if audio.sample_count <= 0:
        message = "Its audio track holds no sound at all: the file may be damaged; export it again."
        return Failure("NO_SAMPLES", message, Stage.EXTRACT)
    if audio.duration_seconds < MIN_AUDIO_SECONDS:
        message = (
            f"It has {audio.duration_seconds:.2f} s of audio and at least {MIN_AUDIO_SECONDS:g} s "
            "are needed: give a longer recording."
        )
        return Failure("AUDIO_TOO_SHORT", message, Stage.EXTRACT)
    return None


def _problem_with_clips(clips: Prepared) -> Failure | None:
    if clips.accepted_count > 0:
        return None
    if clips.rejected_count == 0:
        message = "No speech was found in it: give a recording in which somebody speaks."
    else:
        message = (
            f"None of its {clips.rejected_count} clips can be used{_because(clips.top_reasons)}"
        )
    return Failure("NO_USABLE_SPEECH", message, Stage.PREPARE)


def _problem_with_transcript(transcript: Transcribed, wanted_language: str) -> Failure | None:
    if transcript.word_count <= 0:
        message = "No words were recognised in it: is it speech, and in the language of the voice?"
        return Failure("NO_WORDS", message, Stage.TRANSCRIBE)
    heard, wanted = _primary(transcript.language_code), _primary(wanted_language)
    if heard and wanted and heard != wanted:
        message = (
            f"The language is {transcript.language_code!r} and the run asks for "
            f"{wanted_language!r}: leave it out, or start the run with its language."
        )
        return Failure("WRONG_LANGUAGE", message, Stage.TRANSCRIBE)
    return None


def _problem_with_verdicts(verdicts: Verified) -> Failure | None:
    if verdicts.accepted_count > 0:
        return None
    message = (
        f"The text of none of its {verdicts.rejected_count} clips can be "
        f"trusted{_because(verdicts.top_reasons)}"
    )
    return Failure("NO_TRUSTED_CLIPS", message, Stage.VERIFY)


def _because(reasons: tuple[str, ...]) -> str:
    return f": {'; '.join(reasons)}." if reasons else "."


def _primary(language_code: str) -> str:
    """The language alone of a BCP-47 tag: British and American English are one language here."""
    return language_code.replace("_", "-").split("-")[0].lower()
