# SPDX-License-Identifier: GPL-2.0
"""What all pictures share: options, colour, cells in lines, the SVG around them, drawing again."""

import shutil
import sys
import time

from mmscope import answer, output

COLUMNS = 64  # cells a line: a power of two, so that lines start at round addresses

SIDE = 10  # of a square in an SVG file
LEFT = 150  # of the first one


def power_of_two(word):
    """An argument that has to be one."""
    number = int(word, 0)
    if number <= 0 or number & (number - 1):
        raise ValueError
    return number


power_of_two.__name__ = "power of two"


def add_arguments(parser):
    """What every picture takes."""
    parser.add_argument("--cell", type=power_of_two, metavar="PAGES",
                        help="pages of a cell, a power of two (default: so that all fits)")
    parser.add_argument("--plain", action="store_true",
                        help="no colour (default when the output is no terminal)")
    parser.add_argument("--svg", metavar="FILE", help="draw into FILE instead")
    parser.add_argument("--watch", type=output.seconds, metavar="SECONDS", nargs="?", const=1,
                        help="draw again and again, each second if nothing is said")


def check(arguments):
    """Refuse what excludes each other."""
    if sum((arguments.json, arguments.svg is not None, arguments.watch is not None)) > 1:
        raise answer.Usage("only one of --json, --svg and --watch")


def lines_for_cells(others):
    """Lines of the screen, less those of other things."""
    return max(8, shutil.get_terminal_size().lines - others)


def use_colour(arguments):
    """Whether to."""
    return output.colour() and not arguments.plain


def paint(text, code, bold=False):
    """The text in a colour of the terminal."""
    return f"\x1b[{'1;' if bold else ''}{code}m{text}\x1b[0m"


def square(column, top, colour, fill, tip):
    """One cell of an SVG file, filled as far as told, with a text that shows when pointed at."""
    return (f'<rect x="{LEFT + column * (SIDE + 1)}" y="{top}" width="{SIDE}" '
            f'height="{SIDE}" fill="{colour}" stroke="{colour}" '
            f'fill-opacity="{fill:.2f}"><title>{tip}</title></rect>')


def svg(title, height, shapes):
    """The lines of an SVG file."""
    width = LEFT + COLUMNS * (SIDE + 1) + 8
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           'font-family="monospace" font-size="10">')
    yield f"<title>{title}</title>"
    yield from shapes
    yield "</svg>"


def show(arguments, text, svg_file):
    """Draw as asked: the lines that text() or svg_file() make, once or again and again."""
    if arguments.svg:
        with open(arguments.svg, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in svg_file())
        return 0
    while True:
        picture = "\n".join(text())
        if arguments.watch is None:
            print(picture)
            return 0
        print(f"\x1b[H\x1b[J{picture}" if sys.stdout.isatty() else picture, flush=True)
        time.sleep(arguments.watch)
