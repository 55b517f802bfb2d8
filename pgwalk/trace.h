/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pgwalk

#if !defined(_PGWALK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PGWALK_TRACE_H

#include <linux/tracepoint.h>

#include <mmscope/pgwalk.h>

#include "fault.h"

TRACE_DEFINE_ENUM(MMSCOPE_PG_NONE);
TRACE_DEFINE_ENUM(MMSCOPE_PG_PRESENT);
TRACE_DEFINE_ENUM(MMSCOPE_PG_PROTNONE);
TRACE_DEFINE_ENUM(MMSCOPE_PG_SWAP);
TRACE_DEFINE_ENUM(MMSCOPE_PG_MIGRATION);
TRACE_DEFINE_ENUM(MMSCOPE_PG_HWPOISON);
TRACE_DEFINE_ENUM(MMSCOPE_PG_MARKER);
TRACE_DEFINE_ENUM(MMSCOPE_PG_DEVICE_PRIVATE);
TRACE_DEFINE_ENUM(MMSCOPE_PG_DEVICE_EXCLUSIVE);
TRACE_DEFINE_ENUM(MMSCOPE_PG_OTHER);
TRACE_DEFINE_ENUM(MMSCOPE_PG_BAD);

TRACE_DEFINE_ENUM(PGWALK_FAULT_UNKNOWN);
TRACE_DEFINE_ENUM(PGWALK_FAULT_ZERO_PAGE);
TRACE_DEFINE_ENUM(PGWALK_FAULT_HUGE_ZERO);
TRACE_DEFINE_ENUM(PGWALK_FAULT_ANON);
TRACE_DEFINE_ENUM(PGWALK_FAULT_THP);
TRACE_DEFINE_ENUM(PGWALK_FAULT_COW_ZERO);
TRACE_DEFINE_ENUM(PGWALK_FAULT_COW_COPY);
TRACE_DEFINE_ENUM(PGWALK_FAULT_COW_REUSE);
TRACE_DEFINE_ENUM(PGWALK_FAULT_FILE_READ);
TRACE_DEFINE_ENUM(PGWALK_FAULT_AROUND);
TRACE_DEFINE_ENUM(PGWALK_FAULT_FILE_COW);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SHARED_WRITE);
TRACE_DEFINE_ENUM(PGWALK_FAULT_MKWRITE);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SHMEM);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SWAP_MINOR);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SWAP_MAJOR);
TRACE_DEFINE_ENUM(PGWALK_FAULT_NUMA_HINT);
TRACE_DEFINE_ENUM(PGWALK_FAULT_HUGETLB);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SPECIAL);
TRACE_DEFINE_ENUM(PGWALK_FAULT_USERFAULT);
TRACE_DEFINE_ENUM(PGWALK_FAULT_MIGRATION);
TRACE_DEFINE_ENUM(PGWALK_FAULT_DEVICE);
TRACE_DEFINE_ENUM(PGWALK_FAULT_GUARD);
TRACE_DEFINE_ENUM(PGWALK_FAULT_ERROR);
TRACE_DEFINE_ENUM(PGWALK_FAULT_SPURIOUS);
TRACE_DEFINE_ENUM(PGWALK_FAULT_RETRY);

#define show_pgwalk_kind(kind)					\
	__print_symbolic(kind,					\
		{ MMSCOPE_PG_NONE, "none" },			\
		{ MMSCOPE_PG_PRESENT, "present" },		\
		{ MMSCOPE_PG_PROTNONE, "protnone" },		\
		{ MMSCOPE_PG_SWAP, "swap" },			\
		{ MMSCOPE_PG_MIGRATION, "migration" },		\
		{ MMSCOPE_PG_HWPOISON, "hwpoison" },		\
		{ MMSCOPE_PG_MARKER, "marker" },		\
		{ MMSCOPE_PG_DEVICE_PRIVATE, "device_private" }, \
		{ MMSCOPE_PG_DEVICE_EXCLUSIVE, "device_exclusive" }, \
		{ MMSCOPE_PG_OTHER, "other" },			\
		{ MMSCOPE_PG_BAD, "bad" })

#define show_pgwalk_fault(class)				\
	__print_symbolic(class,					\
		{ PGWALK_FAULT_UNKNOWN, "unknown" },		\
		{ PGWALK_FAULT_ZERO_PAGE, "zero_page" },	\
		{ PGWALK_FAULT_HUGE_ZERO, "huge_zero" },	\
		{ PGWALK_FAULT_ANON, "anon" },			\
		{ PGWALK_FAULT_THP, "thp" },			\
		{ PGWALK_FAULT_COW_ZERO, "cow_zero" },		\
		{ PGWALK_FAULT_COW_COPY, "cow_copy" },		\
		{ PGWALK_FAULT_COW_REUSE, "cow_reuse" },	\
		{ PGWALK_FAULT_FILE_READ, "file_read" },	\
		{ PGWALK_FAULT_AROUND, "fault_around" },	\
		{ PGWALK_FAULT_FILE_COW, "file_cow" },		\
		{ PGWALK_FAULT_SHARED_WRITE, "shared_write" },	\
		{ PGWALK_FAULT_MKWRITE, "mkwrite" },		\
		{ PGWALK_FAULT_SHMEM, "shmem" },		\
		{ PGWALK_FAULT_SWAP_MINOR, "swap_minor" },	\
		{ PGWALK_FAULT_SWAP_MAJOR, "swap_major" },	\
		{ PGWALK_FAULT_NUMA_HINT, "numa_hint" },	\
		{ PGWALK_FAULT_HUGETLB, "hugetlb" },		\
		{ PGWALK_FAULT_SPECIAL, "special" },		\
		{ PGWALK_FAULT_USERFAULT, "userfault" },	\
		{ PGWALK_FAULT_MIGRATION, "migration" },	\
		{ PGWALK_FAULT_DEVICE, "device" },		\
		{ PGWALK_FAULT_GUARD, "guard" },		\
		{ PGWALK_FAULT_ERROR, "error" },		\
		{ PGWALK_FAULT_SPURIOUS, "spurious" },		\
		{ PGWALK_FAULT_RETRY, "retry" })

/* One address that was asked for through walk or walk.bin. */
TRACE_EVENT(walk,
	TP_PROTO(const struct mmscope_walk_record *walk),
	TP_ARGS(walk),
	TP_STRUCT__entry(
		__field(u64, addr)
		__field(u64, pfn)
		__field(u64, entry)
		__field(u64, size_B)
		__field(u32, flags)
		__field(u8, kind)
		__field(u8, level)
	),
	TP_fast_assign(
		__entry->addr = walk->addr;
		__entry->pfn = walk->pfn;
		__entry->entry = walk->entry[walk->level - 1];
		__entry->size_B = walk->size_B;
		__entry->flags = walk->flags;
		__entry->kind = walk->kind;
		__entry->level = walk->level;
	),
	TP_printk("addr=0x%llx kind=%s level=%u size_B=%llu pfn=0x%llx entry=0x%llx flags=0x%x",
		  __entry->addr, show_pgwalk_kind(__entry->kind),
		  __entry->level, __entry->size_B, __entry->pfn,
		  __entry->entry, __entry->flags)
);

/*
 * A page fault of any task is over. The hook that it lives on is armed while it is
 * enabled: see fault.c.
 */
TRACE_EVENT_FN(fault,
	TP_PROTO(const struct pgwalk_fault *fault),
	TP_ARGS(fault),
	TP_STRUCT__entry(
		__field(u64, addr)
		__field(u64, latency_ns)
		__field(u32, pid)
		__field(u32, flags)
		__field(u32, result)
		__field(u16, around_pages)
		__field(u8, class)
		__field(u8, level)
		__field(u8, tables)
		__field(u8, gup)
	),
	TP_fast_assign(
		__entry->addr = fault->addr;
		__entry->latency_ns = fault->time_ns;
		__entry->pid = current->tgid;
		__entry->flags = fault->flags;
		__entry->result = (__force u32)fault->result;
		__entry->around_pages = fault->around;
		__entry->class = fault->class;
		__entry->level = fault->level;
		__entry->tables = fault->tables;
		__entry->gup = fault->gup;
	),
	TP_printk("addr=0x%llx pid=%u class=%s flags=0x%x result=0x%x latency_ns=%llu level=%u tables=%u around_pages=%u gup=%u",
		  __entry->addr, __entry->pid,
		  show_pgwalk_fault(__entry->class), __entry->flags,
		  __entry->result, __entry->latency_ns, __entry->level,
		  __entry->tables, __entry->around_pages, __entry->gup),
	pgwalk_fault_listen, pgwalk_fault_ignore
);

#endif /* _PGWALK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
