"""What came of a step, in a few words for people."""

from services.pipeline.facts import (
    Built,
    Extracted,
    Outcome,
    Prepared,
    Probed,
    Transcribed,
    Verified,
)

__all__ = ["clock", "detail_of"]

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
CHANNELS = {1: "mono", 2: "stereo"}


def detail_of(outcome: Outcome) -> str:
    """Returns a few words, such as "41 clips, 3 rejected, 8:12 of speech"; empty for failures."""
    text = ""
    match outcome:
        case Probed():
            text = _detail_of_media(outcome)
        case Extracted():
            text = _detail_of_audio(outcome)
        case Prepared():
            total = outcome.accepted_count + outcome.rejected_count
            spoken = clock(outcome.accepted_seconds)
            text = f"{_clips(total)}, {outcome.rejected_count} rejected, {spoken} of speech"
        case Transcribed():
            words = "1 word" if outcome.word_count == 1 else f"{outcome.word_count:,} words"
            text = ", ".join(filter(None, (words, outcome.language_code)))
        case Verified():
            total = outcome.accepted_count + outcome.rejected_count
            text = f"{outcome.accepted_count} of {total} trusted"
        case Built(dataset):
            kept = f"{_clips(dataset.kept_count)}, {clock(dataset.kept_seconds)}"
            text = f"version {dataset.version}: {kept} kept, {dataset.rejected_count} rejected"
    return text


def clock(seconds: float) -> str:
    """Returns a duration as people write it: "0:07", "12:03", "1:02:03"."""
    whole = round(seconds)
    hours, minutes = whole // SECONDS_PER_HOUR, whole // SECONDS_PER_MINUTE
    if hours:
        return f"{hours}:{minutes % SECONDS_PER_MINUTE:02}:{whole % SECONDS_PER_MINUTE:02}"
    return f"{minutes}:{whole % SECONDS_PER_MINUTE:02}"


def _detail_of_media(media: Probed) -> str:
    parts = [media.container]
    if media.audio_tracks:
        track = media.audio_tracks[0]
        channels = CHANNELS.get(track.channel_count, f"{track.channel_count} channels")
        parts.append(f"{track.codec} {track.sample_rate_hertz / 1000:g} kHz {channels}")
    else:
        parts.append("no audio")
    if len(media.audio_tracks) > 1:
        parts.append(f"{len(media.audio_tracks)} audio tracks")
    if media.duration_seconds > 0:
        parts.append(clock(media.duration_seconds))
    return ", ".join(parts)


def _detail_of_audio(audio: Extracted) -> str:
    parts = [f"{clock(audio.duration_seconds)} of audio", f"{audio.sample_rate_hertz / 1000:g} kHz"]
    if audio.missing_seconds >= 1:
        parts.append(f"{audio.missing_seconds:.1f} s could not be decoded")
    return ", ".join(parts)


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count:,} clips"
