/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page faults, as fault.c tells them.
 */
#ifndef _PGWALK_FAULT_H
#define _PGWALK_FAULT_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <mmscope/latency.h>

struct seq_file;

/* What a call of handle_mm_fault() did to the entry. */
enum pgwalk_fault_class {
	PGWALK_FAULT_UNKNOWN,
	PGWALK_FAULT_ZERO_PAGE,		/* the page of zeroes was mapped */
	PGWALK_FAULT_HUGE_ZERO,		/* the huge page of zeroes */
	PGWALK_FAULT_ANON,		/* a new page */
	PGWALK_FAULT_THP,		/* a new huge page */
	PGWALK_FAULT_COW_ZERO,		/* a new page in the place of zeroes */
	PGWALK_FAULT_COW_COPY,		/* a copy in the place of a page */
	PGWALK_FAULT_COW_REUSE,		/* the same page, writable now */
	PGWALK_FAULT_FILE_READ,		/* a page of a file, read or by its fault() */
	PGWALK_FAULT_AROUND,		/* what the page cache had, and its neighbours */
	PGWALK_FAULT_FILE_COW,		/* a copy of a file's page, which was not mapped */
	PGWALK_FAULT_SHARED_WRITE,	/* a file's page, mapped to be written */
	PGWALK_FAULT_MKWRITE,		/* a file's page that was mapped: writable now */
	PGWALK_FAULT_SHMEM,		/* a page of tmpfs or of shared memory */
	PGWALK_FAULT_SWAP_MINOR,	/* from swap; the page was in memory */
	PGWALK_FAULT_SWAP_MAJOR,	/* from swap; it was read */
	PGWALK_FAULT_NUMA_HINT,
	PGWALK_FAULT_HUGETLB,		/* a page of hugetlbfs */
	PGWALK_FAULT_SPECIAL,		/* what is no file's and not anonymous */
	PGWALK_FAULT_USERFAULT,		/* left to user space */
	PGWALK_FAULT_MIGRATION,		/* waited for a page on its way */
	PGWALK_FAULT_DEVICE,		/* a page in, or lent to, a device */
	PGWALK_FAULT_GUARD,		/* refused: a guard region */
	PGWALK_FAULT_ERROR,		/* refused */
	PGWALK_FAULT_SPURIOUS,		/* nothing was to be done */
	PGWALK_FAULT_RETRY,		/* nothing was done: to be asked again */
	PGWALK_FAULT_COUNT
};

/**
 * struct pgwalk_fault - a call of handle_mm_fault() that is over
 * @mm: whose address space
 * @addr: address
 * @time_ns: from entry to return
 * @flags: FAULT_FLAG_*
 * @result: VM_FAULT_*
 * @class: enum pgwalk_fault_class
 * @level: of the entry that maps the address now; 0: none does
 * @tables: page tables that the walk passes now and did not before
 * @around: entries that fault-around filled, the address's own included
 * @gup: no trap: the kernel asks for the page
 */
struct pgwalk_fault {
	struct mm_struct *mm;
	u64 addr;
	u64 time_ns;
	u32 flags;
	vm_fault_t result;
	u8 class;
	u8 level;
	u8 tables;
	u16 around;
	bool gup;
};

/* What is counted of each class, besides how long it took. */
enum pgwalk_fault_sum {
	PGWALK_SUM_MINOR,
	PGWALK_SUM_MAJOR,
	PGWALK_SUM_RETRY,
	PGWALK_SUM_VMA_LOCK,
	PGWALK_SUM_MMAP_LOCK,
	PGWALK_SUM_GUP,
	PGWALK_SUM_NONE,
	PGWALK_SUM_PTE,
	PGWALK_SUM_PMD,
	PGWALK_SUM_PUD,
	PGWALK_SUM_TABLES,
	PGWALK_SUM_AROUND,
	PGWALK_SUM_COUNT
};

/**
 * struct pgwalk_fault_row - the faults of one class
 * @latency: how many, and how long they took
 * @sums: by enum pgwalk_fault_sum
 */
struct pgwalk_fault_row {
	struct mms_latency latency;
	u64 sums[PGWALK_SUM_COUNT];
};

/**
 * struct pgwalk_fault_watch - somebody who counts faults
 * @mm: those of this address space, which is pinned; NULL: all
 * @lock: covers @rows
 * @rows: by class, all zero at first
 * @node: private to fault.c, as all that follows
 * @missed_before: calls missed when it began
 */
struct pgwalk_fault_watch {
	struct mm_struct *mm;
	raw_spinlock_t lock;	/* covers rows */
	struct pgwalk_fault_row rows[PGWALK_FAULT_COUNT];
	struct list_head node;
	unsigned long missed_before;
};

int pgwalk_fault_error(void);
int pgwalk_fault_watch_begin(struct pgwalk_fault_watch *watch);
void pgwalk_fault_watch_end(struct pgwalk_fault_watch *watch);
unsigned long pgwalk_fault_missed(const struct pgwalk_fault_watch *watch);
const char *pgwalk_fault_name(unsigned int class);
int pgwalk_fault_listen(void);
void pgwalk_fault_ignore(void);
void pgwalk_fault_features(struct seq_file *m);
int pgwalk_fault_init(void);
void pgwalk_fault_exit(void);

#endif /* _PGWALK_FAULT_H */
