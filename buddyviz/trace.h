/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks that an event lives on are armed while it is enabled: see path.c.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM buddyviz

#if !defined(_BUDDYVIZ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _BUDDYVIZ_TRACE_H

#include <linux/mm.h>
#include <linux/tracepoint.h>

#include "buddyviz.h"
#include "path.h"

#ifndef _BUDDYVIZ_TRACE_ONCE
#define _BUDDYVIZ_TRACE_ONCE

#define BUDDYVIZ_NO_PFN		(~0ULL)
#define BUDDYVIZ_NO_TYPE	255
#define BUDDYVIZ_NO_ZONE	255

static inline int buddyviz_listen_alloc(void)
{
	return buddyviz_listen(BUDDYVIZ_HOOKS_ALLOC);
}

static inline void buddyviz_ignore_alloc(void)
{
	buddyviz_ignore(BUDDYVIZ_HOOKS_ALLOC);
}

static inline int buddyviz_listen_free(void)
{
	return buddyviz_listen(BUDDYVIZ_HOOKS_FREE);
}

static inline void buddyviz_ignore_free(void)
{
	buddyviz_ignore(BUDDYVIZ_HOOKS_FREE);
}

static inline u8 buddyviz_trace_type(int migratetype)
{
	return migratetype < 0 ? BUDDYVIZ_NO_TYPE :
				 buddyviz_type_number(migratetype);
}

#endif /* _BUDDYVIZ_TRACE_ONCE */

TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_UNKNOWN);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_PCP);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_REFILL);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_DIRECT);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_FALLBACK);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_SLOW);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_CAPTURED);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_FAILED);
TRACE_DEFINE_ENUM(BUDDYVIZ_PATH_BULK);

TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_FALLBACK);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_KSWAPD);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_SECOND);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_COMPACT);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_RECLAIM);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_RESERVES);
TRACE_DEFINE_ENUM(BUDDYVIZ_STEP_OOM);

TRACE_DEFINE_ENUM(MMSCOPE_ZONE_DMA);
TRACE_DEFINE_ENUM(MMSCOPE_ZONE_DMA32);
TRACE_DEFINE_ENUM(MMSCOPE_ZONE_NORMAL);
TRACE_DEFINE_ENUM(MMSCOPE_ZONE_HIGHMEM);
TRACE_DEFINE_ENUM(MMSCOPE_ZONE_MOVABLE);
TRACE_DEFINE_ENUM(MMSCOPE_ZONE_DEVICE);

TRACE_DEFINE_ENUM(MMSCOPE_MT_UNMOVABLE);
TRACE_DEFINE_ENUM(MMSCOPE_MT_MOVABLE);
TRACE_DEFINE_ENUM(MMSCOPE_MT_RECLAIMABLE);
TRACE_DEFINE_ENUM(MMSCOPE_MT_HIGHATOMIC);
TRACE_DEFINE_ENUM(MMSCOPE_MT_CMA);
TRACE_DEFINE_ENUM(MMSCOPE_MT_ISOLATE);

#define show_buddyviz_path(path)				\
	__print_symbolic(path,					\
		{ BUDDYVIZ_PATH_UNKNOWN, "unknown" },		\
		{ BUDDYVIZ_PATH_PCP, "pcp" },			\
		{ BUDDYVIZ_PATH_REFILL, "refill" },		\
		{ BUDDYVIZ_PATH_DIRECT, "direct" },		\
		{ BUDDYVIZ_PATH_FALLBACK, "fallback" },		\
		{ BUDDYVIZ_PATH_SLOW, "slow" },			\
		{ BUDDYVIZ_PATH_CAPTURED, "captured" },		\
		{ BUDDYVIZ_PATH_FAILED, "failed" },		\
		{ BUDDYVIZ_PATH_BULK, "bulk" })

#define show_buddyviz_steps(steps)				\
	__print_flags(steps, ",",				\
		{ BUDDYVIZ_STEP_FALLBACK, "fallback" },		\
		{ BUDDYVIZ_STEP_KSWAPD, "kswapd" },		\
		{ BUDDYVIZ_STEP_SECOND, "second" },		\
		{ BUDDYVIZ_STEP_COMPACT, "compact" },		\
		{ BUDDYVIZ_STEP_RECLAIM, "reclaim" },		\
		{ BUDDYVIZ_STEP_RESERVES, "reserves" },		\
		{ BUDDYVIZ_STEP_OOM, "oom" })

#define show_buddyviz_zone(zone)				\
	__print_symbolic(zone,					\
		{ MMSCOPE_ZONE_DMA, "DMA" },			\
		{ MMSCOPE_ZONE_DMA32, "DMA32" },		\
		{ MMSCOPE_ZONE_NORMAL, "Normal" },		\
		{ MMSCOPE_ZONE_HIGHMEM, "HighMem" },		\
		{ MMSCOPE_ZONE_MOVABLE, "Movable" },		\
		{ MMSCOPE_ZONE_DEVICE, "Device" },		\
		{ BUDDYVIZ_NO_ZONE, "-" })

#define show_buddyviz_type(type)				\
	__print_symbolic(type,					\
		{ MMSCOPE_MT_UNMOVABLE, "unmovable" },		\
		{ MMSCOPE_MT_MOVABLE, "movable" },		\
		{ MMSCOPE_MT_RECLAIMABLE, "reclaimable" },	\
		{ MMSCOPE_MT_HIGHATOMIC, "highatomic" },	\
		{ MMSCOPE_MT_CMA, "cma" },			\
		{ MMSCOPE_MT_ISOLATE, "isolate" },		\
		{ BUDDYVIZ_NO_TYPE, "-" })

/* An allocation is over, with a page or without. */
TRACE_EVENT_FN(alloc,
	TP_PROTO(const struct buddyviz_alloc *alloc),
	TP_ARGS(alloc),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, slow_ns)
		__field(u32, gfp)
		__field(u32, pages)
		__field(u16, blocks)
		__field(s16, node)
		__field(u8, zone)
		__field(u8, order)
		__field(u8, path)
		__field(u8, steps)
		__field(u8, attempts)
		__field(u8, split_order)
		__field(u8, migratetype)
		__field(u8, fallback_type)
	),
	TP_fast_assign(
		__entry->pfn = alloc->page ? page_to_pfn(alloc->page) :
					     BUDDYVIZ_NO_PFN;
		__entry->slow_ns = alloc->slow_ns;
		__entry->gfp = (__force u32)alloc->gfp;
		__entry->pages = alloc->pages;
		__entry->blocks = alloc->blocks;
		__entry->node = alloc->page ? page_to_nid(alloc->page) :
					      NUMA_NO_NODE;
		__entry->zone = alloc->page ?
				buddyviz_zone_number(page_zone(alloc->page)) :
				BUDDYVIZ_NO_ZONE;
		__entry->order = alloc->order;
		__entry->path = alloc->path;
		__entry->steps = alloc->steps;
		__entry->attempts = alloc->attempts;
		__entry->split_order = alloc->split_order;
		__entry->migratetype = buddyviz_trace_type(alloc->migratetype);
		__entry->fallback_type = buddyviz_trace_type(alloc->fallback_type);
	),
	TP_printk("pfn=0x%llx node=%d zone=%s order=%u pages=%u gfp=0x%x migratetype=%s path=%s steps=%s attempts=%u blocks=%u split_order=%u fallback=%s slow_ns=%llu",
		  __entry->pfn, __entry->node, show_buddyviz_zone(__entry->zone), __entry->order,
		  __entry->pages, __entry->gfp,
		  show_buddyviz_type(__entry->migratetype),
		  show_buddyviz_path(__entry->path),
		  show_buddyviz_steps(__entry->steps), __entry->attempts,
		  __entry->blocks, __entry->split_order,
		  show_buddyviz_type(__entry->fallback_type), __entry->slow_ns),
	buddyviz_listen_alloc, buddyviz_ignore_alloc
);

/* A block was cut: @order of it is taken, the rest goes back. */
TRACE_EVENT_FN(split,
	TP_PROTO(struct page *page, unsigned int order, unsigned int from),
	TP_ARGS(page, order, from),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(s16, node)
		__field(u8, zone)
		__field(u8, order)
		__field(u8, from_order)
	),
	TP_fast_assign(
		__entry->pfn = page_to_pfn(page);
		__entry->node = page_to_nid(page);
		__entry->zone = buddyviz_zone_number(page_zone(page));
		__entry->order = order;
		__entry->from_order = from;
	),
	TP_printk("pfn=0x%llx node=%d zone=%s order=%u from_order=%u",
		  __entry->pfn, __entry->node, show_buddyviz_zone(__entry->zone), __entry->order,
		  __entry->from_order),
	buddyviz_listen_alloc, buddyviz_ignore_alloc
);

/* There was no block of the type that was asked for. */
TRACE_EVENT_FN(fallback,
	TP_PROTO(struct page *page, int order, int fallback_order,
		 int migratetype, int fallback_type, bool claimed),
	TP_ARGS(page, order, fallback_order, migratetype, fallback_type, claimed),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(s16, node)
		__field(u8, zone)
		__field(u8, order)
		__field(u8, fallback_order)
		__field(u8, migratetype)
		__field(u8, fallback_type)
		__field(u8, claimed)
	),
	TP_fast_assign(
		__entry->pfn = page_to_pfn(page);
		__entry->node = page_to_nid(page);
		__entry->zone = buddyviz_zone_number(page_zone(page));
		__entry->order = order;
		__entry->fallback_order = fallback_order;
		__entry->migratetype = buddyviz_trace_type(migratetype);
		__entry->fallback_type = buddyviz_trace_type(fallback_type);
		__entry->claimed = claimed;
	),
	TP_printk("pfn=0x%llx node=%d zone=%s order=%u fallback_order=%u migratetype=%s fallback=%s claimed=%u",
		  __entry->pfn, __entry->node, show_buddyviz_zone(__entry->zone), __entry->order,
		  __entry->fallback_order,
		  show_buddyviz_type(__entry->migratetype),
		  show_buddyviz_type(__entry->fallback_type), __entry->claimed),
	buddyviz_listen_alloc, buddyviz_ignore_alloc
);

/* An allocation found the CPU's list empty, or a bulk one did on its way. */
TRACE_EVENT_FN(refill,
	TP_PROTO(const struct buddyviz_alloc *alloc),
	TP_ARGS(alloc),
	TP_STRUCT__entry(
		__field(u16, blocks)
		__field(u8, order)
		__field(u8, path)
	),
	TP_fast_assign(
		__entry->blocks = alloc->blocks;
		__entry->order = alloc->order;
		__entry->path = alloc->path;
	),
	TP_printk("blocks=%u order=%u path=%s", __entry->blocks,
		  __entry->order, show_buddyviz_path(__entry->path)),
	buddyviz_listen_alloc, buddyviz_ignore_alloc
);

/* A block was freed to the CPU's list or to the zone's. */
TRACE_EVENT_FN(free,
	TP_PROTO(struct page *page, const struct buddyviz_free *free),
	TP_ARGS(page, free),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, result_pfn)
		__field(s16, node)
		__field(u8, zone)
		__field(u8, order)
		__field(u8, path)
		__field(u8, result_order)
	),
	TP_fast_assign(
		__entry->pfn = free->pfn;
		__entry->result_pfn = free->result_pfn;
		__entry->node = page_to_nid(page);
		__entry->zone = buddyviz_zone_number(page_zone(page));
		__entry->order = free->order;
		__entry->path = free->path;
		__entry->result_order = free->result_order;
	),
	TP_printk("pfn=0x%llx node=%d zone=%s order=%u path=%s result_pfn=0x%llx result_order=%u",
		  __entry->pfn, __entry->node, show_buddyviz_zone(__entry->zone), __entry->order,
		  show_buddyviz_path(__entry->path), __entry->result_pfn,
		  __entry->result_order),
	buddyviz_listen_free, buddyviz_ignore_free
);

/* A block that came to the zone's lists was joined with its buddies. */
TRACE_EVENT_FN(merge,
	TP_PROTO(struct page *page, const struct buddyviz_free *free, bool drain),
	TP_ARGS(page, free, drain),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, result_pfn)
		__field(s16, node)
		__field(u8, zone)
		__field(u8, order)
		__field(u8, result_order)
		__field(u8, drain)
	),
	TP_fast_assign(
		__entry->pfn = free->pfn;
		__entry->result_pfn = free->result_pfn;
		__entry->node = page_to_nid(page);
		__entry->zone = buddyviz_zone_number(page_zone(page));
		__entry->order = free->order;
		__entry->result_order = free->result_order;
		__entry->drain = drain;
	),
	TP_printk("pfn=0x%llx node=%d zone=%s order=%u result_pfn=0x%llx result_order=%u drain=%u",
		  __entry->pfn, __entry->node, show_buddyviz_zone(__entry->zone), __entry->order,
		  __entry->result_pfn, __entry->result_order, __entry->drain),
	buddyviz_listen_free, buddyviz_ignore_free
);

/* Blocks went from a CPU's lists to the zone's. */
TRACE_EVENT_FN(drain,
	TP_PROTO(struct zone *zone, unsigned int blocks),
	TP_ARGS(zone, blocks),
	TP_STRUCT__entry(
		__field(u32, blocks)
		__field(s16, node)
		__field(u8, zone)
	),
	TP_fast_assign(
		__entry->blocks = blocks;
		__entry->node = zone_to_nid(zone);
		__entry->zone = buddyviz_zone_number(zone);
	),
	TP_printk("node=%d zone=%s blocks=%u", __entry->node, show_buddyviz_zone(__entry->zone),
		  __entry->blocks),
	buddyviz_listen_free, buddyviz_ignore_free
);

#endif /* _BUDDYVIZ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
