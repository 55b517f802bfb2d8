/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks that an event lives on are armed while it is enabled: see level.c.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM slubprobe

#if !defined(_SLUBPROBE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SLUBPROBE_TRACE_H

#include <linux/mm.h>
#include <linux/tracepoint.h>

#include "level.h"

#ifndef _SLUBPROBE_TRACE_ONCE
#define _SLUBPROBE_TRACE_ONCE

#define SLUBPROBE_NO_PFN	(~0ULL)

static inline int slubprobe_listen_alloc(void)
{
	return slub_level_listen(SLUB_HOOKS_ALLOC);
}

static inline void slubprobe_ignore_alloc(void)
{
	slub_level_ignore(SLUB_HOOKS_ALLOC);
}

static inline int slubprobe_listen_free(void)
{
	return slub_level_listen(SLUB_HOOKS_FREE);
}

static inline void slubprobe_ignore_free(void)
{
	slub_level_ignore(SLUB_HOOKS_FREE);
}

static inline int slubprobe_listen_slab(void)
{
	return slub_level_listen(SLUB_HOOKS_SLAB);
}

static inline void slubprobe_ignore_slab(void)
{
	slub_level_ignore(SLUB_HOOKS_SLAB);
}

#endif /* _SLUBPROBE_TRACE_ONCE */

TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_UNKNOWN);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_FAILED);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_CPU);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_CPU_SLAB);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_FROZEN);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_CPU_PARTIAL);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SHEAF_MAIN);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SHEAF_SPARE);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SHEAF_PREFILLED);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SHEAF_EMPTY);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SHEAF_FLUSHED);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_BARN);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_NODE);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_NEW_SLAB);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_SLAB_FREED);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_KFENCE);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_LARGE);
TRACE_DEFINE_ENUM(SLUBPROBE_LEVEL_BULK);

#define show_slubprobe_level(level)					\
	__print_symbolic(level,						\
		{ SLUBPROBE_LEVEL_UNKNOWN, "unknown" },			\
		{ SLUBPROBE_LEVEL_FAILED, "failed" },			\
		{ SLUBPROBE_LEVEL_CPU, "cpu" },				\
		{ SLUBPROBE_LEVEL_CPU_SLAB, "cpu_slab" },		\
		{ SLUBPROBE_LEVEL_FROZEN, "frozen" },			\
		{ SLUBPROBE_LEVEL_CPU_PARTIAL, "cpu_partial" },		\
		{ SLUBPROBE_LEVEL_SHEAF_MAIN, "sheaf_main" },		\
		{ SLUBPROBE_LEVEL_SHEAF_SPARE, "sheaf_spare" },		\
		{ SLUBPROBE_LEVEL_SHEAF_PREFILLED, "sheaf_prefilled" },	\
		{ SLUBPROBE_LEVEL_SHEAF_EMPTY, "sheaf_empty" },		\
		{ SLUBPROBE_LEVEL_SHEAF_FLUSHED, "sheaf_flushed" },	\
		{ SLUBPROBE_LEVEL_BARN, "barn" },			\
		{ SLUBPROBE_LEVEL_NODE, "node" },			\
		{ SLUBPROBE_LEVEL_NEW_SLAB, "new_slab" },		\
		{ SLUBPROBE_LEVEL_SLAB_FREED, "slab_freed" },		\
		{ SLUBPROBE_LEVEL_KFENCE, "kfence" },			\
		{ SLUBPROBE_LEVEL_LARGE, "large" },			\
		{ SLUBPROBE_LEVEL_BULK, "bulk" })

/* An allocation of an object is over, with one or without. */
TRACE_EVENT_FN(alloc,
	TP_PROTO(const struct slub_alloc *alloc),
	TP_ARGS(alloc),
	TP_STRUCT__entry(
		__field(u64, object)
		__field(u64, cache)
		__field(u64, slab_pfn)
		__field(u64, call_site)
		__field(u32, gfp)
		__field(s16, node)
		__field(u8, level)
		__array(char, name, SLUB_LABEL_LEN)
	),
	TP_fast_assign(
		__entry->object = (uintptr_t)alloc->object;
		__entry->cache = (uintptr_t)alloc->cache;
		__entry->slab_pfn = alloc->page ? page_to_pfn(alloc->page) :
						  SLUBPROBE_NO_PFN;
		__entry->call_site = alloc->call_site;
		__entry->gfp = (__force u32)alloc->gfp;
		__entry->node = alloc->page ? page_to_nid(alloc->page) :
					      NUMA_NO_NODE;
		__entry->level = alloc->level;
		slub_cache_label(alloc->cache, __entry->name);
	),
	TP_printk("object=0x%llx name=%s cache=0x%llx slab_pfn=0x%llx node=%d gfp=0x%x level=%s call_site=%pS",
		  __entry->object, __entry->name, __entry->cache,
		  __entry->slab_pfn, __entry->node, __entry->gfp,
		  show_slubprobe_level(__entry->level),
		  (void *)(uintptr_t)__entry->call_site),
	slubprobe_listen_alloc, slubprobe_ignore_alloc
);

/* An object was freed. */
TRACE_EVENT_FN(free,
	TP_PROTO(const struct slub_free *free),
	TP_ARGS(free),
	TP_STRUCT__entry(
		__field(u64, object)
		__field(u64, cache)
		__field(u64, slab_pfn)
		__field(s16, node)
		__field(u8, level)
		__array(char, name, SLUB_LABEL_LEN)
	),
	TP_fast_assign(
		__entry->object = (uintptr_t)free->object;
		__entry->cache = (uintptr_t)free->cache;
		__entry->slab_pfn = free->page ? page_to_pfn(free->page) :
						 SLUBPROBE_NO_PFN;
		__entry->node = free->node;
		__entry->level = free->level;
		slub_cache_label(free->cache, __entry->name);
	),
	TP_printk("object=0x%llx name=%s cache=0x%llx slab_pfn=0x%llx node=%d level=%s",
		  __entry->object, __entry->name, __entry->cache,
		  __entry->slab_pfn, __entry->node,
		  show_slubprobe_level(__entry->level)),
	slubprobe_listen_free, slubprobe_ignore_free
);

DECLARE_EVENT_CLASS(slubprobe_slab,
	TP_PROTO(const void *cache, const struct page *page,
		 unsigned int order),
	TP_ARGS(cache, page, order),
	TP_STRUCT__entry(
		__field(u64, cache)
		__field(u64, slab_pfn)
		__field(s16, node)
		__field(u8, order)
		__array(char, name, SLUB_LABEL_LEN)
	),
	TP_fast_assign(
		__entry->cache = (uintptr_t)cache;
		__entry->slab_pfn = page_to_pfn(page);
		__entry->node = page_to_nid(page);
		__entry->order = order;
		slub_cache_label(cache, __entry->name);
	),
	TP_printk("slab_pfn=0x%llx name=%s cache=0x%llx node=%d order=%u",
		  __entry->slab_pfn, __entry->name, __entry->cache,
		  __entry->node, __entry->order)
);

/* The page allocator gave pages for a slab. */
DEFINE_EVENT_FN(slubprobe_slab, slab_new,
	TP_PROTO(const void *cache, const struct page *page,
		 unsigned int order),
	TP_ARGS(cache, page, order),
	slubprobe_listen_slab, slubprobe_ignore_slab
);

/* A slab goes back to the page allocator. */
DEFINE_EVENT_FN(slubprobe_slab, slab_free,
	TP_PROTO(const void *cache, const struct page *page,
		 unsigned int order),
	TP_ARGS(cache, page, order),
	slubprobe_listen_slab, slubprobe_ignore_slab
);

#endif /* _SLUBPROBE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
