/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flags of requests, bulk allocations, and where the function that puts a page on
 * a per-CPU list finds its arguments.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_GFP_H
#define _MMSCOPE_COMPAT_LINUX_GFP_H

#include_next <linux/gfp.h>
#include <linux/version.h>

/*
 * Flags that not every kernel has; without a bit there. 5.18 brought those of tags
 * and of KASAN (9353ffa6e9e9), 6.4 made two of these one, 6.10 brought the one of
 * slab objects' extensions; 6.3 dropped atomic.
 */
#define MMS_NO_GFP	((__force gfp_t)0)

#ifndef __GFP_ATOMIC
#define __GFP_ATOMIC	MMS_NO_GFP
#endif
#ifndef __GFP_ZEROTAGS
#define __GFP_ZEROTAGS	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_ZERO
#define __GFP_SKIP_ZERO	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN
#define __GFP_SKIP_KASAN	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN_POISON
#define __GFP_SKIP_KASAN_POISON	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN_UNPOISON
#define __GFP_SKIP_KASAN_UNPOISON	MMS_NO_GFP
#endif
#ifndef __GFP_NO_OBJ_EXT
#define __GFP_NO_OBJ_EXT	MMS_NO_GFP
#endif

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
