# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# chroot.sh - kernels of other releases of Debian, each with a root of its own.
#
# CACHE/roots/SUITE holds a small system of that release: its kernel, the headers, the compiler
# that fits them, and what the tests need. Modules and test programs are built inside, and
# it is the root of the VM. Nothing runs from it on this machine but the build, which has
# mounts that end with it.

# A root is made anew when it is this many days old, so that sid stays what its name says.
ROOT_DAYS=${MMSCOPE_ROOT_DAYS:-30}

# chroot_root NAME: the directory of a fetched kernel's root
chroot_root()
{
	local what

	what=$(table_row kernels "$1") && echo "$CACHE/roots/${what##*[[:blank:]]}"
}

chroot_build()
{
	host_build "$1"
}

# chroot_outdated NAME: gone, or too old and not in use by a VM
chroot_outdated()
{
	local root old

	root=$(chroot_root "$1")
	[ -d "$root" ] || return 0
	old=$(find "$(kernel_dir "$1")/release" -mtime "+$((ROOT_DAYS - 1))")
	[ -n "$old" ] && flock --nonblock "$root" true
}

# A root has its headers from the beginning.
chroot_headers()
{
	[ -d "$(chroot_root "$1")$(kernel_build "$1")" ]
}

# chroot_fetch DIR SUITE: make the root, and let DIR point into it
chroot_fetch()
{
	local root=$CACHE/roots/$2 new=$CACHE/roots/$2.new

	# shellcheck disable=SC2046 # names of packages are words
	setup_packages $(setup_names chroot) || return
	apt_usable || { say "a root of Debian $2 is made on Debian $APT_RELEASE only"; return 1; }
	say "making a root of Debian $2 (this takes minutes)"
	mkdir -p "$CACHE/roots" && as_root rm -rf "$new" &&
		apt_try chroot_make "$2" "$new" && chroot_index "$1" "$new" "$2" || return
	as_root rm -rf "$root" && as_root mv "$new" "$root"
}

# chroot_make SUITE DIR: a root without what nobody reads in a VM, and without an initramfs
chroot_make()
{
	local packages source

	source=$(apt_source) || return
	packages=$(setup_names root)
	as_root env INITRD=No mmdebstrap --mode=root --variant=apt \
		--include="linux-image-amd64 linux-headers-amd64 ${packages//$'\n'/ }" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		"$1" "$2" "$source"
}

# chroot_index DIR ROOT SUITE: complete DIR with links to what will be in roots/SUITE, and its release
chroot_index()
{
	local release

	release=$(cd "$2/lib/modules" && echo *)
	[ -d "$2/lib/modules/$release" ] || return
	mkdir "$1/lib" &&
		ln -s "../../roots/$3/boot/vmlinuz-$release" "$1/vmlinuz" &&
		ln -s "../../../roots/$3/lib/modules" "$1/lib/modules" &&
		echo "$release" >"$1/release"
}

# chroot_run NAME DIR COMMAND...: run COMMAND in the root, in our DIR, which it sees at the same
# place; the mounts are in a namespace that ends with the command
chroot_run()
{
	# shellcheck disable=SC2016 # it is the inner shell that expands
	as_root unshare --mount sh -c '
		root=$1 dir=$2
		shift 2
		mkdir -p "$root$dir" &&
			mount -t proc proc "$root/proc" &&
			mount --bind "$dir" "$root$dir" &&
			exec chroot "$root" env --ignore-environment --chdir="$dir" \
				LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
	' sh "$(chroot_root "$1")" "$2" "${@:3}"
}
