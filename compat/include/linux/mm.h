/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MMSCOPE_COMPAT_LINUX_MM_H
#define _MMSCOPE_COMPAT_LINUX_MM_H

#include_next <linux/mm.h>
#include <linux/version.h>

/*
 * VMA flags that came later: 5.13 minor faults (7677f7fd8be7), 6.6 shadow
 * stacks (54007f818206), 6.10 sealing (8be7258aad44), 6.11 droppable
 * (9651fcedf7b9), 6.19 guard regions in a VMA (5dba5cc2e0ff). 0: no VMA has it.
 */
#ifndef VM_SHADOW_STACK
#define VM_SHADOW_STACK	0
#endif
#ifndef VM_SEALED
#define VM_SEALED	0
#endif
#ifndef VM_DROPPABLE
#define VM_DROPPABLE	0
#endif
#ifndef VM_MAYBE_GUARD
#define VM_MAYBE_GUARD	0
#endif
#ifndef VM_UFFD_MINOR
#define VM_UFFD_MINOR	0
#endif

/*
 * 5.8 brought branch targets, of arm64 alone (8ef8f360cf30).
 */
#ifndef VM_ARM64_BTI
#define VM_ARM64_BTI	0
#endif

/*
 * 5.15 removed the mark of a running program's file (8d0920bde5eb).
 */
#ifndef VM_DENYWRITE
#define VM_DENYWRITE	0
#endif

/*
 * How often a compound page is mapped as a whole, to be added to a page's own
 * _mapcount. Up to 6.1 that of a file's page counts it already, and so does that
 * of an anonymous page while PG_double_map is set; 6.2 dropped both
 * (cb67f4282bf9). @folio may be a copy.
 */
static inline int folio_extra_mapcount(struct folio *folio)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	struct page *head = (struct page *)folio;

	if (!PageAnon(head) && !PageHuge(head))
		return 0;
	return atomic_read(compound_mapcount_ptr(head)) + 1 -
	       PageDoubleMap(head);
#else
	return folio_entire_mapcount(folio);
#endif
}

/*
 * 6.7 made the index of a hugetlb folio count pages as all others do
 * (a08c7193e4f1); before, it counts huge pages.
 */
static inline unsigned long hugetlb_head_index(const struct folio *folio,
					       unsigned int order)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return folio->index << order;
#else
	return folio->index;
#endif
}

/*
 * 6.2 made the RSS counters per-CPU (f1a7941243c1): reading one is approximate,
 * summing it is exact. Before, at most what each thread holds back is missing.
 */
static inline unsigned long mm_counter_exact(struct mm_struct *mm, int member)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return get_mm_counter(mm, member);
#else
	return percpu_counter_sum_positive(&mm->rss_stat[member]);
#endif
}

/*
 * 6.6 moved these out of fs/proc (11250fd12eb8). There a VMA that only touches the
 * heap, as bss does where addresses are not random, was called heap as well.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static inline bool vma_is_initial_heap(const struct vm_area_struct *vma)
{
	return vma->vm_start <= vma->vm_mm->brk &&
	       vma->vm_end >= vma->vm_mm->start_brk;
}

static inline bool vma_is_initial_stack(const struct vm_area_struct *vma)
{
	return vma->vm_start <= vma->vm_mm->start_stack &&
	       vma->vm_end >= vma->vm_mm->start_stack;
}
#endif

/*
 * 5.17 lets a process name its anonymous memory (9a10064f5625); the accessor is
 * not exported.
 */
static inline const char *vma_anon_name_text(const struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	return vma->anon_name ? vma->anon_name->name : NULL;
#else
	return NULL;
#endif
}

/*
 * 6.3 has the flags of a VMA changed by functions, so that its lock
 * can be asked for.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * 6.5 no longer returns the VMAs of the pages.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define get_user_pages_remote(mm, start, nr, flags, pages, locked) \
	((get_user_pages_remote)(mm, start, nr, flags, pages, NULL, locked))
#define pin_user_pages_remote(mm, start, nr, flags, pages, locked) \
	((pin_user_pages_remote)(mm, start, nr, flags, pages, NULL, locked))
#endif

/*
 * Pins of a folio, where they are counted apart from references; else -1. Up to
 * 5.17 that needs a third struct page, then every compound page has the count;
 * 6.2 moved it into the folio.
 */
static inline int page_pincount(struct page *head)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
	return PageHead(head) && hpage_pincount_available(head) ?
	       head_compound_pincount(head) : -1;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return PageHead(head) ? head_compound_pincount(head) : -1;
#else
	return PageHead(head) ? atomic_read(&page_folio(head)->_pincount) : -1;
#endif
}

/*
 * Only kernels with a driver that needs them have these.
 */
#ifndef CONFIG_MAPPING_DIRTY_HELPERS
static inline unsigned long
clean_record_shared_mapping_range(struct address_space *mapping, pgoff_t first,
				  pgoff_t nr, pgoff_t bitmap_pgoff,
				  unsigned long *bitmap, pgoff_t *start,
				  pgoff_t *end)
{
	return 0;
}

static inline unsigned long
wp_shared_mapping_range(struct address_space *mapping, pgoff_t first, pgoff_t nr)
{
	return 0;
}
#endif

/*
 * Up to 6.15, x86 marks a VMA that remap_pfn_range() filled as a whole, and looks for its
 * entry when the VMA is unmapped or copied: where that entry can be taken away by others,
 * the kernel warns. Of memory that is RAM it tracks nothing; so the mark may go.
 */
static inline void vma_untrack_ram(struct vm_area_struct *vma)
{
#ifdef VM_PAT
	vm_flags_clear(vma, VM_PAT);
#endif
}

#endif /* _MMSCOPE_COMPAT_LINUX_MM_H */
