/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks that an event lives on are armed while it is enabled: see path.c.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vmalloc_walk

#if !defined(_VMALLOC_WALK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VMALLOC_WALK_TRACE_H

#include <linux/tracepoint.h>

#include "path.h"

#ifndef _VMALLOC_WALK_TRACE_ONCE
#define _VMALLOC_WALK_TRACE_ONCE

#define VMW_LISTENER(_name, _kind)			\
	static inline int vmw_listen_##_name(void)	\
	{						\
		return vmw_listen(_kind);		\
	}						\
	static inline void vmw_ignore_##_name(void)	\
	{						\
		vmw_ignore(_kind);			\
	}

VMW_LISTENER(area_alloc, VMW_STEP_AREA)
VMW_LISTENER(area_free, VMW_STEP_FREE)
VMW_LISTENER(map, VMW_STEP_MAP)
VMW_LISTENER(purge, VMW_STEP_PURGE)

#endif /* _VMALLOC_WALK_TRACE_ONCE */

TRACE_DEFINE_ENUM(VMW_SOURCE_UNKNOWN);
TRACE_DEFINE_ENUM(VMW_SOURCE_FREE);
TRACE_DEFINE_ENUM(VMW_SOURCE_POOL);

TRACE_DEFINE_ENUM(VMW_SPACE_VMALLOC);
TRACE_DEFINE_ENUM(VMW_SPACE_MODULE);
TRACE_DEFINE_ENUM(VMW_SPACE_OTHER);

TRACE_DEFINE_ENUM(VMW_MAP_PAGES);
TRACE_DEFINE_ENUM(VMW_MAP_PHYS);

#define show_vmw_source(source)				\
	__print_symbolic(source,			\
		{ VMW_SOURCE_UNKNOWN, "unknown" },	\
		{ VMW_SOURCE_FREE, "free" },		\
		{ VMW_SOURCE_POOL, "pool" })

#define show_vmw_space(space)				\
	__print_symbolic(space,				\
		{ VMW_SPACE_VMALLOC, "vmalloc" },	\
		{ VMW_SPACE_MODULE, "module" },		\
		{ VMW_SPACE_OTHER, "other" })

#define show_vmw_map_kind(kind)				\
	__print_symbolic(kind,				\
		{ VMW_MAP_PAGES, "pages" },		\
		{ VMW_MAP_PHYS, "phys" })

/* An area was found for somebody, or was not. */
TRACE_EVENT_FN(area_alloc,
	TP_PROTO(const struct vmw_step *step),
	TP_ARGS(step),
	TP_STRUCT__entry(
		__field(u64, start)
		__field(u64, size_B)
		__field(u64, align_B)
		__field(u64, time_ns)
		__field(s32, error)
		__field(u8, source)
		__field(u8, space)
	),
	TP_fast_assign(
		__entry->start = step->start;
		__entry->size_B = step->size_B;
		__entry->align_B = step->align_B;
		__entry->time_ns = step->time_ns;
		__entry->error = step->error;
		__entry->source = step->source;
		__entry->space = step->space;
	),
	TP_printk("start=0x%llx size_B=%llu align_B=%llu source=%s space=%s error=%d time_ns=%llu",
		  __entry->start, __entry->size_B, __entry->align_B,
		  show_vmw_source(__entry->source), show_vmw_space(__entry->space),
		  __entry->error, __entry->time_ns),
	vmw_listen_area_alloc, vmw_ignore_area_alloc
);

/* An area becomes lazy: it is unmapped, but TLBs may still know it. */
TRACE_EVENT_FN(area_free,
	TP_PROTO(const struct vmw_step *step),
	TP_ARGS(step),
	TP_STRUCT__entry(
		__field(u64, start)
		__field(u64, size_B)
		__field(u64, lazy_pages)
		__field(u64, limit_pages)
	),
	TP_fast_assign(
		__entry->start = step->start;
		__entry->size_B = step->size_B;
		__entry->lazy_pages = step->lazy_pages;
		__entry->limit_pages = step->limit_pages;
	),
	TP_printk("start=0x%llx size_B=%llu lazy_pages=%llu limit_pages=%llu",
		  __entry->start, __entry->size_B, __entry->lazy_pages,
		  __entry->limit_pages),
	vmw_listen_area_free, vmw_ignore_area_free
);

/* A range was mapped, or could not be. */
TRACE_EVENT_FN(map,
	TP_PROTO(const struct vmw_step *step),
	TP_ARGS(step),
	TP_STRUCT__entry(
		__field(u64, start)
		__field(u64, size_B)
		__field(u64, leaf_B)
		__field(u64, time_ns)
		__field(s32, error)
		__field(u8, kind)
	),
	TP_fast_assign(
		__entry->start = step->start;
		__entry->size_B = step->size_B;
		__entry->leaf_B = step->leaf_B;
		__entry->time_ns = step->time_ns;
		__entry->error = step->error;
		__entry->kind = step->map_kind;
	),
	TP_printk("start=0x%llx size_B=%llu kind=%s leaf_B=%llu error=%d time_ns=%llu",
		  __entry->start, __entry->size_B, show_vmw_map_kind(__entry->kind),
		  __entry->leaf_B, __entry->error, __entry->time_ns),
	vmw_listen_map, vmw_ignore_map
);

/* Lazy areas were flushed from the TLBs and may be used again. */
TRACE_EVENT_FN(purge,
	TP_PROTO(const struct vmw_step *step),
	TP_ARGS(step),
	TP_STRUCT__entry(
		__field(u64, lazy_pages)
		__field(u64, left_pages)
		__field(u64, limit_pages)
		__field(u64, time_ns)
		__field(u8, flushed)
	),
	TP_fast_assign(
		__entry->lazy_pages = step->lazy_pages;
		__entry->left_pages = step->left_pages;
		__entry->limit_pages = step->limit_pages;
		__entry->time_ns = step->time_ns;
		__entry->flushed = step->flushed;
	),
	TP_printk("lazy_pages=%llu left_pages=%llu limit_pages=%llu flushed=%u time_ns=%llu",
		  __entry->lazy_pages, __entry->left_pages, __entry->limit_pages,
		  __entry->flushed, __entry->time_ns),
	vmw_listen_purge, vmw_ignore_purge
);

#endif /* _VMALLOC_WALK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
