# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# common.sh - what every script of mmscope shares: paths, messages, tables and locks.
#
# Sourced first. LIB is the directory of this file, REPO is the checkout, CACHE the directory that takes everything
# fetched or built (default REPO/.cache, which git ignores).

set -u
PATH=$PATH:/usr/sbin:/sbin # depmod and modprobe, for users who lack these

LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
REPO=${LIB%/scripts/lib}
CACHE=${MMSCOPE_CACHE:-$REPO/.cache}
mkdir -p "$CACHE" || exit
CACHE=$(cd "$CACHE" && pwd -P)
[ -e "$CACHE/.gitignore" ] || echo '*' >"$CACHE/.gitignore"

# checkpatch.pl of a kernel tree; scripts/setup fetches one.
CHECKPATCH=${CHECKPATCH:-$CACHE/checkpatch/checkpatch.pl}

# Exit status when this machine lacks something that only its owner can add.
# shellcheck disable=SC2034 # used by those who source this file
readonly STATUS_SETUP=3

# say WORDS...: a message to stderr, with the name of the script that speaks
say()
{
	echo "${0##*/}: $*" >&2
}

# die STATUS WORDS...: say why, and exit
die()
{
	local status=$1

	shift
	say "$@"
	exit "$status"
}

# table_names TABLE: the first word of every row, once; tables allow blank lines and # comments
table_names()
{
	awk '!/^#/ && NF && !seen[$1]++ { print $1 }' "$LIB/$1"
}

# table_row TABLE NAME: the words that follow NAME in its row; fails when there is no such row
table_row()
{
	awk -v name="$2" '$1 == name { sub(/^[^ \t]+[ \t]*/, ""); print; found = 1; exit }
			  END { exit !found }' "$LIB/$1"
}

# with_lock NAME COMMAND...: run COMMAND while no other script holds the lock NAME
with_lock()
{
	local lock=$CACHE/$1.lock

	shift
	(
		flock 9
		"$@" 9>&-
	) 9>"$lock"
}
