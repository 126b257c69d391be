"""Trains a small vocabulary of the shape that XTTS reads: the published one is in no package."""

from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

LANGUAGES = (
    "en",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "pl",
    "tr",
    "ru",
    "nl",
    "cs",
    "ar",
    "zh-cn",
    "hu",
    "ko",
    "ja",
    "hi",
)
"""As coqui writes them in its tags and configs."""

_SENTENCES = (
    "The quick brown fox jumps over the lazy dog, while nobody is watching.",
    "She sells seashells by the seashore; the shells she sells are surely seashells.",
    "How much wood would a woodchuck chuck if a woodchuck could chuck wood?",
    "Every morning the old harbour wakes before the town: gulls, engines, voices.",
    "We are going to need a bigger boat, and somebody who knows how to steer it.",
    "It was the best of times, it was the worst of times, and hardly anyone noticed.",
    "Please remember that the train to the city leaves from the other platform today!",
    "Twenty five minutes later, the doctor had not answered the telephone.",
    "El veloz murciélago hindú comía feliz cardillo y kiwi.",
    "Portez ce vieux whisky au juge blond qui fume, s'il vous plaît.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "Ma la volpe, col suo balzo, ha raggiunto il quieto Fido perché è così.",
    "Um pequeno jabuti xereta viu dez cegonhas felizes; não são más.",
    "Pchnąć w tę łódź jeża lub ośm skrzyń fig.",
    "Köşedeki firinci bugün ekmek getirecek.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Pa's wijze lynx bezag vroom het fikse aquaduct.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "صِف خَلقَ خَودٍ كَمِثلِ الشَمسِ إِذ بَزَغَت",
    "Árvíztűrő tükörfúrógép.",
    "ऋषियों को सताने वाले दुष्ट राक्षसों का सर्वनाश हुआ।",
)


def train_vocabulary(path: Path, token_count: int) -> None:
    """Writes `vocab.json` of exactly so many tokens for `VoiceBpeTokenizer` to `path`."""
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tags = [f"[{language}]" for language in LANGUAGES]
    trainer = trainers.BpeTrainer(
        vocab_size=token_count,
        special_tokens=["[STOP]", "[UNK]", "[SPACE]", *tags, "[START]"],
        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz!'(),-.:;?"),
        show_progress=False,
    )
    tokenizer.train_from_iterator((sentence.lower() for sentence in _SENTENCES), trainer)
    missing_count = token_count - tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([f"[unused{index}]" for index in range(missing_count)])
    tokenizer.save(str(path))
