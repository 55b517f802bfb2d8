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
			BTF="$(build_btf "$1" "$2/vmlinux.btf")" selftests
)

# build_btf NAME FILE: print FILE, with the types of the kernel as its image has them, when it
# reads those of modules and its headers do not bring its own; see scripts/btf
build_btf()
{
	local headers image at

	headers=$(kernel_build "$1") image=$(kernel_image "$1")
	grep -qsx CONFIG_DEBUG_INFO_BTF_MODULES=y "$headers/.config" && [ ! -e "$headers/vmlinux" ] ||
		return 0
	if [ ! -s "$2" ] || [ "$2" -ot "$image" ]; then
		# Debian packs a kernel with xz, behind a loader; what follows is no error.
		at=$(LC_ALL=C grep -abom 1 $'\xfd7zXZ' "$image" | head -n 1)
		[ -n "$at" ] || return 0
		tail -c "+$((${at%%:*} + 1))" "$image" | xz -dc >"$2.image" 2>/dev/null
		objcopy --dump-section .BTF="$2" "$2.image" "$2.stripped" || return 0
		rm "$2.image" "$2.stripped"
	fi
	echo "$2"
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
