# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# source.sh - the debug kernel: built here, of Debian's kernel source and lib/debug.config.
#
# A kernel that watches itself: it reports what a stock kernel lets pass (wrong accesses,
# wrong locking, leaks), fails allocations on demand, and knows independently of us what the
# page tables hold and who allocated a page. Besides what every kernel has, its directory in
# the cache holds
#
#	build		what building a module takes: headers, scripts, objtool, Module.symvers
#	config		the configuration that came out of lib/debug.config
#	log		of the build
#	inputs		what it was made of: it is made anew when one of these changes
#
# The sources and objects, some GB, are gone once the kernel is there.

SOURCE_CONFIG=$LIB/debug.config

# Never built here and large: other architectures and what drives hardware that QEMU lacks. What
# kconfig reads has to stay.
SOURCE_WITHOUT=('Documentation/*/*' 'arch/[!x]*.[chS]' 'arch/*.dts*' 'sound/*.[ch]' 'drivers/gpu/drm/*.[ch]'
	'drivers/net/ethernet/*.[ch]' 'drivers/net/wireless/*.[ch]' 'drivers/media/*.[ch]'
	'drivers/staging/*.[ch]' tools/testing)

source_machine()
{
	host_machine
}

source_busybox()
{
	host_busybox
}

source_root()
{
	host_root
}

source_run()
{
	host_run "$@"
}

source_build()
{
	echo "$(kernel_dir "$1")/build"
}

source_headers()
{
	[ -e "$(source_build "$1")/Module.symvers" ]
}

# source_outdated NAME: would it be made of something else today?
source_outdated()
{
	local what version

	what=$(table_row kernels "$1") || return
	version=$(apt_candidate "${what##*[[:blank:]]}") ||
		version=$(sed -n 's/^source //p' "$(kernel_dir "$1")/inputs")
	! source_inputs "$version" | cmp --silent - "$(kernel_dir "$1")/inputs"
}

# source_inputs VERSION: what the kernel depends on, one a line
source_inputs()
{
	echo "source $1"
	echo "compiler $(gcc -dumpfullversion)"
	(cd "$LIB" && sha256sum source.sh "${SOURCE_CONFIG##*/}")
}

# source_fetch DIR PACKAGE: make the kernel in DIR
source_fetch()
{
	# shellcheck disable=SC2046 # names of packages are words
	setup_packages $(setup_names source) || return
	apt_usable || { say "$2 is a package of Debian $APT_RELEASE: the debug kernel is made there only"; return 1; }
	say "fetching $2"
	apt_try apt_download "$1" "$2" || return
	say "building the debug kernel (takes 15 minutes or more)"
	source_make "$1" "$2" || { tail -n 20 "$1/log" >&2; return 1; }
	rm -rf "$1/tree" "$1"/*.deb
}

# source_make DIR PACKAGE: from the package's file to all that DIR has to hold
source_make()
(
	unset MAKEFLAGS MAKELEVEL # a make that runs us is none of our business
	set -o pipefail
	{
		source_unpack "$1" "$2" && source_configure "$1/tree" &&
			make -C "$1/tree" -j "$(nproc)" LOCALVERSION= bzImage modules &&
			source_keep "$1/tree" "$1"
	} 2>&1 | source_watch >"$1/log" || return
	source_inputs "$(dpkg-deb --field "$1"/*.deb Version)" >"$1/inputs"
	cp "$1/tree/include/config/kernel.release" "$1/release"
)

# source_unpack DIR PACKAGE: the sources, in DIR/tree
source_unpack()
{
	local path without=()

	for path in "${SOURCE_WITHOUT[@]}"; do without+=("--exclude=$2/$path"); done
	mkdir "$1/tree" &&
		dpkg-deb --fsys-tarfile "$1"/*.deb | tar -xO "./usr/src/$2.tar.xz" |
		tar -xJ -C "$1/tree" --strip-components=1 --wildcards "${without[@]}"
}

# source_configure TREE: an option that kconfig did not take is an error, and no surprise later
source_configure()
{
	local missing

	make -C "$1" KCONFIG_ALLCONFIG="$SOURCE_CONFIG" allnoconfig || return
	missing=$(grep ^CONFIG_ "$SOURCE_CONFIG" | grep -vxFf "$1/.config")
	[ -z "$missing" ] || { printf 'kconfig did not take:\n%s\n' "$missing"; return 1; }
}

# source_keep TREE DIR: image, modules and what building a module takes
source_keep()
{
	cp "$1/arch/x86/boot/bzImage" "$2/vmlinuz" && cp "$1/.config" "$2/config" &&
		make -C "$1" INSTALL_MOD_PATH="$2" INSTALL_MOD_STRIP=1 modules_install &&
		source_keep_build "$1" "$2/build" &&
		source_link_build "$2"
}

# source_keep_build TREE DIR: what the kernel's own package of headers has
source_keep_build()
(
	mkdir "$2" && cd "$1" || return
	{
		find . arch arch/x86 -maxdepth 1 -type f -name 'Makefile*' -o -name Kbuild -type f
		find include arch/x86/include scripts -type f ! -name '*.o' ! -name '*.cmd' -o -type l
		echo .config
		echo Module.symvers
		echo tools/objtool/objtool
	} | tr '\n' '\0' | xargs -0 cp --parents --no-dereference --target-directory="$2"
)

# source_link_build DIR: /lib/modules/RELEASE/build, as every kernel has it; DIR loses its .new
source_link_build()
{
	local modules

	for modules in "$1"/lib/modules/*; do
		rm -f "$modules"/{build,source} && ln -s "${1%.new}/build" "$modules/build"
	done
}

# source_watch: pass on what make says, and every minute tell that it still does
source_watch()
{
	local line status lines=0 minutes=0 started=$SECONDS

	while :; do
		IFS= read -r -t 10 line
		status=$?
		case $status in
		0) echo "$line"; lines=$((lines + 1)) ;;
		1) break ;;
		*) printf %s "$line" ;; # nothing, or half a line, in 10 seconds
		esac
		(((SECONDS - started) / 60 > minutes)) || continue
		minutes=$(((SECONDS - started) / 60))
		say "building for $minutes min, $lines lines of make"
	done
}
