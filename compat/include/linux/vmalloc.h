/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MMSCOPE_COMPAT_LINUX_VMALLOC_H
#define _MMSCOPE_COMPAT_LINUX_VMALLOC_H

#include_next <linux/vmalloc.h>
#include <linux/llist.h>
#include <linux/version.h>

/*
 * Flags of areas that came later: 5.18 huge pages where asked for
 * (559089e0a93d), 6.9 areas that are filled page by page (e6f798225a31). 0: no
 * area has it.
 */
#ifndef VM_ALLOW_HUGE_VMAP
#define VM_ALLOW_HUGE_VMAP	0
#endif
#ifndef VM_SPARSE
#define VM_SPARSE	0
#endif
#ifndef VM_DEFER_KMEMLEAK
#define VM_DEFER_KMEMLEAK	0
#endif

/*
 * 5.18 introduced vmalloc_huge() with the flag (559089e0a93d): a function, later a
 * macro. Before, there are no huge areas for the asking.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
static inline void *vmalloc_huge(unsigned long size, gfp_t gfp_mask)
{
	return NULL;
}

static inline bool has_vmalloc_huge(void)
{
	return false;
}
#else
static inline bool has_vmalloc_huge(void)
{
	return true;
}
#endif

/*
 * 5.11 keeps lazily freed areas in a tree (96e2db456135). Before, they are on a
 * list without a lock, by a member of their own.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
static inline struct vmap_area *purge_list_area(struct llist_node *node)
{
	return llist_entry(node, struct vmap_area, purge_list);
}
#else
static inline struct vmap_area *purge_list_area(struct llist_node *node)
{
	return NULL;
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_VMALLOC_H */
