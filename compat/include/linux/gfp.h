/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bulk allocations, and where the function that puts a page on a per-CPU list
 * finds its arguments.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_GFP_H
#define _MMSCOPE_COMPAT_LINUX_GFP_H

#include_next <linux/gfp.h>
#include <linux/version.h>

/*
 * 6.14 named the bulk allocator after arrays no more (6bf9b5b40af3). 5.13
 * introduced it (387ba26fb1cb); before, nothing comes of a request.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
#define HAVE_BULK_ALLOCATOR	0
static inline unsigned long alloc_pages_bulk_node(gfp_t gfp, int nid,
						  unsigned long nr_pages,
						  struct page **page_array)
{
	return 0;
}
#else
#define HAVE_BULK_ALLOCATOR	1
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define alloc_pages_bulk_node	alloc_pages_bulk_array_node
#endif
#endif

/*
 * free_unref_page_commit(), free_frozen_page_commit(): 6.0 put the zone and its
 * per-CPU list in front (4b23a68f9536); 5.14 introduced the order (44042b449872).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
#define FREE_COMMIT_PAGE	0
#define FREE_COMMIT_HAS_ORDER	0
#define FREE_COMMIT_ORDER	0
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
#define FREE_COMMIT_PAGE	0
#define FREE_COMMIT_HAS_ORDER	1
#define FREE_COMMIT_ORDER	3
#else
#define FREE_COMMIT_PAGE	2
#define FREE_COMMIT_HAS_ORDER	1
#define FREE_COMMIT_ORDER	4
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_GFP_H */
