#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Areas of vmalloc against /proc/vmallocinfo and against areas that are known: see
# vmalloc_match.c. The known ones are mmscope_vmalloc_test.ko's.

. "$(dirname "$0")/lib.sh"

SECONDS_OF_LOAD=60
MANY=10000
! quick || { SECONDS_OF_LOAD=3; MANY=2000; }

need_mmscope vmalloc_walk/areas vmalloc_walk/check
need_areas
# With 0, vmallocinfo shows no addresses.
knob /proc/sys/kernel/kptr_restrict 1 || bail "no kptr_restrict"
load_test_module mmscope_vmalloc_test

./vmalloc_match "$SECONDS_OF_LOAD" "$MANY"
exit $?
