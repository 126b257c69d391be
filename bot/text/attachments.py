"""Says what was sent beside a text."""

import mimetypes
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from bot.text.words import Words


class Attachment(Enum):
    """What was sent; the values name the words for it."""

    PICTURE = "pictures"
    VIDEO = "videos"
    SOUND = "sounds"
    FILE = "files"
    STICKER = "stickers"


_KINDS = {"image": Attachment.PICTURE, "video": Attachment.VIDEO, "audio": Attachment.SOUND}


def attachment_of(content_type: str | None, filename: str) -> Attachment:
    """Returns what a file is, by its media type, or by its name where Discord knows none."""
    media_type = content_type or mimetypes.guess_type(filename)[0] or ""
    return _KINDS.get(media_type.split("/", 1)[0].strip().lower(), Attachment.FILE)


def say_attachments(attachments: Sequence[Attachment], words: Words) -> str:
    """Returns such as "a picture, files"; each kind once."""
    counts = Counter(attachments)
    said = (getattr(words, kind.value)[count > 1] for kind, count in counts.items())
    return words.comma.join(said)
