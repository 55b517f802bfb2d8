/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.18 has rmap_walk() and its callback take the folio (2f031c6f042c);
 * before, the page, which is where the folio is.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_RMAP_H
#define _MMSCOPE_COMPAT_LINUX_RMAP_H

#include_next <linux/rmap.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define rmap_one_of(fn)	((bool (*)(struct page *, struct vm_area_struct *, \
				   unsigned long, void *))(fn))
#define LOCK_ANON_VMA_READ	"page_lock_anon_vma_read"
#else
#define rmap_one_of(fn)	(fn)
#define LOCK_ANON_VMA_READ	"folio_lock_anon_vma_read"
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_RMAP_H */
