/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pgwalk

#if !defined(_PGWALK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PGWALK_TRACE_H

#include <linux/tracepoint.h>

#include <mmscope/pgwalk.h>

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

#endif /* _PGWALK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
