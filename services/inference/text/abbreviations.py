# ruff: noqa: RUF001 - many scripts share shapes
"""Abbreviations: which dots end no sentence, and what the short forms stand for."""

import re
from collections.abc import Mapping
from functools import cache

SPOKEN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "mr": "mister",
        "mrs": "missus",
        "ms": "miss",
        "dr": "doctor",
        "drs": "doctors",
        "prof": "professor",
        "rev": "reverend",
        "gen": "general",
        "col": "colonel",
        "maj": "major",
        "capt": "captain",
        "cpt": "captain",
        "lt": "lieutenant",
        "sgt": "sergeant",
        "gov": "governor",
        "sen": "senator",
        "rep": "representative",
        "hon": "honorable",
        "st": "saint",
        "mt": "mount",
        "vs": "versus",
        "approx": "approximately",
        "dept": "department",
        "e.g": "for example",
        "i.e": "that is",
    },
    "es": {
        "sr": "señor",
        "sra": "señora",
        "srta": "señorita",
        "dr": "doctor",
        "dra": "doctora",
        "prof": "profesor",
        "ud": "usted",
        "uds": "ustedes",
        "p. ej": "por ejemplo",
        "p.ej": "por ejemplo",
        "avda": "avenida",
        "aprox": "aproximadamente",
    },
    "fr": {
        "dr": "docteur",
        "pr": "professeur",
        "mgr": "monseigneur",
        "mme": "madame",
        "mlle": "mademoiselle",
        "m": "monsieur",
        "mm": "messieurs",
        "st": "saint",
        "ste": "sainte",
        "p. ex": "par exemple",
        "p.ex": "par exemple",
        "c.-à-d": "c'est-à-dire",
        "av": "avenue",
        "bd": "boulevard",
        "env": "environ",
    },
    "de": {
        "dr": "Doktor",
        "prof": "Professor",
        "hr": "Herr",
        "fr": "Frau",
        "st": "Sankt",
        "z. b": "zum Beispiel",
        "z.b": "zum Beispiel",
        "d. h": "das heißt",
        "d.h": "das heißt",
        "u. a": "unter anderem",
        "u.a": "unter anderem",
        "ca": "circa",
        "bzw": "beziehungsweise",
        "evtl": "eventuell",
        "ggf": "gegebenenfalls",
        "vgl": "vergleiche",
        "inkl": "inklusive",
        "usw": "und so weiter",
        "sog": "sogenannte",
        "geb": "geboren",
    },
    "it": {
        "sig": "signor",
        "sig.ra": "signora",
        "sig.na": "signorina",
        "dott": "dottor",
        "dott.ssa": "dottoressa",
        "dr": "dottor",
        "prof": "professor",
        "prof.ssa": "professoressa",
        "ing": "ingegner",
        "avv": "avvocato",
        "p. es": "per esempio",
        "p.es": "per esempio",
        "ca": "circa",
    },
    "pt": {
        "sr": "senhor",
        "sra": "senhora",
        "dr": "doutor",
        "dra": "doutora",
        "prof": "professor",
        "profa": "professora",
        "p. ex": "por exemplo",
        "p.ex": "por exemplo",
        "av": "avenida",
        "aprox": "aproximadamente",
    },
    "pl": {
        "dr": "doktor",
        "prof": "profesor",
        "inż": "inżynier",
        "mgr": "magister",
        "św": "święty",
        "ul": "ulica",
        "np": "na przykład",
        "tzn": "to znaczy",
        "tzw": "tak zwany",
        "m.in": "między innymi",
        "ok": "około",
    },
    "tr": {
        "dr": "doktor",
        "prof": "profesör",
        "doç": "doçent",
        "sn": "sayın",
        "av": "avukat",
        "cad": "cadde",
        "örn": "örneğin",
        "vb": "ve benzeri",
        "vs": "vesaire",
    },
    "ru": {
        "т.е": "то есть",
        "т. е": "то есть",
        "т.д": "так далее",
        "т. д": "так далее",
        "т.п": "тому подобное",
        "т. п": "тому подобное",
        "др": "другие",
        "проф": "профессор",
        "ул": "улица",
        "напр": "например",
    },
    "nl": {
        "dhr": "de heer",
        "mevr": "mevrouw",
        "mw": "mevrouw",
        "dr": "dokter",
        "prof": "professor",
        "bijv": "bijvoorbeeld",
        "bv": "bijvoorbeeld",
        "o.a": "onder andere",
        "d.w.z": "dat wil zeggen",
        "enz": "enzovoort",
        "ca": "circa",
        "jhr": "jonkheer",
    },
    "cs": {
        "dr": "doktor",
        "prof": "profesor",
        "ing": "inženýr",
        "mgr": "magistr",
        "sv": "svatý",
        "ul": "ulice",
        "např": "například",
        "tzv": "takzvaný",
        "tj": "to jest",
        "atd": "a tak dále",
        "apod": "a podobně",
    },
    "hu": {
        "dr": "doktor",
        "prof": "professzor",
        "ifj": "ifjabb",
        "özv": "özvegy",
        "pl": "például",
        "ún": "úgynevezett",
        "kb": "körülbelül",
        "stb": "és a többi",
        "ill": "illetve",
    },
}
"""What is said instead, by language; the keys stand before a dot, in lower case."""

SPOKEN_BEFORE_NUMBERS: Mapping[str, Mapping[str, str]] = {
    "en": {"no": "number", "p": "page", "pp": "pages", "fig": "figure", "vol": "volume"},
    "es": {"núm": "número", "pág": "página", "vol": "volumen"},
    "fr": {"p": "page", "fig": "figure", "vol": "volume"},
    "de": {"nr": "Nummer", "s": "Seite", "abb": "Abbildung", "bd": "Band"},
    "it": {"n": "numero", "pag": "pagina", "fig": "figura", "vol": "volume"},
    "pt": {"pág": "página", "fig": "figura", "vol": "volume"},
    "pl": {"nr": "numer", "str": "strona", "rys": "rysunek"},
    "tr": {"no": "numara", "s": "sayfa"},
    "ru": {"рис": "рисунок", "стр": "страница", "гл": "глава"},
    "nl": {"nr": "nummer", "blz": "bladzijde", "afb": "afbeelding"},
    "cs": {"č": "číslo", "str": "strana", "obr": "obrázek"},
    "hu": {"old": "oldal"},
}
"""What is said instead before a number alone, such as "No. 5"."""

SPOKEN_AT_ENDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "etc": "et cetera",
        "jr": "junior",
        "sr": "senior",
        "inc": "incorporated",
        "ltd": "limited",
        "co": "company",
        "corp": "corporation",
        "a.m": "A M",
        "p.m": "P M",
    },
    "es": {"etc": "etcétera", "a. m": "de la mañana", "p. m": "de la tarde"},
    "fr": {"etc": "et cetera"},
    "it": {"ecc": "eccetera"},
    "pt": {"etc": "et cetera"},
    "pl": {"itd": "i tak dalej", "itp": "i tym podobne"},
}
"""Short forms that often end a sentence: a capital after them begins another."""

SPOKEN_WITHOUT_DOTS: Mapping[str, Mapping[str, str]] = {
    "ru": {"г-н": "господин", "г-жа": "госпожа", "д-р": "доктор"},
}
"""Contractions, which no dot follows."""

_INITIALS = re.compile(r"(?:\w\.)*\w")


def ends_no_sentence(word: str, language: str) -> bool:
    """Says whether a dot after `word` is the word's own, and not the end of a sentence."""
    lower = word.casefold()
    if lower in SPOKEN_AT_ENDS.get(language, {}):
        return False
    if lower in SPOKEN.get(language, {}) or lower in SPOKEN_BEFORE_NUMBERS.get(language, {}):
        return True
    is_initials = _INITIALS.fullmatch(word) is not None and not word[-1].isdigit()
    return is_initials and not (language == "en" and word == "I")


def expand(text: str, language: str) -> str:
    """Returns `text` with its abbreviations said in full; a dot that ends the text stays."""
    for contraction, words in SPOKEN_WITHOUT_DOTS.get(language, {}).items():
        text = re.sub(rf"(?<!\w){contraction}(?!\w)", words, text, flags=re.IGNORECASE)
    pattern, spoken, before_numbers = _table(language)
    at_ends = SPOKEN_AT_ENDS.get(language, {})
    if pattern is None:
        return text

    def say(found: re.Match[str]) -> str:
        short = found[1].casefold()
        rest = text[found.end() :].strip("\"'”’»)] ")
        words = before_numbers.get(short) if rest[:1].isdigit() else None
        words = words or spoken.get(short)
        if words is None:
            return found[0]
        if found[1][0].isupper():
            words = words[0].upper() + words[1:]
        ends_sentence = not rest or (short in at_ends and rest[0].isupper())
        return words + ("." if ends_sentence else "")

    return pattern.sub(say, text)


@cache
def _table(language: str) -> tuple[re.Pattern[str] | None, dict[str, str], Mapping[str, str]]:
    spoken = {**SPOKEN.get(language, {}), **SPOKEN_AT_ENDS.get(language, {})}
    before_numbers = SPOKEN_BEFORE_NUMBERS.get(language, {})
    keys = sorted({*spoken, *before_numbers}, key=len, reverse=True)
    if not keys:
        return None, spoken, before_numbers
    choice = "|".join(re.escape(key) for key in keys)
    pattern = re.compile(rf"(?<![^\W\d_²³])(?<![^\W\d_]\.)({choice})\.", re.IGNORECASE)
    return pattern, spoken, before_numbers
