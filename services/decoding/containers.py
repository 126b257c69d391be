"""Which containers are opened: files that hold sound themselves, never lists of other files."""

DEMUXERS = (
    # Video
    *("matroska", "mov", "avi", "asf", "flv", "live_flv", "mpegts", "mpegtsraw", "mpeg"),
    *("mxf", "gxf", "nut", "nsv", "rm", "dv", "ivf", "wtv", "dhav", "lxf", "film_cpk", "bink"),
    *("h264", "hevc", "h263", "m4v", "mpegvideo", "mjpeg", "av1", "obu", "vc1", "dirac"),
    # Audio
    *("wav", "w64", "aiff", "au", "caf", "sox", "voc", "ircam", "nistsphere", "pvf", "avr"),
    *("flac", "ape", "tta", "tak", "wv", "mpc", "mpc8", "truehd", "mlp", "shn", "dsf", "iff"),
    *("ogg", "mp3", "aac", "ac3", "eac3", "dts", "dtshd", "loas", "latm", "oma", "xwma", "rso"),
    *("amr", "amrnb", "amrwb", "gsm", "qcp", "aptx", "sbc", "bit", "adx", "hca", "ace", "mca"),
)
"""ffmpeg's names of what it may open here.

Anything else that a file pretends to be is refused: playlists (hls, dash, concat, imf), session
descriptions (sdp, rtsp), devices, numbered images, and the demuxers that turn text into pictures.
"""

PROTOCOLS = ("file", "pipe")
"""Where it may read from: this keeps a container from opening connections."""

MAX_ALLOCATION_BYTES = 1 << 29
"""The most that ffmpeg may take in one piece, whatever a header says."""

_LISTS = frozenset({"hls", "dash", "concat", "imf", "sdp", "rtsp", "rtp", "webm_dash_manifest"})
_PICTURES = frozenset({"image2", "gif", "apng", "ico", "tiff", "fits", "alias_pix", "brender_pix"})


def refusal_of(demuxer: str) -> tuple[str, str]:
    """Returns (reason, sentence) for a file that ffmpeg takes for something not allowed here."""
    if demuxer in _LISTS:
        return (
            "PLAYLIST_NOT_ALLOWED",
            "This is a list that points to other files or servers: drop the recording itself.",
        )
    if demuxer in _PICTURES or demuxer.endswith("_pipe"):
        return "NOT_MEDIA", "This is a picture: it holds no sound."
    return NOT_MEDIA


NOT_MEDIA = (
    "NOT_MEDIA",
    (
        "This is not audio or video that ffmpeg can read: "
        "check that the file plays, or convert it to mp4 or wav."
    ),
)
