"""What makes two dataset versions the same: samples, texts, splits and source ranges."""

import hashlib
import json
from collections.abc import Collection, Iterable

from services.dataset.candidate import Candidate, by_place


def dataset_digest(kept: Iterable[Candidate], validation: Collection[str]) -> str:
    """Returns "sha256:" and the hash of the kept clips in a canonical form.

    Covers the hash of each clip's samples, its text, its split, the recording and range it comes
    from and the sample rate; no times, URIs, names or measures, so it is equal wherever and
    however often the same recordings are worked on.
    """
    rows = [
        [
            candidate.recording_id,
            candidate.start_sample,
            candidate.end_sample,
            candidate.sample_rate_hertz,
            candidate.pcm_sha256,
            "validation" if candidate.clip_id in validation else "train",
            candidate.text,
        ]
        for candidate in sorted(kept, key=by_place)
    ]
    content = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
