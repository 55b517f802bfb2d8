#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# pgwalk/faults and pgwalk:fault against faults that are made on purpose: see
# faults_match.c. Here is what they need: a file system with pages of its own, huge
# pages, swap, a trace buffer.

. "$(dirname "$0")/lib.sh"

SWAP_B=$((16 << 20))

# swap_device() - sets SWAP_DEVICE to one that is ready for swapon(2)
swap_device()
{
	swap_by_zram "$SWAP_B" 5 || swap_by_loop "$SWAP_B" 5 || return 1
	SWAP_DEVICE=$(tail -n 1 /proc/swaps | cut -d ' ' -f 1)
	swapoff "$SWAP_DEVICE"
}

# setup_hints() - have NUMA balancing look at a task soon and often, once it is on:
# hints would come upon what else is tested
setup_hints()
{
	local dir=/sys/kernel/debug/sched/numa_balancing
	local old=/proc/sys/kernel/numa_balancing_scan

	knob /proc/sys/kernel/numa_balancing 0 || return 1
	if [[ -d $dir ]]; then
		knob $dir/scan_delay_ms 1
		knob $dir/scan_period_min_ms 50
		knob $dir/scan_period_max_ms 100
	else
		knob ${old}_delay_ms 1
		knob ${old}_period_min_ms 50
		knob ${old}_period_max_ms 100
	fi
}

need_mmscope pgwalk/faults
scratch
mkdir "$SCRATCH/files"
mount -t ramfs none "$SCRATCH/files" && at_exit umount "$SCRATCH/files" &&
	export FAULTS_FILES=$SCRATCH/files
setup_thp && export FAULTS_THP=1
! has_data huge_zero_pfn || export FAULTS_HUGE_ZERO=1
setup_hugetlb 16 && export FAULTS_HUGETLB=1
# Swap that was there already would be used as well.
[[ $(wc -l < /proc/swaps) -gt 1 ]] || ! swap_device > /dev/null 2>&1 ||
	export FAULTS_SWAP=$SWAP_DEVICE
if [[ $(< /sys/devices/system/node/has_memory) == *1* ]]; then
	export FAULTS_NODES=1
	setup_hints && export FAULTS_HINTS=1
fi
TRACE=/sys/kernel/tracing
[[ -d $TRACE/events ]] || TRACE=/sys/kernel/debug/tracing
mkdir "$TRACE/instances/mmscope_faults" 2> /dev/null &&
	at_exit rmdir "$TRACE/instances/mmscope_faults" &&
	export FAULTS_TRACE=$TRACE/instances/mmscope_faults

./faults_match
exit $?
