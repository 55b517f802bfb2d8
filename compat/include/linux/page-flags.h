/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page types that older kernels do not have yet, and page states that newer
 * ones do not have any more.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_PAGE_FLAGS_H
#define _MMSCOPE_COMPAT_LINUX_PAGE_FLAGS_H

#include_next <linux/page-flags.h>
#include <linux/version.h>

/*
 * 6.11 gave zsmalloc a page type (43d746dc49bb), 6.12 unaccepted memory
 * (5adfeaecc487), 6.15 large kmalloc (e7d759f31ca2). Before, such pages are
 * ordinary ones.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static inline bool PageZsmalloc(const struct page *page)
{
	return false;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline bool PageUnaccepted(const struct page *page)
{
	return false;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
static inline bool PageLargeKmalloc(const struct page *page)
{
	return false;
}
#endif

/*
 * 6.17 replaced the movable bit of the mapping word by page types of their own
 * (0b98aeec22fe..., "page_has_movable_ops"): none is left without a type.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
static inline bool PageUntypedMovable(const struct page *page)
{
	return ((unsigned long)page->mapping & PAGE_MAPPING_FLAGS) ==
	       PAGE_MAPPING_MOVABLE;
}
#else
static inline bool PageUntypedMovable(const struct page *page)
{
	return false;
}
#endif

/*
 * 6.2 dropped PG_double_map (4b51634cd16a): the entire mapcount is no longer
 * counted in the pages as well.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
static inline bool PageDoubleMap(const struct page *page)
{
	return false;
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_PAGE_FLAGS_H */
