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
# Each word of the column "how" brings three functions: WORD_fetch DIR WHAT fills
# that directory, WORD_headers NAME makes the headers present, and WORD_root NAME
# prints the directory that becomes the root of the VM.

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

# kernel_build NAME: the directory to give to make as KDIR
kernel_build()
{
	readlink "$(kernel_modules "$1")/build"
}

# kernel_root NAME: the directory whose files the VM sees
kernel_root()
{
	kernel_call root "$1" "$1"
}

# kernel_call VERB NAME ARGUMENT...: the function of the kernel's "how" for VERB
kernel_call()
{
	local row

	row=$(table_row kernels "$2") || return
	"${row%%[[:blank:]]*}_$1" "${@:3}"
}

# kernel_fetch NAME: make image and modules present
kernel_fetch()
{
	with_lock kernels kernel_fetch_locked "$1"
}

kernel_fetch_locked()
{
	local dir what

	dir=$(kernel_dir "$1")
	[ ! -e "$dir/release" ] || return 0
	what=$(table_row kernels "$1") && what=${what##*[[:blank:]]}
	rm -rf "$dir" && mkdir -p "$dir" && kernel_call fetch "$1" "$dir" "$what"
}

# kernel_setup NAME: make image, modules and headers present
kernel_setup()
{
	kernel_fetch "$1" || return
	[ ! -d "$(kernel_build "$1")" ] || return 0
	kernel_call headers "$1" "$1" && return
	# An image from last month may have outlived its headers in the archive.
	say "no headers for kernel $1 $(kernel_release "$1"): fetching its image anew"
	rm "$(kernel_dir "$1")/release"
	kernel_fetch "$1" && kernel_call headers "$1" "$1"
}

host_root()
{
	echo /
}

host_headers()
{
	local package

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

# host_index DIR: complete an unpacked image with modules.dep, the link to its headers and its release
host_index()
{
	local release

	release=$(cd "$1/lib/modules" && echo *)
	depmod -b "$1" "$release" &&
		ln -s "/usr/src/linux-headers-$release" "$1/lib/modules/$release/build" &&
		echo "$release" >"$1/release"
}
