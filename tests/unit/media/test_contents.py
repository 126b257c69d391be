"""Reading ffprobe's JSON, also when a damaged file makes it say odd things."""

from services.media.contents import MAX_CHAPTER_COUNT, parsed

AUDIO = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "sample_fmt": "fltp",
    "sample_rate": "48000",
    "channels": 2,
    "bit_rate": "128000",
    "duration": "12.5",
    "disposition": {"default": 1, "attached_pic": 0},
    "tags": {"language": "ger", "title": "Kommentar"},
}
VIDEO = {
    "index": 0,
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1920,
    "height": 1080,
    "avg_frame_rate": "30000/1001",
}


def test_every_fact_about_a_stream_is_read() -> None:
    found = parsed({"format": {"format_name": "mov,mp4", "duration": "13"}, "streams": [AUDIO]})
    stream = found.streams[0]
    assert (stream.kind, stream.codec, stream.language_code) == ("audio", "aac", "de")
    assert (stream.sample_rate_hertz, stream.channel_count, stream.bit_rate) == (48000, 2, 128000)
    assert (stream.duration_seconds, stream.is_default) == (12.5, True)
    assert (found.container, found.duration_seconds) == ("mov,mp4", 13.0)


def test_the_frame_rate_is_a_ratio() -> None:
    assert round(parsed({"streams": [VIDEO]}).streams[0].frames_per_second, 2) == 29.97


def test_a_cover_picture_is_no_video() -> None:
    cover = {**VIDEO, "disposition": {"attached_pic": 1}}
    assert parsed({"streams": [cover]}).streams[0].kind == "other"


def test_the_bits_are_those_of_the_decoded_integers() -> None:
    cases = {("s16", None): 16, ("s32", "24"): 24, ("s32", None): 32, ("fltp", None): 0}
    for (sample_format, raw), bits in cases.items():
        probed = {**AUDIO, "sample_fmt": sample_format, "bits_per_raw_sample": raw}
        assert parsed({"streams": [probed]}).streams[0].bits_per_sample == bits


def test_matroska_notes_durations_in_a_tag_of_its_own() -> None:
    probed = {**AUDIO, "duration": "N/A", "tags": {"DURATION": "01:02:03.500000000"}}
    assert parsed({"streams": [probed]}).streams[0].duration_seconds == 3723.5


def test_nonsense_numbers_count_as_unknown() -> None:
    tags = {"BPS": "1e300", "DURATION": "9" * 4000 + ":00:00"}
    odd = {"index": 3, "codec_type": "data", "duration": "-9e999", "bit_rate": "nan", "tags": tags}
    stream = parsed({"format": {"duration": "N/A"}, "streams": [odd]}).streams[0]
    assert (stream.kind, stream.duration_seconds, stream.bit_rate) == ("other", 0.0, 0)


def test_nothing_at_all_is_an_empty_container() -> None:
    assert parsed({}).audio == []


def test_chapters_are_read_up_to_a_bound() -> None:
    chapter = {"start_time": "1.5", "end_time": "2", "tags": {"title": "x" * 10_000}}
    found = parsed({"chapters": [chapter] * 5000}).chapters
    assert len(found) == MAX_CHAPTER_COUNT
    assert (found[0].start_seconds, found[0].end_seconds, len(found[0].title)) == (1.5, 2.0, 200)
