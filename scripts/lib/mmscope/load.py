# SPDX-License-Identifier: GPL-2.0
"""load the modules that were built, or are installed

Modules that are loaded already are left alone.
"""

import os
import signal
import subprocess

from mmscope import answer

JSON = False

# Lower floors first: the order of loading.
MODULES = ("core/mmscope", "pgwalk/pgwalk", "buddyviz/buddyviz", "slubprobe/slubprobe",
           "vmalloc_walk/vmalloc_walk")

TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../..")


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("--directory", default=TOP, metavar="DIR",
                        help="where they were built (default: this repository); else modprobe")


def program(words):
    """Run a program to its end, and return its status. Ctrl-C is for it, not for us; what else
    ends us ends it as well, and therefore waits until it is there."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGHUP))

    def as_before():
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    try:
        process = subprocess.Popen(words, preexec_fn=as_before)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    except OSError as error:
        raise answer.Missing(f"{words[0]}: {error.strerror}") from None
    finally:
        as_before()
    return status if status >= 0 else 128 - status


def command(words, failed=answer.REFUSED):
    """Run a program that says by itself what is wrong."""
    return failed if program(words) else answer.OK


def need_root():
    """Only root may."""
    if os.geteuid() != 0:
        raise answer.Missing("only root may load and unload modules")


def run(arguments):
    """Load what was built here, else what is installed."""
    need_root()
    paths = [os.path.join(arguments.directory, f"{module}.ko") for module in MODULES]
    if all(os.path.exists(path) for path in paths):
        return command([os.path.join(TOP, "scripts/load"), *map(os.path.abspath, paths)])
    return command(["modprobe", "-a", *map(os.path.basename, MODULES)], answer.MISSING)
