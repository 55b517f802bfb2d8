// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests of buddyviz share. See buddy.h.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buddy.h"
#include "ktap.h"

#define ROUNDS_MAX	60
#define STABLE_MIN	5	/* looks at a cell that held still */

char buddy_zone[BUDDY_ZONES][16];
int buddy_zones;
int buddy_orders;

/* As /proc/pagetypeinfo and as we call them. */
static const char *const types[][2] = {
	{ "Unmovable", "unmovable" },
	{ "Movable", "movable" },
	{ "Reclaimable", "reclaimable" },
	{ "HighAtomic", "highatomic" },
	{ "CMA", "cma" },
	{ "Isolate", "isolate" },
};

/* ---- Sources ---- */

static int source_open(struct source *source)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s",
		 source->path[0] == '/' ? "" : MMSCOPE_DIR, source->path);
	return open(path, (source->words ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

bool source_there(struct source *source)
{
	if (source->fd < 0)
		source->fd = source_open(source);
	return source->fd >= 0;
}

/**
 * source_read() - all of a file, once more
 * @source: which
 * @len: filled in, may be NULL
 *
 * Return: The text, in the arena.
 */
char *source_read(struct source *source, size_t *len)
{
	ssize_t got;
	char *text;

	if (!source_there(source))
		ktap_bail("%s", source->path);
	if (source->words &&
	    write(source->fd, source->words, strlen(source->words)) < 0)
		ktap_bail("%s '%s'", source->path, source->words);
	if (lseek(source->fd, 0, SEEK_SET))
		ktap_bail("lseek of %s", source->path);
	got = read_fd(source->fd, &text);
	if (got < 0) {
		errno = -got;
		ktap_bail("read of %s", source->path);
	}
	if (len)
		*len = got;
	return text;
}

/**
 * source_table() - an answer of ours, once more, for table_next()
 * @source: which
 * @table: filled in
 */
void source_table(struct source *source, struct table *table)
{
	memset(table, 0, sizeof(*table));
	table->text = source_read(source, NULL);
	table->next = table->text;
}

void source_close(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

/* ---- Cells ---- */

static unsigned int cell_index(int node, int zone, int row, int column)
{
	if (node < 0 || node >= BUDDY_NODES || zone < 0 ||
	    zone >= BUDDY_ZONES || row < 0 || row >= BUDDY_ROWS || column < 0 ||
	    column >= BUDDY_COLUMNS) {
		errno = ERANGE;
		ktap_bail("cell %d %d %d %d", node, zone, row, column);
	}
	return ((node * BUDDY_ZONES + zone) * BUDDY_ROWS + row) *
	       BUDDY_COLUMNS + column;
}

void cell_set(struct cells *cells, int node, int zone, int row, int column,
	      u64 value)
{
	unsigned int i = cell_index(node, zone, row, column);

	cells->value[i] = value;
	cells->there[i] = true;
}

u64 cell_get(const struct cells *cells, int node, int zone, int row, int column)
{
	return cells->value[cell_index(node, zone, row, column)];
}

static struct cells before, mine, after;

static void fill(struct cells *cells, cells_read read)
{
	size_t mark = arena_mark();

	memset(cells, 0, sizeof(*cells));
	read(cells);
	arena_reset(mark);
}

/* How often a cell held still, and was ours equal then? */
static struct {
	unsigned short stable, equal;
	u64 theirs, ours;
} seen[BUDDY_CELLS];

/* More than half of the looks that held still agree. */
static bool is_right(unsigned int cell)
{
	return seen[cell].stable && seen[cell].equal * 2 > seen[cell].stable;
}

static bool compare_once(cells_read theirs, cells_read ours)
{
	bool enough = true;
	unsigned int i;

	fill(&before, theirs);
	fill(&mine, ours);
	fill(&after, theirs);
	for (i = 0; i < BUDDY_CELLS; i++) {
		if (!before.there[i])
			continue;
		if (before.value[i] == after.value[i]) {
			seen[i].stable++;
			if (mine.there[i] && mine.value[i] == before.value[i])
				seen[i].equal++;
			seen[i].theirs = before.value[i];
			seen[i].ours = mine.there[i] ? mine.value[i] : ~0ULL;
		}
		enough &= seen[i].stable >= STABLE_MIN && is_right(i);
	}
	return enough;
}

/**
 * cells_match() - one result: theirs and ours are the same
 * @what: the claim
 * @theirs: reads what is known to be right
 * @ours: reads what is to be tested
 *
 * Ours is read between two looks at theirs, and counts for a figure that was the
 * same in both. It may have moved and come back in between: so it is wrong when
 * it differs as often as not, or was never compared.
 */
void cells_match(const char *what, cells_read theirs, cells_read ours)
{
	unsigned int i, round, compared = 0, wrong = 0;

	memset(seen, 0, sizeof(seen));
	fill(&before, theirs);		/* buffers grow to what is needed */
	fill(&mine, ours);
	for (round = 0; round < ROUNDS_MAX; round++)
		if (compare_once(theirs, ours))
			break;
	for (i = 0; i < BUDDY_CELLS; i++) {
		if (!before.there[i])
			continue;
		compared++;
		if (is_right(i))
			continue;
		if (wrong++ < 8)
			ktap_note("node %u zone %s row %u column %u: theirs %llu ours %lld, equal in %u of %u looks that held still",
				  i / (BUDDY_ZONES * BUDDY_ROWS * BUDDY_COLUMNS),
				  buddy_zone[i / (BUDDY_ROWS * BUDDY_COLUMNS) %
					     BUDDY_ZONES],
				  i / BUDDY_COLUMNS % BUDDY_ROWS,
				  i % BUDDY_COLUMNS,
				  (unsigned long long)seen[i].theirs,
				  (long long)seen[i].ours, seen[i].equal,
				  seen[i].stable);
	}
	ktap_ok(compared && !wrong, "%s: %u figures, %u wrong", what, compared,
		wrong);
}

/* ---- Names ---- */

static int zone_add(const char *name)
{
	int zone = zone_of(name);

	if (zone >= 0)
		return zone;
	if (buddy_zones == BUDDY_ZONES) {
		errno = E2BIG;
		ktap_bail("zone %s", name);
	}
	snprintf(buddy_zone[buddy_zones], sizeof(buddy_zone[0]), "%s", name);
	return buddy_zones++;
}

int zone_of(const char *name)
{
	int i;

	for (i = 0; i < buddy_zones; i++)
		if (!strcmp(buddy_zone[i], name))
			return i;
	return -1;
}

int type_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i][0], name) || !strcmp(types[i][1], name))
			return i;
	return -1;
}

/* "Node 0, zone    DMA32" at the start of a line; where the rest begins. */
static char *parse_zone(char *line, int *node, char *zone)
{
	int end = 0;

	if (sscanf(line, "Node %d, zone %15[^,\n ]%n", node, zone, &end) != 2)
		return NULL;
	return line + end;
}

static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

/**
 * buddy_init() - learn the zones and the number of orders of this kernel
 */
void buddy_init(void)
{
	char *text, *line, zone[16], *save = NULL;
	int node;

	text = read_file("/proc/zoneinfo", NULL);
	if (!text)
		ktap_bail("/proc/zoneinfo");
	while ((line = next_line(&text)))
		if (parse_zone(line, &node, zone))
			zone_add(zone);
	text = read_file("/proc/buddyinfo", NULL);
	line = text ? next_line(&text) : NULL;
	line = line ? parse_zone(line, &node, zone) : NULL;
	if (!line)
		ktap_bail("/proc/buddyinfo");
	for (line = strtok_r(line, " ", &save); line;
	     line = strtok_r(NULL, " ", &save))
		buddy_orders++;
}

/* ---- /proc/zoneinfo ---- */

static const struct {
	const char *key;
	int row;
} zoneinfo_rows[] = {
	{ "pages free", ZI_FREE },
	{ "boost", ZI_BOOST },
	{ "min", ZI_MIN },
	{ "low", ZI_LOW },
	{ "high", ZI_HIGH },
	{ "promo", ZI_PROMO },
	{ "spanned", ZI_SPANNED },
	{ "present", ZI_PRESENT },
	{ "managed", ZI_MANAGED },
	{ "nr_free_cma", ZI_FREE_CMA },
};

/* Where in a zone the lines stand. */
struct place {
	int node, zone, cpu;
};

static void zoneinfo_pcp(struct cells *cells, const struct place *place,
			 const char *line)
{
	static const char *const keys[] = {
		[PCP_COUNT] = "count:",
		[PCP_HIGH] = "high:",
		[PCP_BATCH] = "batch:",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strncmp(line, keys[i], strlen(keys[i])))
			cell_set(cells, place->node, place->zone,
				 ZI_PCP + place->cpu, i,
				 strtoull(line + strlen(keys[i]), NULL, 10));
}

static void zoneinfo_protection(struct cells *cells, const struct place *place,
				char *text)
{
	char *save = NULL;
	int zone = 0;

	for (text = strtok_r(text, "(,) ", &save); text;
	     text = strtok_r(NULL, "(,) ", &save), zone++)
		if (zone >= place->zone && strcmp(buddy_zone[zone], "Device"))
			cell_set(cells, place->node, place->zone, ZI_PROTECTION,
				 zone, strtoull(text, NULL, 10));
}

static void zoneinfo_line(struct cells *cells, struct place *place, char *line)
{
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(zoneinfo_rows); i++) {
		len = strlen(zoneinfo_rows[i].key);
		if (!strncmp(line, zoneinfo_rows[i].key, len) && line[len] == ' ')
			cell_set(cells, place->node, place->zone,
				 zoneinfo_rows[i].row, 0,
				 strtoull(line + len, NULL, 10));
	}
	if (!strncmp(line, "protection:", 11))
		zoneinfo_protection(cells, place, line + 11);
	else if (sscanf(line, "cpu: %d", &place->cpu) != 1)
		zoneinfo_pcp(cells, place, line);
}

static bool is_populated(const struct cells *cells, int node, int zone)
{
	return cell_get(cells, node, zone, ZI_PRESENT, 0);
}

/* What we do not show: zones without memory. */
static void drop_empty(struct cells *cells)
{
	unsigned int first;
	int node, zone;

	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < BUDDY_ZONES; zone++) {
			if (is_populated(cells, node, zone))
				continue;
			first = cell_index(node, zone, 0, 0);
			memset(cells->there + first, 0,
			       BUDDY_ROWS * BUDDY_COLUMNS);
		}
}

void zoneinfo_read(struct cells *cells)
{
	static struct source zoneinfo = SOURCE("/proc/zoneinfo", NULL);
	char *text = source_read(&zoneinfo, NULL), *line, name[16];
	struct place place = {};

	while ((line = next_line(&text))) {
		if (parse_zone(line, &place.node, name)) {
			place.zone = zone_of(name);
			continue;
		}
		zoneinfo_line(cells, &place, line + strspn(line, " "));
	}
	drop_empty(cells);
}

/* ---- /proc/pagetypeinfo ---- */

static struct source pagetypeinfo = SOURCE("/proc/pagetypeinfo", NULL);

/* A line of free counts: rows are orders, columns types. ">" is a capped one. */
static void pagetype_line(struct cells *cells, char *line)
{
	char zone[16], type[16], *save = NULL;
	int node, order = 0, end = 0;

	if (sscanf(line, "Node %d, zone %15[^, ], type %15s%n", &node, zone,
		   type, &end) != 3)
		return;
	for (line = strtok_r(line + end, " ", &save); line;
	     line = strtok_r(NULL, " ", &save), order++)
		if (isdigit(*line))
			cell_set(cells, node, zone_of(zone), order,
				 type_of(type), strtoull(line, NULL, 10));
}

void pagetypeinfo_free(struct cells *cells)
{
	char *text = source_read(&pagetypeinfo, NULL), *line;

	while ((line = next_line(&text)))
		pagetype_line(cells, line);
}

/* The types that a header names, as columns. */
static int block_types(char *line, int *column)
{
	char *save;
	int nr = 0;

	for (line = strtok_r(line, " ", &save); line;
	     line = strtok_r(NULL, " ", &save))
		column[nr++] = type_of(line);
	return nr;
}

/*
 * Pageblocks by type: row 0, columns as in the line above them. Each node has a
 * part of its own, in which these lines follow those of the free lists.
 */
void pagetypeinfo_blocks(struct cells *cells)
{
	static const char header[] = "Number of blocks type";
	char *text = source_read(&pagetypeinfo, NULL), *line, *save;
	int column[BUDDY_COLUMNS], nr = 0, node, i;
	char zone[16];

	while ((line = next_line(&text))) {
		if (!strncmp(line, header, strlen(header))) {
			nr = block_types(line + strlen(header), column);
			continue;
		}
		line = parse_zone(line, &node, zone);
		if (!line) {
			nr = 0;
			continue;
		}
		line += strspn(line, ", ");
		for (i = 0, line = strtok_r(line, " ", &save); line && i < nr;
		     line = strtok_r(NULL, " ", &save), i++)
			cell_set(cells, node, zone_of(zone), 0, column[i],
				 strtoull(line, NULL, 10));
	}
}
