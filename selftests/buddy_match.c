// SPDX-License-Identifier: GPL-2.0
/*
 * buddy_match: figures of buddyviz against those that the kernel tells elsewhere.
 *
 * zones, freelists, pcp and fragmentation are held against /proc/zoneinfo,
 * buddyinfo, pagetypeinfo and debugfs' extfrag; the verdicts of watermarks against
 * the rule, computed from these; zonelists against the nodes' distances. Figures
 * move, so each is compared while it holds still: see cells_match().
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buddy.h"
#include "ktap.h"

#define ARENA_B		(16UL << 20)
#define HOLD_MAX	4096	/* list entries that one hold looks at */
#define RATIO		"/proc/sys/vm/lowmem_reserve_ratio"

static struct source zones = SOURCE("buddyviz/zones", NULL);
static struct source freelists = SOURCE("buddyviz/freelists", NULL);
static struct source pcp = SOURCE("buddyviz/pcp", "pages=0");
static struct source fragmentation = SOURCE("buddyviz/fragmentation", NULL);

/* node= and zone= of a section line. */
static void section_place(const struct line *line, int *node, int *zone)
{
	const char *name = line_value(line, "zone");

	*node = atoi(line_value(line, "node") ?: "-1");
	*zone = name ? zone_of(name) : -1;
}

/* ---- freelists ---- */

static void buddyinfo_read(struct cells *cells)
{
	static struct source buddyinfo = SOURCE("/proc/buddyinfo", NULL);
	char *text = source_read(&buddyinfo, NULL), *line, *save, *word;
	char zone[16];
	int node, order, end;

	for (line = strtok_r(text, "\n", &text); line;
	     line = strtok_r(NULL, "\n", &text)) {
		if (sscanf(line, "Node %d, zone %15s%n", &node, zone, &end) != 2)
			continue;
		order = 0;
		for (word = strtok_r(line + end, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			cell_set(cells, node, zone_of(zone), order++, 0,
				 strtoull(word, NULL, 10));
	}
}

/* node zone order migratetype blocks pages nr_free look verdict */
static void freelists_types(struct cells *cells)
{
	struct table table;
	struct line line;

	source_table(&freelists, &table);
	while (table_next(&table, &line))
		cell_set(cells, atoi(line.word[0]), zone_of(line.word[1]),
			 atoi(line.word[2]), type_of(line.word[3]),
			 strtoull(line.word[4], NULL, 10));
}

static void freelists_orders(struct cells *cells)
{
	int node, zone, order;
	struct table table;
	struct line line;

	source_table(&freelists, &table);
	while (table_next(&table, &line)) {
		node = atoi(line.word[0]);
		zone = zone_of(line.word[1]);
		order = atoi(line.word[2]);
		cell_set(cells, node, zone, order, 0,
			 cell_get(cells, node, zone, order, 0) +
			 strtoull(line.word[4], NULL, 10));
	}
}

/* Too long for one hold are lists of over HOLD_MAX blocks only. */
static bool look_sound(const struct line *line)
{
	if (!strcmp(line->word[7], "scan"))
		return strtoull(line->word[6], NULL, 10) > HOLD_MAX;
	return !strcmp(line->word[8], "equal") &&
	       (!strcmp(line->word[7], "zone") || !strcmp(line->word[7], "order"));
}

static void freelists_sound(void)
{
	unsigned int rows = 0, wrong = 0;
	struct table table;
	struct line line;
	u64 blocks;

	source_table(&freelists, &table);
	while (table_next(&table, &line)) {
		rows++;
		blocks = strtoull(line.word[4], NULL, 10);
		if (line.nr != 9 || !look_sound(&line) ||
		    strtoull(line.word[5], NULL, 10) !=
		    blocks << atoi(line.word[2]))
			wrong++;
	}
	ktap_ok(rows && !wrong,
		"freelists: under the lock, lists and nr_free are equal: %u rows, %u wrong",
		rows, wrong);
}

/* ---- zones ---- */

static const struct {
	const char *name;
	int row;
} zone_names[] = {
	{ "free_pages", ZI_FREE },
	{ "boost_pages", ZI_BOOST },
	{ "min_pages", ZI_MIN },
	{ "low_pages", ZI_LOW },
	{ "high_pages", ZI_HIGH },
	{ "promo_pages", ZI_PROMO },
	{ "spanned_pages", ZI_SPANNED },
	{ "present_pages", ZI_PRESENT },
	{ "managed_pages", ZI_MANAGED },
};

static void zones_read(struct cells *cells)
{
	int node = 0, zone = -1;
	struct table table;
	struct line line;
	size_t i;

	source_table(&zones, &table);
	while (table_next(&table, &line)) {
		if (line.section) {
			section_place(&line, &node, &zone);
			continue;
		}
		if (zone >= 0 && line.nr > 4)
			cell_set(cells, node, zone, ZI_PROTECTION,
				 zone_of(line.word[0]),
				 strtoull(line.word[3], NULL, 10));
		for (i = 0; line.nr == 2 && i < ARRAY_SIZE(zone_names); i++)
			if (!strcmp(line.word[0], zone_names[i].name))
				cell_set(cells, node, zone, zone_names[i].row, 0,
					 strtoull(line.word[1], NULL, 10));
	}
}

/* Sizes, watermarks and reserves; per-CPU lists are pcp's. */
static void zoneinfo_zones(struct cells *cells)
{
	int node, zone, cpu, column;
	unsigned int i;

	zoneinfo_read(cells);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < BUDDY_ZONES; zone++)
			for (column = 0; column < BUDDY_COLUMNS; column++) {
				i = ((node * BUDDY_ZONES + zone) * BUDDY_ROWS +
				     ZI_PCP) * BUDDY_COLUMNS + column;
				for (cpu = 0; cpu < BUDDY_CPUS; cpu++)
					cells->there[i + cpu * BUDDY_COLUMNS] =
						false;
				cells->there[i - (ZI_PCP - ZI_FREE_CMA) *
					     BUDDY_COLUMNS] = false;
			}
}

/*
 * Verdicts: rows are 16 * mark, by highest zone; the column is the order. The
 * rule is that of __zone_watermark_ok() without allocation flags.
 */
#define MARKS	4
static const int mark_rows[MARKS] = { ZI_MIN, ZI_LOW, ZI_HIGH, ZI_PROMO };
static const char *const mark_names[MARKS] = { "min", "low", "high", "promo" };
static struct cells info, lists;

static int verdict_row(int mark, int highest)
{
	return mark * BUDDY_ZONES + highest;
}

static bool has_block(int node, int zone, int order)
{
	int type;

	for (; order < buddy_orders; order++)
		for (type = 0; type < 3; type++)
			if (cell_get(&lists, node, zone, order, type))
				return true;
	return false;
}

static bool passes(int node, int zone, int mark, int highest, int order)
{
	long long free = cell_get(&info, node, zone, ZI_FREE, 0) -
		   cell_get(&info, node, zone, ZI_FREE_CMA, 0) -
		   ((1 << order) - 1);
	long long keep = cell_get(&info, node, zone, mark_rows[mark], 0) +
		   cell_get(&info, node, zone, ZI_PROTECTION, highest);

	if (free <= keep)
		return false;
	return !order || has_block(node, zone, order);
}

static void rule_read(struct cells *cells)
{
	int node, zone, mark, highest, order;

	memset(&info, 0, sizeof(info));
	memset(&lists, 0, sizeof(lists));
	zoneinfo_read(&info);
	pagetypeinfo_free(&lists);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++) {
			if (!cell_get(&info, node, zone, ZI_PRESENT, 0))
				continue;
			for (mark = 0; mark < 3; mark++)
				for (highest = zone; highest <= zone_of("Movable");
				     highest++)
					for (order = 0; order < buddy_orders;
					     order++)
						cell_set(cells, node, zone,
							 verdict_row(mark, highest),
							 order,
							 passes(node, zone, mark,
								highest, order));
		}
}

static unsigned int refused, nr_zones;

static void verdict_line(struct cells *cells, int node, int zone,
			 const struct line *line)
{
	int mark, order;

	for (mark = 0; mark < 3; mark++) {
		if (strcmp(line->word[1], mark_names[mark]))
			continue;
		for (order = 0; order < buddy_orders; order++) {
			cell_set(cells, node, zone,
				 verdict_row(mark, zone_of(line->word[0])), order,
				 !strcmp(line->word[4 + order], "ok"));
			refused += !strcmp(line->word[4 + order], "no");
		}
	}
}

static void verdicts_read(struct cells *cells)
{
	int node = 0, zone = -1, last;
	struct table table;
	struct line line;

	refused = 0;
	nr_zones = 0;
	source_table(&zones, &table);
	while (table_next(&table, &line)) {
		if (line.section) {
			last = zone;
			section_place(&line, &node, &zone);
			nr_zones += zone >= 0 && zone != last;
		} else if (zone >= 0 && line.nr == 4U + buddy_orders) {
			verdict_line(cells, node, zone, &line);
		}
	}
}

static bool put_ratio(const char *text)
{
	int fd = open(RATIO, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/*
 * A machine at rest passes everywhere. With the largest reserves, low zones are
 * kept from requests that could take a higher one, where there is one.
 */
static void verdicts_with_reserves(void)
{
	const char *claim = "zones: verdicts with the largest reserves follow the rule";
	char *old = read_file(RATIO, NULL);

	if (!old || !put_ratio("1 1 1 1 1\n")) {
		ktap_skip(claim, "no " RATIO);
		ktap_skip("zones: some are refused then", "no " RATIO);
		return;
	}
	cells_match(claim, rule_read, verdicts_read);
	if (nr_zones > 1)
		ktap_ok(refused, "zones: some are refused then: %u", refused);
	else
		ktap_skip("zones: some are refused then", "one zone");
	put_ratio(old);
}

/* ---- zonelists ---- */

static int node_distance(int from, int to)
{
	char path[80], *text, *save = NULL, *word;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/distance",
		 from);
	text = read_file(path, NULL);
	if (!text)
		return from == to ? 10 : 20;
	word = strtok_r(text, "\n ", &save);
	while (to-- && word)
		word = strtok_r(NULL, "\n ", &save);
	return word ? atoi(word) : -1;
}

/* One zonelist: each zone with memory once, near nodes first, high zones first. */
struct zonelist {
	int node, nr, last_node, last_zone;
	bool seen[BUDDY_NODES][BUDDY_ZONES];
	bool wrong;
};

static void zonelist_entry(struct zonelist *list, const struct line *line)
{
	int node = atoi(line->word[1]), zone = zone_of(line->word[2]);

	if (atoi(line->word[0]) != list->nr || zone < 0 ||
	    list->seen[node][zone] ||
	    !cell_get(&info, node, zone, ZI_MANAGED, 0))
		list->wrong = true;
	if (list->nr && node == list->last_node && zone >= list->last_zone)
		list->wrong = true;
	if (list->nr && node != list->last_node &&
	    node_distance(list->node, node) < node_distance(list->node, list->last_node))
		list->wrong = true;
	if (zone >= 0)
		list->seen[node][zone] = true;
	list->last_node = node;
	list->last_zone = zone;
	list->nr++;
}

static bool zonelist_whole(const struct zonelist *list)
{
	int node, zone;

	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++)
			if (!list->seen[node][zone] &&
			    cell_get(&info, node, zone, ZI_MANAGED, 0))
				return false;
	return !list->wrong;
}

static int online_nodes(void)
{
	char path[64];
	int node, nr = 0;

	for (node = 0; node < BUDDY_NODES; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d",
			 node);
		nr += !access(path, F_OK);
	}
	return nr ?: 1;
}

static void zonelists(void)
{
	struct zonelist list = {};
	int nr = 0, wrong = 0;
	struct table table;
	struct line line;

	memset(&info, 0, sizeof(info));
	zoneinfo_read(&info);
	source_table(&zones, &table);
	while (table_next(&table, &line)) {
		if (!line.section && nr)
			zonelist_entry(&list, &line);
		if (!line.section || strcmp(line.word[0], "zonelist"))
			continue;
		wrong += nr && !zonelist_whole(&list);
		memset(&list, 0, sizeof(list));
		list.node = atoi(line_value(&line, "node"));
		nr++;
	}
	wrong += nr && !zonelist_whole(&list);
	ktap_ok(nr == online_nodes() && !wrong,
		"zones: a zonelist for each of %d nodes, in order: %d, %d wrong",
		online_nodes(), nr, wrong);
}

/* ---- pcp ---- */

static void zoneinfo_pcps(struct cells *cells)
{
	unsigned int i;

	zoneinfo_read(cells);
	for (i = 0; i < BUDDY_CELLS; i++)
		if (i / BUDDY_COLUMNS % BUDDY_ROWS < ZI_PCP)
			cells->there[i] = false;
}

/* node zone cpu list order migratetype blocks pages count high batch verdict pfns */
static void pcp_read(struct cells *cells)
{
	int node, zone, row;
	struct table table;
	struct line line;

	source_table(&pcp, &table);
	while (table_next(&table, &line)) {
		node = atoi(line.word[0]);
		zone = zone_of(line.word[1]);
		row = ZI_PCP + atoi(line.word[2]);
		cell_set(cells, node, zone, row, PCP_COUNT, atoi(line.word[8]));
		cell_set(cells, node, zone, row, PCP_HIGH, atoi(line.word[9]));
		cell_set(cells, node, zone, row, PCP_BATCH, atoi(line.word[10]));
	}
}

/* Lists, added up here, against what the CPU counts. */
static void pcp_sums(void)
{
	unsigned int sums = 0, wrong = 0, cut = 0;
	struct table table;
	struct line line;
	u64 pages = 0;

	source_table(&pcp, &table);
	while (table_next(&table, &line)) {
		/* More than one hold may look at: not counted, and it says so. */
		if (!strcmp(line.word[11], "-") && atoi(line.word[8]) > HOLD_MAX) {
			cut++;
			continue;
		}
		if (!strcmp(line.word[3], "0")) {
			sums++;
			wrong += !!pages;
			pages = strtoull(line.word[8], NULL, 10);
		}
		pages -= strtoull(line.word[6], NULL, 10) << atoi(line.word[4]);
		wrong += !!strcmp(line.word[11], "equal");
	}
	ktap_ok(sums && !wrong && !pages,
		"pcp: lists add up to what each CPU counts: %u CPUs and zones, %u wrong; %u rows of long lists",
		sums, wrong, cut);
}

/* ---- fragmentation ---- */

static struct source extfrag[2] = {
	SOURCE("/sys/kernel/debug/extfrag/unusable_index", NULL),
	SOURCE("/sys/kernel/debug/extfrag/extfrag_index", NULL),
};

/* A word as it is printed, to the last digit. */
static u64 word_value(const char *word)
{
	u64 value = 0;

	memcpy(&value, word, strnlen(word, sizeof(value)));
	return value;
}

/* Rows are orders, the two columns the two indices. */
static void extfrag_read(struct cells *cells)
{
	char zone[16], *text, *line, *word, *save;
	int i, node, order, end;

	for (i = 0; i < 2; i++) {
		text = source_read(&extfrag[i], NULL);
		for (line = strtok_r(text, "\n", &text); line;
		     line = strtok_r(NULL, "\n", &text)) {
			if (sscanf(line, "Node %d, zone %15s%n", &node, zone,
				   &end) != 2)
				continue;
			order = 0;
			for (word = strtok_r(line + end, " ", &save); word;
			     word = strtok_r(NULL, " ", &save))
				cell_set(cells, node, zone_of(zone), order++, i,
					 word_value(word));
		}
	}
}

static void fragmentation_read(struct cells *cells)
{
	int node = 0, zone = 0, order;
	struct table table;
	struct line line;

	source_table(&fragmentation, &table);
	while (table_next(&table, &line)) {
		if (line.section) {
			section_place(&line, &node, &zone);
			continue;
		}
		order = atoi(line.word[0]);
		cell_set(cells, node, zone, order, 0, word_value(line.word[3]));
		cell_set(cells, node, zone, order, 1, word_value(line.word[4]));
	}
}

/* Huge pages: rows 0 of a zone, from pagetypeinfo. x86-64 and arm64 with 4 KiB. */
#define HUGE_ORDER	9

static void huge_pages_free(struct cells *cells)
{
	int node, zone, order, type;
	u64 pages;

	memset(&lists, 0, sizeof(lists));
	pagetypeinfo_free(&lists);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++) {
			pages = 0;
			if (!lists.there[((node * BUDDY_ZONES + zone) *
					  BUDDY_ROWS + HUGE_ORDER) *
					 BUDDY_COLUMNS])
				continue;
			for (order = HUGE_ORDER; order < buddy_orders; order++)
				for (type = 0; type < BUDDY_COLUMNS; type++)
					if (type != type_of("Isolate") &&
					    type != type_of("HighAtomic"))
						pages += cell_get(&lists, node, zone,
								  order, type) <<
							 (order - HUGE_ORDER);
			cell_set(cells, node, zone, 0, 0, pages);
		}
}

static void huge_pages_ours(struct cells *cells)
{
	struct table table;
	struct line line;
	int node, zone;

	source_table(&fragmentation, &table);
	while (table_next(&table, &line)) {
		if (!line.section)
			continue;
		section_place(&line, &node, &zone);
		cell_set(cells, node, zone, 0, 0,
			 strtoull(line_value(&line, "huge_pages"), NULL, 10));
	}
}

static void both_indices(void)
{
	const char *claim = "fragmentation: both indices as extfrag prints them";

	if (source_there(&extfrag[0]) && source_there(&extfrag[1]))
		cells_match(claim, extfrag_read, fragmentation_read);
	else
		ktap_skip(claim, "no /sys/kernel/debug/extfrag");
}

/* ---- Lists that are too long for one hold ---- */

/* How many rows were counted by a scan; a row that differs is wrong. */
static void scan_is_told(void)
{
	unsigned int rows = 0, scanned = 0, wrong = 0;
	struct table table;
	struct line line;
	bool racy;

	racy = !table_ask(&table, "buddyviz/freelists", "%s", "") &&
	       !strcmp(table.consistency, "racy");
	while (table_next(&table, &line)) {
		rows++;
		if (!strcmp(line.word[7], "scan")) {
			scanned++;
			wrong += !!strcmp(line.word[8], "-");
		} else {
			wrong += !!strcmp(line.word[8], "equal");
		}
	}
	ktap_ok(racy && scanned && !wrong,
		"freelists: what was scanned is called racy: %u of %u rows, %u wrong",
		scanned, rows, wrong);
}

/* A list that was not counted to its end is unknown, not wrong. */
static void cut_is_told(void)
{
	unsigned int unknown = 0, wrong = 0;
	struct table table;
	struct line line;

	source_table(&pcp, &table);
	while (table_next(&table, &line)) {
		unknown += !strcmp(line.word[11], "-");
		wrong += !strcmp(line.word[11], "differs");
	}
	ktap_ok(unknown && !wrong,
		"pcp: a list that is too long is not counted: %u rows, %u wrong",
		unknown, wrong);
}

static int test_scan(void)
{
	ktap_start(4);
	scan_is_told();
	cells_match("freelists: scanned blocks by order as /proc/buddyinfo",
		    buddyinfo_read, freelists_orders);
	/* A scan tells the type of the pageblock. */
	if (lib_kernel_since(6, 9))
		cells_match("freelists: scanned blocks by order and type as /proc/pagetypeinfo",
			    pagetypeinfo_free, freelists_types);
	else
		ktap_skip("freelists: scanned blocks by order and type as /proc/pagetypeinfo",
			  "up to 6.8 a block may be on another list than its pageblock's");
	cut_is_told();
	return ktap_finish();
}

int main(int argc, char **argv)
{
	lib_init(ARENA_B);
	lib_need("buddyviz/zones");
	buddy_init();
	/* buddy_scan.sh has loaded the module with the smallest budget. */
	if (argc == 2 && !strcmp(argv[1], "scan"))
		return test_scan();

	ktap_start(12);
	cells_match("freelists: blocks by order as /proc/buddyinfo",
		    buddyinfo_read, freelists_orders);
	cells_match("freelists: blocks by order and type as /proc/pagetypeinfo",
		    pagetypeinfo_free, freelists_types);
	freelists_sound();
	cells_match("zones: sizes, watermarks and reserves as /proc/zoneinfo",
		    zoneinfo_zones, zones_read);
	cells_match("zones: verdicts follow the rule", rule_read,
		    verdicts_read);
	verdicts_with_reserves();
	zonelists();
	cells_match("pcp: count, high and batch as /proc/zoneinfo",
		    zoneinfo_pcps, pcp_read);
	pcp_sums();
	both_indices();
	cells_match("fragmentation: huge pages as /proc/pagetypeinfo has them",
		    huge_pages_free, huge_pages_ours);
	return ktap_finish();
}
