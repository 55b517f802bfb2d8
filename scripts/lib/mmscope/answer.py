# SPDX-License-Identifier: GPL-2.0
"""Requests to the modules' files, and their answers: see docs/ABI/debugfs-mmscope."""

import errno
import os
import struct
import sys

DIRECTORY = "/sys/kernel/debug/mmscope"

# struct mmscope_bin_header
_HEADER = struct.Struct("=IHHII48s64s")
_MAGIC = 0x4d4d5343

# What a request is refused with that is wrong itself
_WRONG = (errno.EINVAL, errno.ERANGE, errno.E2BIG, errno.ENOENT, errno.ESRCH, errno.EFAULT,
          errno.EPERM)

# Exit status: of all commands, see docs/mmscope.md
OK, DISAGREE, USAGE, MISSING, REFUSED = range(5)


class Error(Exception):
    """What the user has to know, in one line."""

    status = REFUSED


class Usage(Error):
    """The request is wrong."""

    status = USAGE


class Missing(Error):
    """A module, a right or a program is not there."""

    status = MISSING


class Off(Error):
    """This kernel has not what it takes."""


def _error(number, text, wrong=()):
    """The exception for an errno, whether of these words or not."""
    kind = Usage if number in wrong else Off if number == errno.EOPNOTSUPP else Error
    return kind(text)


def _cut(name, why):
    print(f"mmscope: {name}: the answer is not whole: {why}", file=sys.stderr)


class Answer:
    """A text answer. rows has one dict a record: column name to word, None where unknown."""

    def __init__(self, text, name):
        lines = text.splitlines()
        if not lines or not lines[-1].startswith("# end "):
            raise Error(f"{name}: the answer has no end")
        self.truncated = dict(word.split("=", 1) for word in lines[-1].split()[2:]).get("truncated")
        if self.truncated:
            _cut(name, self.truncated)
        self.rows = []
        columns = []
        section = None
        for line in lines[1:-1]:
            if line.startswith("## "):
                section = line[3:]
            elif line.startswith("# "):
                columns = line[2:].split()
            else:
                words = (None if word == "-" else word for word in line.split())
                self.rows.append(dict(zip(columns, words), section=section))

    def section(self, name):
        """The rows of the sections whose line begins with this word."""
        return [row for row in self.rows if (row["section"] or "").split(" ")[0] == name]

    def values(self, section=None):
        """The rows of "name value", as one dict."""
        return {row["name"]: row["value"] for row in self.rows
                if "value" in row and section in (None, row["section"])}


class File:
    """A file of a module, kept open: what a request of this file keeps lives as long."""

    def __init__(self, name, writable=True):
        self.name = name
        path = os.path.join(DIRECTORY, name)
        try:
            # close(), or the with of whoever asks, closes it.
            self._file = open(path, "r+b" if writable else "rb", buffering=0)
        except FileNotFoundError:
            module = name.split("/", maxsplit=1)[0] if "/" in name else "mmscope"
            raise Missing(f"no {path}: is {module}.ko loaded, and debugfs mounted?") from None
        except PermissionError:
            raise Missing(f"{path}: only root may read it, and no one under kernel "
                          "lockdown") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """What was kept goes."""
        self._file.close()

    def request(self, words):
        """Write a request; its answer is what is read next."""
        try:
            self._file.write(f"{words}\n".encode())
        except OSError as error:
            raise _error(error.errno, f"{self.name}: {words}: {error.strerror}; "
                         f"{DIRECTORY}/error_log says more", _WRONG) from None

    def read(self):
        """The bytes of the answer, from its start."""
        parts = []
        try:
            self._file.seek(0)
            while part := self._file.read(1 << 20):
                parts.append(part)
        except OSError as error:
            raise _error(error.errno, f"{self.name}: {error.strerror}") from None
        return b"".join(parts)

    def ask(self, words=None):
        """The text answer, to a request if there is one."""
        if words is not None:
            self.request(words)
        return Answer(self.read().decode(), self.name)


def _exchange(name, request):
    """The bytes that the file answers; with a request, of the same open file."""
    with File(name, request is not None) as file:
        if request is not None:
            file.request(request)
        return file.read()


def ask(name, request=None):
    """The text answer of a file."""
    return Answer(_exchange(name, request).decode(), name)


def ask_bin(name, record, end_kind, request=None):
    """The records of a binary file, as tuples of struct.Struct record: the last word is the kind,
    the second that of the end record is the errno that cut the answer."""
    data = _exchange(name, request)
    if len(data) < _HEADER.size:
        raise Error(f"{name}: the answer has no header")
    magic, header_size, _, record_size, *_ = _HEADER.unpack_from(data)
    if magic != _MAGIC or record_size != record.size:
        raise Error(f"{name}: records of {record_size} bytes; this program knows {record.size}: "
                    "use that of the loaded modules")
    records = list(record.iter_unpack(data[header_size:]))
    if not records or records[-1][-1] != end_kind:
        raise Error(f"{name}: the answer has no end")
    if records[-1][1]:
        _cut(name, os.strerror(records[-1][1]))
    return records[:-1]
