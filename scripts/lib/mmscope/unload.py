# SPDX-License-Identifier: GPL-2.0
"""unload the modules

What their open files keep goes with them; a module in use stays.
"""

import os

from mmscope import load

JSON = False


def add_arguments(_):
    """What the command takes: nothing."""


def run(_):
    """Those that are loaded, upper floors first."""
    load.need_root()
    loaded = [name for name in map(os.path.basename, reversed(load.MODULES))
              if os.path.isdir(f"/sys/module/{name}")]
    return load.command(["rmmod", *loaded]) if loaded else 0
