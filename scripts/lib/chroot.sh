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

chroot_machine()
{
	host_machine
}

chroot_busybox()
{
	host_busybox
}

chroot_outdated()
{
	root_outdated "$1" "$(chroot_root "$1")"
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
		apt_try chroot_make "$2" "$new" && root_index "$1" "$new" "$2" || return
	as_root rm -rf "$root" && as_root mv "$new" "$root"
}

# chroot_make SUITE DIR
chroot_make()
{
	local packages

	packages=$(setup_names root)
	root_make "$1" "$2" --mode=root --variant=apt \
		--include="linux-image-amd64 linux-headers-amd64 ${packages//$'\n'/ }"
}

# chroot_run NAME DIR COMMAND...: run COMMAND in the root
chroot_run()
{
	root_run "$(chroot_root "$1")" "${@:2}"
}

# root_outdated NAME ROOT: gone, or too old and not in use by a VM
root_outdated()
{
	local old

	[ -d "$2" ] || return 0
	old=$(find "$(kernel_dir "$1")/release" -mtime "+$((ROOT_DAYS - 1))")
	[ -n "$old" ] && flock --nonblock "$2" true
}

# root_make SUITE DIR OPTION...: a root without what nobody reads in a VM, and without an initramfs
root_make()
{
	local source

	source=$(apt_source) || return
	as_root rm -rf "$2" && as_root env INITRD=No mmdebstrap "${@:3}" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		"$1" "$2" "$source"
}

# root_index DIR ROOT NAME: complete DIR with links to what will be in roots/NAME, and its release
root_index()
{
	local release

	release=$(cd "$2/lib/modules" && echo *)
	[ -d "$2/lib/modules/$release" ] || return
	mkdir "$1/lib" &&
		ln -s "../../roots/$3/boot/vmlinuz-$release" "$1/vmlinuz" &&
		ln -s "../../../roots/$3/lib/modules" "$1/lib/modules" &&
		echo "$release" >"$1/release"
}

# root_run ROOT DIR [NAME=VALUE]... COMMAND...: run COMMAND in the root, in our DIR, which it sees
# at the same place; the mounts are in a namespace that ends with the command
root_run()
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
	' sh "$@"
}
