#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Page frames against the allocator's record of who asked for them: see
# page_owner_match.c. The kernel's part of them is mmscope_test.ko's.

. "$(dirname "$0")/lib.sh"

need_mmscope pgwalk/walk pgwalk/range.bin
[[ -r /sys/kernel/debug/page_owner ]] ||
	skip_all "no page_owner: CONFIG_PAGE_OWNER is off, or page_owner=on is missing"
load_test_module mmscope_test
setup_thp || note "no transparent huge pages"

./page_owner_match
exit $?
