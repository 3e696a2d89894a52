"""Tables in documents that a command makes, between marks that name the command."""

from servelab.errors import GraderFaultError

END = "<!-- end -->"


def replaced(document: str, table: str, command: str) -> str:
    r"""Return a document with the table between its marks.

    Raises:
        GraderFaultError: the document has no such marks.

    >>> replaced("before\n<!-- made by `x` -->\nold\n<!-- end -->\nafter\n", "new", "x").splitlines()
    ['before', '<!-- made by `x` -->', '', 'new', '', '<!-- end -->', 'after']
    """
    begin = f"<!-- made by `{command}` -->"
    head, found, rest = document.partition(begin)
    _, end, tail = rest.partition(END)
    if not (found and end):
        msg = f"the document has lost its marks {begin} and {END}: put them back"
        raise GraderFaultError(msg)
    return f"{head}{begin}\n\n{table}\n\n{END}{tail}"
