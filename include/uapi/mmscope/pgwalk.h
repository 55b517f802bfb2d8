/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records of pgwalk/walk.bin and pgwalk/range.bin.
 */
#ifndef _UAPI_MMSCOPE_PGWALK_H
#define _UAPI_MMSCOPE_PGWALK_H

#include <linux/types.h>

/* What the entry that ends a walk is. */
enum mmscope_pgwalk_kind {
	MMSCOPE_PG_NONE,		/* nothing is there */
	MMSCOPE_PG_PRESENT,		/* maps a page; user access as in flags */
	MMSCOPE_PG_PROTNONE,		/* maps a page that nobody may touch */
	MMSCOPE_PG_SWAP,		/* pfn holds the swap offset */
	MMSCOPE_PG_MIGRATION,		/* pfn of the page on its way */
	MMSCOPE_PG_HWPOISON,		/* pfn of the broken page */
	MMSCOPE_PG_MARKER,		/* no page; pfn holds the marker bits */
	MMSCOPE_PG_DEVICE_PRIVATE,	/* pfn in device memory */
	MMSCOPE_PG_DEVICE_EXCLUSIVE,	/* pfn lent to a device */
	MMSCOPE_PG_OTHER,		/* not present, of a type not known here */
	MMSCOPE_PG_BAD,			/* a table that could not be read */
	MMSCOPE_PG_ALIAS,		/* range.bin: the table before it, again */
	MMSCOPE_PG_END = 255,		/* range.bin: the end record */
};

/* Page-table levels, counted from the leaf tables as hardware manuals do. */
enum mmscope_pgwalk_level {
	MMSCOPE_LEVEL_PTE = 1,
	MMSCOPE_LEVEL_PMD,
	MMSCOPE_LEVEL_PUD,
	MMSCOPE_LEVEL_P4D,
	MMSCOPE_LEVEL_PGD,
};

#define MMSCOPE_LEVELS	5

/* Flags of a walk. The first three are effective: over all levels. */
#define MMSCOPE_PG_WRITE	(1U << 0)
#define MMSCOPE_PG_EXEC		(1U << 1)
#define MMSCOPE_PG_USER		(1U << 2)
#define MMSCOPE_PG_ACCESSED	(1U << 3)
#define MMSCOPE_PG_DIRTY	(1U << 4)
#define MMSCOPE_PG_GLOBAL	(1U << 5)
#define MMSCOPE_PG_SOFT_DIRTY	(1U << 6)
#define MMSCOPE_PG_UFFD_WP	(1U << 7)
#define MMSCOPE_PG_SPECIAL	(1U << 8)	/* no struct page behind the entry */
#define MMSCOPE_PG_CONT		(1U << 9)	/* one of a contiguous group (arm64) */
#define MMSCOPE_PG_ZERO		(1U << 10)	/* the shared zero page */
#define MMSCOPE_PG_HUGETLB	(1U << 11)	/* the VMA is hugetlbfs */
#define MMSCOPE_PG_PFNMAP	(1U << 12)	/* the VMA is VM_PFNMAP or VM_MIXEDMAP */
#define MMSCOPE_PG_WEAK		(1U << 13)	/* memory type is not plain write-back */
#define MMSCOPE_PG_REPEATED	(1U << 14)	/* range.bin: all of it is one page frame */
#define MMSCOPE_PG_NOREAD	(1U << 15)	/* user mode may execute, not read (arm64) */

/**
 * struct mmscope_range_record - one extent of range.bin
 * @start: first virtual address
 * @size_B: bytes; pages follow each other physically when present
 * @pfn: first page frame number, or what enum mmscope_pgwalk_kind says; with
 *	MMSCOPE_PG_REPEATED, or MMSCOPE_PG_ZERO at level MMSCOPE_LEVEL_PTE, that of
 *	every page; with MMSCOPE_PG_ALIAS that of the table
 * @flags: MMSCOPE_PG_*
 * @kind: enum mmscope_pgwalk_kind
 * @level: enum mmscope_pgwalk_level of the entries
 * @swap_type: swap device of MMSCOPE_PG_SWAP, as in /proc/PID/pagemap
 * @reserved: 0
 *
 * A record of kind MMSCOPE_PG_ALIAS stands for entries of its level that lead to the
 * table of the entry before them: what the records say of that one is there again.
 *
 * In the end record (kind MMSCOPE_PG_END) start is where the walk ended, size_B
 * the number of records before it, and pfn 0, or the errno that cut the answer.
 */
struct mmscope_range_record {
	__u64 start;
	__u64 size_B;
	__u64 pfn;
	__u32 flags;
	__u8 kind;
	__u8 level;
	__u8 swap_type;
	__u8 reserved;
};

/**
 * struct mmscope_walk_record - one address of walk.bin
 * @addr: virtual address that was asked for
 * @size_B: span of the entry that ended the walk
 * @pfn: page frame of @addr itself, or what enum mmscope_pgwalk_kind says
 * @flags: MMSCOPE_PG_*
 * @kind: enum mmscope_pgwalk_kind
 * @level: enum mmscope_pgwalk_level where the walk ended
 * @top: level where it began: 4 or 5 on x86-64, 3 to 5 on arm64
 * @swap_type: swap device of MMSCOPE_PG_SWAP
 * @entry: raw entries, [level - 1]; 0 where the walk did not come
 * @table_pfn: page frame of the table that holds the entry, [level - 1]
 *
 * walk.bin has no header: like /proc/PID/pagemap it is an array that is read at
 * (addr / page size) * sizeof(struct mmscope_walk_record).
 */
struct mmscope_walk_record {
	__u64 addr;
	__u64 size_B;
	__u64 pfn;
	__u32 flags;
	__u8 kind;
	__u8 level;
	__u8 top;
	__u8 swap_type;
	__u64 entry[MMSCOPE_LEVELS];
	__u64 table_pfn[MMSCOPE_LEVELS];
};

#endif /* _UAPI_MMSCOPE_PGWALK_H */
