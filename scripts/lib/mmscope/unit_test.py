# SPDX-License-Identifier: GPL-2.0
"""What needs no kernel: answers, proofs, and that a disagreement is reported. By scripts/check."""

import contextlib
import io
import json
import types
import unittest
from unittest import mock

from mmscope import answer, journey_malloc, output, proc, proof, walk

_WALK = """\
# pgwalk/walk v1 kernel=test consistency=retried
## walk addr=0x7000 pid=7 tables=user levels=4
# level index table_pfn entry_addr raw bits
pte 7 0x10 0xffff888000010038 0x8000000000042067 present|user
## leaf addr=0x7000
# kind level size_B pfn phys_addr perms detail type refcount mapcount order page_flags
present pte 4096 0x42 0x42000 rw-u - anon 1 1 0 -
# end records=2
"""


def _run_walk(pagemap_pfn, as_json):
    """The walk of the answer above, with /proc saying this: (exit status, output)."""
    printed = io.StringIO()
    with mock.patch.object(answer, "ask", lambda *_: answer.Answer(_WALK, "pgwalk/walk")), \
            mock.patch.object(proc, "pagemap", lambda *_: [pagemap_pfn]), \
            contextlib.redirect_stdout(printed):
        status = walk.run(types.SimpleNamespace(where="0x7000", pid="7", json=as_json))
    return status, printed.getvalue()


class Answers(unittest.TestCase):
    """The parser of all answers."""

    def test_sections(self):
        """Sections, columns, unknown words."""
        found = answer.Answer(_WALK, "x")
        self.assertEqual(found.section("leaf")[0]["pfn"], "0x42")
        self.assertIsNone(found.section("leaf")[0]["detail"])

    def test_cut(self):
        """An answer without its last line is none."""
        with self.assertRaises(answer.Error) as caught:
            answer.Answer(_WALK.rsplit("# end", 1)[0], "x")
        self.assertEqual(caught.exception.status, answer.REFUSED)

    def test_gone(self):
        """A walk of a process that ended meanwhile is none, and no defect either."""
        gone = answer.Answer(_WALK.splitlines()[0] + "\n# end records=0", "pgwalk/walk")
        with mock.patch.object(answer, "ask", lambda *_: gone), \
                self.assertRaises(answer.Error):
            walk.walks([0x7000], 7)

    def test_missing(self):
        """A file that is not there is a module that is not loaded."""
        with mock.patch.object(answer, "DIRECTORY", "/nowhere"), \
                self.assertRaises(answer.Missing) as caught:
            answer.ask("pgwalk/walk", "addr=0")
        self.assertEqual(caught.exception.status, answer.MISSING)


class Proofs(unittest.TestCase):
    """Two looks that differ are told, and are the exit status."""

    def test_agree(self):
        """The same page frame."""
        status, text = _run_walk(0x42, False)
        self.assertEqual(status, answer.OK)
        self.assertIn("all 1 looks agree", text)

    def test_disagree(self):
        """Another page frame in a doctored second look."""
        status, text = _run_walk(0x43, False)
        self.assertEqual(status, answer.DISAGREE)
        self.assertIn("the walk says 0x42, /proc/PID/pagemap says 0x43: DISAGREE", text)

    def test_disagree_json(self):
        """The same for programs."""
        status, text = _run_walk(None, True)
        self.assertEqual(status, answer.DISAGREE)
        looks = json.loads(text)["disagreements"][0]["looks"]
        self.assertEqual([look["says"] for look in looks], ["0x42", None])

    def test_steady(self):
        """What changed between two looks is looked at again; what stays different is told."""
        values = iter((1, 2, 2, 2))
        self.assertEqual(proof.steady(lambda: next(values), lambda: next(values)), (2, 2))
        self.assertEqual(proof.steady(lambda: 1, lambda: 2), (1, 2))


class Malloc(unittest.TestCase):
    """What is known of glibc."""

    def test_chunk(self):
        """The threshold is one of chunks, which are multiples of 16 bytes."""
        self.assertEqual(journey_malloc.chunk_B(1), 32)
        self.assertLess(journey_malloc.chunk_B(131048), journey_malloc.THRESHOLD_B)
        self.assertEqual(journey_malloc.chunk_B(131049), journey_malloc.THRESHOLD_B)

    def test_choice(self):
        """By the areas before and after."""
        old = [proc.Mapping(0x1000, 0x3000, "rw-p", "[heap]"),
               proc.Mapping(0x8000, 0x9000, "---p", "")]
        new = [proc.Mapping(0x1000, 0x5000, "rw-p", "[heap]"),
               proc.Mapping(0x6000, 0x7000, "rw-p", ""),
               proc.Mapping(0x8000, 0x9000, "rw-p", "")]
        for last, how in ((0x2fff, "top"), (0x4fff, "brk"), (0x6fff, "mmap"),
                          (0x8fff, "mprotect"), (0xa000, None)):
            self.assertEqual(journey_malloc.choice(old, new, last), how)


class Output(unittest.TestCase):
    """Tables."""

    def test_table(self):
        """Numbers to the right, unknown as a dash."""
        self.assertEqual(list(output.table([{"a": "xy", "b": 1}, {"a": None, "b": 22}],
                                           ["a", "b"])), ["a    b", "xy   1", "-   22"])


if __name__ == "__main__":
    unittest.main()
