# SPDX-License-Identifier: GPL-2.0
#
# What people type. How the modules are built is in Kbuild.

RELEASE	?= $(shell uname -r)
KDIR	?= /lib/modules/$(RELEASE)/build

# The one place that says it; make check holds all others against it.
VERSION	:= $(shell sed -n 's/^\#define MMSCOPE_VERSION\t"\(.*\)"/\1/p' \
		$(CURDIR)/include/mmscope/version.h)

PREFIX	?= /usr

# Lower floors first: the order of loading.
MODULES	:= core/mmscope.ko pgwalk/pgwalk.ko buddyviz/buddyviz.ko slubprobe/slubprobe.ko \
	   vmalloc_walk/vmalloc_walk.ko

# An own tree for kbuild: the kernel's make does all the work.
kbuild	= -C $(KDIR) M=$(CURDIR)

.DEFAULT_GOAL := modules

# What runs on the machine that is looked at; the layout is that of the checkout.
LIBDIR	:= $(PREFIX)/lib/mmscope
TOOLS	:= scripts/mmscope scripts/load $(wildcard scripts/lib/mmscope/*.py scripts/bpftrace/*.bt)
# What building the modules takes, for DKMS
SOURCES	:= Kbuild Makefile LICENSE dkms.conf scripts/btf include compat \
	   $(patsubst %/,%,$(dir $(MODULES)))

.PHONY: modules install install-tools install-source kselftest sign load unload check selftests \
	clean help dkms-install

modules:
	$(MAKE) $(kbuild) modules
	scripts/btf $(KDIR) $(BTF) -- $(MODULES)

# kbuild leaves depmod out where the headers carry no System.map, as Debian's.
install: modules
	$(MAKE) $(kbuild) modules_install
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) \
		"$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)"

# The command with what it needs, its page and completion, and the selftests.
install-tools:
	$(MAKE) -C selftests
	cd $(CURDIR) && for file in $(TOOLS); do \
		install -D -m $$([ -x $$file ] && echo 755 || echo 644) $$file \
			$(DESTDIR)$(LIBDIR)/$$file || exit; done
	$(MAKE) --no-print-directory -s -C selftests list | while read -r file; do \
		install -D -m $$([ -x selftests/$$file ] && echo 755 || echo 644) selftests/$$file \
			$(DESTDIR)$(LIBDIR)/selftests/$$file || exit; done
	install -d $(DESTDIR)$(PREFIX)/sbin
	ln -sf ../lib/mmscope/scripts/mmscope $(DESTDIR)$(PREFIX)/sbin/mmscope
	install -D -m 644 docs/mmscope.8 $(DESTDIR)$(PREFIX)/share/man/man8/mmscope.8
	install -D -m 644 scripts/mmscope.bash-completion \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/mmscope

# Where dkms looks for it
install-source:
	install -d $(DESTDIR)/usr/src/mmscope-$(VERSION)
	cd $(CURDIR) && git -c safe.directory=$(CURDIR) ls-files -- $(SOURCES) | \
		cpio -pdm --quiet $(DESTDIR)/usr/src/mmscope-$(VERSION)
	test -s $(DESTDIR)/usr/src/mmscope-$(VERSION)/dkms.conf

# The selftests and their headers as tools/testing/selftests/mmscope of a kernel tree
kselftest:
	scripts/kselftest $(TREE)

# For Secure Boot: see docs/install.md
sign:
	scripts/sign $(KDIR) "$(KEY)" "$(CERT)" $(MODULES)

load:
	scripts/load $(MODULES)

unload:
	scripts/load --unload $(MODULES)

check:
	scripts/check KDIR=$(KDIR)

# With the modules that only the tests load.
selftests:
	$(MAKE) $(kbuild) TESTS=1 modules
	scripts/btf $(KDIR) $(BTF) -- $(MODULES)
	$(MAKE) -C selftests

dkms-install:
	dkms add $(CURDIR)
	dkms install mmscope/$(VERSION)

clean:
	$(MAKE) $(kbuild) clean
	[ ! -d selftests ] || $(MAKE) -C selftests clean

help:
	@echo 'make                 build the modules for the running kernel'
	@echo 'make W=1             with the warnings that the kernel asks of new code'
	@echo 'make C=2             with sparse'
	@echo 'make install         install the modules'
	@echo 'make install-tools   install the command, its man page and the selftests'
	@echo 'make sign            sign the modules just built: KEY=, CERT='
	@echo 'make load, unload    insert or remove the modules just built, in order'
	@echo 'make check           static checks, in seconds, without a VM'
	@echo 'make selftests       build the tests and their workloads'
	@echo 'make dkms-install    build and install through DKMS'
	@echo 'make kselftest       copy the selftests into a kernel tree: TREE='
	@echo 'make clean           remove what was built'
	@echo
	@echo 'KDIR=<dir>           another kernel (default /lib/modules/RELEASE/build)'
	@echo 'RELEASE=<release>    another installed kernel (default: the running one)'
	@echo 'BTF=<file>           that kernel'"'"'s BTF, where neither it runs nor its headers have it'
	@echo 'ARCH=, CROSS_COMPILE= as for the kernel'
	@echo
	@echo 'scripts/demo         see it work in a throw-away VM'
	@echo 'scripts/test         run every test in throw-away VMs'
