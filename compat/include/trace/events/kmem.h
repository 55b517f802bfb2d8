/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.19 gave mm_page_alloc_zone_locked a fourth argument (10e0f7530205): what a
 * callback has behind its third one.
 *
 * 6.1 joined the tracepoints kmalloc and kmalloc_node, kmem_cache_alloc and
 * kmem_cache_alloc_node: what a callback has behind the size that came, and behind
 * the object.
 */
#ifndef _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H
#define _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H

#include_next <trace/events/kmem.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define ZONE_LOCKED_PERCPU_REFILL
#else
#define ZONE_LOCKED_PERCPU_REFILL	, int percpu_refill
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define KMALLOC_NODE
#define KMEM_CACHE_ALLOC_ARGS	size_t size_B, size_t got_B, gfp_t gfp
#else
#define KMALLOC_NODE		, int node
#define KMEM_CACHE_ALLOC_ARGS	struct kmem_cache *cache, gfp_t gfp, int node
#endif

#endif /* _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H */
