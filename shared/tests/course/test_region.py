"""Regions: what the learner writes, cut out of the solution."""

from textwrap import dedent

import pytest

from servelab.course.region import RegionError, fill, parse

BODY = dedent("""\
    def double(x):
        # task 1.1: return twice the number
        y = 2 * x
        return y
        # end task 1.1


    # task 1.2, declaration: triple
    def triple(x):
        return 3 * x
    # end task 1.2
    """)


def stub(text: str, name: str = "a.py") -> str:
    """Return the starter's text."""
    return fill(name, text, lambda region: region.stub)


def test_a_body_becomes_a_todo_that_raises() -> None:
    """The starter says what is missing, where it is missing."""
    expected = dedent("""\
        def double(x):
            # TODO(task 1.1): return twice the number
            raise NotImplementedError("task 1.1: return twice the number")
            # end task 1.1


        # TODO(task 1.2), declaration: triple
        # end task 1.2
        """)

    assert expected == stub(BODY)


def test_what_is_kept_is_kept_to_the_letter() -> None:
    """A solution that goes through the regions unchanged is the solution."""
    assert BODY == fill("a.py", BODY, lambda region: region.text)


def test_a_starter_has_the_same_regions() -> None:
    """A learner's file can be compared with the solution's, region by region."""
    assert [("1.1", "body"), ("1.2", "declaration")] == [
        (each.task, each.form) for each in parse("a.py", stub(BODY))
    ]


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("Dockerfile", "#"),
        ("a.toml", "#"),
        ("nginx.conf", "#"),
        ("a.js", "//"),
        ("a.sql", "--"),
        ("a.ini", ";"),
    ],
)
def test_any_kind_of_file_has_regions(name: str, comment: str) -> None:
    """Tasks are not only Python."""
    text = f"before\n{comment} task 1.3, declaration: say it\nsaid\n{comment} end task 1.3\nafter\n"

    assert f"before\n{comment} TODO(task 1.3), declaration: say it\n{comment} end task 1.3\nafter\n" == stub(
        text, name
    )


def test_a_file_region_leaves_the_todo_alone() -> None:
    """A whole file to write begins empty."""
    text = "# task 1.12, file: a black-box suite\nimport x\n# end task 1.12\n"

    assert "# TODO(task 1.12), file: a black-box suite\n# end task 1.12\n" == stub(text)


def test_quotes_in_a_title_do_not_break_the_starter() -> None:
    """The title stands in a string of the starter."""
    text = 'def f():\n    # task 1.1: say "hello" and \\n\n    return 1\n    # end task 1.1\n'

    compile(stub(text), "a.py", "exec")


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        (
            "# task 1.1, declaration: a\n# task 1.2, declaration: b\n# end task 1.2\n# end task 1.1\n",
            2,
            "begins inside",
        ),
        ("# task 1.1, declaration: a\nx = 1\n", 1, "is never closed"),
        ("x = 1\n# end task 1.1\n", 2, "closes no open region"),
        ("# task 1.1, declaration: a\n# end task 1.2\n", 2, "closes no open region"),
        ("x = 1\n# task 1.1, file: a\n# end task 1.1\n", 2, "must span the whole file"),
        (
            "def f():\n    # task 1.1: a\n    x = 1\n    # end task 1.1\n    return x\n",
            4,
            "could not be reached",
        ),
        ("# task 1.1: a\nx = 1\n# end task 1.1\n", 1, "is it a declaration?"),
        ("def f():\n    # task 1.1: a\n    # end task 1.1\n    pass\n", 2, "holds no statement"),
        ("# task 1.1, declaration: a\nx = (\n# end task 1.1\n", 2, "not valid Python"),
    ],
)
def test_a_region_that_is_not_sound_is_told_with_its_line(text: str, line: int, complaint: str) -> None:
    """It would make a starter that no learner can solve."""
    with pytest.raises(RegionError, match=complaint) as caught:
        parse("a.py", text)

    assert str(caught.value).startswith(f"a.py:{line}: ") or "not valid Python" in complaint


def test_a_body_may_end_a_branch() -> None:
    """The end of any block, not only of the function's own."""
    branch = "    if x:\n        # task 1.1: a\n        return 1\n        # end task 1.1\n"
    text = f"def f(x):\n{branch}    return 2\n"

    assert ["1.1"] == [region.task for region in parse("a.py", text)]


def test_what_only_looks_like_a_region_is_none() -> None:
    """Prose about tasks is no marker."""
    text = "# this is task 1.1: not\n# task one: not\n# Task 1.1: not\nx = '# task'\n"

    assert [] == parse("a.py", text)
