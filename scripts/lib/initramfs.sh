# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# initramfs.sh - the initramfs of a VM: busybox, lib/init, and the modules that
# reach the host's files and the ports for the job's output.
#
# It depends on nothing but these, so one per kernel is kept, under a name that
# holds a hash of them.

INITRAMFS_MODULES=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

# initramfs NAME: prints the file for the kernel NAME, which it makes when there is none yet
initramfs()
{
	with_lock initramfs initramfs_locked "$1"
}

initramfs_locked()
{
	local release file

	release=$(kernel_release "$1")
	file=$CACHE/initramfs/$release-$(initramfs_hash "$1").gz
	if [ ! -e "$file" ]; then
		mkdir -p "$CACHE/initramfs"
		rm -f "$CACHE/initramfs/$release"-*
		initramfs_make "$1" >"$file.new" || return
		mv "$file.new" "$file"
	fi
	echo "$file"
}

# initramfs_hash NAME: changes with whatever goes in
initramfs_hash()
{
	sha256sum "$(kernel_call busybox "$1" "$1")" "$LIB/init" "$LIB/initramfs.sh" "$(kernel_image "$1")" |
		sha256sum | cut -c 1-16
}

# initramfs_modules NAME: the modules' files, each after those it needs; what is built in has none
initramfs_modules()
{
	local module

	for module in "${INITRAMFS_MODULES[@]}"; do
		modprobe --dirname "$(kernel_dir "$1")" --set-version "$(kernel_release "$1")" \
			--show-depends "$module"
	done | sed -n 's/^insmod \(.*\.ko[.a-z]*\).*/\1/p' | awk '!seen[$0]++'
}

# initramfs_fill NAME DIR: the files of the archive
initramfs_fill()
{
	local module name

	mkdir "$2/bin" "$2/modules"
	: >"$2/modules/list"
	install "$(kernel_call busybox "$1" "$1")" "$2/bin/busybox" && install "$LIB/init" "$2" || return
	while read -r module; do
		name=${module##*/}
		name=${name%.xz}
		# What is not compressed, xz copies.
		xz --decompress --force --stdout "$module" >"$2/modules/$name" || return
		echo "$name" >>"$2/modules/list"
	done < <(initramfs_modules "$1")
}

# initramfs_make NAME: the archive, to stdout
initramfs_make()
{
	local dir status

	dir=$(mktemp -d "$CACHE/initramfs/XXXXXX")
	initramfs_fill "$1" "$dir" && pack "$dir"
	status=$?
	rm -r "$dir"
	return "$status"
}

# pack DIR: its files as a compressed cpio archive, to stdout. Archives can be concatenated.
pack()
(
	set -o pipefail
	cd "$1" && find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet | gzip -1
)
