from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

BAD = {
    "empty file": (
        "",
        ["1:1: there is nothing in the file (expected keys and values, among them the list offerings)"],
    ),
    "only comments": (
        "# nothing\n",
        ["1:1: there is nothing in the file (expected keys and values, among them the list offerings)"],
    ),
    "a list at the top": (
        "- a\n",
        ["1:1: the file is no mapping (expected keys and values, among them the list offerings)"],
    ),
    "text at the top": (
        "offerings\n",
        ["1:1: the file is no mapping (expected keys and values, among them the list offerings)"],
    ),
    "two documents": (
        "offerings: []\n---\na: 1\n",
        ["2:1: a second YAML document begins (expected one document; remove the line ---)"],
    ),
    "tab as indentation": (
        "offerings:\n\t- name: Ocean\n",
        [("2:1: there is a tab (expected spaces: YAML does not take tabs between values or as indentation)")],
    ),
    "tab after spaces": (
        "offerings:\n  - name: Ocean\n  \t  x: 1\n",
        [("3:3: there is a tab (expected spaces: YAML does not take tabs between values or as indentation)")],
    ),
    "tab before a comment": (
        "timezone: UTC\t# why\n",
        [("1:14: there is a tab (expected spaces: YAML does not take tabs between values or as indentation)")],
    ),
    "indentation that fits nothing": (
        "offerings:\n    - name: Ocean\n  timezone: UTC\n",
        ["3:3: the indentation fits none of the lines above (expected keys of one level in one column)"],
    ),
    "key deeper than its neighbour": (
        "timezone: UTC\n  sentry_dsn: x\n",
        [
            (
                "2:13: this colon makes a key where none can stand (expected 'key: value' on a line of its "
                "own; text with ': ' in it in quotes)"
            )
        ],
    ),
    "colon in text": (
        "timezone: a: b\n",
        [
            (
                "1:12: this colon makes a key where none can stand (expected 'key: value' on a line of its "
                "own; text with ': ' in it in quotes)"
            )
        ],
    ),
    "colon without a blank": (
        "timezone:UTC\nsentry_dsn: x\n",
        [
            (
                "2:11: this colon makes a key where none can stand (expected 'key: value' on a line of its "
                "own; text with ': ' in it in quotes)"
            )
        ],
    ),
    "list item behind a key": (
        "offerings: - name\n",
        ["1:12: a list item cannot stand here (expected items on lines of their own)"],
    ),
    "undefined anchor": (
        "offerings: *none\n",
        [
            (
                "1:12: this refers to an anchor that is not defined above (expected &name further up; or the "
                "text in quotes)"
            )
        ],
    ),
    "anchor twice": ("a: &x 1\nb: &x 2\n", ["2:4: this anchor is defined twice (expected another name)"]),
    "anchor within itself": ("offerings: &a [*a]\n", ["1:12: this value contains itself (expected a plain value)"]),
    "merge of a list": (
        (
            "offerings:\n"
            "  - <<: [1]\n"
            "    name: x\n"
            "    waldur_api_url: http://w/api\n"
            "    waldur_api_token: ''\n"
            "    waldur_offering_uuid: ''\n"
            "    backend_type: slurm\n"
        ),
        ["2:10: this is no mapping, so it cannot be merged (expected an alias of a mapping)"],
    ),
    "open quote": (
        "timezone: 'UTC\n",
        ["1:11: the closing quote is missing (expected the quote with which the value began)"],
    ),
    "open bracket": (
        "offerings: [1, 2\n",
        ["1:12: a bracket is not closed, or a comma is missing (expected ',' or the closing bracket)"],
    ),
    "bracket too many": (
        "offerings: ]\n",
        ["1:12: this character cannot begin a value (expected text with special characters in quotes)"],
    ),
    "open mapping": (
        "offerings: {a: 1\nb: 2\n",
        ["2:2: a bracket is not closed, or a comma is missing (expected ',' or the closing bracket)"],
    ),
    "unknown escape": (
        'timezone: "\\q"\n',
        [("1:13: there is no such escape in double quotes (expected single quotes, or the backslash doubled)")],
    ),
    "reserved character": (
        "timezone: @UTC\n",
        ["1:11: this character cannot begin a value (expected text with special characters in quotes)"],
    ),
    "directive": (
        "%YAML 3.0\n---\na: 1\n",
        ["1:1: this asks for another version of YAML (expected YAML 1.1; remove the line)"],
    ),
    "tag": (
        "timezone: !zone UTC\nofferings: !!python/object:os.system {}\n",
        ["1:11: there is a YAML tag (expected a plain value)", "2:12: there is a YAML tag (expected a plain value)"],
    ),
    "wrong tag": (
        "reporting_periods: !!int two\nofferings: []\n",
        [
            ("1:20: reporting_periods is a number that is not written in plain digits (expected a whole number)"),
            "2:12: offerings is empty (expected 1 or more entries)",
        ],
    ),
    "double key": (
        "timezone: UTC\nofferings: []\ntimezone: UTC\n",
        [
            "2:12: offerings is empty (expected 1 or more entries)",
            "3:1: timezone is given twice, first in line 1 (expected one of them)",
        ],
    ),
    "number as key": (
        "1: 2\nofferings: []\n",
        [
            "1:1: this key is no text (expected a name; in quotes where YAML takes it for something else)",
            "2:12: offerings is empty (expected 1 or more entries)",
        ],
    ),
    "list as key": (
        "? [a]\n: b\n",
        [
            "1:1: offerings is missing (expected a list of offerings)",
            "1:3: this key is no text (expected a name; in quotes where YAML takes it for something else)",
        ],
    ),
    "control character": (
        "timezone: UTC\nx: \x01\n",
        ["2:4: there is a control character (expected printable text)"],
    ),
    "nested without end": ("[" * 3000, ["1:1: the values are nested too deeply (expected a few levels)"]),
    "aliases that multiply": (
        "a: &a [1]\n" + "".join(f"{x}: &{x} [{5 * f'*{y},'}]\n" for y, x in pairwise("abcdefghijk")),
        ["1:1: the aliases multiply beyond measure (expected fewer aliases)"],
    ),
    "not UTF-8": (
        b"timezone: UTC\nb\xc3\xa4: \xff\n",
        ["2:5: the file is not UTF-8 from here on (expected text in UTF-8)"],
    ),
    "not UTF-8 behind a byte order mark": (
        b"\xef\xbb\xbfb\xc3\xa4: \xff\n",
        ["1:5: the file is not UTF-8 from here on (expected text in UTF-8)"],
    ),
    "UTF-16": (
        b"\xff\xfet\x00i\x00m\x00e\x00z\x00o\x00n\x00e\x00:\x00 \x00U\x00T\x00C\x00\n\x00",
        ["1:1: the file is not UTF-8 from here on (expected text in UTF-8)"],
    ),
    "carriage returns": (
        "timezone: UTC\r\nsentry: 1\r\nofferings: []\r\n",
        [
            "2:1: sentry is not a known key (did you mean sentry_dsn?)",
            "3:12: offerings is empty (expected 1 or more entries)",
        ],
    ),
}


@pytest.mark.parametrize(("text", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[str | bytes], list[str]], text: str | bytes, errors: list[str]
) -> None:
    assert refusal(text) == [f"c.yaml:{error}" for error in errors]
