# SPDX-License-Identifier: GPL-2.0
#
# What people type. How the modules are built is in Kbuild.

RELEASE	?= $(shell uname -r)
KDIR	?= /lib/modules/$(RELEASE)/build

VERSION	:= $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' $(CURDIR)/dkms.conf)

# Lower floors first: the order of loading.
MODULES	:= core/mmscope.ko pgwalk/pgwalk.ko buddyviz/buddyviz.ko slubprobe/slubprobe.ko \
	   vmalloc_walk/vmalloc_walk.ko

# An own tree for kbuild: the kernel's make does all the work.
kbuild	= -C $(KDIR) M=$(CURDIR)

.DEFAULT_GOAL := modules

.PHONY: modules install load unload check selftests clean help dkms-install

modules:
	$(MAKE) $(kbuild) modules

# kbuild leaves depmod out where the headers carry no System.map, as Debian's.
install: modules
	$(MAKE) $(kbuild) modules_install
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) \
		"$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)"

load:
	scripts/load $(MODULES)

unload:
	scripts/load --unload $(MODULES)

check:
	scripts/check KDIR=$(KDIR)

# With the modules that only the tests load.
selftests:
	$(MAKE) $(kbuild) TESTS=1 modules
	$(MAKE) -C selftests

dkms-install:
	dkms add $(CURDIR)
	dkms install mmscope/$(VERSION)

clean:
	$(MAKE) $(kbuild) clean
	$(MAKE) -C selftests clean

help:
	@echo 'make                 build the modules for the running kernel'
	@echo 'make W=1             with the warnings that the kernel asks of new code'
	@echo 'make C=2             with sparse'
	@echo 'make install         install the modules'
	@echo 'make load, unload    insert or remove the modules just built, in order'
	@echo 'make check           static checks, in seconds, without a VM'
	@echo 'make selftests       build the tests and their workloads'
	@echo 'make dkms-install    build and install through DKMS'
	@echo 'make clean           remove what was built'
	@echo
	@echo 'KDIR=<dir>           another kernel (default /lib/modules/RELEASE/build)'
	@echo 'RELEASE=<release>    another installed kernel (default: the running one)'
	@echo 'ARCH=, CROSS_COMPILE= as for the kernel'
	@echo
	@echo 'scripts/demo         see it work in a throw-away VM'
	@echo 'scripts/test         run every test in throw-away VMs'
