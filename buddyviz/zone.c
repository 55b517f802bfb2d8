// SPDX-License-Identifier: GPL-2.0
/*
 * Zones in order, and the names and numbers of what a zone consists of.
 *
 * A node that is online stays while memory hotplug is held off; so do the bounds
 * of its zones. Zones lie inside the node, which is never freed.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "buddyviz.h"

struct type {
	const char *name;
	u8 number;
};

static const struct type types[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = { "unmovable", MMSCOPE_MT_UNMOVABLE },
	[MIGRATE_MOVABLE] = { "movable", MMSCOPE_MT_MOVABLE },
	[MIGRATE_RECLAIMABLE] = { "reclaimable", MMSCOPE_MT_RECLAIMABLE },
	[MIGRATE_HIGHATOMIC] = { "highatomic", MMSCOPE_MT_HIGHATOMIC },
#ifdef CONFIG_CMA
	[MIGRATE_CMA] = { "cma", MMSCOPE_MT_CMA },
#endif
#ifdef CONFIG_MEMORY_ISOLATION
	[MIGRATE_ISOLATE] = { "isolate", MMSCOPE_MT_ISOLATE },
#endif
};

static const u8 zone_numbers[MAX_NR_ZONES] = {
#ifdef CONFIG_ZONE_DMA
	[ZONE_DMA] = MMSCOPE_ZONE_DMA,
#endif
#ifdef CONFIG_ZONE_DMA32
	[ZONE_DMA32] = MMSCOPE_ZONE_DMA32,
#endif
	[ZONE_NORMAL] = MMSCOPE_ZONE_NORMAL,
#ifdef CONFIG_HIGHMEM
	[ZONE_HIGHMEM] = MMSCOPE_ZONE_HIGHMEM,
#endif
	[ZONE_MOVABLE] = MMSCOPE_ZONE_MOVABLE,
#ifdef CONFIG_ZONE_DEVICE
	[ZONE_DEVICE] = MMSCOPE_ZONE_DEVICE,
#endif
};

/**
 * buddyviz_zone_at() - the next zone that has pages
 * @index: where to look first, counts all zones of all nodes; moved to the zone
 *
 * Context: Between mms_memory_hold() and mms_memory_release().
 * Return: The zone, or NULL when there is no more.
 */
struct zone *buddyviz_zone_at(unsigned int *index)
{
	struct zone *zone;
	int node;

	for (; *index < MAX_NUMNODES * MAX_NR_ZONES; ++*index) {
		node = *index / MAX_NR_ZONES;
		if (!node_online(node)) {
			*index += MAX_NR_ZONES - 1;
			continue;
		}
		zone = &NODE_DATA(node)->node_zones[*index % MAX_NR_ZONES];
		if (populated_zone(zone))
			return zone;
	}
	return NULL;
}

/**
 * buddyviz_type_name() - the word for a migratetype
 * @migratetype: enum migratetype of this kernel
 *
 * Return: A constant string.
 */
const char *buddyviz_type_name(unsigned int migratetype)
{
	return migratetype < MIGRATE_TYPES ? types[migratetype].name : "-";
}

/**
 * buddyviz_type_number() - the number that user space knows a migratetype by
 * @migratetype: enum migratetype of this kernel, below MIGRATE_TYPES
 *
 * Return: enum mmscope_migratetype.
 */
unsigned int buddyviz_type_number(unsigned int migratetype)
{
	return types[migratetype].number;
}

/**
 * buddyviz_zone_number() - the number that user space knows a zone by
 * @zone: the zone
 *
 * Return: enum mmscope_zone.
 */
unsigned int buddyviz_zone_number(const struct zone *zone)
{
	return zone_numbers[zone_idx(zone)];
}
