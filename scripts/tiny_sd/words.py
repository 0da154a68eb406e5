"""The words the tokenizer holds as one token each. Any other text is spelt from shorter pieces."""

from __future__ import annotations

from scripts.tiny_sd import colors, kinds, numbers

_CAPTION_WORDS = "texture image of and on beside angle size count share roughness length"
_PROMPT_WORDS = "histology image of healthy cancer tissue morphology type"
_LABEL_WORDS = """
adenocarcinoma adipose background benign breast carcinoma colon debris epithelium gland grade high invasive kidney
label liver low lung lymph lymphocyte lymphocytes malignant metastasis metastatic mucosa mucus muscle necrosis
necrotic negative no node non normal patch positive prostate skin slide smooth stage stain stroma tumor tumour
"""
_COMMON_WORDS = """
a an are as at background big black bright by clear close color dark dense few fine for from gray grey in is it large
light many medium no not or pale photo picture rough round sharp small soft some sparse square that the thick thin
this to with without
"""
_MARKS = ", - . : ; ' ( ) / _"
_DIGITS = "0 1 2 3 4 5 6 7 8 9"


def vocabulary() -> tuple[str, ...]:
    """Return the words and marks in lower case, each once, in a fixed order."""
    listed = " ".join((_CAPTION_WORDS, _PROMPT_WORDS, _LABEL_WORDS, _COMMON_WORDS, _MARKS, _DIGITS)).split()
    return tuple(dict.fromkeys([*listed, *colors.NAMED_COLORS, *_nouns(), *_number_words()]))


def _nouns() -> list[str]:
    """Return the names of the kinds of texture."""
    return [kind.__name__ for kind in kinds.KINDS]


def _number_words() -> list[str]:
    """Return the words that numbers up to one thousand are made of."""
    parts = (numbers.in_words(number).replace("-", " ").split() for number in range(1001))
    return list(dict.fromkeys(word for part in parts for word in part))
