"""What spaCy's English tokenizer must do besides, so that names in adverts come apart.

The stock rules keep "C#/.NET", "SQL;Java" and "React.jsProficient" whole and "R." with its full
stop. All additions stand here. Names are found by `view.TextView` whatever the tokens; these rules
give each name tokens of its own to be a span on.
"""

from __future__ import annotations

import re

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

SECTION_SPANS = "sections"  # keys of doc.spans
SKILL_SPANS = "skills"

_BULLETS = "•●▪◦■□▶►➢➤✓✔❖⁃"
_PREFIXES = (rf"[{_BULLETS}|/]", r"[-–—](?=[A-Za-z])", r"\+(?=[A-Za-z])")
_SUFFIXES = (
    r"(?<=^[A-Z])\.",  # "… Python and R."; stock spaCy takes "R." for an abbreviation
    r"[|/\-–—]",
    r"(?<=[/,;(|&+][A-Z])\.",  # "C++/C."
)
_INFIXES = (
    rf"[/|;()\[\]{{}}&{_BULLETS}·]",
    r"(?<![0-9]),|,(?![0-9])",
    r"(?<=[0-9A-Za-z])\+(?=[A-Za-z])",  # "5+years", "Django+PostgreSQL"
    r"(?<=[A-Z]{2})\.(?=[A-Z][a-z])",  # "SQL.Experience"
    r"(?<=[a-z)]):(?=[A-Z(])",
    # Names run together where a line break was lost: "React.jsProficient", "skillsSQL". No
    # character is taken, so "PowerBI" and "TensorFlow" come apart the same way on both sides.
    r"(?<=[a-z]{2})(?=[A-Z][a-z])",
    r"(?<=[a-z]{3})(?=[A-Z]{2})",
)

# spaCy's own URL pattern takes "React.js/Node.js" for an address: here one begins like one.
_URL = re.compile(r"(?:https?://|www\.)\S+\Z", re.IGNORECASE)


def adapt_tokenizer(nlp: Language) -> None:
    """Add the rules above to the pipeline's tokenizer, once; another kind of tokenizer is left."""
    tokenizer = nlp.tokenizer
    if not isinstance(tokenizer, Tokenizer) or tokenizer.infix_finditer is None:
        return
    if _INFIXES[-1] in tokenizer.infix_finditer.__self__.pattern:
        return
    defaults = nlp.Defaults
    tokenizer.prefix_search = compile_prefix_regex([*(defaults.prefixes or ()), *_PREFIXES]).search
    tokenizer.suffix_search = compile_suffix_regex([*(defaults.suffixes or ()), *_SUFFIXES]).search
    tokenizer.infix_finditer = compile_infix_regex([*(defaults.infixes or ()), *_INFIXES]).finditer
    tokenizer.url_match = _URL.match
