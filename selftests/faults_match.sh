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

need_mmscope pgwalk/faults
scratch
mkdir "$SCRATCH/files"
mount -t ramfs none "$SCRATCH/files" && at_exit umount "$SCRATCH/files" &&
	export FAULTS_FILES=$SCRATCH/files
setup_thp && export FAULTS_THP=1
setup_hugetlb 16 && export FAULTS_HUGETLB=1
# Swap that was there already would be used as well.
[[ $(wc -l < /proc/swaps) -gt 1 ]] || ! swap_device > /dev/null 2>&1 ||
	export FAULTS_SWAP=$SWAP_DEVICE
TRACE=/sys/kernel/tracing
[[ -d $TRACE/events ]] || TRACE=/sys/kernel/debug/tracing
mkdir "$TRACE/instances/mmscope_faults" 2> /dev/null &&
	at_exit rmdir "$TRACE/instances/mmscope_faults" &&
	export FAULTS_TRACE=$TRACE/instances/mmscope_faults

./faults_match
exit $?
