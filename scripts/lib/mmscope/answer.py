# SPDX-License-Identifier: GPL-2.0
"""Requests to the modules' files, and their answers: see docs/ABI/debugfs-mmscope."""

import os
import struct

DIRECTORY = "/sys/kernel/debug/mmscope"

# struct mmscope_bin_header
_HEADER = struct.Struct("=IHHII48s64s")
_MAGIC = 0x4d4d5343


class Error(Exception):
    """What the user has to know, in one line."""


class Answer:
    """A text answer. rows has one dict a record: column name to word, None where unknown."""

    def __init__(self, text, name):
        lines = text.splitlines()
        if not lines or not lines[-1].startswith("# end "):
            raise Error(f"{name}: the answer has no end")
        self.head = dict(word.split("=", 1) for word in lines[0].split() if "=" in word)
        self.truncated = dict(word.split("=", 1) for word in lines[-1].split()[2:]).get("truncated")
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


def _exchange(name, request):
    """The bytes that the file answers; with a request, of the same open file."""
    path = os.path.join(DIRECTORY, name)
    try:
        with open(path, "rb" if request is None else "r+b", buffering=0) as file:
            if request is not None:
                file.write(f"{request}\n".encode())
            parts = []
            while part := file.read(1 << 20):
                parts.append(part)
            return b"".join(parts)
    except FileNotFoundError:
        module = name.split("/", maxsplit=1)[0]
        raise Error(f"no {path}: is {module}.ko loaded, and debugfs mounted?") from None
    except PermissionError:
        raise Error(f"{path}: only root may read it, and no one under kernel lockdown") from None
    except OSError as error:
        raise Error(f"{name}: {error.strerror}; {DIRECTORY}/error_log says more") from None


def ask(name, request=None):
    """The text answer of a file."""
    return Answer(_exchange(name, request).decode(), name)


def ask_bin(name, record, end_kind, request=None):
    """The records of a binary file, as tuples of struct.Struct record, whose last is the kind."""
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
    return records[:-1]
