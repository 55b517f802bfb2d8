/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MMSCOPE_COMPAT_LINUX_MM_TYPES_H
#define _MMSCOPE_COMPAT_LINUX_MM_TYPES_H

#include_next <linux/mm_types.h>
#include <linux/version.h>

/*
 * 5.16 introduced the folio (7b230db3b8d3): a page that is no tail, with the
 * words that it has in common with struct page.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0)
struct folio {
	union {
		struct {
			unsigned long flags;
			struct list_head lru;
			struct address_space *mapping;
			pgoff_t index;
		};
		struct page page;
	};
};

static_assert(offsetof(struct folio, flags) == offsetof(struct page, flags));
static_assert(offsetof(struct folio, lru) == offsetof(struct page, lru));
static_assert(offsetof(struct folio, mapping) ==
	      offsetof(struct page, mapping));
static_assert(offsetof(struct folio, index) == offsetof(struct page, index));
#endif

/*
 * 6.4 lets a fault go on with the lock of its VMA alone. 0: no fault does.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define FAULT_FLAG_VMA_LOCK	0
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_MM_TYPES_H */
