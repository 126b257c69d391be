"""Language codes as the text front end reads them."""

WITHOUT_SPACES = frozenset({"ja", "zh"})
"""Languages written without spaces between words."""
DOTTED_ORDINALS = frozenset({"cs", "de", "hu", "pl", "tr"})
"""Languages that write "third" as "3."."""


def primary(language_code: str) -> str:
    """Returns the language alone of a BCP 47 code: "pt" for "pt-BR"."""
    return language_code.replace("_", "-").split("-", 1)[0].lower()
