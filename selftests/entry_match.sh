#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The names of the bits of an entry, as walk shows them: those that must be on, and
# those that must not, by how ./target made the memory and by the manual of the
# architecture; and each name against its bit in the raw entry.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

# leaf_entry(request) - "level raw bits" of the entry that ends a walk
leaf_entry()
{
	answer pgwalk/walk "$1" | awk '
		/^## leaf/ { exit }
		!/^#/ { last = $1 " " $5 " " $6 }
		END { print last }'
}

# has(bits, word...) - these are there; those with a ! before are not
has()
{
	local bits="|$1|" word

	shift
	echo "$bits"
	for word in "$@"; do
		if [[ $word == !* ]]; then
			[[ $bits != *"|${word#!}|"* ]]
		else
			[[ $bits == *"|$word|"* ]]
		fi || { echo "wrong: $word"; return 1; }
	done
}

# names_are_bits(raw, bits) - every name that NUMBER knows is there exactly if its
# bit is
names_are_bits()
{
	local name

	for name in "${!NUMBER[@]}"; do
		if (($1 >> NUMBER[$name] & 1)); then
			has "$2" "$name"
		else
			has "$2" "!$name"
		fi || { echo "bit ${NUMBER[$name]} of $1"; return 1; }
	done
}

# entry_has(request, word...)
entry_has()
{
	local level raw bits

	read -r level raw bits < <(leaf_entry "$1")
	echo "$1: $level $raw"
	shift
	has "$bits" "$@" || return 1
	# What is not present is one word.
	[[ $bits != *"|"* ]] || names_are_bits "$raw" "$bits"
}

# region(name, page, word...) - a page of a region of the target
region()
{
	local title="$1, page $2: ${*:3}" start why

	read -r start _ < <(target_region "$1")
	if [[ -z $start ]]; then
		why=$(awk -v name="$1" '$1 == "none" && $2 == name { $1 = $2 = ""; print }' \
			"$TARGET_OUT")
		skip "$title" "${why#  }"
		return
	fi
	check "$title" entry_has \
		"pid=$TARGET_PID addr=$(printf '%#x' $((start + $2 * 4096)))" "${@:3}"
}

# kernel(symbol, word...)
kernel()
{
	check "$*" entry_has "symbol=$1" "${@:2}"
}

declare -A NUMBER

check_x86_64()
{
	NUMBER=([present]=0 [rw]=1 [user]=2 [pwt]=3 [pcd]=4 [accessed]=5
		[dirty]=6 [global]=8 [nx]=63)
	region sparse 0 present rw user accessed dirty nx
	region readonly 3 present user nx !rw
	region exec 3 present user !nx !rw
	region zero 3 present user !rw
	region thp 9 present rw user huge
	region protnone 3 protnone
	region clean 0 present rw user dirty
	region clean 15 present rw user !dirty
	region hugetlb_cont 3
	kernel schedule present !user !nx
}

check_aarch64()
{
	local global=!ng

	# With page-table isolation no page of the kernel is global.
	grep -q '^page_table_isolation 1$' <(answer pgwalk/layout) && global=ng
	NUMBER=([valid]=0 [user]=6 [rdonly]=7 [af]=10 [ng]=11 [gp]=50 [dbm]=51
		[cont]=52 [pxn]=53 [uxn]=54 [dirty]=55 [special]=56)
	region sparse 0 valid page user af ng dbm pxn uxn !rdonly
	region readonly 3 valid page user rdonly ng pxn uxn !dbm
	region exec 3 valid page user rdonly ng pxn !uxn !dbm
	region zero 3 valid page user rdonly special !dbm
	region thp 9 valid block user ng !rdonly !cont
	region protnone 3 protnone
	region clean 0 valid page user dbm !rdonly
	region clean 15 valid page user dbm rdonly
	region hugetlb_cont 3 valid page user cont
	kernel schedule valid uxn !pxn !user "$global"
}

need_mmscope pgwalk/walk pgwalk/layout
declare -F "check_$(uname -m)" > /dev/null ||
	skip_all "the bits are not known for $(uname -m)"
scratch
setup_thp || note "no transparent huge pages"
setup_hugetlb 2 64
start_target sparse readonly exec zero thp protnone clean hugetlb_cont
kill -STOP "$TARGET_PID"

ktap_start 10
"check_$(uname -m)"
ktap_finish
