#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every page of every mapping against /proc/PID/pagemap: see pagemap_match.c,
# which does the work. This sets up what its processes need and the machine can
# give: swap, huge pages, KSM, a cgroup with too little memory.

. "$(dirname "$0")/lib.sh"

need_mmscope pgwalk/range pgwalk/range.bin pgwalk/walk.bin
scratch

# It would take entries away and give them back between two looks.
knob /proc/sys/kernel/numa_balancing 0 || note "no NUMA balancing"
setup_thp || note "no transparent huge pages"
setup_hugetlb 4 || note "no hugetlb pages could be reserved"
setup_hugetlb 2 64 || note "no hugetlb pages of 64 KiB here"
setup_ksm || note "no KSM"
if ! setup_swap $((256 << 20)); then
	note "no swap could be made"
	export LIMITED_WHY="no swap could be made"
elif setup_cgroup mmscope_selftest $((16 << 20)); then
	export LIMITED_CGROUP=$CGROUP/cgroup.procs
else
	export LIMITED_WHY="no memory controller of cgroup v2"
fi

./pagemap_match
exit $?
