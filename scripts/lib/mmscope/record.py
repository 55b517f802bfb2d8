# SPDX-License-Identifier: GPL-2.0
"""record events of the modules with trace-cmd, and sum up what was recorded

"mmscope record COMMAND..." records while COMMAND runs, without one until Ctrl-C, into a
file; "mmscope record --report" counts its events by process and outcome. trace-cmd report and
kernelshark read the same file.
"""

import argparse
import collections
import os
import re
import shutil
import subprocess

from mmscope import answer, load

# What it prints, trace-cmd prints.
JSON = False

SYSTEMS = ("buddyviz", "slubprobe", "vmalloc_walk", "pgwalk")
# The field by which the events of a name are told apart.
OUTCOMES = {"alloc": ("path", "level"), "free": ("path", "level"), "fault": ("class",),
            "area_alloc": ("source",), "map": ("kind",), "walk": ("kind",),
            "slab_new": ("name",), "slab_free": ("name",), "refill": ("path",)}

_EVENTS = "/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"
# "bash-123 [000] 12.345678: alloc: pfn=...", with flags before the time in newer ones
_LINE = re.compile(r"^\s*(?P<task>.+)-\d+\s+\[\d+\].*?\s\d+\.\d+:\s+"
                   r"(?P<event>\w+):\s+(?P<fields>.*)")


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("-e", "--event", action="append", metavar="SYSTEM[:EVENT]",
                        help="what to record, may be repeated (default: all that are loaded)")
    parser.add_argument("-o", "--output", default="mmscope.dat", metavar="FILE",
                        help="where to record, or what to report (default: mmscope.dat)")
    parser.add_argument("--report", action="store_true", help="sum up a recorded file")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="COMMAND",
                        help="what to run meanwhile")


def _trace_cmd():
    path = shutil.which("trace-cmd")
    if not path:
        raise answer.Missing("no trace-cmd: install it (Debian: trace-cmd)")
    return path


def _loaded():
    return [system for system in SYSTEMS
            if any(os.path.isdir(os.path.join(events, system)) for events in _EVENTS)]


def _record(arguments):
    events = arguments.event or _loaded()
    if not events:
        raise answer.Missing("no events: is a module loaded, and do you run as root?")
    words = [word for event in events for word in ("-e", event)]
    return load.program([_trace_cmd(), "record", "-o", arguments.output, *words,
                         *arguments.program])


def summary(lines):
    """Count (event, task, outcome) over the lines of trace-cmd report."""
    counts = collections.Counter()
    for line in lines:
        match = _LINE.match(line)
        if not match:
            continue
        fields = dict(word.split("=", 1) for word in match["fields"].split() if "=" in word)
        outcome = next((fields[name] for name in OUTCOMES.get(match["event"], ())
                        if name in fields), "-")
        counts[match["event"], match["task"], outcome] += 1
    return counts


def _report(arguments):
    done = subprocess.run([_trace_cmd(), "report", "-i", arguments.output], check=False,
                          stdout=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        return done.returncode
    print(f"{'count':>10}  {'event':<12} {'process':<16} outcome")
    for (event, task, outcome), count in summary(done.stdout.splitlines()).most_common():
        print(f"{count:>10}  {event:<12} {task:<16} {outcome}")
    return 0


def run(arguments):
    """Record, or sum up."""
    return _report(arguments) if arguments.report else _record(arguments)
