"""Escaping: what a submission says becomes plain, capped, harmless text.

Everything that comes from a submission is hostile: paths, output, messages.
Here it loses terminal sequences, control and direction characters and excess
length; each writer then adds the quoting of its own format.
Source: ECMA-48 (escape sequences), the XML 1.0 `Char` production, OWASP
"CSV Injection", the workflow commands of GitHub Actions and Azure Pipelines.
Leaves out: HTML and XML quoting, which jinja2 and ElementTree do by themselves.
"""

import re
import unicodedata
from typing import Final

LINE_LIMIT: Final = 400
"""Characters of one line: a sentence with a path in it, and room to spare."""

BLOCK_LIMIT: Final = 6_000
"""Characters of a block, such as a traceback: some eighty lines, which nobody reads to the end."""

PATH_LIMIT: Final = 160
"""Characters of a path: two lines of a terminal."""

_TAB_COLUMNS: Final = 4
_CUT: Final = " … cut … "

_TERMINAL_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # a window title, a link
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)"  # device control, application command
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colour, cursor, erase
    r"|\x1b[ -/]*[0-Z\\^-~]"  # everything shorter
)
_WORKFLOW_COMMAND = re.compile(r"::(?=[a-zA-Z-]+(?: [^\n]*)?::)")
_BRACKET_COMMAND = re.compile(r"##(?=[\w.-]*\[)")
# The last four are the full-width forms of the first four, which some spreadsheets read alike.
_FORMULA_START = re.compile("\\s*[=+\\-@|%\uff1d\uff0b\uff0d\uff20]|[\\t\\r\\n]")


class _PlainCharacters(dict[int, str]):
    """A `str.translate` table that decides about each character once, by its Unicode category."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character == "\n" or category in {"Zl", "Zp"}:
            kept = "\n"
        elif category == "Cs":
            kept = "\N{REPLACEMENT CHARACTER}"
        elif category in {"Cc", "Cf"} or code in {0xFFFE, 0xFFFF}:
            kept = ""
        else:
            kept = character
        self[code] = kept
        return kept


_PLAIN = _PlainCharacters()


def block(text: str, limit: int = BLOCK_LIMIT) -> str:
    r"""Return text of several lines as plain text of at most `limit` characters.

    >>> block("\x1b[31mred\x1b[0m\r\nand \x07plain")
    'red\nand plain'
    """
    # Cut first: the cost of cleaning must not grow with what a submission prints.
    cut = capped(text, 4 * limit).replace("\r\n", "\n").replace("\r", "\n").expandtabs(_TAB_COLUMNS)
    return capped(_TERMINAL_SEQUENCE.sub("", cut).translate(_PLAIN), limit)


def line(text: str, limit: int = LINE_LIMIT) -> str:
    r"""Return text as one plain line of at most `limit` characters.

    >>> line("two\nlines")
    'two lines'
    """
    return capped(" ".join(block(text, 4 * limit).split()), limit)


def path(text: str, limit: int = PATH_LIMIT) -> str:
    r"""Return a path with every character that can't be seen written as its escape.

    >>> path("src/a\nb\x1b[2J.py")
    'src/a\\nb\\x1b[2J.py'
    """
    seen = "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in capped(text, 4 * limit)
    )
    return capped(seen, limit)


def capped(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, keeping its beginning and, half as long, its end.

    >>> capped("0123456789" * 10, 40)
    '012345678901234567890 … cut … 0123456789'
    """
    if len(text) <= limit:
        return text
    tail = (limit - len(_CUT)) // 3
    return text[: limit - len(_CUT) - tail] + _CUT + text[len(text) - tail :]


def command_free(text: str) -> str:
    """Break what a CI system would obey if it stood in a job's log.

    >>> command_free("::set-output name=score::100")
    ': :set-output name=score::100'
    """
    return _BRACKET_COMMAND.sub("## ", _WORKFLOW_COMMAND.sub(": :", text))


def cell(text: str) -> str:
    """Return one line that no spreadsheet takes for a formula.

    >>> cell("=1+1")
    "'=1+1"
    """
    cleaned = line(text)
    # Before and after: cleaning can take away what stood before an equals sign.
    return ("'" if _FORMULA_START.match(text) or _FORMULA_START.match(cleaned) else "") + cleaned
