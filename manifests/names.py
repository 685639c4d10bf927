"""Names as tokens of the letters A-Z, so that names from any wire or list can be compared.

Transliteration follows ICAO Doc 9303 part 3, section 6 (tables A and B: what a machine readable zone holds) for Latin
letters with marks and for Cyrillic; every other script goes through AnyAscii. Apostrophes are dropped and all other
punctuation separates tokens, as in the machine readable zone. A digit before a letter is the letter that readers of such
zones take for it (M0HAMMED). Other digits, control characters and invisible marks are dropped: they carry no name.
"""

import re
import unicodedata
from typing import Final

import polars as pl
from anyascii import anyascii

# ICAO Doc 9303-3 section 6 A, the letters whose transliteration is not the letter without its mark.
_LATIN: Final = {
    "Å": "AA", "Ä": "AE", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "ı": "I", "Ĳ": "IJ", "ĸ": "Q", "Ł": "L", "Ŋ": "N",
    "Ø": "OE", "Ö": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Þ": "TH", "Ŧ": "T", "Ü": "UE", "Ə": "E",
}  # fmt: skip
# ICAO Doc 9303-3 section 6 B. The soft sign is omitted; Serbian and Macedonian letters as listed there.
_CYRILLIC: Final = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Ґ": "G", "Ѓ": "G", "Д": "D", "Ђ": "D", "Е": "E", "Ё": "E", "Є": "IE",
    "Ж": "ZH", "З": "Z", "Ѕ": "DZ", "И": "I", "І": "I", "Ї": "I", "Й": "I", "Ј": "J", "К": "K", "Ќ": "K", "Л": "L",
    "Љ": "LJ", "М": "M", "Н": "N", "Њ": "NJ", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "Ћ": "C", "У": "U",
    "Ў": "U", "Ф": "F", "Х": "KH", "Ц": "TS", "Ч": "CH", "Џ": "DZ", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y",
    "Ь": "", "Э": "E", "Ю": "IU", "Я": "IA", "Ѣ": "IE", "Ѫ": "U", "Ѵ": "Y", "Ғ": "F",
}  # fmt: skip
_TABLE: Final = _LATIN | _CYRILLIC
# Apostrophes and the letters that romanisations write as such (hamza, ayin, Hawaiian okina): nothing, as in 9303.
_DROPPED: Final = frozenset("'`´\"‘’‚‛“”„ʹʺʻʼʽʾʿˈˊˋ′″＇")
FEW: Final = 32  # names that are sooner worked on one by one than in columns
_MISREAD: Final = {"0": "O", "1": "I", "5": "S", "8": "B"}
_MISREADING: Final = re.compile("[0158][A-Za-z]")
_ASCII_DROPPED: Final = r"['`\"0-9\x00-\x08\x0e-\x1b\x7f]"


def fold(names: pl.Series) -> pl.Series:
    """Folded names, as long as `names`: upper-case tokens A-Z separated by one space; null and blank give "".

    Plain ASCII, which is nearly everything a carrier sends, is folded in columns; the rest value by value.
    """
    text = names.cast(pl.String)
    if len(text) <= FEW:
        return pl.Series(names.name, [_fold_text(value or "") for value in text.to_list()], pl.String)
    text = text.fill_null("")
    upper = text.str.to_uppercase()
    if upper.str.contains(_MISREADING.pattern).any():
        for digit, letter in _MISREAD.items():
            upper = upper.str.replace_all(f"{digit}([A-Z])", f"{letter}${{1}}")
    folded = upper.str.replace_all(_ASCII_DROPPED, "").str.replace_all("[^A-Z]+", " ").str.strip_chars(" ")
    plain = text.str.len_bytes() == text.str.len_chars()
    if not plain.all():
        others = text.filter(~plain).unique()
        values = pl.Series([_fold_text(value) for value in others.to_list()], dtype=pl.String)
        folded = pl.select(pl.when(plain).then(folded).otherwise(text.replace_strict(others, values, default=""))).to_series()
    return folded.alias(names.name)


def fold_one(name: str) -> str:
    """One folded name: exactly what `fold` gives for it."""
    return _fold_text(name)


def _fold_text(name: str) -> str:
    plain = name.isascii()
    text = name if plain else unicodedata.normalize("NFKC", name)
    if _MISREADING.search(text):
        for digit, letter in _MISREAD.items():
            text = re.sub(f"{digit}([A-Za-z])", rf"{letter}\1", text)
    letters = text.translate(_ASCII) if plain else "".join(_fold_character(character) for character in text)
    return " ".join(letters.split())


def _fold_character(character: str) -> str:
    """Capital letters, "" for what is dropped, " " for what separates."""
    if "A" <= character <= "Z":
        return character
    if "a" <= character <= "z":
        return character.upper()
    if character in _DROPPED:
        return ""
    known = _TABLE.get(character) if character in _TABLE else _TABLE.get(character.upper())
    if known is not None:
        return known
    category = unicodedata.category(character)
    if category[0] == "Z" or character in "\t\n\v\f\r\x1c\x1d\x1e\x1f" or category[0] == "P" or category[0] == "S":
        return " "
    if category[0] in "MCN":  # marks, control and format characters, digits of every script
        return ""
    base = unicodedata.normalize("NFD", character)
    if len(base) > 1 and base[0] != character:
        return "".join(_fold_character(part) for part in base)
    latin = "".join(letter for letter in anyascii(character).upper() if "A" <= letter <= "Z")
    # Han and Hangul write one syllable per character: each is a token, which the matcher may join.
    return f" {latin} " if category == "Lo" and ord(character) >= 0x2E80 and not _is_kana(character) else latin


def _is_kana(character: str) -> bool:
    return 0x3040 <= ord(character) <= 0x30FF


_ASCII: Final = {code: _fold_character(chr(code)) for code in range(128)}
