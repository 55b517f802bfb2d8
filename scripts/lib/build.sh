# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# build.sh - build the modules and test programs for one kernel, apart from the sources.
#
# kbuild before 6.13 writes next to the sources of an external module. So that
# several kernels can be built side by side, each gets a mirror of the sources in
# CACHE/build/RELEASE. A file is copied only when it differs, which keeps rebuilds short.

# build_dir NAME: the directory that holds what was built for the kernel NAME
build_dir()
{
	echo "$CACHE/build/$(kernel_release "$1")"
}

# build NAME: build for the kernel NAME
build()
{
	with_lock "build-$1" build_locked "$1" "$(build_dir "$1")"
}

build_locked()
(
	unset MAKEFLAGS MAKELEVEL # a make that runs us is none of our business
	mkdir -p "$2"
	build_mirror "$2" &&
		kernel_run "$1" "$2" make -j "$(nproc)" KDIR="$(kernel_build "$1")" \
			BTF="$(build_btf "$1" "$2")" selftests
)

# build_btf NAME DIR: print the file in DIR with the types of the kernel as its image has them, when
# it reads those of modules and its headers do not bring its own; see scripts/btf
build_btf()
{
	local image btf=$2/vmlinux.btf

	image=$(kernel_image "$1")
	# shellcheck disable=SC2016 # it is the shell in the root that expands
	kernel_run "$1" "$2" sh -c 'grep -qsx CONFIG_DEBUG_INFO_BTF_MODULES=y "$1/.config" &&
		[ ! -e "$1/vmlinux" ]' sh "$(kernel_build "$1")" || return 0
	if [ ! -s "$btf" ] || [ "$btf" -ot "$image" ]; then
		# Packed as for a PC, or not, as for arm64, which may hold the start of xz as data
		build_carve_btf "$image" >"$btf" || {
			build_unpack "$image" >"$2/vmlinux.image"
			build_carve_btf "$2/vmlinux.image" >"$btf"
			rm "$2/vmlinux.image"
		}
	fi
	[ ! -s "$btf" ] || echo "$btf"
}

# build_unpack IMAGE: print what Debian packed with xz, behind a loader; what follows is no error
build_unpack()
{
	local at

	at=$(bytes_at '\xfd7zXZ' "$1") && [ -n "$at" ] &&
		tail -c "+$((at + 1))" "$1" | xz -dc 2>/dev/null
}

# build_carve_btf IMAGE: print the first BTF in it: a header of 24 bytes, which ends in where the
# strings are behind it and how long they are, then the types, then the strings
build_carve_btf()
{
	local at strings bytes

	at=$(bytes_at '\x9f\xeb\x01\x00\x18\x00{7}' "$1") && [ -n "$at" ] &&
		read -r strings bytes < <(od -An -tu4 -j $((at + 16)) -N 8 "$1") &&
		tail -c "+$((at + 1))" "$1" | head -c $((24 + strings + bytes))
}

# bytes_at PATTERN FILE: print at what offset bytes like these are for the first time, if at all
bytes_at()
{
	LC_ALL=C grep -abom 1 -P "$1" "$2" | LC_ALL=C sed 's/:.*//;q'
}

# build_mirror DIR: make DIR hold the sources as they are now, besides what was built there
build_mirror()
{
	local old=$1/.sources new=$1/.sources.new file

	build_sources >"$new"
	[ -s "$new" ] || { echo "no sources: is $REPO a git checkout?"; return 1; }
	touch "$old"
	comm -23 "$old" "$new" | (cd "$1" && xargs -r -d '\n' rm -f)
	while read -r file; do
		build_same "$REPO/$file" "$1/$file" ||
			install -D --mode="$(stat -c %a "$REPO/$file")" "$REPO/$file" "$1/$file" || return
	done <"$new"
	mv "$new" "$old"
}

# build_sources: the files of the checkout that git knows or would add, sorted
build_sources()
(
	cd "$REPO" &&
		git -c safe.directory="$REPO" ls-files -z --cached --others --exclude-standard |
		xargs -0 ls -d 2>/dev/null | LC_ALL=C sort -u
)

# build_same A B: same content, and executable or not alike?
build_same()
{
	cmp --silent "$1" "$2" && [[ (-x $1 && -x $2) || (! -x $1 && ! -x $2) ]]
}
