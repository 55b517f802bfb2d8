// SPDX-License-Identifier: GPL-2.0
/*
 * buddyviz/alloc against what the kernel says of the same pages elsewhere.
 *
 * Each path is forced: hits and refills by many allocations of order 0, the free
 * lists and splits by orders that no per-CPU list has, another migratetype by
 * reclaimable blocks of nearly the largest order, the slow path, reclaim,
 * reserves and failure by a process that leaves hardly any memory, pages stolen
 * from another type and blocks captured by compaction by one that leaves holes of
 * one page. Oracles are
 * /proc/kpageflags for the pages, cut-off halves and merged blocks, /proc/zoneinfo
 * for the zone, /proc/pagetypeinfo for pageblocks that change their type,
 * /proc/vmstat for stalls, and MemFree with zoneinfo's per-CPU lists for what is
 * held and given back.
 *
 * Other processes allocate, too: where one of them could step in between two
 * looks, a try is repeated, and must hold once.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buddy.h"
#include "ktap.h"

#define ARENA_B		(16UL << 20)
#define FILE_ALLOC	"buddyviz/alloc"
#define TRIES		20
#define PRESS_ROUNDS	5	/* with an eater each */
#define MOST_PAGES	4096	/* more than kswapd keeps free, less than may be kept */
#define ROWS		16	/* that an answer shows in full */
#define PATHS		10
#define HELD_PAGES	8192	/* 32 MiB: so much is held that it is seen */
#define SLACK_PAGES	1536	/* by which free pages move by themselves */
#define LEFT_KIB	(16 << 10)	/* that the eater leaves, with caches */
#define FREE_KIB	(12 << 10)	/* of it, a little more than MIN_FREE_KIB */
#define DROP_CACHES	"/proc/sys/vm/drop_caches"
#define ZONES_KIB	(3UL << 20)	/* more has a zone behind DMA32 */
#define HOLE_ROUNDS	6
#define CAPTURES	4	/* tried in a round */
#define ROOM_KIB	(112 << 10)	/* that huge pages leave of what is free */
#define HOLE_PAGES	4	/* one in so many: a pageblock stays its type */
#define HUGE_PAGES	"/proc/sys/vm/nr_hugepages"
#define HUGE_KIB	2048
#define MIN_FREE	"/proc/sys/vm/min_free_kbytes"
#define MIN_FREE_KIB	8192	/* huge pages make the kernel keep much more */
#define KPF_BUDDY	10

/* One row of "allocations" or "frees". */
struct row {
	unsigned int order, attempts, blocks, split_order, drained;
	unsigned long pages, result_order;
	u64 pfn, address, result_pfn;
	unsigned int node;
	char zone[16], type[16], path[16], steps[64], halves[256];
	char fallback[48], proof[16];
	bool has_page;
};

/* An answer. */
struct answer {
	struct row rows[ROWS];
	unsigned int nr;
	struct {
		char name[16];
		unsigned long count;
	} paths[PATHS];
	unsigned int nr_paths;
};

static void copy_word(char *to, size_t size_B, const char *from)
{
	snprintf(to, size_B, "%s", from);
}

#define COPY_WORD(to, from)	copy_word(to, sizeof(to), from)

static void parse_alloc(const struct line *line, struct row *row)
{
	char *const *w = line->word;

	row->order = strtoul(w[1], NULL, 10);
	row->pages = strtoul(w[2], NULL, 10);
	row->has_page = strcmp(w[3], "-");
	if (row->has_page) {
		row->pfn = strtoull(w[3], NULL, 16);
		row->address = strtoull(w[4], NULL, 16);
		row->node = strtoul(w[5], NULL, 10);
	}
	COPY_WORD(row->zone, w[6]);
	COPY_WORD(row->type, w[7]);
	COPY_WORD(row->path, w[8]);
	COPY_WORD(row->steps, w[9]);
	row->attempts = strtoul(w[10], NULL, 10);
	row->blocks = strtoul(w[11], NULL, 10);
	row->split_order = strtoul(w[12], NULL, 10);
	COPY_WORD(row->halves, w[13]);
	COPY_WORD(row->fallback, w[14]);
	COPY_WORD(row->proof, w[16]);
}

static void parse_free(const struct line *line, struct row *row)
{
	char *const *w = line->word;

	row->order = strtoul(w[1], NULL, 10);
	row->pfn = strtoull(w[2], NULL, 16);
	COPY_WORD(row->path, w[3]);
	COPY_WORD(row->halves, w[4]);
	row->result_order = strtoul(w[5], NULL, 10);
	row->result_pfn = strtoull(w[6], NULL, 16);
	row->drained = strtoul(w[7], NULL, 10);
	COPY_WORD(row->proof, w[9]);
}

static bool parse_line(struct answer *answer, const char *section,
		       const struct line *line)
{
	if (!strcmp(section, "paths")) {
		if (answer->nr_paths == PATHS || line->nr != 7)
			return false;
		COPY_WORD(answer->paths[answer->nr_paths].name, line->word[0]);
		answer->paths[answer->nr_paths++].count =
			strtoul(line->word[1], NULL, 10);
		return true;
	}
	if (answer->nr == ROWS)
		return false;
	if (!strcmp(section, "allocations") && line->nr == 17)
		parse_alloc(line, &answer->rows[answer->nr++]);
	else if (!strcmp(section, "frees") && line->nr == 10)
		parse_free(line, &answer->rows[answer->nr++]);
	else
		return false;
	return true;
}

/* 0, or the negative errno; a malformed answer ends the test. */
static int request(int fd, struct answer *answer, const char *words)
{
	size_t mark = arena_mark();
	char section[16] = "";
	struct table table;
	struct line line;
	int err;

	memset(answer, 0, sizeof(*answer));
	err = table_ask_fd(&table, fd, FILE_ALLOC, "%s", words);
	while (!err && table_next(&table, &line)) {
		if (line.section)
			COPY_WORD(section, line.word[0]);
		else if (!parse_line(answer, section, &line))
			ktap_bail("'%s': malformed %s", words, section);
	}
	arena_reset(mark);
	if (err == -EPROTO)
		ktap_bail("'%s': no frame", words);
	return err;
}

static int open_alloc(void)
{
	int fd = ask_open(FILE_ALLOC, O_RDWR);

	if (fd < 0)
		ktap_bail("open %s", FILE_ALLOC);
	return fd;
}

/* By an open file of its own, so that nothing is kept. */
static void request_once(struct answer *answer, const char *words)
{
	int fd = open_alloc(), err;

	err = request(fd, answer, words);
	if (err)
		ktap_bail("'%s': errno %d", words, -err);
	close(fd);
}

static unsigned long count_of(const struct answer *answer, const char *path)
{
	unsigned int i;

	for (i = 0; i < answer->nr_paths; i++)
		if (!strcmp(answer->paths[i].name, path))
			return answer->paths[i].count;
	return 0;
}

static unsigned long count_all(const struct answer *answer)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < answer->nr_paths; i++)
		sum += answer->paths[i].count;
	return sum;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *p = list;

	while (p) {
		if (!strncmp(p, word, len) && (!p[len] || p[len] == ','))
			return true;
		p = strchr(p, ',');
		if (p)
			p++;
	}
	return false;
}

static bool by_counters(const struct row *row)
{
	return !strcmp(row->proof, "counters");
}

static bool is_path(const struct row *row, const char *path)
{
	return !strcmp(row->path, path);
}

/* ---- Oracles ---- */

static bool in_buddy(u64 pfn)
{
	static int fd = -1;
	u64 flags;

	if (fd < 0)
		fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (pread(fd, &flags, sizeof(flags), pfn * sizeof(flags)) != sizeof(flags))
		ktap_bail("kpageflags of %#llx", (unsigned long long)pfn);
	return flags & BIT_ULL(KPF_BUDDY);
}

/* A field of /proc/meminfo (KiB) or /proc/vmstat. */
static u64 proc_value(const char *file, const char *name)
{
	static char text[16384];
	size_t len = strlen(name);
	char *p;
	int fd;
	ssize_t got;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		ktap_bail("%s", file);
	text[got] = '\0';
	for (p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, len) && (p[len] == ':' || p[len] == ' '))
			return strtoull(p + len + 1, NULL, 10);
	}
	return 0;
}

/* On the lists of all CPUs: free, and in no MemFree. */
static u64 pcp_pages(void)
{
	size_t mark = arena_mark();
	const char *p = read_file("/proc/zoneinfo", NULL);
	u64 pages = 0;

	while (p && (p = strstr(p, " count: "))) {
		p += strlen(" count: ");
		pages += strtoull(p, NULL, 10);
	}
	arena_reset(mark);
	return pages;
}

static u64 free_pages(void)
{
	return proc_value("/proc/meminfo", "MemFree") * 1024 / page_B +
	       pcp_pages();
}

static u64 stalls(void)
{
	return proc_value("/proc/vmstat", "allocstall_dma") +
	       proc_value("/proc/vmstat", "allocstall_dma32") +
	       proc_value("/proc/vmstat", "allocstall_normal") +
	       proc_value("/proc/vmstat", "allocstall_movable");
}

/* The node and zone of /proc/zoneinfo that a page frame lies in. */
static bool place_of(u64 pfn, unsigned int *node, char *zone)
{
	size_t mark = arena_mark();
	char *p = read_file("/proc/zoneinfo", NULL), name[16];
	unsigned long long start, spanned = 0;
	unsigned int nid;
	bool found = false;

	for (; p && !found; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (sscanf(p, "Node %u, zone %15s", &nid, name) == 2)
			spanned = 0;
		if (sscanf(p, " spanned %llu", &spanned) == 1)
			continue;
		if (sscanf(p, " start_pfn: %llu", &start) == 1 &&
		    pfn >= start && pfn < start + spanned) {
			*node = nid;
			memcpy(zone, name, sizeof(name));
			found = true;
		}
	}
	arena_reset(mark);
	return found;
}

/* Pageblocks of a type, over all zones. */
static unsigned long pageblocks(const char *type)
{
	static struct cells cells;
	size_t mark = arena_mark();
	unsigned long sum = 0;
	int node, zone;

	memset(&cells, 0, sizeof(cells));
	pagetypeinfo_blocks(&cells);
	arena_reset(mark);
	for (node = 0; node < BUDDY_NODES; node++)
		for (zone = 0; zone < buddy_zones; zone++)
			sum += cell_get(&cells, node, zone, 0, type_of(type));
	return sum;
}

/* ---- Where pages come from ---- */

/* Every row has a page that is not free, where zoneinfo says its zone is. */
static bool pages_are_there(const struct answer *answer)
{
	u64 offset = answer->rows[0].address - answer->rows[0].pfn * page_B;
	const struct row *row;
	unsigned int node;
	char zone[16];

	for (row = answer->rows; row < answer->rows + answer->nr; row++) {
		if (!row->has_page || in_buddy(row->pfn) ||
		    row->address - row->pfn * page_B != offset ||
		    row->pfn & ((1UL << row->order) - 1) ||
		    !place_of(row->pfn, &node, zone) || node != row->node ||
		    strcmp(zone, row->zone)) {
			ktap_note("pfn %#llx address %#llx node %u zone %s",
				  (unsigned long long)row->pfn,
				  (unsigned long long)row->address, row->node,
				  row->zone);
			return false;
		}
	}
	return answer->nr;
}

static void test_pages(void)
{
	struct answer answer, freed;
	int fd = open_alloc();

	request(fd, &answer, "order=0 count=7 keep=1");
	ktap_ok(pages_are_there(&answer), "7 pages: taken, in their zone, at their address");
	request(fd, &freed, "free=all");
	ktap_ok(freed.nr == 7 && freed.rows[0].pfn == answer.rows[0].pfn &&
		freed.rows[6].pfn == answer.rows[6].pfn,
		"free=all: the same 7 pages");
	ktap_ok(request(fd, &freed, "free=all") == -ENOENT,
		"free=all again: ENOENT");
	request(fd, &answer, "order=4 gfp=GFP_DMA32 count=3 keep=1");
	ktap_ok(pages_are_there(&answer) &&
		!strncmp(answer.rows[0].zone, "DMA", 3),
		"GFP_DMA32: from a DMA zone");
	close(fd);
}

/* Hits and refills of order 0; enough rows until a refill is among them. */
static void test_pcp(void)
{
	unsigned int hits = 0, refills = 0, proved_hits = 0, proved_refills = 0;
	struct answer answer;
	const struct row *row;
	bool sane = true;
	int fd = open_alloc();
	int i;

	for (i = 0; i < 1000 && (!proved_refills || hits < 100); i++) {
		request(fd, &answer, "order=0 gfp=GFP_NOWAIT count=16 keep=1");
		for (row = answer.rows; row < answer.rows + answer.nr; row++) {
			if (is_path(row, "pcp")) {
				hits++;
				proved_hits += by_counters(row);
				sane &= !row->blocks;
			} else if (is_path(row, "refill")) {
				refills++;
				proved_refills += by_counters(row);
				sane &= row->blocks > 1;
			}
		}
	}
	close(fd);
	ktap_note("%u hits, %u proved; %u refills, %u proved", hits,
		  proved_hits, refills, proved_refills);
	ktap_ok(sane, "a hit takes no block, a refill more than one");
	ktap_ok(hits >= 100 && proved_hits * 10 >= hits * 9,
		"pcp hits, proved by counters nine times of ten");
	ktap_ok(proved_refills, "a refill, proved by counters");
	request_once(&answer, "order=0 count=4001");
	hits = count_of(&answer, "pcp");
	ktap_ok(count_all(&answer) == 4001 && hits > 2000 &&
		(hits == 4001 || count_of(&answer, "refill")),
		"4001 pages: hits, and refills once the CPU's lists are empty");
}

/* "order@pfn,..." must be the next orders, each a free block. */
static bool halves_are_free(const struct row *row, unsigned int to)
{
	unsigned int order, expect = row->order;
	const char *p = row->halves;
	unsigned long long pfn;
	int len;

	if (!strcmp(p, "-"))
		return to == row->order;
	while (sscanf(p, "%u@%llx%n", &order, &pfn, &len) == 2) {
		if (order != expect++ || pfn & ((1ULL << order) - 1) ||
		    (pfn ^ row->pfn) >> order == 0 ||
		    (pfn ^ row->pfn) >> (order + 1) || !in_buddy(pfn))
			return false;
		p += len;
		if (!*p++)
			break;
	}
	return expect == to;
}

static bool merged_back(const struct row *row, const struct row *freed)
{
	return is_path(freed, "direct") &&
	       freed->result_order == row->split_order &&
	       freed->result_pfn == row->pfn && by_counters(freed) &&
	       in_buddy(freed->result_pfn);
}

/*
 * A block above the per-CPU lists' orders, cut from a larger one: what was cut off
 * is free; freed, it becomes the block that it was.
 */
static void test_direct(void)
{
	bool direct = false, split = false, merged = false;
	struct answer answer, freed;
	const struct row *row = &answer.rows[0];
	char words[32];
	int fd = open_alloc(), i;

	/* What is not cut is kept, so that sooner or later one must be. */
	for (i = 0; i < 10 * TRIES && !(direct && split && merged); i++) {
		request(fd, &answer, "order=5 gfp=GFP_NOWAIT count=1 keep=1");
		if (!is_path(row, "direct") || row->blocks != 1)
			continue;
		direct |= by_counters(row);
		if (row->split_order == 5 || !halves_are_free(row, row->split_order))
			continue;
		split = true;
		snprintf(words, sizeof(words), "free=%#llx",
			 (unsigned long long)row->pfn);
		if (!request(fd, &freed, words))
			merged |= merged_back(row, &freed.rows[0]) &&
				  !strcmp(freed.rows[0].halves, row->halves);
	}
	close(fd);
	ktap_ok(direct, "order 5: direct, proved by counters");
	ktap_ok(split, "order 5: cut from a larger block, the halves are free");
	ktap_ok(merged, "freed: joined with these halves, the block as before");
}

/* ---- How pages go ---- */

static void test_free(void)
{
	struct answer answer;
	unsigned int i, proved = 0;
	int fd = open_alloc();

	request(fd, &answer, "order=0 count=13 keep=1");
	request(fd, &answer, "free=all");
	for (i = 0; i < answer.nr; i++)
		proved += is_path(&answer.rows[i], "pcp") &&
			  by_counters(&answer.rows[i]);
	ktap_ok(answer.nr == 13 && proved >= 10,
		"order 0 is freed to the CPU's list, by counters");
	request(fd, &answer, "order=0 count=2003 keep=1");
	request(fd, &answer, "free=all");
	ktap_ok(count_all(&answer) == 2003 && count_of(&answer, "pcp") > 1900,
		"2003 pages freed");
	close(fd);
}

/* ---- Another migratetype ---- */

/*
 * Of reclaimable pages a small system has few, so that a block of nearly the
 * largest order is somebody else's; the whole pageblock changes its type then.
 */
static void test_fallback(void)
{
	unsigned long before, after;
	struct answer answer;
	const struct row *row = &answer.rows[0];
	int fd = open_alloc(), i;
	bool found = false, changed = false;

	for (i = 0; i < TRIES && !changed; i++) {
		before = pageblocks("Reclaimable");
		request(fd, &answer, "order=9 gfp=GFP_KERNEL|__GFP_RECLAIMABLE keep=1");
		after = pageblocks("Reclaimable");
		if (!is_path(row, "fallback"))
			continue;
		found |= has_word(row->steps, "fallback") &&
			 !strcmp(row->type, "reclaimable") &&
			 strchr(row->fallback, ':');
		changed = strstr(row->fallback, ":claimed") && after > before;
	}
	close(fd);
	ktap_ok(found, "reclaimable blocks: taken from another type's");
	ktap_ok(changed, "claimed: pagetypeinfo has more reclaimable pageblocks");
}

/* ---- Bulk ---- */

static bool any_by_counters(const struct answer *answer)
{
	unsigned int i;

	for (i = 0; i < answer->nr; i++)
		if (by_counters(&answer->rows[i]))
			return true;
	return false;
}

static void test_bulk(void)
{
	struct answer answer;
	int fd = open_alloc(), err;

	err = request(fd, &answer, "gfp=GFP_NOWAIT bulk=31 count=11");
	close(fd);
	if (err == -EOPNOTSUPP) {
		ktap_skip("bulk", "this kernel has no bulk allocator");
		return;
	}
	if (!access("/sys/kernel/debug/page_owner", F_OK)) {
		ktap_skip("bulk", "page_owner makes the kernel take one page at a time");
		return;
	}
	ktap_ok(!err && count_of(&answer, "bulk") == 11 &&
		answer.rows[0].pages == 31 && any_by_counters(&answer),
		"11 bulk calls of 31 pages, by counters");
}

/* ---- The slow path ---- */

static unsigned long long min_free_KiB, huge_pages;

static void set_number(const char *path, unsigned long long number)
{
	char text[24];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "%llu", number);
	if (write(fd, text, strlen(text)) < 0)
		ktap_bail("%s", path);
	close(fd);
}

static void restore_min_free(void)
{
	set_number(MIN_FREE, min_free_KiB);
}

/* So that little memory is kept from everybody, and we need none ourselves. */
static void prepare_pressure(void)
{
	if (!read_number(MIN_FREE, &min_free_KiB))
		ktap_bail("%s", MIN_FREE);
	atexit(restore_min_free);
	set_number(MIN_FREE, MIN_FREE_KIB);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		ktap_bail("mlockall");
}

/*
 * If somebody must go, then this process. What it shares with its parent since fork() it
 * copies now, or the parent would have to when there is nothing left.
 */
static void go_first(void)
{
	mlockall(MCL_CURRENT);
	set_number("/proc/self/oom_score_adj", 1000);
}

/*
 * Takes memory until hardly any is free. What is available may never get that low,
 * where programs are read in again as often as the kernel drops them.
 */
static void eat_all(void *unused)
{
	(void)unused;
	go_first();
	while (proc_value("/proc/meminfo", "MemAvailable") > LEFT_KIB &&
	       proc_value("/proc/meminfo", "MemFree") > FREE_KIB)
		if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
			 0) == MAP_FAILED)
			break;
}

/* Free, and not kept for requests that could take no other zone. */
static u64 room_KiB(void)
{
	u64 free_KiB = proc_value("/proc/meminfo", "MemFree");
	u64 available_KiB = proc_value("/proc/meminfo", "MemAvailable");

	return free_KiB < available_KiB ? free_KiB : available_KiB;
}

/* Takes most of what is free, and leaves single pages of it. */
static void eat_with_holes(void *unused)
{
	size_t size_B, at;
	char *p;

	(void)unused;
	go_first();	/* takes room, too */
	size_B = (room_KiB() * 1024 / 4 * 3) & -page_B;
	p = mmap(NULL, size_B, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return;
	madvise(p, size_B, MADV_NOHUGEPAGE);
	memset(p, 1, size_B);
	for (at = 0; at < size_B; at += HOLE_PAGES * page_B)
		madvise(p + at, page_B, MADV_DONTNEED);
}

static bool any_step(const struct answer *answer, const char *step)
{
	unsigned int i;

	for (i = 0; i < answer->nr; i++)
		if (has_word(answer->rows[i].steps, step))
			return true;
	return false;
}

static bool any_path(const struct answer *answer, const char *path)
{
	unsigned int i;

	for (i = 0; i < answer->nr; i++)
		if (is_path(&answer->rows[i], path))
			return true;
	return false;
}

/*
 * Take what is left without waiting, a few pages at a time so that each is seen,
 * until nothing comes. Collects the steps on the way.
 */
static bool drain_free(int hold, bool *second, bool *kswapd)
{
	struct answer answer;
	int i, err;

	for (i = 0; i < 1000; i++) {
		err = request(hold, &answer, "gfp=GFP_NOWAIT count=16 keep=1");
		if (err) {
			ktap_note("GFP_NOWAIT: errno %d", -err);
			return false;
		}
		*second |= any_step(&answer, "second");
		*kswapd |= any_step(&answer, "kswapd");
		if (any_step(&answer, "reclaim") || any_step(&answer, "compact")) {
			ktap_note("GFP_NOWAIT waited");
			return false;
		}
		if (any_path(&answer, "failed"))
			return true;
	}
	return false;
}

/* While it runs nobody has to wake it: free what is held, and let it come to its end. */
static void let_kswapd_sleep(int hold)
{
	struct answer freed;

	request(hold, &freed, "free=all");
	usleep(300000);
}

/*
 * Ask for a few pages at a time and keep them, until one that took this step is in the
 * answer: what kswapd gives back meanwhile goes as well. At most MOST_PAGES.
 */
static bool until_step(int fd, struct answer *answer, const char *step,
		       const char *words, unsigned int pages)
{
	struct answer freed;
	bool reached = false;
	unsigned int at;

	for (at = 0; at < MOST_PAGES && !reached; at += pages) {
		if (request(fd, answer, words))
			break;
		reached = any_step(answer, step);
	}
	request(fd, &freed, "free=all");
	return reached;
}

/* What was reached under pressure. */
struct slow {
	bool failed, second, kswapd, reserves, reclaim, compact;
};

static bool slow_done(const struct slow *slow)
{
	return slow->failed && slow->second && slow->kswapd && slow->reserves &&
	       slow->reclaim && slow->compact;
}

/*
 * One file holds what it could get; then each kind of request is tried by another, as
 * long as the kernel has not killed the eater to help somebody.
 */
static void press(struct slow *slow)
{
	int hold = open_alloc(), fd = open_alloc();
	struct answer answer;
	pid_t eater;
	int i;

	/* With hooks and buffers in place: later there is no memory for them. */
	request(hold, &answer, "count=1");
	request(fd, &answer, "count=1");
	set_number(DROP_CACHES, 1);
	eater = child_try(eat_all, NULL);
	slow->failed |= drain_free(hold, &slow->second, &slow->kswapd);
	for (i = 0; i < TRIES && !slow_done(slow) && eater > 0 && child_lives(eater); i++) {
		if (!slow->kswapd)
			let_kswapd_sleep(hold);
		/* kswapd has given something back meanwhile. */
		drain_free(hold, &slow->second, &slow->kswapd);
		slow->reserves |= until_step(fd, &answer, "reserves",
					     "gfp=__GFP_MEMALLOC count=16 keep=1",
					     16) &&
				  any_path(&answer, "slow");
		slow->reclaim |= until_step(fd, &answer, "reclaim",
					    "gfp=GFP_KERNEL|__GFP_NORETRY count=16 keep=1",
					    16);
		slow->compact |= until_step(fd, &answer, "compact",
					    "order=8 gfp=GFP_KERNEL count=1 keep=1",
					    256);
	}
	close(fd);
	close(hold);
	if (eater > 0)
		child_stop(eater);
}

static void test_slow(void)
{
	struct slow slow = { 0 };
	u64 before;
	int i;

	prepare_pressure();
	before = stalls();
	for (i = 0; i < PRESS_ROUNDS && !slow_done(&slow); i++)
		press(&slow);

	ktap_ok(slow.failed, "GFP_NOWAIT: failed, without reclaim or compaction");
	ktap_ok(slow.second, "GFP_NOWAIT: a second attempt");
	ktap_ok(slow.kswapd, "GFP_NOWAIT: kswapd woken");
	ktap_ok(slow.reserves, "__GFP_MEMALLOC: served from the reserves");
	ktap_ok(slow.reclaim && stalls() > before,
		"GFP_KERNEL: direct reclaim, as vmstat's allocstall says");
	ktap_ok(slow.compact, "order 8: direct compaction");
}

/* ---- Fragmented memory ---- */

static void restore_huge_pages(void)
{
	set_number(HUGE_PAGES, huge_pages);
}

/* So that little memory need be filled with holes. */
static void leave_room(void)
{
	u64 free_KiB = room_KiB();

	if (!read_number(HUGE_PAGES, &huge_pages))
		ktap_bail("%s", HUGE_PAGES);
	atexit(restore_huge_pages);
	if (free_KiB > ROOM_KIB)
		set_number(HUGE_PAGES,
			   huge_pages + (free_KiB - ROOM_KIB) / HUGE_KIB);
}

/* Whether it can be reached is up to the machine; if it was, it must be right. */
enum reached {
	NOT_REACHED,
	REACHED,
	WRONG,
};

static enum reached reached_if(bool right)
{
	return right ? REACHED : WRONG;
}

/* Of a type that finds nothing of its own any more. */
static enum reached any_stolen(void)
{
	enum reached stolen = NOT_REACHED;
	int fd = open_alloc(), i;
	struct answer answer;
	unsigned int j;

	for (i = 0; i < 400 && !stolen; i++) {
		if (request(fd, &answer,
			    "gfp=GFP_KERNEL|__GFP_NORETRY|__GFP_RECLAIMABLE count=16 keep=1"))
			break;
		for (j = 0; j < answer.nr; j++)
			if (strstr(answer.rows[j].fallback, ":stolen"))
				stolen = reached_if(has_word(answer.rows[j].steps,
							     "fallback"));
	}
	close(fd);
	return stolen;
}

/* A block that compaction took from those who freed its pages. */
static enum reached any_captured(int fd)
{
	struct answer answer;
	u64 before;
	int i;

	for (i = 0; i < CAPTURES; i++) {
		before = proc_value("/proc/vmstat", "compact_success");
		if (request(fd, &answer, "order=9 gfp=GFP_HIGHUSER_MOVABLE keep=1"))
			return NOT_REACHED;
		ktap_note("%s %s", answer.rows[0].path, answer.rows[0].steps);
		if (is_path(&answer.rows[0], "captured"))
			return reached_if(pages_are_there(&answer) &&
					  proc_value("/proc/vmstat", "compact_success") > before);
	}
	return NOT_REACHED;
}

/*
 * After a failure compaction is put off for many requests, so that a few must do; the
 * next round has other holes.
 */
static void look_into_holes(enum reached *captured, enum reached *stolen)
{
	struct answer answer;
	int fd = open_alloc();
	pid_t eater;

	request(fd, &answer, "count=1");
	eater = child_try(eat_with_holes, NULL);
	if (eater > 0) {
		do {
			if (request(fd, &answer, "order=9 gfp=GFP_NOWAIT keep=1"))
				break;
		} while (!any_path(&answer, "failed"));
		if (!*captured)
			*captured = any_captured(fd);
		if (!*stolen)
			*stolen = any_stolen();
		child_stop(eater);
	}
	close(fd);
}

static void tell_reached(enum reached reached, const char *what)
{
	if (reached)
		ktap_ok(reached == REACHED, "%s", what);
	else
		ktap_skip(what, "not reached in these rounds");
}

static void test_fragmented(void)
{
	enum reached stolen = NOT_REACHED, captured = NOT_REACHED;
	int i;

	if (proc_value("/proc/meminfo", "MemTotal") > ZONES_KIB) {
		ktap_skip("captured", "a request finds another zone here");
		ktap_skip("stolen", "a request finds another zone here");
		return;
	}
	leave_room();
	for (i = 0; i < HOLE_ROUNDS && !(captured && stolen); i++)
		look_into_holes(&captured, &stolen);
	restore_huge_pages();
	tell_reached(captured, "order 9: captured by compaction, as vmstat's compact_success says");
	tell_reached(stolen, "order 0: stolen from pageblocks of another type");
}

/* ---- What is held is given back ---- */

/* Free pages, until they are what they should be or stay otherwise. */
static bool free_reaches(u64 pages)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (free_pages() + SLACK_PAGES >= pages)
			return true;
		usleep(100000);
	}
	ktap_note("%llu pages free, expected %llu",
		  (unsigned long long)free_pages(), (unsigned long long)pages);
	return false;
}

static void hold_pages(int fd)
{
	struct answer answer;

	if (request(fd, &answer, "order=3 count=1024 keep=1") ||
	    count_all(&answer) != HELD_PAGES / 8 || count_of(&answer, "failed"))
		ktap_bail("no %d pages", HELD_PAGES);
}

static bool near_held(u64 pages)
{
	return pages + SLACK_PAGES >= HELD_PAGES &&
	       pages <= HELD_PAGES + SLACK_PAGES;
}

static bool in_use(void)
{
	return syscall(SYS_delete_module, "buddyviz", O_NONBLOCK) &&
	       (errno == EWOULDBLOCK || errno == EBUSY);
}

static void test_release(void)
{
	u64 before = free_pages(), held;
	int fd = open_alloc();
	int fds[2], status;
	pid_t pid;
	char c;

	hold_pages(fd);
	held = before - free_pages();
	ktap_ok(near_held(held), "kept: %d pages less are free", HELD_PAGES);
	ktap_ok(in_use(), "kept: the module cannot go");
	close(fd);
	ktap_ok(free_reaches(before), "closed: as many are free as before");

	before = free_pages();
	if (pipe(fds))
		ktap_bail("pipe");
	pid = fork();
	if (!pid) {
		hold_pages(open_alloc());
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(fds[0], &c, 1) != 1)
		ktap_bail("holder");
	held = before - free_pages();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!near_held(held))
		ktap_note("%llu pages held", (unsigned long long)held);
	ktap_ok(near_held(held) && free_reaches(before),
		"killed: as many are free as before");
}

/* ---- What is refused ---- */

static void test_refused(void)
{
	static const struct {
		const char *words;
		int err;
	} bad[] = {
		{ "order=99", ERANGE },
		{ "order=-1", EINVAL },
		{ "gfp=0xffffffff", ERANGE },
		{ "gfp=__GFP_NONE", EINVAL },
		{ "gfp=GFP_DMA|GFP_DMA32", EINVAL },
		{ "gfp=__GFP_MOVABLE|__GFP_RECLAIMABLE", EINVAL },
		{ "gfp=GFP_KERNEL|__GFP_NOFAIL", EINVAL },
		{ "node=1000000", ERANGE },
		{ "node=15", ENOENT },	/* a kernel has room for 16 or more */
		{ "count=0", ERANGE },
		{ "count=16385", ERANGE },
		{ "order=10 count=17", ERANGE },
		{ "count=1000001", ERANGE },
		{ "keep=2", ERANGE },
		{ "bulk=65", ERANGE },
		{ "free=some", EINVAL },
		{ "free=all order=1", EINVAL },
	};
	struct answer answer;
	u64 before = free_pages();
	unsigned int i, wrong = 0;
	int fd = open_alloc(), err;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err = -request(fd, &answer, bad[i].words);
		if (err != bad[i].err) {
			ktap_note("'%s': errno %d, expected %d", bad[i].words,
				  err, bad[i].err);
			wrong++;
		}
	}
	ktap_ok(!wrong, "%zu wrong requests, each with its errno",
		ARRAY_SIZE(bad));
	ktap_ok(free_pages() + SLACK_PAGES >= before, "nothing was allocated");
	ktap_ok(!request(fd, &answer, "count=16384 keep=1"), "16384 pages kept");
	err = open_alloc();
	ktap_ok(request(err, &answer, "count=1") == -ENOSPC,
		"another file: ENOSPC while these are kept");
	close(fd);
	ktap_ok(!request(err, &answer, "count=1"), "and not when they are not");
	close(err);
}

int main(void)
{
	lib_init(ARENA_B);
	lib_need(FILE_ALLOC);
	buddy_init();
	ktap_start(33);
	test_pages();
	test_pcp();
	test_direct();
	test_free();
	test_fallback();
	test_bulk();
	test_release();
	test_refused();
	test_slow();
	test_fragmented();
	return ktap_finish();
}
