#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernel addresses against the kernel's own conversions: see kernel_match.c. The
# known memory is mmscope_test.ko's.

. "$(dirname "$0")/lib.sh"

need_mmscope pgwalk/walk pgwalk/range pgwalk/walk.bin
load_test_module mmscope_test

./kernel_match
exit $?
