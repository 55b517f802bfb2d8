# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# cross.sh - kernels of another architecture, built by a cross compiler, with two roots each.
#
# CACHE/roots/SUITE-ARCH is the root of the VM: a small system of that release and
# architecture with its kernel and what the tests need. Nothing in it runs on this machine:
# its packages are only unpacked, and what their scripts would have done is done here.
# CACHE/roots/SUITE-ARCH-build is a system for this machine, with the cross compiler and that
# kernel's headers. Modules and test programs are built in there.

# cross_what NAME: the third column of its row with a word between: SUITE ARCH
cross_what()
{
	local what

	what=$(table_row kernels "$1") && what=${what##*[[:blank:]]} && echo "${what%/*} ${what#*/}"
}

# cross_machine NAME: its row in lib/machines
cross_machine()
{
	local suite arch

	read -r suite arch < <(cross_what "$1") && echo "$arch"
}

cross_build()
{
	host_build "$1"
}

# cross_root NAME: the directory whose files the VM sees
cross_root()
{
	local suite arch

	read -r suite arch < <(cross_what "$1") && echo "$CACHE/roots/$suite-$arch"
}

# cross_busybox NAME: the program that becomes the initramfs
cross_busybox()
{
	echo "$(cross_root "$1")/bin/busybox"
}

cross_outdated()
{
	root_outdated "$1" "$(cross_root "$1")" || [ ! -d "$(cross_root "$1")-build" ]
}

# A root has its headers from the beginning.
cross_headers()
{
	[ -d "$(cross_root "$1")-build$(kernel_build "$1")" ]
}

# cross_run NAME DIR COMMAND...: run COMMAND where its compiler is
cross_run()
{
	local machine triplet

	machine=$(cross_machine "$1") && triplet=$(machine_word "$machine" triplet) || return
	root_run "$(cross_root "$1")-build" "$2" \
		ARCH="$machine" CROSS_COMPILE="$triplet-" "${@:3}"
}

# cross_fetch DIR WHAT: make both roots, and let DIR point into the VM's
cross_fetch()
{
	local suite=${2%/*} arch=${2#*/} root=$CACHE/roots/${2/\//-}

	# shellcheck disable=SC2046 # names of packages are words
	setup_packages $(setup_names cross) || return
	apt_usable || { say "a root of Debian $2 is made on Debian $APT_RELEASE only"; return 1; }
	say "making two roots of Debian $2 (this takes minutes)"
	mkdir -p "$CACHE/roots" && as_root rm -rf "$root.new" "$root-build.new" &&
		apt_try cross_make_build "$suite" "$arch" "$root-build.new" &&
		apt_try cross_make_guest "$suite" "$arch" "$root.new" &&
		as_root "$(command -v bash)" -c "$(declare -f cross_finish); cross_finish \"\$@\"" \
			cross_finish "$root.new" &&
		root_index "$1" "$root.new" "$suite-$arch" || return
	as_root rm -rf "$root" "$root-build" && as_root mv "$root.new" "$root" &&
		as_root mv "$root-build.new" "$root-build"
}

# cross_make_build SUITE ARCH DIR: a root of this machine's architecture
cross_make_build()
{
	local packages here

	packages=$(setup_names build) here=$(dpkg --print-architecture)
	root_make "$1" "$3" --mode=root --variant=apt --architectures="$here,$2" \
		--include="${packages//$'\n'/ } gcc-$(machine_word "$2" triplet) libc6-dev-$2-cross" \
		--customize-hook="chroot \"\$1\" sh -c '$CROSS_GET_HEADERS' sh $2"
}

# What cross_make_build() runs in the root: unpack the headers of the architecture $1, and install what
# they need but for the compiler, which may be one that runs there
# shellcheck disable=SC2016 # it is the shell in the root that expands
readonly CROSS_GET_HEADERS='
	set -e
	depends() { apt-cache show "$1" | sed -n "s/^Depends: //p" | tr -d " " | tr , "\n" | sed "s/(.*//"; }
	headers=$(depends "linux-headers-$1:$1" | grep ^linux-headers-)
	apt-get install --yes $(depends "$headers:$1" | grep -E "^(linux-(headers|kbuild)-|pahole)")
	cd /tmp
	apt-get -o APT::Sandbox::User=root download "$headers:$1"
	dpkg-deb --fsys-tarfile linux-headers-*.deb | tar -x -C / ./usr
	rm linux-headers-*.deb
'

# cross_make_guest SUITE ARCH DIR: a root of the other architecture, whose packages are unpacked only
cross_make_guest()
{
	local packages

	packages=$(setup_names guest)
	root_make "$1" "$3" --mode=root --variant=extract --architectures="$2" \
		--include='?essential' --include="${packages//$'\n'/ } linux-image-$2"
}

# cross_finish ROOT: what scripts of packages do where they run. As root, by itself.
cross_finish()
{
	local release

	release=$(cd "$1/lib/modules" && echo *)
	rm -rf "$1"/usr/share/{doc,locale,man}
	install -m 644 "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd" &&
		install -m 644 "$1/usr/share/base-passwd/group.master" "$1/etc/group" &&
		ln -sf mawk "$1/usr/bin/awk" &&
		install -d -m 1777 "$1/tmp" &&
		depmod -b "$1" "$release" || return
	# Newer images lie beside their modules.
	[ -e "$1/boot/vmlinuz-$release" ] ||
		ln -s "../lib/modules/$release/vmlinuz" "$1/boot/vmlinuz-$release"
}
