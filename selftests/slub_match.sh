#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# slubprobe against caches whose objects are known: see slub_match.c. The caches are
# mmscope_slub.ko's.

. "$(dirname "$0")/lib.sh"

need_mmscope slubprobe/caches slubprobe/objects
need_slabs
[[ $(nproc) -ge 2 ]] || skip_all "one CPU: nothing is freed on another"
! has_quarantine ||
	skip_all "KASAN keeps freed objects in its quarantine: they are allocated still"
load_test_module mmscope_slub

./slub_match
exit $?
