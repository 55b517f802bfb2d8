/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.1 introduced generations of the LRU lists (ec1c86b25f4b). Before, no page is
 * on one.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_MM_INLINE_H
#define _MMSCOPE_COMPAT_LINUX_MM_INLINE_H

#include_next <linux/mm_inline.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
static inline int folio_lru_gen(struct folio *folio)
{
	return -1;
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_MM_INLINE_H */
