# SPDX-License-Identifier: GPL-2.0
"""How answers are printed: for people, in colour where there is a terminal, or as JSON."""

import json
import os
import sys

RED, GREEN, YELLOW, BOLD = "31", "32", "33", "1"


def add_arguments(parser):
    """What every command that prints an answer takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def seconds(word):
    """An argument that is a time between two views."""
    value = float(word)
    if not 0.01 <= value <= 60:
        raise ValueError
    return value


seconds.__name__ = "number of seconds from 0.01 to 60"


def colour():
    """Whether to: not into files, and not for who does not want it."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(text, code):
    """The text in a colour, where colour is."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour() else text


def show_json(data):
    """One object, in one line."""
    print(json.dumps(data, default=list))


def number(word):
    """A word of an answer as a number, None where it is unknown."""
    return None if word is None else int(word, 0)


def table(rows, columns):
    """Lines of these columns of the rows, aligned; numbers to the right."""
    cells = [columns] + [["-" if row.get(column) is None else str(row[column])
                          for column in columns] for row in rows]
    width = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    right = [all(line[place].replace(".", "").isdigit() or line[place] == "-"
                 for line in cells[1:]) for place in range(len(columns))]
    for line in cells:
        yield "  ".join(word.rjust(size) if flush else word.ljust(size)
                        for word, size, flush in zip(line, width, right)).rstrip()


def size(size_B):
    """Bytes as people write them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size_B < 1024:
            return f"{size_B:.4g} {unit}"
        size_B /= 1024
    return f"{size_B:.4g} TiB"
