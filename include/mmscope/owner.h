/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns this page frame? Each module answers for what it knows, core asks.
 */
#ifndef _MMSCOPE_OWNER_H
#define _MMSCOPE_OWNER_H

#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

struct mms_page;
struct seq_file;

/* Whose a page frame is. Every frame has one; the first that is proven. */
enum mms_owner {
	MMS_OWNER_UNKNOWN,	/* nobody could tell */
	MMS_OWNER_BUDDY,
	MMS_OWNER_PCP,
	MMS_OWNER_SLAB,
	MMS_OWNER_LARGE_KMALLOC,
	MMS_OWNER_PGTABLE,
	MMS_OWNER_VMALLOC,
	MMS_OWNER_STACK,
	MMS_OWNER_PERCPU,
	MMS_OWNER_MODULE,
	MMS_OWNER_ANON,
	MMS_OWNER_KSM,
	MMS_OWNER_FILE,
	MMS_OWNER_SHMEM,
	MMS_OWNER_HUGETLB,
	MMS_OWNER_ZERO,
	MMS_OWNER_KERNEL_IMAGE,
	MMS_OWNER_MEMMAP,
	MMS_OWNER_RESERVED,
	MMS_OWNER_OFFLINE,
	MMS_OWNER_GUARD,
	MMS_OWNER_ZSMALLOC,
	MMS_OWNER_UNACCEPTED,
	MMS_OWNER_MOVABLE,
	MMS_OWNER_COMPOUND,	/* several as one, of whoever asked for them */
	MMS_OWNER_COUNT
};

/**
 * struct mms_window - a stretch of page frames, and whose they are
 * @first: first page frame
 * @nr: number of them
 * @owners: enum mms_owner of each, MMS_OWNER_UNKNOWN where nobody has answered
 */
struct mms_window {
	unsigned long first;
	unsigned long nr;
	u8 *owners;
};

/**
 * mms_window_mark() - answer for some page frames, as far as they are in a window
 * @window: the window
 * @pfn: first of them
 * @pages: number of them
 * @owner: enum mms_owner
 *
 * Context: Any.
 */
static inline void mms_window_mark(struct mms_window *window, unsigned long pfn,
				   unsigned long pages, enum mms_owner owner)
{
	unsigned long first = max(pfn, window->first);
	unsigned long end = min(pfn + pages, window->first + window->nr);

	if (first < end)
		memset(window->owners + (first - window->first), owner,
		       end - first);
}

/**
 * struct mms_answerer - what one module knows of page frames
 * @name: of the module
 * @mark: answer for all page frames of a window whose struct page does not tell.
 *	An errno if the reader is being killed or memory is short. May be NULL
 * @show: lines "name value" about one page frame, none if it is not the module's;
 *	@addr is an address inside it, or NULL. May be NULL
 * @node: private to core
 *
 * Both are called without locks of the kernel and may sleep.
 */
struct mms_answerer {
	const char *name;
	int (*mark)(struct mms_window *window);
	void (*show)(struct seq_file *m, const struct mms_page *info,
		     const void *addr);
	struct list_head node;
};

void mms_answerer_add(struct mms_answerer *answerer);
void mms_answerer_del(struct mms_answerer *answerer);

#endif /* _MMSCOPE_OWNER_H */
