"""The languages that a text can be written in, as families know them: each with its own name and its direction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ENGLISH: Final = "en"


@dataclass(frozen=True)
class Language:
    """A language: as the office calls it, as its readers do, and which way it runs."""

    code: str
    name: str
    own: str
    right_to_left: bool = False

    @property
    def direction(self) -> str:
        """As the `dir` of a page has it."""
        return "rtl" if self.right_to_left else "ltr"

    @property
    def label(self) -> str:
        """For the office, who may not read it."""
        return self.name if self.name == self.own else f"{self.name} ({self.own})"


# The codes are those of browsers and screen readers (BCP 47).
_KNOWN: Final = (
    Language("sq", "Albanian", "Shqip"),
    Language("am", "Amharic", "አማርኛ"),
    Language("ar", "Arabic", "العربية", right_to_left=True),
    Language("bn", "Bengali", "বাংলা"),
    Language("bg", "Bulgarian", "Български"),
    Language("zh-Hans", "Chinese, simplified", "简体中文"),
    Language("zh-Hant", "Chinese, traditional", "繁體中文"),
    Language("hr", "Croatian", "Hrvatski"),
    Language("cs", "Czech", "Čeština"),
    Language("prs", "Dari", "دری", right_to_left=True),
    Language("nl", "Dutch", "Nederlands"),
    Language("fr", "French", "Français"),
    Language("de", "German", "Deutsch"),
    Language("el", "Greek", "Ελληνικά"),
    Language("gu", "Gujarati", "ગુજરાતી"),
    Language("he", "Hebrew", "עברית", right_to_left=True),
    Language("hi", "Hindi", "हिन्दी"),
    Language("hu", "Hungarian", "Magyar"),
    Language("it", "Italian", "Italiano"),
    Language("ckb", "Kurdish, Sorani", "کوردیی ناوەندی", right_to_left=True),
    Language("ku", "Kurdish, Kurmanji", "Kurdî"),
    Language("lv", "Latvian", "Latviešu"),
    Language("lt", "Lithuanian", "Lietuvių"),
    Language("ml", "Malayalam", "മലയാളം"),
    Language("ne", "Nepali", "नेपाली"),
    Language("pa", "Panjabi", "ਪੰਜਾਬੀ"),
    Language("ps", "Pashto", "پښتو", right_to_left=True),
    Language("fa", "Persian", "فارسی", right_to_left=True),
    Language("pl", "Polish", "Polski"),
    Language("pt", "Portuguese", "Português"),
    Language("ro", "Romanian", "Română"),
    Language("ru", "Russian", "Русский"),
    Language("sk", "Slovak", "Slovenčina"),
    Language("so", "Somali", "Soomaali"),
    Language("es", "Spanish", "Español"),
    Language("ta", "Tamil", "தமிழ்"),
    Language("te", "Telugu", "తెలుగు"),
    Language("ti", "Tigrinya", "ትግርኛ"),
    Language("tr", "Turkish", "Türkçe"),
    Language("tw", "Twi", "Twi"),
    Language("uk", "Ukrainian", "Українська"),
    Language("ur", "Urdu", "اردو", right_to_left=True),
    Language("vi", "Vietnamese", "Tiếng Việt"),
    Language("cy", "Welsh", "Cymraeg"),
    Language("yo", "Yoruba", "Yorùbá"),
)
LANGUAGES: Final[dict[str, Language]] = {one.code: one for one in _KNOWN}


def language_of(code: str) -> Language:
    """The language of a code; English is one too, and a code that is not known stands for itself."""
    return LANGUAGES.get(code) or Language(code, *(("English", "English") if code == ENGLISH else (code, code)))


def readable_in(translations: Iterable[str]) -> list[Language]:
    """The languages that a text can be read in, English first; none where there is English alone."""
    others = sorted((language_of(code) for code in translations), key=lambda one: one.name)
    return [language_of(ENGLISH), *others] if others else []
