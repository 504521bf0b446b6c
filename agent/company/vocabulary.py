"""The company's own Chinese words, which a recogniser may mishear: ``vocabulary.zh.txt``."""

from pathlib import Path

from agent.errors import CompanyError

FILE = "vocabulary.zh.txt"


def load_vocabulary(file: Path) -> tuple[str, ...]:
    """One word a line; # begins a comment. Raises CompanyError with every line that is wrong."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        broken = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CompanyError(f"{file}:{broken}: not UTF-8; save the file in UTF-8") from error
    except OSError as error:
        raise CompanyError(f"{file}:1: cannot be read: {error.strerror}; it may be empty") from error
    words: list[str] = []
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        word = line.split("#")[0].strip()
        if word and (len(word) < 2 or not all("\u4e00" <= character <= "\u9fff" for character in word)):
            problems.append(f"{file}:{number}: {word!r} is not told by its sound; two Chinese characters at least are")
        words += [word] if word else []
    if problems:
        raise CompanyError("\n".join(problems))
    return tuple(dict.fromkeys(words))
