#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every allocation fails once: see fault_sweep.c. Needs a kernel that lets
# allocations fail, like scripts/vm --kernel debug.

. "$(dirname "$0")/lib.sh"

DEBUGFS=/sys/kernel/debug

# setup_failing(directory of the knobs) - all allocations count, and none is told
setup_failing()
{
	knob "$1/verbose" 0 && knob "$1/ignore-gfp-wait" N
}

need_mmscope status pgwalk/range
have_build || skip_all "the modules were not built in $MMSCOPE_TOP"
[[ -w /proc/self/fail-nth && -d $DEBUGFS/failslab && -d $DEBUGFS/fail_page_alloc ]] ||
	skip_all "no fault injection: CONFIG_FAILSLAB or CONFIG_FAIL_PAGE_ALLOC is off"
setup_failing $DEBUGFS/failslab || bail "the knobs of failslab"
setup_failing $DEBUGFS/fail_page_alloc || bail "the knobs of fail_page_alloc"
knob $DEBUGFS/fail_page_alloc/ignore-gfp-highmem N || bail "the knobs of fail_page_alloc"
knob $DEBUGFS/fail_page_alloc/min-order 0 || bail "the knobs of fail_page_alloc"
load_test_module mmscope_fault
at_exit load_modules
FILES=("${MODULES[@]/#/$MMSCOPE_TOP/}")
./fault_sweep "${FILES[@]/%/.ko}"
exit $?
