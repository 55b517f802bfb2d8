# SPDX-License-Identifier: GPL-2.0
"""Events of the modules, in a trace instance of our own that goes away with us."""

import atexit
import os
import re
import time

_ROOTS = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")

_LINE = re.compile(r"\s(?:\d+\.\d+): (\w+): (.*)")


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class Events:
    """What events say while it is open; usable is False where there is no tracefs."""

    def __init__(self, *names, pid=None, hist=None):
        """Events as "module:event"; of one task only, or counted by a field instead."""
        self.usable = False
        self._names = [name.replace(":", "/") for name in names]
        self._hist = hist
        self._root = None
        root = next((root for root in _ROOTS if os.path.isdir(f"{root}/instances")), None)
        if root is None:
            return
        self._root = f"{root}/instances/mmscope_{os.getpid()}_{id(self):x}"
        # A signal may end us before there is a with that would close it.
        atexit.register(self.close)
        try:
            os.mkdir(self._root)
            if pid is not None:
                _write(f"{self._root}/set_event_pid", str(pid))
            for name in self._names:
                if hist:
                    _write(f"{self._root}/events/{name}/trigger", f"hist:keys={hist}")
                else:
                    _write(f"{self._root}/events/{name}/enable", "1")
            self.usable = True
        except OSError:
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Off, and gone. What counts must be told to stop first."""
        for name in self._names if os.path.isdir(self._root or "") else ():
            try:
                if self._hist:
                    _write(f"{self._root}/events/{name}/trigger", f"!hist:keys={self._hist}")
                else:
                    _write(f"{self._root}/events/{name}/enable", "0")
            except OSError:
                pass
        if self._root is None:
            return
        # A reader that is just leaving keeps it busy for a moment.
        for _ in range(20):
            try:
                os.rmdir(self._root)
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.05)
        atexit.unregister(self.close)

    def read(self):
        """(event, its words) of each so far, oldest first."""
        if not self.usable:
            return []
        found = (_LINE.search(line) for line in _read(f"{self._root}/trace").splitlines())
        return [(match[1], dict(word.split("=", 1) for word in match[2].split() if "=" in word))
                for match in found if match]

    def counts(self):
        """Of the one event that is counted by a field: value by word of that field."""
        if not self.usable:
            return None
        directory = f"{self._root}/events/{self._names[0]}"
        symbols = re.search(rf"__print_symbolic\(REC->{self._hist}, (.*?\}})\)",
                            _read(f"{directory}/format"))
        names = {int(value, 0): name for value, name in
                 re.findall(r'\{ *(\w+), *"([^"]*)" *\}', symbols[1])} if symbols else {}
        rows = re.findall(rf"\{{ {self._hist}: +(\d+) \}} hitcount: +(\d+)",
                          _read(f"{directory}/hist"))
        return {names.get(int(value), value): int(count) for value, count in rows}


def page_request(events, pfn):
    """The words of buddyviz:alloc for the request that got this page, or None."""
    return next((words for name, words in reversed(events.read())
                 if name == "alloc" and int(words["pfn"], 0) == pfn), None)
