# SPDX-License-Identifier: GPL-2.0
"""say what of this kernel was resolved, and what is off and why

Only what is off is listed, unless --all is given.
"""

from mmscope import answer, output

SECTIONS = ("symbols", "layouts", "hooks", "features")


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("--all", action="store_true", help="what is on, too")


def look():
    """The answer as one object: the kernel's words, and each section."""
    status = answer.ask("status")
    return {"kernel": status.values("kernel"),
            **{section: [{key: value for key, value in row.items() if key != "section"}
                         for row in status.section(section)] for section in SECTIONS}}


def off(section, rows):
    """Those that are off. Absent is what another kernel has instead; a feature is a loss."""
    return [row for row in rows if row["state"] == "off" or
            section == "features" and row["state"] != "ok"]


def lines(data, everything=False):
    """For people."""
    for name, value in data["kernel"].items():
        yield f"{name:<20} {value}"
    for section in SECTIONS:
        rows = data[section]
        good = sum(row["state"] == "ok" for row in rows)
        yield f"{section:<20} {good} of {len(rows)} ok"
        for row in rows if everything else off(section, rows):
            colour = output.GREEN if row["state"] == "ok" else output.YELLOW
            yield (f"  {output.paint(row['state'], colour)} {row['name']} ({row['module']}) "
                   f"{row['detail'] or ''}").rstrip()


def run(arguments):
    """Print it."""
    data = look()
    if arguments.json:
        output.show_json(data)
    else:
        print("\n".join(lines(data, arguments.all)))
    return answer.OK
