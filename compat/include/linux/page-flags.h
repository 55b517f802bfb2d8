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
 * 5.16 asks these questions of folios (d389a4a81155).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0)
static inline bool folio_test_anon(struct folio *folio)
{
	return PageAnon(&folio->page);
}

static inline bool folio_test_ksm(struct folio *folio)
{
	return PageKsm(&folio->page);
}

static inline bool folio_test_unevictable(struct folio *folio)
{
	return PageUnevictable(&folio->page);
}
#endif

/*
 * 6.11 gave zsmalloc a page type (43d746dc49bb), 6.12 unaccepted memory
 * (310183de7bb2), 6.15 large kmalloc (a6687c8ff613), for which 6.19 introduced
 * the question here (ee1ee8abc419). Before, such pages are ordinary ones.
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
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
static inline bool PageLargeKmalloc(const struct page *page)
{
	return folio_test_large_kmalloc((const struct folio *)page);
}
#endif

/*
 * 6.17 replaced the movable bit of the mapping word by a page flag that only
 * pages of certain types have (3d388584d599): none is left without a type.
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

#endif /* _MMSCOPE_COMPAT_LINUX_PAGE_FLAGS_H */
