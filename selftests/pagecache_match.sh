#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# pgwalk/pagecache against mincore() and cachestat(): see pagecache_match.c. Here are
# the file systems that it wants.

. "$(dirname "$0")/lib.sh"

# mounted(dir, type, options) - in SCRATCH, until the end
mounted()
{
	mkdir "$SCRATCH/$1" && mount -t "$2" -o "$3" none "$SCRATCH/$1" 2> /dev/null &&
		at_exit umount "$SCRATCH/$1"
}

need_mmscope pgwalk/pagecache
scratch
mounted ramfs ramfs mode=700 && export CACHE_RAMFS=$SCRATCH/ramfs
mounted tmpfs tmpfs mode=700 && export CACHE_TMPFS=$SCRATCH/tmpfs
mounted huge tmpfs huge=always && export CACHE_HUGE=$SCRATCH/huge

./pagecache_match
exit $?
