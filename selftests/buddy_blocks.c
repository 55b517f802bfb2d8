// SPDX-License-Identifier: GPL-2.0
/*
 * buddy_blocks: free blocks, pageblocks, sums and flags of buddyviz.
 *
 * Every block is held against /proc/kpageflags, both ways; their numbers against
 * pagetypeinfo; pageblocks against pagetypeinfo and zoneinfo; check against
 * zoneinfo and buddyinfo; block against what blocks and pcp list; gfp against the
 * kernel's own names. Then the same answers are asked for while every CPU takes
 * and frees memory: what was read under a lock must still add up.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mmscope/buddyviz.h>
#include <mmscope/mmscope.h>

#include "buddy.h"
#include "ktap.h"

/* Whoever reads without asking gets what was asked last. */
#define ALL_BLOCKS	"pfn=0-0xffffffffff"
#define ARENA_B		(64UL << 20)
#define KPF_BUDDY	BIT_ULL(10)
#define TRIES		40
#define SAMPLES		48
#define CHILDREN_MAX	16
#define LOAD_B		(24UL << 20)

static struct source bin = SOURCE("buddyviz/blocks.bin", ALL_BLOCKS);
static struct source text = SOURCE("buddyviz/blocks", ALL_BLOCKS);
static struct source check = SOURCE("buddyviz/check", NULL);
static struct source freelists = SOURCE("buddyviz/freelists", NULL);
static struct source pcp = SOURCE("buddyviz/pcp", "pages=0");
static struct source pcp_pages = SOURCE("buddyviz/pcp", "pages=1");
static struct source runs = SOURCE("buddyviz/pageblocks", "merge=1");
static struct source single = SOURCE("buddyviz/pageblocks", "merge=0");

/* ---- blocks.bin ---- */

struct blocks {
	struct mmscope_block_record *at;
	size_t nr;
};

static bool frame_ok(const struct mmscope_bin_header *header, size_t len)
{
	const struct mmscope_block_record *end;
	size_t nr;

	if (len < sizeof(*header) + sizeof(*end) ||
	    header->magic != MMSCOPE_BIN_MAGIC ||
	    header->header_size_B != sizeof(*header) ||
	    header->record_size_B != sizeof(*end) ||
	    strcmp(header->file, "buddyviz/blocks"))
		return false;
	nr = (len - sizeof(*header)) / sizeof(*end) - 1;
	end = (const void *)((const char *)(header + 1) + nr * sizeof(*end));
	return end->kind == MMSCOPE_BLOCK_END && end->pfn == nr && !end->node;
}

static struct blocks blocks_read(struct source *source)
{
	struct mmscope_bin_header *header;
	struct blocks blocks;
	size_t len;

	header = (void *)source_read(source, &len);
	if (!frame_ok(header, len)) {
		errno = EPROTO;
		ktap_bail("blocks.bin is not framed as documented");
	}
	blocks.at = (void *)(header + 1);
	blocks.nr = (len - sizeof(*header)) / sizeof(*blocks.at) - 1;
	return blocks;
}

static int by_pfn(const void *a, const void *b)
{
	const struct mmscope_block_record *x = a, *y = b;

	return (x->pfn > y->pfn) - (x->pfn < y->pfn);
}

/* Aligned to their size, in the order of the scan, none inside another. */
static bool blocks_sound(struct blocks *blocks)
{
	const struct mmscope_block_record *block, *last = NULL;
	size_t i;

	for (i = 0; i < blocks->nr; i++) {
		block = &blocks->at[i];
		if (block->kind != MMSCOPE_BLOCK_FREE ||
		    block->order >= buddy_orders ||
		    block->pfn & ((1UL << block->order) - 1))
			return false;
		if (last && last->node == block->node &&
		    last->zone == block->zone &&
		    block->pfn < last->pfn + (1UL << last->order))
			return false;
		last = block;
	}
	return blocks->nr;
}

static bool blocks_equal(const struct blocks *a, const struct blocks *b)
{
	return a->nr == b->nr && !memcmp(a->at, b->at, a->nr * sizeof(*a->at));
}

static void one_answer_sound(void)
{
	size_t mark = arena_mark();
	struct blocks blocks = blocks_read(&bin);

	ktap_ok(blocks_sound(&blocks),
		"blocks.bin: %zu blocks, aligned, in order, none inside another",
		blocks.nr);
	arena_reset(mark);
}

/* ---- blocks against kpageflags ---- */

static u64 *flags;
static u64 nr_flags;

static void flags_read(void)
{
	static int fd = -1;
	size_t done = 0;
	ssize_t got;

	if (fd < 0)
		fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ktap_bail("/proc/kpageflags");
	do {
		got = pread(fd, (char *)flags + done,
			    nr_flags * sizeof(*flags) - done, done);
		done += got > 0 ? got : 0;
	} while (got > 0);
	nr_flags = done / sizeof(*flags);
}

static bool is_buddy(u64 pfn)
{
	return pfn < nr_flags && flags[pfn] & KPF_BUDDY;
}

/* Page frames with the flag that no block has, and blocks without it. */
static unsigned long flags_differ(const struct blocks *blocks)
{
	const struct mmscope_block_record *block = blocks->at;
	unsigned long differ = 0;
	u64 pfn, until = 0;
	size_t i;

	for (i = 0; i < blocks->nr; i++)
		differ += !is_buddy(blocks->at[i].pfn);
	for (pfn = 0, i = 0; pfn < nr_flags; pfn++) {
		if (i < blocks->nr && block[i].pfn == pfn)
			until = pfn + (1UL << block[i++].order);
		differ += pfn >= until && is_buddy(pfn);
	}
	return differ;
}

/*
 * A look counts when the blocks were the same before and after; then not one
 * page frame may differ. What is wrong for good is wrong in every look.
 */
static void blocks_and_flags(void)
{
	unsigned long looks = 0, differ = 0, least = ~0UL;
	size_t mark = arena_mark(), nr = 0;
	struct blocks before, after;
	int i;

	for (i = 0; i < TRIES && least; i++, arena_reset(mark)) {
		before = blocks_read(&bin);
		flags_read();
		after = blocks_read(&bin);
		if (!blocks_equal(&before, &after))
			continue;
		looks++;
		nr = before.nr;
		qsort(before.at, before.nr, sizeof(*before.at), by_pfn);
		differ = flags_differ(&before);
		least = differ < least ? differ : least;
	}
	ktap_ok(looks && !least,
		"blocks.bin: %zu blocks begin where kpageflags has BUDDY, and none is missing (%lu looks that held still)",
		nr, looks);
}

/* Rows are orders, columns types. */
static void blocks_counts(struct cells *cells)
{
	struct blocks blocks = blocks_read(&bin);
	const struct mmscope_block_record *block;
	static const char *const names[] = {
		[MMSCOPE_ZONE_DMA] = "DMA",
		[MMSCOPE_ZONE_DMA32] = "DMA32",
		[MMSCOPE_ZONE_NORMAL] = "Normal",
		[MMSCOPE_ZONE_HIGHMEM] = "HighMem",
		[MMSCOPE_ZONE_MOVABLE] = "Movable",
		[MMSCOPE_ZONE_DEVICE] = "Device",
	};
	struct table table;
	struct line line;

	/* Where there is a list there is a figure, be it 0. */
	source_table(&freelists, &table);
	while (table_next(&table, &line))
		cell_set(cells, atoi(line.word[0]), zone_of(line.word[1]),
			 atoi(line.word[2]), type_of(line.word[3]), 0);
	for (block = blocks.at; block < blocks.at + blocks.nr; block++)
		cell_set(cells, block->node, zone_of(names[block->zone]),
			 block->order, block->migratetype,
			 cell_get(cells, block->node, zone_of(names[block->zone]),
				  block->order, block->migratetype) + 1);
}

/* All types of an order together. */
static void add_types(struct cells *cells, cells_read read)
{
	static struct cells typed;
	unsigned int i;

	memset(&typed, 0, sizeof(typed));
	read(&typed);
	for (i = 0; i < BUDDY_CELLS; i++) {
		cells->value[i / BUDDY_COLUMNS * BUDDY_COLUMNS] += typed.value[i];
		cells->there[i / BUDDY_COLUMNS * BUDDY_COLUMNS] |= typed.there[i];
	}
}

/*
 * Up to 6.8, what a CPU's list gives back goes to the list of the type that its pageblock
 * had when it was freed; blocks tells the pageblock's of now.
 */
static void pagetypeinfo_orders(struct cells *cells)
{
	add_types(cells, pagetypeinfo_free);
}

static void blocks_orders(struct cells *cells)
{
	add_types(cells, blocks_counts);
}

/* ---- The text twin and filters ---- */

static bool same_block(const struct mmscope_block_record *block,
		       const struct line *line)
{
	return line->nr == 6 && strtoull(line->word[0], NULL, 16) == block->pfn &&
	       strtoul(line->word[1], NULL, 10) == block->order &&
	       strtoul(line->word[2], NULL, 10) == 1UL << block->order &&
	       type_of(line->word[3]) == block->migratetype &&
	       strtoul(line->word[4], NULL, 10) == block->node;
}

static bool twins_equal(const struct blocks *blocks)
{
	struct table table;
	struct line line;
	size_t i = 0;

	source_table(&text, &table);
	while (table_next(&table, &line))
		if (i == blocks->nr || !same_block(&blocks->at[i++], &line))
			return false;
	return i == blocks->nr;
}

static void compare_twins(void)
{
	size_t mark = arena_mark();
	struct blocks blocks;
	bool equal = false;
	int i;

	for (i = 0; i < TRIES && !equal; i++, arena_reset(mark)) {
		blocks = blocks_read(&bin);
		equal = twins_equal(&blocks);
	}
	ktap_ok(equal, "blocks and blocks.bin are twins, at look %d", i);
}

/* What a request leaves of all blocks. */
struct filter {
	const char *words;
	int node, zone, low, high, type;
	u64 start, end;
};

static bool passes(const struct filter *filter,
		   const struct mmscope_block_record *block)
{
	return (filter->node < 0 || block->node == (unsigned int)filter->node) &&
	       (filter->zone < 0 || block->zone == filter->zone) &&
	       block->order >= filter->low && block->order < filter->high &&
	       (filter->type < 0 || block->migratetype == filter->type) &&
	       block->pfn >= filter->start && block->pfn < filter->end;
}

static bool filter_equal(const struct filter *filter, struct source *source)
{
	struct blocks all = blocks_read(&bin), got = blocks_read(source);
	size_t i, nr = 0;
	bool equal = true;

	for (i = 0; i < all.nr && equal; i++)
		if (passes(filter, &all.at[i]))
			equal = nr < got.nr && !memcmp(&all.at[i], &got.at[nr++],
						       sizeof(*got.at));
	return equal && nr == got.nr;
}

static void filters(void)
{
	static const struct filter some[] = {
		{ "node=0", 0, -1, 0, 99, -1, 0, ~0ULL },
		{ "zone=DMA32", -1, MMSCOPE_ZONE_DMA32, 0, 99, -1, 0, ~0ULL },
		{ "order=0", -1, -1, 0, 1, -1, 0, ~0ULL },
		{ "order=3-8 zone=DMA32", -1, MMSCOPE_ZONE_DMA32, 3, 8, -1, 0, ~0ULL },
		{ "type=movable", -1, -1, 0, 99, MMSCOPE_MT_MOVABLE, 0, ~0ULL },
		{ "type=unmovable order=0-5", -1, -1, 0, 5, MMSCOPE_MT_UNMOVABLE, 0,
		  ~0ULL },
		{ "pfn=0x201-0x5000", -1, -1, 0, 99, -1, 0x201, 0x5000 },
		{ "pfn=0x100000000", -1, -1, 0, 99, -1, 0x100000000, 0x100000001 },
	};
	size_t i, mark = arena_mark(), wrong = 0;
	struct source source;
	int tries;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		source = (struct source)SOURCE("buddyviz/blocks.bin",
					       some[i].words);
		blocks_read(&source);
		for (tries = 0; tries < TRIES; tries++, arena_reset(mark))
			if (filter_equal(&some[i], &source))
				break;
		source_close(&source);
		if (tries < TRIES)
			continue;
		wrong++;
		ktap_note("'%s' is not what it leaves of all blocks",
			  some[i].words);
	}
	ktap_ok(!wrong, "blocks.bin: words leave what they should: %zu, %zu wrong",
		ARRAY_SIZE(some), wrong);
}

/* ---- check ---- */

/* Columns of check. */
enum {
	CHECK_NODE, CHECK_ZONE, CHECK_TOTAL, CHECK_BUDDY, CHECK_PCP,
	CHECK_LISTED, CHECK_ISOLATED, CHECK_UNACCEPTED, CHECK_WAITING,
	CHECK_FREE, CHECK_DRIFT, CHECK_DIFFERENCE, CHECK_VERDICT, CHECK_LOOKS,
	CHECK_LOOK, CHECK_COLUMNS
};

static long long figure(const struct line *line, int column)
{
	return strtoll(line->word[column], NULL, 10);
}

/* Rows 0: the counter as the kernel reads it; 1: per-CPU lists; 2: blocks. */
static void check_figures(struct cells *cells)
{
	struct table table;
	struct line line;
	int node, zone;

	source_table(&check, &table);
	while (table_next(&table, &line)) {
		node = figure(&line, CHECK_NODE);
		zone = zone_of(line.word[CHECK_ZONE]);
		cell_set(cells, node, zone, 0, 0, figure(&line, CHECK_FREE) -
			 figure(&line, CHECK_DRIFT));
		cell_set(cells, node, zone, 1, 0, figure(&line, CHECK_PCP));
		cell_set(cells, node, zone, 2, 0, figure(&line, CHECK_BUDDY));
	}
}

static struct cells info;

static void sums_of_proc(struct cells *cells)
{
	int node, zone, cpu, order, type;
	static struct cells lists;
	u64 pages;

	memset(&info, 0, sizeof(info));
	memset(&lists, 0, sizeof(lists));
	zoneinfo_read(&info);
	pagetypeinfo_free(&lists);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++) {
			if (!cell_get(&info, node, zone, ZI_PRESENT, 0))
				continue;
			cell_set(cells, node, zone, 0, 0,
				 cell_get(&info, node, zone, ZI_FREE, 0));
			for (pages = 0, cpu = 0; cpu < BUDDY_CPUS; cpu++)
				pages += cell_get(&info, node, zone, ZI_PCP + cpu,
						  PCP_COUNT);
			cell_set(cells, node, zone, 1, 0, pages);
			for (pages = 0, order = 0; order < buddy_orders; order++)
				for (type = 0; type < 6; type++)
					pages += cell_get(&lists, node, zone, order,
							  type) << order;
			cell_set(cells, node, zone, 2, 0, pages);
		}
}

/* Adds up what the answer says, and believes no verdict. */
static bool check_line_ok(const struct line *line)
{
	long long difference = figure(line, CHECK_BUDDY) -
			       figure(line, CHECK_ISOLATED) +
			       figure(line, CHECK_UNACCEPTED) -
			       figure(line, CHECK_FREE);

	return line->nr == CHECK_COLUMNS && !difference &&
	       !strcmp(line->word[CHECK_DIFFERENCE], "0") &&
	       !strcmp(line->word[CHECK_VERDICT], "equal") &&
	       figure(line, CHECK_TOTAL) == figure(line, CHECK_BUDDY) +
					    figure(line, CHECK_PCP) &&
	       (!strcmp(line->word[CHECK_LISTED], "-") ||
		!strcmp(line->word[CHECK_LISTED], line->word[CHECK_PCP]));
}

/* Has the kernel a lock of per-CPU lists? Then each look has to be under it. */
static bool has_pcp_lock(void)
{
	return lib_kernel_since(6, 0);
}

static unsigned int check_wrong(unsigned int *rows, unsigned int *looks)
{
	size_t mark = arena_mark();
	unsigned int wrong = 0;
	struct table table;
	struct line line;

	source_table(&check, &table);
	while (table_next(&table, &line)) {
		++*rows;
		*looks += figure(&line, CHECK_LOOKS);
		if (check_line_ok(&line) &&
		    (!has_pcp_lock() || !strcmp(line.word[CHECK_LOOK], "locked")))
			continue;
		if (!wrong++)
			ktap_note("zone %s: buddy %s pcp %s listed %s isolated %s free %s difference %s %s %s",
				  line.word[CHECK_ZONE], line.word[CHECK_BUDDY],
				  line.word[CHECK_PCP], line.word[CHECK_LISTED],
				  line.word[CHECK_ISOLATED], line.word[CHECK_FREE],
				  line.word[CHECK_DIFFERENCE],
				  line.word[CHECK_VERDICT], line.word[CHECK_LOOK]);
	}
	arena_reset(mark);
	return wrong;
}

static void check_at_rest(void)
{
	unsigned int i, rows = 0, looks = 0, wrong = 0;

	for (i = 0; i < 20; i++)
		wrong += check_wrong(&rows, &looks);
	ktap_ok(rows && !wrong,
		"check: sums are right in each of %u rows, %u looks, %u wrong",
		rows, looks, wrong);
}

/* ---- pageblocks ---- */

/* start end node zone migratetype state pageblocks pages free_pages lru_pages */
static void pageblock_types(struct cells *cells, struct source *source,
			    int row_of_free)
{
	int node, zone, type;
	struct table table;
	struct line line;

	source_table(source, &table);
	while (table_next(&table, &line)) {
		node = atoi(line.word[2]);
		zone = zone_of(line.word[3]);
		type = type_of(line.word[4]);
		if (strcmp(line.word[5], "online"))
			continue;
		cell_set(cells, node, zone, 0, type,
			 cell_get(cells, node, zone, 0, type) +
			 strtoull(line.word[6], NULL, 10));
		if (row_of_free)
			cell_set(cells, node, zone, row_of_free, 0,
				 cell_get(cells, node, zone, row_of_free, 0) +
				 strtoull(line.word[8], NULL, 10));
	}
}

/* Types of which there is no pageblock have no line. */
static void pagetypeinfo_some(struct cells *cells)
{
	unsigned int i;

	pagetypeinfo_blocks(cells);
	for (i = 0; i < BUDDY_CELLS; i++)
		cells->there[i] = cells->value[i];
}

static void runs_types(struct cells *cells)
{
	pageblock_types(cells, &runs, 0);
}

static void single_types(struct cells *cells)
{
	pageblock_types(cells, &single, 0);
}

static void runs_free(struct cells *cells)
{
	pageblock_types(cells, &runs, 1);
}

static void buddy_pages(struct cells *cells)
{
	static struct cells sums;
	int node, zone;

	memset(&sums, 0, sizeof(sums));
	sums_of_proc(&sums);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++)
			if (cell_get(&info, node, zone, ZI_PRESENT, 0))
				cell_set(cells, node, zone, 1, 0,
					 cell_get(&sums, node, zone, 2, 0));
}

/* Lines that meet, without a gap that pages are in: present pages, all counted. */
static void runs_pages(struct cells *cells)
{
	struct table table;
	struct line line;
	int node, zone;

	source_table(&runs, &table);
	while (table_next(&table, &line)) {
		node = atoi(line.word[2]);
		zone = zone_of(line.word[3]);
		cell_set(cells, node, zone, 0, 0,
			 cell_get(cells, node, zone, 0, 0) +
			 strtoull(line.word[1], NULL, 16) -
			 strtoull(line.word[0], NULL, 16));
	}
}

/* Returns of how many zones: one with a hole is not there as a whole. */
static unsigned int spanned_whole(struct cells *cells)
{
	unsigned int zones = 0;
	int node, zone;

	memset(&info, 0, sizeof(info));
	zoneinfo_read(&info);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++)
			if (cell_get(&info, node, zone, ZI_SPANNED, 0) &&
			    cell_get(&info, node, zone, ZI_SPANNED, 0) ==
			    cell_get(&info, node, zone, ZI_PRESENT, 0)) {
				cell_set(cells, node, zone, 0, 0,
					 cell_get(&info, node, zone, ZI_SPANNED,
						  0));
				zones++;
			}
	return zones;
}

static void spanned_pages(struct cells *cells)
{
	spanned_whole(cells);
}

static void whole_zones(void)
{
	static const char name[] = "pageblocks: a zone without holes is there as a whole";
	static struct cells cells;

	if (spanned_whole(&cells))
		cells_match(name, spanned_pages, runs_pages);
	else
		ktap_skip(name, "each zone has a hole");
}

/* ---- block ---- */

/* The word at a column of one section's first record. */
static bool block_ask(struct table *table, struct line *line, u64 pfn)
{
	if (table_ask(table, "buddyviz/block", "pfn=%#llx",
		      (unsigned long long)pfn))
		return false;
	return table_next(table, line) && table_next(table, line);
}

static const struct mmscope_block_record *block_at(const struct blocks *blocks,
						   u64 pfn)
{
	size_t low = 0, high = blocks->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (blocks->at[middle].pfn + (1UL << blocks->at[middle].order) <=
		    pfn)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == blocks->nr || blocks->at[low].pfn > pfn)
		return NULL;
	return &blocks->at[low];
}

/* What the buddy has to be, by the list of all blocks. */
static bool buddy_ok(const struct blocks *blocks,
		     const struct mmscope_block_record *block,
		     const struct line *line)
{
	unsigned int order = atoi(line->word[0]);
	u64 start = block->pfn >> order << order;
	u64 buddy = start ^ (1UL << order);
	const struct mmscope_block_record *at = block_at(blocks, buddy);
	const char *want = "used";

	if (strtoull(line->word[2], NULL, 16) != buddy)
		return false;
	if (order < block->order)
		return !strcmp(line->word[3], "inside");
	/* What is not free may also be elsewhere, which the list cannot tell. */
	if (!at)
		return !strcmp(line->word[3], "used") ||
		       !strcmp(line->word[3], "absent") ||
		       !strcmp(line->word[3], "other_zone");
	if (at->node != block->node || at->zone != block->zone)
		return !strcmp(line->word[3], "other_zone");
	if (at->order == order)
		want = "free";
	else
		want = at->order > order ? "free_larger" : "free_split";
	return !strcmp(line->word[3], want) &&
	       (unsigned int)atoi(line->word[4]) == at->order;
}

/* Any page of a block tells the block, and how its buddies stand. */
static bool block_ok(const struct blocks *blocks,
		     const struct mmscope_block_record *block)
{
	u64 pfn = block->pfn + (1UL << block->order) - 1;
	struct table table;
	struct line line;
	int orders = 0;

	if (!block_ask(&table, &line, pfn))
		return false;
	if (strcmp(line.word[1], "buddy") ||
	    strtoull(line.word[2], NULL, 16) != block->pfn ||
	    (unsigned int)atoi(line.word[3]) != block->order ||
	    type_of(line.word[6]) != block->migratetype)
		return false;
	while (table_next(&table, &line)) {
		if (line.section)
			continue;
		orders++;
		if (block->order <= (unsigned int)atoi(line.word[0]) &&
		    !buddy_ok(blocks, block, &line))
			return false;
	}
	return orders == buddy_orders;
}

/*
 * One sample of all blocks. Next to the memory of our own open files there are blocks
 * that differ from each answer to the next, and so do the larger buddies of all around
 * them: then a block far behind will do.
 */
static bool sample_ok(size_t i)
{
	size_t mark = arena_mark(), at;
	struct blocks blocks;
	bool right = false;
	int tries;

	for (tries = 0; tries < TRIES && !right; tries++) {
		blocks = blocks_read(&bin);
		qsort(blocks.at, blocks.nr, sizeof(*blocks.at), by_pfn);
		at = i * blocks.nr / SAMPLES + tries * (blocks.nr / TRIES + 1);
		right = blocks.nr && block_ok(&blocks, &blocks.at[at % blocks.nr]);
		arena_reset(mark);
	}
	return right;
}

static void block_of_free(void)
{
	size_t i, wrong = 0;

	for (i = 0; i < SAMPLES; i++)
		wrong += !sample_ok(i);
	ktap_ok(!wrong,
		"block: %d free blocks and their buddies as blocks.bin lists them, %zu wrong",
		SAMPLES, wrong);
}

/* node zone cpu list order migratetype blocks pages count high batch verdict pfns */
static bool block_on_pcp(const struct line *line)
{
	u64 pfn = strtoull(line->word[12], NULL, 16);
	struct table table;
	struct line got;

	return block_ask(&table, &got, pfn) && !strcmp(got.word[1], "pcp") &&
	       strtoull(got.word[2], NULL, 16) == pfn &&
	       !strcmp(got.word[3], line->word[4]) &&
	       !strcmp(got.word[4], line->word[2]) &&
	       !strcmp(got.word[5], line->word[3]);
}

/* The first page of each list; lists move, so all have to fit in the end. */
static void block_of_pcp(void)
{
	unsigned int lists = 0, wrong = 0;
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	int i;

	for (i = 0; i < TRIES; i++, arena_reset(mark)) {
		lists = 0;
		wrong = 0;
		source_table(&pcp_pages, &table);
		while (table_next(&table, &line)) {
			if (!strcmp(line.word[12], "-"))
				continue;
			lists++;
			wrong += !block_on_pcp(&line);
		}
		if (lists && !wrong)
			break;
	}
	arena_reset(mark);
	ktap_ok(lists && !wrong,
		"block: the first page of %u per-CPU lists is where pcp says, %u wrong",
		lists, wrong);
}

/* A list may be given back between the two looks. */
static bool pages_of_pcp_once(void)
{
	unsigned long nr = 0, buddies = 0, twice = 0;
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	char *word, *save;
	u64 pfn;

	source_table(&pcp_pages, &table);
	flags_read();
	while (table_next(&table, &line)) {
		if (!strcmp(line.word[12], "-"))
			continue;
		for (word = strtok_r(line.word[12], ",", &save); word;
		     word = strtok_r(NULL, ",", &save)) {
			pfn = strtoull(word, NULL, 16);
			nr++;
			if (pfn >= nr_flags) {
				buddies++;
				continue;
			}
			twice += flags[pfn] == ~0ULL;
			buddies += flags[pfn] != ~0ULL && is_buddy(pfn);
			flags[pfn] = ~0ULL;
		}
	}
	arena_reset(mark);
	ktap_note("pcp: %lu blocks, %lu listed twice, %lu free by kpageflags",
		  nr, twice, buddies);
	return nr && !twice && buddies <= nr / 4;
}

/* None of them is free, none is there twice, all are whole. */
static void pages_of_pcp(void)
{
	bool good = false;
	int i;

	for (i = 0; i < TRIES && !good; i++)
		good = pages_of_pcp_once();
	ktap_ok(good, "pcp: its pages are not free, and listed once");
}

static void block_of_own(void)
{
	int fd = proc_open("self", "pagemap", O_RDONLY);
	unsigned int i, nr = 0, wrong = 0;
	char *page = arena_get(page_B);
	struct table table;
	struct line line;
	u64 entry;

	for (i = 0; i < 4; i++) {
		if (!pagemap_read(fd, (uintptr_t)page, 1, &entry))
			continue;
		nr++;
		if (!block_ask(&table, &line, entry & PM_PFN) ||
		    strcmp(line.word[1], "none"))
			wrong++;
	}
	close(fd);
	ktap_ok(nr && !wrong, "block: a page in use is in no list");
}

/* ---- gfp ---- */

static bool gfp_value(const char *words, const char *key, char *value)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	bool found = false;

	if (table_ask(&table, "buddyviz/gfp", "gfp=%s", words))
		return false;
	while (!found && table_next(&table, &line)) {
		if (line.section || line.nr != 2 || strcmp(line.word[0], key))
			continue;
		snprintf(value, 200, "%s", line.word[1]);
		found = true;
	}
	arena_reset(mark);
	return found;
}

static bool gfp_is(const char *words, const char *key, const char *want)
{
	char got[200] = "";

	if (gfp_value(words, key, got) && !strcmp(got, want))
		return true;
	ktap_note("gfp=%s: %s is '%s', not '%s'", words, key, got, want);
	return false;
}

/* The kernel prints these by the very name; the number comes from our headers. */
static void gfp_names(void)
{
	static const char *const names[] = {
		"GFP_KERNEL", "GFP_ATOMIC", "GFP_NOIO", "GFP_NOFS", "GFP_USER",
		"GFP_HIGHUSER", "GFP_HIGHUSER_MOVABLE", "GFP_TRANSHUGE",
		"GFP_TRANSHUGE_LIGHT", "GFP_KERNEL_ACCOUNT", "__GFP_ZERO",
		"__GFP_COMP", "__GFP_NORETRY", "__GFP_NOFAIL", "__GFP_MEMALLOC",
		"__GFP_HARDWALL", "__GFP_THISNODE", "__GFP_NOMEMALLOC",
		"__GFP_IO", "__GFP_FS", "__GFP_MOVABLE", "__GFP_RECLAIMABLE",
		"__GFP_NOWARN", "__GFP_RETRY_MAYFAIL", "__GFP_WRITE",
		"__GFP_ACCOUNT", "__GFP_HIGH", "__GFP_DIRECT_RECLAIM",
		"GFP_KERNEL|__GFP_ZERO", "GFP_NOFS|__GFP_NOWARN|__GFP_COMP",
	};
	char number[200], bits[200];
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!gfp_value(names[i], "gfp", number) ||
		    !gfp_value(names[i], "bits", bits) ||
		    !gfp_is(number, "names", names[i]) ||
		    !gfp_is(number, "bits", bits) ||
		    !gfp_is(bits, "gfp", number))
			wrong++;
	ktap_ok(!wrong,
		"gfp: %zu names to bits, and back by the kernel's own names, %zu wrong",
		ARRAY_SIZE(names), wrong);
}

static void gfp_meaning(void)
{
	static const char *const facts[][3] = {
		{ "GFP_KERNEL", "zone", "Normal" },
		{ "GFP_DMA32|GFP_KERNEL", "zone", "DMA32" },
		{ "GFP_HIGHUSER_MOVABLE", "zone", "Movable" },
		{ "GFP_KERNEL", "migratetype", "unmovable" },
		{ "GFP_HIGHUSER_MOVABLE", "migratetype", "movable" },
		{ "GFP_KERNEL|__GFP_RECLAIMABLE", "migratetype", "reclaimable" },
		{ "GFP_KERNEL", "may_sleep", "1" },
		{ "GFP_ATOMIC", "may_sleep", "0" },
		{ "GFP_NOIO", "may_start_io", "0" },
		{ "GFP_NOFS", "may_call_fs", "0" },
		{ "GFP_NOFS", "may_start_io", "1" },
		{ "GFP_ATOMIC", "reserves", "more" },
		{ "GFP_KERNEL", "reserves", "none" },
		{ "GFP_KERNEL|__GFP_MEMALLOC", "reserves", "all" },
		{ "GFP_KERNEL|__GFP_MEMALLOC|__GFP_NOMEMALLOC", "reserves", "none" },
		{ "GFP_KERNEL|__GFP_NOFAIL", "retries", "until_it_succeeds" },
		{ "0", "bits", "-" },
	};
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(facts); i++)
		wrong += !gfp_is(facts[i][0], facts[i][1], facts[i][2]);
	ktap_ok(!wrong, "gfp: %zu facts, %zu wrong", ARRAY_SIZE(facts), wrong);
}

/* ---- Memory that was given up ---- */

#define MEMORY_DIR	"/sys/devices/system/memory/"
#define OFFLINE_TRIES	6

static bool memory_set(unsigned long block, const char *state)
{
	char path[80];
	bool done;
	int fd;

	snprintf(path, sizeof(path), MEMORY_DIR "memory%lu/state", block);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, state, strlen(state)) > 0;
	close(fd);
	return done;
}

static bool is_present(unsigned long block)
{
	char path[80];

	snprintf(path, sizeof(path), MEMORY_DIR "memory%lu/state", block);
	return !access(path, W_OK);
}

/* A block of memory that the kernel can empty, the highest first. */
static unsigned long memory_give_up(unsigned long block_pages)
{
	unsigned long block = nr_flags / block_pages;
	int tries = 0;

	for (; block && tries < OFFLINE_TRIES; block--) {
		if (!is_present(block))
			continue;
		if (memory_set(block, "offline"))
			return block;
		tries++;
	}
	return 0;
}

static size_t blocks_in(const char *words)
{
	struct source some = SOURCE("buddyviz/blocks.bin", words);
	struct blocks blocks = blocks_read(&some);

	source_close(&some);
	return blocks.nr;
}

/* How many pageblocks the answer has, and whether all are in this state. */
static unsigned long pageblocks_in(const char *words, const char *state)
{
	struct source some = SOURCE("buddyviz/pageblocks", words);
	unsigned long nr = 0;
	struct table table;
	struct line line;

	source_table(&some, &table);
	source_close(&some);
	while (table_next(&table, &line)) {
		if (strcmp(line.word[5], state))
			return 0;
		nr += strtoul(line.word[6], NULL, 10);
	}
	return nr;
}

static void given_up(void)
{
	const char *claim = "offline memory: no block in it, pageblocks says so, sums are right";
	char *text = read_file(MEMORY_DIR "block_size_bytes", NULL), words[80];
	unsigned long pages, block, online, offline;
	unsigned int rows = 0, looks = 0, wrong;
	size_t before, during;

	pages = text ? strtoul(text, NULL, 16) / page_B : 0;
	block = pages ? memory_give_up(pages) : 0;
	if (!block) {
		ktap_skip(claim, "no block of memory can be given up");
		return;
	}
	snprintf(words, sizeof(words), "pfn=%#lx-%#lx", block * pages,
		 (block + 1) * pages);
	during = blocks_in(words);
	offline = pageblocks_in(words, "offline");
	wrong = check_wrong(&rows, &looks);
	memory_set(block, "online");
	before = blocks_in(words);
	online = pageblocks_in(words, "online");
	ktap_ok(!during && offline && offline == online && before && !wrong,
		"%s: %lu pageblocks, %lu when online; %zu blocks, %zu when online; %u wrong",
		claim, offline, online, during, before, wrong);
}

/* ---- Under load ---- */

static pid_t children[CHILDREN_MAX];
static unsigned int nr_children;

/* Takes and frees memory in pieces of every order, for ever. */
static __noreturn void load(unsigned int cpu)
{
	cpu_set_t set;
	char *map;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		map = mmap(NULL, LOAD_B, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (map == MAP_FAILED)
			_exit(1);
		for (size_t i = 0; i < LOAD_B; i += page_B)
			map[i] = 1;
		for (size_t i = 0; i < LOAD_B; i += 3 * page_B)
			madvise(map + i, page_B, MADV_DONTNEED);
		munmap(map, LOAD_B);
	}
}

static void load_start(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long i;

	for (i = 0; i < cpus * 2 && i < CHILDREN_MAX; i++) {
		children[i] = fork();
		if (!children[i])
			load(i % cpus);
		if (children[i] > 0)
			nr_children++;
	}
}

static void load_stop(void)
{
	unsigned int i;

	for (i = 0; i < nr_children; i++)
		kill(children[i], SIGKILL);
	for (i = 0; i < nr_children; i++)
		waitpid(children[i], NULL, 0);
}

/* Rows whose last column but @back is neither "equal" nor, if racy, "-". */
static unsigned int verdicts_wrong(struct source *source, int column,
				   unsigned int *rows)
{
	size_t mark = arena_mark();
	unsigned int wrong = 0;
	struct table table;
	struct line line;

	source_table(source, &table);
	while (table_next(&table, &line)) {
		++*rows;
		wrong += strcmp(line.word[column], "equal") &&
			 strcmp(line.word[column], "-");
	}
	arena_reset(mark);
	return wrong;
}

static void under_load(void)
{
	unsigned int rounds = lib_quick() ? 15 : 60, i, looks = 0;
	unsigned int rows[4] = {}, wrong[4] = {};
	size_t mark = arena_mark();
	struct blocks blocks;

	load_start();
	for (i = 0; i < rounds; i++) {
		wrong[0] += check_wrong(&rows[0], &looks);
		wrong[1] += verdicts_wrong(&freelists, 8, &rows[1]);
		wrong[2] += verdicts_wrong(&pcp, 11, &rows[2]);
		blocks = blocks_read(&bin);
		rows[3] += blocks.nr;
		wrong[3] += !blocks_sound(&blocks);
		arena_reset(mark);
	}
	load_stop();
	ktap_ok(rows[0] && !wrong[0],
		"under load, check: sums are right in each of %u rows, %u looks, %u wrong",
		rows[0], looks, wrong[0]);
	ktap_ok(rows[1] && !wrong[1],
		"under load, freelists: lists and nr_free are equal: %u rows, %u wrong",
		rows[1], wrong[1]);
	ktap_ok(rows[2] && !wrong[2],
		"under load, pcp: lists and count are equal: %u rows, %u wrong",
		rows[2], wrong[2]);
	ktap_ok(rows[3] && !wrong[3],
		"under load, blocks.bin: %u blocks, none inside another; %u answers wrong",
		rows[3], wrong[3]);
}

static u64 end_pfn(void)
{
	static struct cells zoneinfo;
	struct blocks blocks;
	u64 end = 0;
	size_t i;

	zoneinfo_read(&zoneinfo);
	for (i = 0; i < BUDDY_CELLS; i++)
		if (i / BUDDY_COLUMNS % BUDDY_ROWS == ZI_SPANNED)
			end += zoneinfo.value[i];
	blocks = blocks_read(&bin);
	for (i = 0; i < blocks.nr; i++)
		if (blocks.at[i].pfn + (1UL << blocks.at[i].order) > end)
			end = blocks.at[i].pfn + (1UL << blocks.at[i].order);
	/* Room for what is in use behind the last free block. */
	return end + (1UL << 18);
}

int main(void)
{
	lib_init(ARENA_B);
	lib_need("buddyviz/blocks.bin");
	buddy_init();
	nr_flags = end_pfn();
	flags = arena_get(nr_flags * sizeof(*flags));

	ktap_start(22);
	one_answer_sound();
	blocks_and_flags();
	if (lib_kernel_since(6, 9))
		cells_match("blocks.bin: blocks by order and type as /proc/pagetypeinfo",
			    pagetypeinfo_free, blocks_counts);
	else
		cells_match("blocks.bin: blocks by order as /proc/pagetypeinfo",
			    pagetypeinfo_orders, blocks_orders);
	compare_twins();
	filters();
	check_at_rest();
	cells_match("check: free, per-CPU and buddy pages as /proc has them",
		    sums_of_proc, check_figures);
	cells_match("pageblocks: types as /proc/pagetypeinfo", pagetypeinfo_some,
		    runs_types);
	cells_match("pageblocks: the same with merge=0", pagetypeinfo_some,
		    single_types);
	cells_match("pageblocks: free pages as on the free lists", buddy_pages,
		    runs_free);
	whole_zones();
	block_of_free();
	pages_of_pcp();
	block_of_pcp();
	block_of_own();
	gfp_names();
	gfp_meaning();
	given_up();
	under_load();
	return ktap_finish();
}
