/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.13 made the namespace of an import a string (cdd30ebb1b9f); before, the
 * macro made the string from an identifier.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_MODULE_H
#define _MMSCOPE_COMPAT_LINUX_MODULE_H

#include_next <linux/module.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns)	MODULE_INFO(import_ns, ns)
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_MODULE_H */
