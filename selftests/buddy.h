/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of buddyviz share: files that are read over and over without
 * allocating anything, and figures by zone that are compared while they hold
 * still.
 */
#ifndef _MMSCOPE_TEST_BUDDY_H
#define _MMSCOPE_TEST_BUDDY_H

#include "lib.h"

#define BUDDY_NODES	8
#define BUDDY_ZONES	8
#define BUDDY_CPUS	8
#define BUDDY_ORDERS	16
#define BUDDY_ROWS	32	/* of a zone's cells */
#define BUDDY_COLUMNS	16
#define BUDDY_CELLS	(BUDDY_NODES * BUDDY_ZONES * BUDDY_ROWS * BUDDY_COLUMNS)

/**
 * struct source - a file that stays open
 * @path: absolute, or below MMSCOPE_DIR
 * @words: request; NULL: none
 * @fd: -1 before the first read
 *
 * Opening a file allocates its buffers, which changes what is looked at. A file
 * that stays open reads itself again into the same ones.
 */
struct source {
	const char *path;
	const char *words;
	int fd;
};

#define SOURCE(_path, _words) { .path = (_path), .words = (_words), .fd = -1 }

char *source_read(struct source *source, size_t *len);
bool source_there(struct source *source);
void source_table(struct source *source, struct table *table);
void source_close(struct source *source);

/**
 * struct cells - figures by node, zone, row and column
 * @value: by cell_index()
 * @there: the file had it
 */
struct cells {
	u64 value[BUDDY_CELLS];
	bool there[BUDDY_CELLS];
};

void cell_set(struct cells *cells, int node, int zone, int row, int column,
	      u64 value);
u64 cell_get(const struct cells *cells, int node, int zone, int row, int column);

/* Fills in what it reads; called again for each look. */
typedef void (*cells_read)(struct cells *cells);

void cells_match(const char *what, cells_read theirs, cells_read ours);

/* Zones count as the kernel does: in the order of /proc/zoneinfo. */
extern char buddy_zone[BUDDY_ZONES][16];
extern int buddy_zones;
extern int buddy_orders;

void buddy_init(void);
int zone_of(const char *name);
int type_of(const char *name);

/* Rows of zoneinfo's cells. */
enum {
	ZI_FREE,
	ZI_BOOST,
	ZI_MIN,
	ZI_LOW,
	ZI_HIGH,
	ZI_PROMO,
	ZI_SPANNED,
	ZI_PRESENT,
	ZI_MANAGED,
	ZI_FREE_CMA,
	ZI_PROTECTION,		/* by zone */
	ZI_PCP,			/* and following: by CPU */
};

/* Columns of ZI_PCP. */
enum {
	PCP_COUNT,
	PCP_HIGH,
	PCP_BATCH,
};

void zoneinfo_read(struct cells *cells);
void pagetypeinfo_free(struct cells *cells);
void pagetypeinfo_blocks(struct cells *cells);

#endif /* _MMSCOPE_TEST_BUDDY_H */
