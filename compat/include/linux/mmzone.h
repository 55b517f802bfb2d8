/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.8 introduced NR_PAGE_ORDERS (fd37721803c6). Before, MAX_ORDER was the
 * number of orders (up to 6.3) or the largest one (6.4 to 6.7, 23baf831a32c).
 */
#ifndef _MMSCOPE_COMPAT_LINUX_MMZONE_H
#define _MMSCOPE_COMPAT_LINUX_MMZONE_H

#include_next <linux/mmzone.h>
#include <linux/version.h>

#ifndef NR_PAGE_ORDERS
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define NR_PAGE_ORDERS	MAX_ORDER
#else
#define NR_PAGE_ORDERS	(MAX_ORDER + 1)
#endif
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_MMZONE_H */
