"""Where a sentence ends, as it is spoken. Pure."""

import re
from itertools import pairwise

SENTENCE_END = re.compile(
    r"[。！？!?；;\n]+"
    r"|(?<![AaPp]\.[Mm])\.(?=\s|$)"
    # 9:30 a.m. tomorrow goes on; only before a capital letter is the point of a.m. a full stop too.
    r"|(?<=[AaPp]\.[Mm])\.(?=\s+[A-Z]|$)"
)


def sentences(text: str) -> list[str]:
    """Its sentences with their marks, without space around them."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    pieces = (text[start:end].strip() for start, end in pairwise([0, *ends, len(text)]))
    return [piece for piece in pieces if piece]
