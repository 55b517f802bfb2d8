/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.13 made the namespace of an export a string (cdd30ebb1b9f); before, the
 * macro made the string from an identifier. 6.5 renamed the licence argument
 * behind it (ddb5cdbafaaa).
 */
#ifndef _MMSCOPE_COMPAT_LINUX_EXPORT_H
#define _MMSCOPE_COMPAT_LINUX_EXPORT_H

#include_next <linux/export.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#undef EXPORT_SYMBOL_NS_GPL
#define EXPORT_SYMBOL_NS_GPL(sym, ns)	__EXPORT_SYMBOL(sym, "_gpl", ns)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#undef EXPORT_SYMBOL_NS_GPL
#define EXPORT_SYMBOL_NS_GPL(sym, ns)	__EXPORT_SYMBOL(sym, "GPL", ns)
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_EXPORT_H */
