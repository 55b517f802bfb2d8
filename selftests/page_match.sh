#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The page and convert files against /proc/kpageflags, kpagecount and zoneinfo:
# see page_match.c. This sets up what its process needs.

. "$(dirname "$0")/lib.sh"

need_mmscope page convert
# A file's inode is what maps shows on tmpfs, not on an overlay.
[[ $(stat -f -c %T /dev/shm) == tmpfs ]] && export TMPDIR=/dev/shm
scratch
export TMPDIR=$SCRATCH
setup_thp || note "no transparent huge pages"
setup_hugetlb 4 || note "no hugetlb pages could be reserved"
setup_ksm || note "no KSM"

./page_match
exit $?
