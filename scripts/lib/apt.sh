# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# apt.sh - fetch and install packages of the Debian release that runs here.
#
# The package source is the one that apt is configured with. Package lists are
# refreshed only after something failed, and once: a machine may have none, or
# lists so old that the files they name are gone.

APT_LOG=$CACHE/apt.log
readonly APT_RELEASE=bookworm
apt_refreshed=

# apt_usable: is this the Debian release whose packages the tables name? The file is read by
# a shell of its own: it sets VERSION and other names, which may be readonly here.
apt_usable()
{
	[ "$(sh -c '. /etc/os-release && echo "$ID $VERSION_CODENAME"' 2>/dev/null)" = \
		"debian $APT_RELEASE" ]
}

# as_root COMMAND...: run COMMAND as root, through sudo when we are not; fails when neither is possible
as_root()
{
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "neither root nor sudo here to run: $*" >&2
		return 1
	fi
}

# apt_refresh: fetch the package lists, the first time it is called
apt_refresh()
{
	[ -z "$apt_refreshed" ] || return 1
	apt_refreshed=yes
	as_root apt-get update
}

# apt_try COMMAND...: run COMMAND into the log; when it fails, once more with fresh package lists
apt_try()
{
	{ "$@" || { apt_refresh && "$@"; }; } >"$APT_LOG" 2>&1 && return
	tail -n 5 "$APT_LOG" >&2
	return 1
}

# apt_install PACKAGE...: install what the packages need and nothing they merely recommend
apt_install()
{
	# Debian's 6.12 headers pull in a kernel image, which nobody boots here: no initramfs for it.
	apt_try as_root env DEBIAN_FRONTEND=noninteractive INITRD=No \
		apt-get install -y --no-install-recommends "$@"
}

# apt_dependency METAPACKAGE: prints the first package it depends on
apt_dependency()
{
	apt-cache depends --important "$1" | awk '/Depends:/ { print $2; found = 1; exit } END { exit !found }'
}

# apt_candidate PACKAGE: prints the version that would be installed
apt_candidate()
{
	apt-cache policy "$1" 2>/dev/null |
		awk '/^ *Candidate: [0-9]/ { print $2; found = 1 } END { exit !found }'
}

# apt_source: prints the URI that this release's packages come from
apt_source()
{
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Component: main' "Release: $APT_RELEASE" |
		awk 'NR == 1 { print; found = 1 } END { exit !found }'
}

# apt_download DIR PACKAGE: the package's file in DIR, not installed
apt_download()
{
	(cd "$1" && apt-get download -o APT::Sandbox::User=root "$2")
}
