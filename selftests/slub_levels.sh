#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# slubprobe's exercisers and counters: see slub_levels.c. Here is made the cgroup that
# it charges objects to.

. "$(dirname "$0")/lib.sh"

need_mmscope slubprobe/kmalloc slubprobe/stats slubprobe/own
need_slabs
[[ $(nproc) -ge 2 ]] || skip_all "one CPU: nothing is freed on another"
[[ -d /sys/kernel/slab ]] || skip_all "no /sys/kernel/slab"
if setup_cgroup mmscope_levels $((256 << 20)); then
	export CGROUP
fi
! has_quarantine ||
	export QUARANTINE="KASAN keeps freed objects in its quarantine, at no level"
[[ $(< /sys/kernel/slab/kmalloc-64/red_zone) != 1 ]] ||
	export UNMERGED="this kernel checks every object: caches are not merged"

./slub_levels
exit $?
