/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of buddyviz.ko share among themselves.
 */
#ifndef _BUDDYVIZ_H
#define _BUDDYVIZ_H

#include <linux/mmzone.h>
#include <linux/types.h>

#include <mmscope/buddyviz.h>
#include <mmscope/query.h>

struct seq_file;

/* Debugfs files, one per source file of the same name. */
extern struct mms_file buddyviz_zones_file;

/* zone.c: zones in order, and their names */

struct zone *buddyviz_zone_at(unsigned int *index);
const char *buddyviz_type_name(unsigned int migratetype);
unsigned int buddyviz_type_number(unsigned int migratetype);
unsigned int buddyviz_zone_number(const struct zone *zone);

#endif /* _BUDDYVIZ_H */
