/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.16 introduced the folio (7b230db3b8d3): a page that is no tail, with the
 * words that it has in common with struct page.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_MM_TYPES_H
#define _MMSCOPE_COMPAT_LINUX_MM_TYPES_H

#include_next <linux/mm_types.h>
#include <linux/version.h>

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

#endif /* _MMSCOPE_COMPAT_LINUX_MM_TYPES_H */
