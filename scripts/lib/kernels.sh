# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# kernels.sh - where the image, the modules, the headers and the root of a kernel are.
#
# A kernel of the table lib/kernels lives in CACHE/kernels/NAME:
#
#	release			its `uname -r`; written last, so its presence means complete
#	vmlinuz			the image
#	lib/modules/RELEASE	the modules, with modules.dep; `build` links to the headers
#
# and what else its way to come by it needs.
#
# Each word of the column "how" brings the functions
#
#	WORD_fetch DIR WHAT		fill that directory
#	WORD_outdated NAME		is what was fetched too old?
#	WORD_headers NAME		make the headers present
#	WORD_build NAME			print the directory to give to make as KDIR
#	WORD_machine NAME		print the row of lib/machines that its VM is
#	WORD_root NAME			print the directory that becomes the root of the VM
#	WORD_busybox NAME		print the busybox that its initramfs is made of
#	WORD_run NAME DIR COMMAND...	run COMMAND in DIR, with that root's headers and compiler

. "$LIB/chroot.sh"
. "$LIB/cross.sh"
. "$LIB/source.sh"

# The newest series that mmscope is known to work with. A rolling release may bring a
# newer one any day: then what fails there is news, but no failure.
readonly KERNEL_NEWEST=7.2

# kernel_default: the first kernel of the table
kernel_default()
{
	table_names kernels | head -n 1
}

# kernel_dir NAME: its directory in the cache
kernel_dir()
{
	echo "$CACHE/kernels/$1"
}

# kernel_release NAME: its `uname -r`
kernel_release()
{
	cat "$(kernel_dir "$1")/release"
}

# kernel_image NAME: the file to boot
kernel_image()
{
	echo "$(kernel_dir "$1")/vmlinuz"
}

# kernel_modules NAME: the directory that the VM sees as /lib/modules/RELEASE
kernel_modules()
{
	echo "$(kernel_dir "$1")/lib/modules/$(kernel_release "$1")"
}

# kernel_build NAME: the directory to give to make as KDIR, in its root
kernel_build()
{
	kernel_call build "$1" "$1"
}

# kernel_root NAME: the directory whose files the VM sees
kernel_root()
{
	kernel_call root "$1" "$1"
}

# kernel_machine NAME: its row in lib/machines
kernel_machine()
{
	kernel_call machine "$1" "$1"
}

# machine_word MACHINE COLUMN: a word of its row in lib/machines; options are all that follow
machine_word()
{
	local package program console cpu triplet options

	read -r package program console cpu triplet options < <(table_row machines "$1") && echo "${!2}"
}

# variant_options WORD KERNEL: the options of the variant; fails when it is not one of its machine
variant_options()
{
	awk -v name="$1" -v machine="$(kernel_machine "$2")" '
		$1 == name && ($2 == machine || $2 == "any") {
			sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]*/, ""); print; found = 1; exit
		}
		END { exit !found }' "$LIB/variants"
}

# kernel_run NAME DIR COMMAND...: run COMMAND in DIR, where this kernel is built for
kernel_run()
{
	kernel_call run "$1" "$@"
}

# kernel_is_newer NAME: is it newer than those that mmscope is known to work with?
kernel_is_newer()
{
	local series

	series=$(kernel_release "$1" | cut -d . -f 1-2)
	[ "$series" != "$KERNEL_NEWEST" ] &&
		[ "$(printf '%s\n' "$series" "$KERNEL_NEWEST" | sort -V | tail -n 1)" = "$series" ]
}

# kernel_call VERB NAME ARGUMENT...: the function of the kernel's "how" for VERB
kernel_call()
{
	local row

	row=$(table_row kernels "$2") || return
	"${row%%[[:blank:]]*}_$1" "${@:3}"
}

# kernel_is_fresh NAME: are image and modules present, and not too old?
kernel_is_fresh()
{
	[ -e "$(kernel_dir "$1")/release" ] && ! kernel_call outdated "$1" "$1"
}

# kernel_fetch NAME: make image and modules present. Asked without the lock first: whoever
# makes another kernel has it for long.
kernel_fetch()
{
	kernel_is_fresh "$1" || with_lock kernels kernel_fetch_locked "$1"
}

kernel_fetch_locked()
{
	local dir new what

	dir=$(kernel_dir "$1") new=$dir.new
	! kernel_is_fresh "$1" || return 0
	what=$(table_row kernels "$1") && what=${what##*[[:blank:]]}
	rm -rf "$new" && mkdir -p "$new" || return
	if kernel_call fetch "$1" "$new" "$what"; then
		rm -rf "$dir" && mv "$new" "$dir"
	elif [ -e "$dir/release" ]; then
		say "going on with kernel $1 as it was fetched on $(date -r "$dir/release" +%F)"
	else
		return 1
	fi
}

# kernel_setup NAME: make image, modules and headers present
kernel_setup()
{
	kernel_fetch "$1" || return
	kernel_call headers "$1" "$1" && return
	# An image from last month may have outlived its headers in the archive.
	say "no headers for kernel $1 $(kernel_release "$1"): fetching its image anew"
	rm "$(kernel_dir "$1")/release"
	kernel_fetch "$1" && kernel_call headers "$1" "$1"
}

# host_build NAME: where Debian has the headers
host_build()
{
	echo "/usr/src/linux-headers-$(kernel_release "$1")"
}

host_machine()
{
	echo amd64
}

host_busybox()
{
	command -v busybox
}

host_root()
{
	echo /
}

host_run()
(
	cd "$2" && "${@:3}"
)

# What is outdated here has no headers any more in the archive: kernel_setup() sees to that.
host_outdated()
{
	false
}

host_headers()
{
	local package

	[ ! -d "$(kernel_build "$1")" ] || return 0
	package=linux-headers-$(kernel_release "$1")
	say "installing $package (to build for kernel $1)"
	apt_install "$package"
}

# host_fetch DIR METAPACKAGE: unpacked, not installed: that would build an initramfs nobody needs
host_fetch()
{
	apt_usable || die "$STATUS_SETUP" "$2 is a package of Debian 12: kernels come from there only"
	say "fetching $2"
	apt_try host_download "$1" "$2" || return
	dpkg-deb --fsys-tarfile "$1"/*.deb | tar -x -C "$1" ./boot ./lib/modules || return
	rm "$1"/*.deb
	mv "$1"/boot/vmlinuz-* "$1/vmlinuz" && host_index "$1"
}

# host_download DIR METAPACKAGE: the image package behind the metapackage, which names it only for today
host_download()
{
	local package

	package=$(apt_dependency "$2") && apt_download "$1" "$package"
}

# host_index DIR: complete an unpacked image with modules.dep, the links to its headers, as the
# package of the headers has them, and its release
host_index()
{
	local release common

	release=$(cd "$1/lib/modules" && echo *)
	common=${release%-*}-common
	[[ $common != *-rt-common ]] || common=${common%-rt-common}-common-rt
	depmod -b "$1" "$release" &&
		ln -s "/usr/src/linux-headers-$release" "$1/lib/modules/$release/build" &&
		ln -s "/usr/src/linux-headers-$common" "$1/lib/modules/$release/source" &&
		echo "$release" >"$1/release"
}
