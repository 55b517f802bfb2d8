#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lists that are too long for one hold of a lock: buddyviz is loaded with a budget
# of one list entry, so that nearly all are. See buddy_match.c.

. "$(dirname "$0")/lib.sh"

need_mmscope buddyviz/freelists
have_build || skip_all "the modules were not built in $MMSCOPE_TOP"

# reload(parameters...) - buddyviz alone
reload()
{
	! is_loaded buddyviz || rmmod buddyviz || return 1
	insmod "$MMSCOPE_TOP/buddyviz/buddyviz.ko" "$@"
}

at_exit reload
reload hold_blocks=1 || bail "buddyviz does not load again"
./buddy_match scan
