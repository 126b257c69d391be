# ruff: noqa: RUF001 - many scripts share shapes
"""The words that signs stand for, by language: what CLDR does not say.

Names of currencies, units and months, and the spelling of numbers, come from CLDR; see quantities
and numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How one language says what is written with signs."""

    and_: str
    at: str
    hash: str
    plus: str
    minus: str
    """Before a negative number."""
    equals: str
    times: str
    degrees: str
    percent: str
    to: str
    """Between the ends of a range; a pause where the word would change the case of the number."""
    point: str
    """Between the whole and the decimals."""
    dot: str
    """In addresses."""
    slash: str
    dash: str
    underscore: str
    dollars: tuple[str, ...]
    """By plural: one and other, or one, few and many."""
    time: str = "{hour} {minute}"
    """How a time of day is said; the minutes are left out when they are zero."""
    is_percent_first: bool = False


VOCABULARIES: Mapping[str, Vocabulary] = {
    "en": Vocabulary(
        *("and", "at", "hash", "plus", "minus", "equals", "times", "degrees", "percent"),
        *("to", "point", "dot", "slash", "dash", "underscore"),
        ("dollar", "dollars"),
    ),
    "es": Vocabulary(
        *("y", "arroba", "numeral", "más", "menos", "igual a", "por", "grados", "por ciento"),
        *("a", "coma", "punto", "barra", "guion", "guion bajo"),
        ("dólar", "dólares"),
        "{hour} horas {minute}",
    ),
    "fr": Vocabulary(
        *("et", "arobase", "dièse", "plus", "moins", "égale", "fois", "degrés", "pour cent"),
        *("à", "virgule", "point", "slash", "tiret", "tiret bas"),
        ("dollar", "dollars"),
        "{hour} heures {minute}",
    ),
    "de": Vocabulary(
        *("und", "ät", "Raute", "plus", "minus", "gleich", "mal", "Grad", "Prozent"),
        *("bis", "Komma", "Punkt", "Schrägstrich", "Strich", "Unterstrich"),
        ("Dollar", "Dollar"),
        "{hour} Uhr {minute}",
    ),
    "it": Vocabulary(
        *("e", "chiocciola", "cancelletto", "più", "meno", "uguale", "per", "gradi", "per cento"),
        *("a", "virgola", "punto", "barra", "trattino", "trattino basso"),
        ("dollaro", "dollari"),
        "{hour} e {minute}",
    ),
    "pt": Vocabulary(
        *("e", "arroba", "cerquilha", "mais", "menos", "igual a", "vezes", "graus", "por cento"),
        *("a", "vírgula", "ponto", "barra", "hífen", "sublinhado"),
        ("dólar", "dólares"),
        "{hour} horas e {minute}",
    ),
    "pl": Vocabulary(
        *("i", "małpa", "krzyżyk", "plus", "minus", "równa się", "razy", "stopni", "procent"),
        *(",", "przecinek", "kropka", "ukośnik", "myślnik", "podkreślnik"),
        ("dolar", "dolary", "dolarów"),
    ),
    "tr": Vocabulary(
        *("ve", "et", "diyez", "artı", "eksi", "eşittir", "çarpı", "derece", "yüzde"),
        *("ila", "virgül", "nokta", "eğik çizgi", "tire", "alt çizgi"),
        ("dolar", "dolar"),
        is_percent_first=True,
    ),
    "ru": Vocabulary(
        *("и", "собака", "решётка", "плюс", "минус", "равно", "на", "градусов", "процентов"),
        *(",", "запятая", "точка", "слэш", "дефис", "подчёркивание"),
        ("доллар", "доллара", "долларов"),
    ),
    "nl": Vocabulary(
        *("en", "apenstaartje", "hekje", "plus", "min", "is", "keer", "graden", "procent"),
        *("tot", "komma", "punt", "slash", "streepje", "laag streepje"),
        ("dollar", "dollar"),
        "{hour} uur {minute}",
    ),
    "cs": Vocabulary(
        *("a", "zavináč", "křížek", "plus", "minus", "rovná se", "krát", "stupňů", "procent"),
        *("až", "čárka", "tečka", "lomítko", "pomlčka", "podtržítko"),
        ("dolar", "dolary", "dolarů"),
    ),
    "ar": Vocabulary(
        *("و", "آت", "رقم", "زائد", "ناقص", "يساوي", "في", "درجة", "في المئة"),
        *("إلى", "فاصلة", "نقطة", "شرطة مائلة", "شرطة", "شرطة سفلية"),
        ("دولار", "دولار"),
    ),
    "hu": Vocabulary(
        *(
            "és",
            "kukac",
            "kettőskereszt",
            "plusz",
            "mínusz",
            "egyenlő",
            "szorozva",
            "fok",
            "százalék",
        ),
        *(",", "egész", "pont", "per", "kötőjel", "aláhúzás"),
        ("dollár", "dollár"),
        "{hour} óra {minute}",
    ),
    "ko": Vocabulary(
        *("그리고", "골뱅이", "샵", "더하기", "마이너스", "는", "곱하기", "도", "퍼센트"),
        *("에서", "점", "점", "슬래시", "대시", "밑줄"),
        ("달러", "달러"),
        "{hour}시 {minute}분",
    ),
    "ja": Vocabulary(
        *(
            "アンド",
            "アット",
            "シャープ",
            "プラス",
            "マイナス",
            "イコール",
            "かける",
            "度",
            "パーセント",
        ),
        *("から", "点", "ドット", "スラッシュ", "ハイフン", "アンダーバー"),
        ("ドル", "ドル"),
        "{hour}時{minute}分",
    ),
    "hi": Vocabulary(
        *("और", "ऐट", "हैश", "प्लस", "माइनस", "बराबर", "गुणा", "डिग्री", "प्रतिशत"),
        *("से", "दशमलव", "डॉट", "स्लैश", "डैश", "अंडरस्कोर"),
        ("डॉलर", "डॉलर"),
        "{hour} बजकर {minute} मिनट",
    ),
    "zh": Vocabulary(
        *("和", "艾特", "井号", "加", "负", "等于", "乘以", "度", "百分之"),
        *("到", "点", "点", "斜杠", "杠", "下划线"),
        ("美元", "美元"),
        "{hour}点{minute}分",
        is_percent_first=True,
    ),
}


def vocabulary(language: str) -> Vocabulary:
    """Returns the words of a primary subtag; English ones for a language that is not listed."""
    return VOCABULARIES.get(language, VOCABULARIES[ENGLISH])
