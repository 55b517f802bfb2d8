/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Zones, free lists and per-CPU page lists as newer kernels have them.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_MMZONE_H
#define _MMSCOPE_COMPAT_LINUX_MMZONE_H

#include_next <linux/mmzone.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/version.h>

/*
 * 6.8 introduced NR_PAGE_ORDERS (fd37721803c6). Before, MAX_ORDER was the
 * number of orders (up to 6.3) or the largest one (6.4 to 6.7, 23baf831a32c).
 */
#ifndef NR_PAGE_ORDERS
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define NR_PAGE_ORDERS	MAX_ORDER
#else
#define NR_PAGE_ORDERS	(MAX_ORDER + 1)
#endif
#endif

/*
 * Isolation of a pageblock is a bit of its own from 6.17 on; before, it is a
 * migratetype, and the types' mask has another name.
 */
#ifndef PAGEBLOCK_MIGRATETYPE_MASK
#define PAGEBLOCK_MIGRATETYPE_MASK	MIGRATETYPE_MASK
#define PAGEBLOCK_ISO_MASK		0
#endif

/*
 * 5.18 introduced the watermark up to which pages are promoted. Before, there is
 * none, which NR_WMARK tells.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define WMARK_PROMO	NR_WMARK
#endif

/*
 * 5.14 took the counters out of the per-CPU page lists and put blocks of higher
 * orders on them; 6.0 gave them a lock. Before, only their CPU may touch them,
 * with interrupts off.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
#define NR_PCP_LISTS	MIGRATE_PCPTYPES

static inline struct per_cpu_pages *zone_pcp(const struct zone *zone, int cpu)
{
	return &per_cpu_ptr(zone->pageset, cpu)->pcp;
}

#define zone_stats_of(zone, cpu)	per_cpu_ptr((zone)->pageset, cpu)
#else
static inline struct per_cpu_pages *zone_pcp(const struct zone *zone, int cpu)
{
	return per_cpu_ptr(zone->per_cpu_pageset, cpu);
}

#define zone_stats_of(zone, cpu)	per_cpu_ptr((zone)->per_cpu_zonestats, cpu)
#endif

/* What a CPU has not yet added to a zone's counter. */
static inline int zone_stat_diff(const struct zone *zone, int cpu, int item)
{
#ifdef CONFIG_SMP
	return READ_ONCE(zone_stats_of(zone, cpu)->vm_stat_diff[item]);
#else
	return 0;
#endif
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
static inline spinlock_t *pcp_lock_of(struct per_cpu_pages *pcp)
{
	return NULL;
}
#else
static inline spinlock_t *pcp_lock_of(struct per_cpu_pages *pcp)
{
	return &pcp->lock;
}
#endif

/*
 * Lists of pages as large as a huge page come behind those of lower orders, on
 * kernels that have any.
 */
#ifndef NR_LOWORDER_PCP_LISTS
#define NR_LOWORDER_PCP_LISTS	NR_PCP_LISTS
#endif

/*
 * 6.15 lets pages be freed where zone->lock must not be waited for; they wait in
 * a list of their own.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
static inline const struct llist_node *zone_trylock_first(const struct zone *zone)
{
	return NULL;
}
#else
static inline const struct llist_node *zone_trylock_first(const struct zone *zone)
{
	return READ_ONCE(zone->trylock_free_pages.first);
}
#endif

/* Unaccepted memory is counted as free, on no free list. */
static inline unsigned long zone_unaccepted_pages(struct zone *zone)
{
#ifdef CONFIG_UNACCEPTED_MEMORY
	return atomic_long_read(&zone->vm_stat[NR_UNACCEPTED]);
#else
	return 0;
#endif
}

#endif /* _MMSCOPE_COMPAT_LINUX_MMZONE_H */
