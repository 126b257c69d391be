"""The use case GetRecommendations: what would make a version better."""

from collections import Counter
from collections.abc import Sequence

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import read_message
from services.dataset.accounting import rejections
from services.dataset.advice import Advice, Sound, advise, rare_sounds
from services.dataset.candidate import Candidate
from services.dataset.document import candidates_in
from services.dataset.phonemes import pangram, phonemes_of
from services.dataset.settings import DatasetSettings
from services.dataset.wire import advice_to_proto
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


class Recommending:
    """Recommends what to record, fix or relax."""

    def __init__(self, store: ArtifactStore, settings: DatasetSettings) -> None:
        """Reads versions' documents from `store`."""
        self._store = store
        self._settings = settings

    async def recommend(self, dataset: pb.Dataset) -> pb.GetRecommendationsResponse:
        """Returns recommendations for one version, the most useful first."""
        document = await read_message(self._store, dataset.document_uri, pb.DatasetDocument)
        clips = candidates_in(document, dataset.sample_rate_hertz)
        sounds = await _sounds(clips, dataset.language_code)
        advice = Advice(
            kept_minutes=dataset.summary.kept_seconds / 60,
            target_minutes=self._settings.target_minutes,
            costs=tuple(rejections(clips)),
            sounds=None if sounds is None else tuple(sounds),
            left_out_count=len(document.left_out),
            validation_count=dataset.summary.validation_count,
        )
        return advice_to_proto(advice, advise(advice))


async def _sounds(clips: Sequence[Candidate], language_code: str) -> list[Sound] | None:
    kept = await phonemes_of([c.text for c in clips if c.kept], language_code)
    if kept is None:
        return None
    reference = pangram(language_code)
    texts = [c.text for c in clips if not c.kept and c.text] + ([reference] if reference else [])
    others = await phonemes_of(texts, language_code) or []
    # A sentence a word: espeak-ng runs small words of one sentence together.
    words = [word.strip(".,") + "." for word in reference.split()]
    spoken = await phonemes_of(words, language_code) or []
    examples: dict[str, str] = {}
    if len(spoken) == len(words):
        for word, phones in zip(words, spoken, strict=True):
            for phone in phones:
                examples.setdefault(phone, word.strip(".").lower())
    counts = Counter(phone for word in kept for phone in word)
    inventory = {phone for word in others for phone in word}
    return rare_sounds(counts, inventory, examples)
