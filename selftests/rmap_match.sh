#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# pgwalk/rmap and pgwalk/pin against mappings made on purpose: see rmap_match.c. Here is
# what it needs: ksmd, and huge pages where they are asked for.

. "$(dirname "$0")/lib.sh"

KSM=/sys/kernel/mm/ksm

need_mmscope pgwalk/rmap pgwalk/pin
knob "$KSM/sleep_millisecs" 10 && knob "$KSM/pages_to_scan" 1000 &&
	knob "$KSM/run" 1 && export RMAP_KSM=1
knob /sys/kernel/mm/transparent_hugepage/enabled madvise

./rmap_match
exit $?
