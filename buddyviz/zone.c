// SPDX-License-Identifier: GPL-2.0
/*
 * Zones in order, the names and numbers of what a zone consists of, and the
 * words of a request that choose among them.
 *
 * While memory hotplug is held off, nodes stay online and the bounds of their
 * zones stay. Zones lie inside their node, which is never freed.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/string.h>

#include <mmscope/page.h>

#include "buddyviz.h"

static const char *const type_names[] = {
	[MMSCOPE_MT_UNMOVABLE] = "unmovable",
	[MMSCOPE_MT_MOVABLE] = "movable",
	[MMSCOPE_MT_RECLAIMABLE] = "reclaimable",
	[MMSCOPE_MT_HIGHATOMIC] = "highatomic",
	[MMSCOPE_MT_CMA] = "cma",
	[MMSCOPE_MT_ISOLATE] = "isolate",
};

static const u8 type_numbers[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = MMSCOPE_MT_UNMOVABLE,
	[MIGRATE_MOVABLE] = MMSCOPE_MT_MOVABLE,
	[MIGRATE_RECLAIMABLE] = MMSCOPE_MT_RECLAIMABLE,
	[MIGRATE_HIGHATOMIC] = MMSCOPE_MT_HIGHATOMIC,
#ifdef CONFIG_CMA
	[MIGRATE_CMA] = MMSCOPE_MT_CMA,
#endif
#ifdef CONFIG_MEMORY_ISOLATION
	[MIGRATE_ISOLATE] = MMSCOPE_MT_ISOLATE,
#endif
};

/* As zone->name has them. */
static const char *const zone_names[] = {
	[MMSCOPE_ZONE_DMA] = "DMA",
	[MMSCOPE_ZONE_DMA32] = "DMA32",
	[MMSCOPE_ZONE_NORMAL] = "Normal",
	[MMSCOPE_ZONE_HIGHMEM] = "HighMem",
	[MMSCOPE_ZONE_MOVABLE] = "Movable",
	[MMSCOPE_ZONE_DEVICE] = "Device",
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
 * buddyviz_zone_wanted() - the next zone that a request is about
 * @index: as for mms_zone_at()
 * @node: value of its node= word
 * @zone: value of its zone= word
 *
 * Context: Between mms_memory_hold() and mms_memory_release().
 * Return: The zone, or NULL when there is no more.
 */
struct zone *buddyviz_zone_wanted(unsigned int *index,
				  const struct mms_value *node,
				  const struct mms_value *zone)
{
	struct zone *found;

	for (; (found = mms_zone_at(index)); ++*index)
		if ((!node->given || zone_to_nid(found) == node->start) &&
		    (!zone->given || !strcmp(found->name, zone->text)))
			break;
	return found;
}

/**
 * buddyviz_check_node() - refuse a node that is not there
 * @request: the request
 * @word: index of its node= word
 *
 * Return: 0 or -ENOENT.
 */
int buddyviz_check_node(const struct mms_request *request, int word)
{
	const struct mms_value *node = &request->values[word];

	if (!node->given || node_online(node->start))
		return 0;
	return mms_refuse(request, word, -ENOENT, "no such node is online");
}

/* The names out of a table, blank before each. */
static void list_names(char *text, size_t size_B, const char *const *names,
		       const u8 *numbers, unsigned int nr)
{
	unsigned int i;
	size_t used = 0;

	for (i = 0; i < nr; i++)
		used += scnprintf(text + used, size_B - used, " %s",
				  names[numbers[i]]);
}

/**
 * buddyviz_check_zone() - refuse a zone that this kernel does not have
 * @request: the request
 * @word: index of its zone= word
 *
 * Return: 0 or -EINVAL.
 */
int buddyviz_check_zone(const struct mms_request *request, int word)
{
	const struct mms_value *zone = &request->values[word];
	char known[64];
	unsigned int i;

	if (!zone->given)
		return 0;
	for (i = 0; i < MAX_NR_ZONES; i++)
		if (!strcmp(zone->text, zone_names[zone_numbers[i]]))
			return 0;
	list_names(known, sizeof(known), zone_names, zone_numbers, MAX_NR_ZONES);
	return mms_refuse(request, word, -EINVAL, "unknown zone; known are%s",
			  known);
}

/**
 * buddyviz_type_from_name() - the migratetype that a word stands for
 * @name: the word
 *
 * Return: enum migratetype of this kernel, or -EINVAL.
 */
int buddyviz_type_from_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < MIGRATE_TYPES; i++)
		if (!strcmp(name, type_names[type_numbers[i]]))
			return i;
	return -EINVAL;
}

/**
 * buddyviz_check_type() - refuse a migratetype that this kernel does not have
 * @request: the request
 * @word: index of its type= word
 *
 * Return: 0 or -EINVAL.
 */
int buddyviz_check_type(const struct mms_request *request, int word)
{
	const struct mms_value *type = &request->values[word];
	char known[96];

	if (!type->given || buddyviz_type_from_name(type->text) >= 0)
		return 0;
	list_names(known, sizeof(known), type_names, type_numbers,
		   MIGRATE_TYPES);
	return mms_refuse(request, word, -EINVAL, "unknown type; known are%s",
			  known);
}

/**
 * buddyviz_type_name() - the word for a migratetype
 * @type: enum mmscope_migratetype
 *
 * Return: A constant string.
 */
const char *buddyviz_type_name(unsigned int type)
{
	return type < ARRAY_SIZE(type_names) ? type_names[type] : "-";
}

/**
 * buddyviz_type_number() - the number that user space knows a migratetype by
 * @migratetype: enum migratetype of this kernel
 *
 * Return: enum mmscope_migratetype, or a number that has no name.
 */
unsigned int buddyviz_type_number(unsigned int migratetype)
{
	return migratetype < MIGRATE_TYPES ? type_numbers[migratetype] :
					     ARRAY_SIZE(type_names);
}

/**
 * buddyviz_zone_name() - the word for a zone
 * @number: enum mmscope_zone
 *
 * Return: A constant string.
 */
const char *buddyviz_zone_name(unsigned int number)
{
	return zone_names[number];
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
