# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash source-path=SCRIPTDIR
#
# setup.sh - what this machine must have before anything is built or booted.
#
# On Debian 12 what is missing gets installed; elsewhere it is named, and the exit
# status is 3. Nothing is done, and no root needed, when nothing is missing.

. "$LIB/apt.sh"
. "$LIB/kernels.sh"

# setup_all KERNEL...: everything that building and testing for these kernels takes
setup_all()
{
	local kernel

	# shellcheck disable=SC2046 # names of packages are words
	setup_packages $(setup_names host) || exit "$STATUS_SETUP"
	setup_checkpatch || exit "$STATUS_SETUP"
	for kernel; do
		table_row kernels "$kernel" >/dev/null || die 2 "no kernel $kernel, see --help"
		kernel_setup "$kernel" || exit "$STATUS_SETUP"
	done
}

# setup_names WHERE: the packages that the table wants there
setup_names()
{
	awk -v where="$1" '!/^#/ && ("," $2 ",") ~ ("," where ",") { print $1 }' "$LIB/packages"
}

# setup_packages PACKAGE...: install these packages of the table as far as they are missing
setup_packages()
{
	local package where probe why missing=() reasons=()

	for package; do
		read -r where probe why < <(table_row packages "$package")
		! setup_present "$probe" || continue
		missing+=("$package")
		reasons+=("$package ($why)")
	done
	((${#missing[@]})) || return 0

	if ! apt_usable; then
		say "please install: $(setup_join "${reasons[@]}")"
		return 1
	fi
	say "installing $(setup_join "${reasons[@]}")"
	apt_install "${missing[@]}"
}

# setup_present PROBE: see the table for the kinds of probe
setup_present()
{
	case $1 in
	/*) [ -e "$1" ] ;;
	static:*) setup_present "${1#*:}" && ! ldd "$(command -v "${1#*:}")" >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# setup_join WORDS...: the arguments with commas between
setup_join()
{
	local list

	printf -v list '%s, ' "$@"
	echo "${list%, }"
}

# setup_checkpatch: checkpatch.pl, which only Debian's kernel sources carry, not its headers
setup_checkpatch()
{
	[ ! -e "$CHECKPATCH" ] || return 0
	apt_usable || { say "please set CHECKPATCH= to checkpatch.pl of a kernel tree"; return 1; }
	with_lock checkpatch setup_checkpatch_locked linux-source-6.12
}

setup_checkpatch_locked()
{
	local dir=$CACHE/checkpatch

	[ ! -e "$dir/checkpatch.pl" ] || return 0
	say "fetching $1 (for its checkpatch.pl)"
	rm -rf "$dir" && mkdir -p "$dir/new" && apt_try apt_download "$dir" "$1" || return
	# tar stops reading once it has seen each file, so the pipe before it breaks: no news.
	dpkg-deb --fsys-tarfile "$dir"/*.deb 2>/dev/null | tar -xO "./usr/src/$1.tar.xz" 2>/dev/null |
		tar -xJ -C "$dir/new" --strip-components=2 --occurrence=1 \
			"$1"/scripts/{checkpatch.pl,const_structs.checkpatch,spelling.txt} || return
	rm "$dir"/*.deb
	mv "$dir"/new/{const_structs.checkpatch,spelling.txt,checkpatch.pl} "$dir" && rmdir "$dir/new"
}
