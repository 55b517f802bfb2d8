// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk/rmap and pgwalk/pin. The mappings of anonymous pages, of files and of KSM
 * against what was mapped on purpose and /proc/kpagecount; a page taken by get_user_pages
 * and by pin_user_pages against the page file and nr_foll_pin_* of /proc/vmstat.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(16UL << 20)
#define MAP		"pgwalk/map"
#define RMAP		"pgwalk/rmap"
#define PIN		"pgwalk/pin"
#define ROWS_MAX	16
#define CHILDREN	3
#define PIN_REFS	1024
#define HUGE_B		(2UL << 20)
#define KPF_KSM		BIT_ULL(21)
#define KPF_THP		BIT_ULL(22)
#define KSM_TRIES	600	/* of 50 ms */
#define ROWS_LIMIT	256	/* what rmap shows at most */
#define NR_RMAP		12
#define NR_KSM		2
#define NR_PIN		12
#define PIN_TRIES	5

static int count_fd, flags_fd, pagemap_fd, pin_fd;

/* One answer of rmap. */
static struct {
	u64 pfn;
	char type[16], seen[16];
	long refcount, mapcount;
	unsigned int mappings, nr;
	char truncated[64];
	struct rmap_row {
		pid_t pid;
		u64 addr;
		char level[8];
	} row[ROWS_MAX];
} rmap;

static u64 number(const struct line *line, unsigned int i)
{
	return strtoull(line->word[i], NULL, 0);
}

static void read_page(const struct line *line)
{
	if (line->nr != 9)
		return;
	rmap.pfn = number(line, 0);
	snprintf(rmap.type, sizeof(rmap.type), "%s", line->word[1]);
	rmap.refcount = strtol(line->word[2], NULL, 0);
	rmap.mapcount = strtol(line->word[3], NULL, 0);
	snprintf(rmap.seen, sizeof(rmap.seen), "%s", line->word[6]);
	rmap.mappings = number(line, 8);
}

static int rmap_ask(const char *words)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	bool page = false;
	int err;

	memset(&rmap, 0, sizeof(rmap));
	err = table_ask(&table, RMAP, "%s", words);
	snprintf(rmap.truncated, sizeof(rmap.truncated), "%s", table.truncated);
	while (!err && table_next(&table, &line)) {
		if (line.section) {
			page = !strcmp(line.word[0], "page");
		} else if (page) {
			read_page(&line);
		} else if (rmap.nr < ROWS_MAX && line.nr == 6) {
			rmap.row[rmap.nr].pid = number(&line, 0);
			snprintf(rmap.row[rmap.nr].level,
				 sizeof(rmap.row[rmap.nr].level), "%s",
				 line.word[2]);
			rmap.row[rmap.nr++].addr = number(&line, 1);
		}
	}
	arena_reset(mark);
	return err;
}

static int rmap_of(const void *addr)
{
	char words[64];

	snprintf(words, sizeof(words), "pid=self addr=%p", addr);
	return rmap_ask(words);
}

static u64 entry_of(int fd, u64 index)
{
	u64 entry = 0;

	return pread(fd, &entry, 8, index * 8) == 8 ? entry : 0;
}

static u64 pfn_of(const void *addr)
{
	u64 entry = 0;

	pagemap_read(pagemap_fd, (uintptr_t)addr, 1, &entry);
	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

static bool maps(pid_t pid, const void *addr)
{
	unsigned int i;

	for (i = 0; i < rmap.nr; i++)
		if (rmap.row[i].pid == pid &&
		    rmap.row[i].addr == (uintptr_t)addr)
			return true;
	return false;
}

/* As many as there should be, and as /proc/kpagecount says. */
static bool counted(const void *addr, const char *type, unsigned int mappings)
{
	bool good = rmap.pfn == pfn_of(addr) && !strcmp(rmap.type, type) &&
		    !strcmp(rmap.seen, "walked") && rmap.nr == mappings &&
		    rmap.mappings == mappings &&
		    entry_of(count_fd, rmap.pfn) == mappings;

	if (!good)
		ktap_note("pfn %#llx of %#llx: %s %s: %u mappings of %u, mapcount %ld, kpagecount %llu",
			  (unsigned long long)rmap.pfn,
			  (unsigned long long)pfn_of(addr), rmap.type,
			  rmap.seen, rmap.nr, mappings, rmap.mapcount,
			  (unsigned long long)entry_of(count_fd, rmap.pfn));
	return good;
}

static char *memory(size_t size_B, int flags, int fd)
{
	char *start = mmap(NULL, size_B, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (start == MAP_FAILED)
		ktap_bail("mmap of %zu bytes", size_B);
	return start;
}

static void read_it(void *start)
{
	look(start);
}

static void write_it(void *start)
{
	*(char *)start = 2;
}

/* ---- rmap ---- */

static void test_anon(void)
{
	char *start = memory(3 * page_B, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *at = start + page_B;
	pid_t child[CHILDREN];
	unsigned int i;
	bool all = true;
	long refcount;

	memset(start, 1, 3 * page_B);
	lib_drain_lru(at);
	ktap_ok(!rmap_of(at) && counted(at, "anon", 1) && maps(getpid(), at),
		"an anonymous page");
	refcount = rmap.refcount;
	ktap_ok(!rmap_of(at) && rmap.refcount == refcount,
		"a look leaves no reference");
	for (i = 0; i < CHILDREN; i++)
		child[i] = child_start(read_it, at);
	ktap_ok(!rmap_of(at) && counted(at, "anon", CHILDREN + 1),
		"an anonymous page after fork");
	for (i = 0; i < CHILDREN; i++)
		all &= maps(child[i], at);
	ktap_ok(all && maps(getpid(), at), "all processes are told");
	for (i = 0; i < CHILDREN; i++)
		child_stop(child[i]);
	child[0] = child_start(write_it, at);
	ktap_ok(!rmap_of(at) && counted(at, "anon", 1) && maps(getpid(), at),
		"a child that wrote has a page of its own");
	child_stop(child[0]);
	munmap(start, 3 * page_B);
}

static void test_file(void)
{
	int fd = memfd_create("rmap", MFD_CLOEXEC);
	char *one, *two;
	pid_t child;

	if (fd < 0 || ftruncate(fd, 2 * page_B))
		ktap_bail("memfd");
	one = memory(2 * page_B, MAP_SHARED, fd) + page_B;
	two = memory(2 * page_B, MAP_SHARED, fd) + page_B;
	*one = 1;
	*two = 1;
	child = child_start(read_it, one);
	read_it(two);
	ktap_ok(!rmap_of(one) && counted(one, "file", rmap.nr) &&
		rmap.nr >= 3 && rmap.nr <= 4 && maps(getpid(), one) &&
		maps(getpid(), two) && maps(child, one),
		"a page of a file, mapped twice and by a child");
	child_stop(child);
	munmap(one - page_B, 2 * page_B);
	munmap(two - page_B, 2 * page_B);
	close(fd);
}

/* Any page of it, mapped as a whole: by one entry of each process. */
static void test_huge(void)
{
	char *area = memory(2 * HUGE_B, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *start = (char *)(((uintptr_t)area + HUGE_B - 1) & -HUGE_B);
	char *at = start + 37 * page_B;
	pid_t child;

	madvise(start, HUGE_B, MADV_HUGEPAGE);
	*start = 1;
	if (!(entry_of(flags_fd, pfn_of(at)) & KPF_THP)) {
		ktap_skip("a page of a huge page", "no huge page was to be had");
		ktap_skip("a huge page after fork", "no huge page was to be had");
	} else {
		ktap_ok(!rmap_of(at) && counted(at, "anon", 1) &&
			maps(getpid(), at) && !strcmp(rmap.row[0].level, "pmd"),
			"a page of a huge page");
		child = child_start(read_it, at);
		ktap_ok(!rmap_of(at) && counted(at, "anon", 2) &&
			maps(getpid(), at) && maps(child, at),
			"a huge page after fork");
		child_stop(child);
	}
	munmap(area, 2 * HUGE_B);
}

/* One page mapped more often than is shown, and then as often. */
static void test_limit(void)
{
	int fd = memfd_create("rmap_limit", MFD_CLOEXEC);
	char *at[ROWS_LIMIT + 1];
	unsigned int i;

	if (fd < 0 || ftruncate(fd, page_B))
		ktap_bail("memfd");
	for (i = 0; i <= ROWS_LIMIT; i++) {
		at[i] = memory(page_B, MAP_SHARED, fd);
		*at[i] = 1;
	}
	ktap_ok(!rmap_of(at[0]) && rmap.mappings == ROWS_LIMIT &&
		!strcmp(rmap.truncated, "limit"),
		"%d mappings of a page: cut, and said so", ROWS_LIMIT + 1);
	munmap(at[0], page_B);
	ktap_ok(!rmap_of(at[1]) && rmap.mappings == ROWS_LIMIT &&
		!rmap.truncated[0] &&
		entry_of(count_fd, rmap.pfn) == ROWS_LIMIT,
		"%d mappings of a page: all of them", ROWS_LIMIT);
	for (i = 1; i <= ROWS_LIMIT; i++)
		munmap(at[i], page_B);
	close(fd);
}

static void test_no_rmap(void)
{
	int fd = ask_open(MAP, O_RDWR);
	static const char words[] = "from=pages with=page";
	char *user;

	if (fd < 0 || write(fd, words, strlen(words)) < 0)
		ktap_bail(MAP);
	user = memory(page_B, MAP_SHARED, fd);
	ktap_ok(!rmap_of(user) && !rmap.nr && !strcmp(rmap.seen, "no_rmap") &&
		rmap.mapcount == 1 && entry_of(count_fd, rmap.pfn) == 1,
		"a page of a driver is counted, and found nowhere");
	munmap(user, page_B);
	ktap_ok(rmap_of(user) == -ENOENT, "nothing is mapped: ENOENT");
	close(fd);
}

static void fill_mergeable(void *start)
{
	memset(start, 0x5a, page_B);
	madvise(start, page_B, MADV_MERGEABLE);
}

static bool merged(const char *start)
{
	return entry_of(flags_fd, pfn_of(start)) & KPF_KSM;
}

static void test_ksm(void)
{
	char *start;
	pid_t child[2];
	int tries;

	if (!getenv("RMAP_KSM")) {
		ktap_skip("KSM merges", "ksmd cannot be run here");
		ktap_skip("KSM pages meet", "ksmd cannot be run here");
		return;
	}
	start = memory(page_B, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* Each makes a page of its own, of the same content. */
	child[0] = child_start(fill_mergeable, start);
	child[1] = child_start(fill_mergeable, start);
	fill_mergeable(start);
	for (tries = 0; tries < KSM_TRIES; tries++) {
		if (merged(start) &&
		    entry_of(count_fd, pfn_of(start)) == 3)
			break;
		usleep(50000);
	}
	ktap_ok(merged(start), "KSM merges");
	ktap_ok(!rmap_of(start) && counted(start, "ksm", 3) &&
		maps(getpid(), start) && maps(child[0], start) &&
		maps(child[1], start), "KSM pages of three processes meet");
	child_stop(child[0]);
	child_stop(child[1]);
	munmap(start, page_B);
}

/* ---- pin ---- */

/* One answer of pin: before, held, after. */
static struct look_at {
	bool known;
	u64 pfn;
	unsigned int order;
	long refcount, mapcount, pincount;
} pinned[3];

enum { BEFORE, HELD, AFTER };

static int pin_ask(int fd, const char *words)
{
	size_t mark = arena_mark();
	unsigned int row = 0;
	struct table table;
	struct line line;
	int err;

	memset(pinned, 0, sizeof(pinned));
	err = table_ask_fd(&table, fd, PIN, "%s", words);
	while (!err && table_next(&table, &line) && row < 3) {
		pinned[row].known = line.nr == 8 && strcmp(line.word[1], "-");
		if (pinned[row].known) {
			pinned[row].pfn = number(&line, 1);
			pinned[row].order = number(&line, 4);
			pinned[row].refcount = strtol(line.word[5], NULL, 0);
			pinned[row].mapcount = strtol(line.word[6], NULL, 0);
			pinned[row].pincount = strtol(line.word[7], NULL, 0);
		}
		row++;
	}
	arena_reset(mark);
	return err;
}

static int pin_addr(int fd, const char *at, const char *more)
{
	char words[96];

	snprintf(words, sizeof(words), "pid=self addr=%p %s", at, more);
	return pin_ask(fd, words);
}

/* What page says of it. */
static long refcount_of(u64 pfn)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	long count = -1;

	if (!table_ask(&table, "page", "pfn=%llu", (unsigned long long)pfn) &&
	    table_next(&table, &line) && line.nr > 2)
		count = strtol(line.word[2], NULL, 0);
	arena_reset(mark);
	return count;
}

static void refresh_vmstat(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		ktap_note("counters are as old as they are: %m");
	close(fd);
}

static long vmstat_of(const char *name)
{
	size_t mark = arena_mark();
	long value = -1;
	char *text, *at;

	/* Each CPU keeps what it counted for a second. */
	refresh_vmstat();
	text = read_file("/proc/vmstat", NULL);
	at = text ? strstr(text, name) : NULL;
	if (at)
		value = strtol(at + strlen(name), NULL, 0);
	arena_reset(mark);
	return value;
}

static bool took(const char *at, long refs)
{
	bool good = pinned[HELD].pfn == pfn_of(at) &&
		    pinned[BEFORE].pfn == pinned[HELD].pfn &&
		    pinned[HELD].refcount == pinned[BEFORE].refcount + refs &&
		    pinned[HELD].mapcount == pinned[BEFORE].mapcount;

	if (!good)
		ktap_note("refcount %ld %ld %ld", pinned[BEFORE].refcount,
			  pinned[HELD].refcount, pinned[AFTER].refcount);
	return good;
}

/*
 * Each of these is tried again: a page that comes into a CPU's batch, to be put on the
 * LRU or activated, gets a reference for a time, and loses it when the batch is emptied.
 */
static bool again(bool (*claim)(char *at), char *at)
{
	int tries;

	for (tries = 0; tries < PIN_TRIES; tries++)
		if (claim(at))
			return true;
	return false;
}

static bool goes(const char *at, const char *words, long refs)
{
	return !pin_addr(pin_fd, at, words) && took(at, refs) &&
	       pinned[AFTER].refcount == pinned[BEFORE].refcount;
}

static bool pin_goes(char *at)
{
	return goes(at, "", PIN_REFS);
}

static bool get_goes(char *at)
{
	return goes(at, "how=get", 1);
}

static bool longterm_goes(char *at)
{
	return goes(at, "how=longterm write=1", PIN_REFS);
}

static bool kept_and_dropped(char *at)
{
	long count = refcount_of(pfn_of(at));
	bool kept = !pin_addr(pin_fd, at, "keep=1") && !pinned[AFTER].known &&
		    refcount_of(pfn_of(at)) == count + PIN_REFS;

	return !pin_ask(pin_fd, "drop=1") && kept && !pinned[BEFORE].known &&
	       pinned[HELD].refcount == count + PIN_REFS &&
	       pinned[AFTER].refcount == count &&
	       refcount_of(pfn_of(at)) == count;
}

static bool next_one_drops(char *at)
{
	long count = refcount_of(pfn_of(at));
	bool dropped = !pin_addr(pin_fd, at, "keep=1") &&
		       !pin_addr(pin_fd, at + page_B, "keep=1") &&
		       refcount_of(pfn_of(at)) == count;

	return !pin_ask(pin_fd, "drop=1") && dropped;
}

static bool closing_drops(char *at)
{
	int fd = ask_open(PIN, O_RDWR);
	bool kept = !pin_addr(fd, at, "keep=1");
	long count = refcount_of(pfn_of(at));

	close(fd);
	return kept && refcount_of(pfn_of(at)) == count - PIN_REFS;
}

static void test_pin_small(void)
{
	char *at = memory(2 * page_B, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	long acquired = vmstat_of("nr_foll_pin_acquired ");
	long released = vmstat_of("nr_foll_pin_released ");
	char *other = at + page_B;

	*at = 1;
	ktap_ok(again(pin_goes, at), "a pin is 1024 references, and goes");
	if (acquired < 0)
		ktap_skip("pins counted", "/proc/vmstat does not count pins");
	else
		ktap_ok(vmstat_of("nr_foll_pin_acquired ") > acquired &&
			vmstat_of("nr_foll_pin_released ") > released,
			"/proc/vmstat counts it");
	ktap_ok(again(get_goes, at), "get_user_pages is one reference");
	ktap_ok(again(longterm_goes, at), "a pin for long");
	ktap_ok(!pin_addr(pin_fd, other, "write=1") && !pinned[BEFORE].known &&
		pinned[HELD].known && pinned[HELD].pfn == pfn_of(other),
		"a page that was not there is faulted in");
	ktap_ok(again(kept_and_dropped, at), "kept, and dropped");
	ktap_ok(pin_ask(pin_fd, "drop=1") == -ENOENT, "nothing is kept: ENOENT");
	ktap_ok(again(next_one_drops, at), "the next one drops it");
	ktap_ok(again(closing_drops, at), "closing drops it");
	munmap(at, 2 * page_B);
}

static void test_pin_large(void)
{
	char *start = memory(2 * HUGE_B, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *at = (char *)(((uintptr_t)start + HUGE_B - 1) & ~(HUGE_B - 1));

	madvise(at, HUGE_B, MADV_HUGEPAGE);
	*at = 1;
	if (!(entry_of(flags_fd, pfn_of(at)) & KPF_THP))
		ktap_skip("a huge page", "no huge page was had");
	else
		ktap_ok(!pin_addr(pin_fd, at + page_B, "") &&
			pinned[BEFORE].pincount == 0 &&
			pinned[HELD].pincount == 1 &&
			pinned[AFTER].pincount == 0 &&
			pinned[HELD].pfn == pfn_of(at + page_B),
			"a huge page counts its pins apart");
	munmap(start, 2 * HUGE_B);
}

static void test_pin_refused(void)
{
	static const char words[] = "from=pages with=pfn";
	int map = ask_open(MAP, O_RDWR);
	char *user;

	if (map < 0 || write(map, words, strlen(words)) < 0)
		ktap_bail(MAP);
	user = memory(page_B, MAP_SHARED, map);
	ktap_ok(pin_addr(pin_fd, user, "") == -EFAULT,
		"a page frame without a page cannot be pinned: EFAULT");
	munmap(user, page_B);
	ktap_ok(pin_addr(pin_fd, user, "") == -EFAULT, "nothing is mapped: EFAULT");
	close(map);
}

int main(void)
{
	lib_init(ARENA_B);
	lib_need(RMAP);
	count_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	pagemap_fd = proc_open("self", "pagemap", O_RDONLY);
	pin_fd = ask_open(PIN, O_RDWR);
	if (count_fd < 0 || flags_fd < 0 || pagemap_fd < 0 || pin_fd < 0)
		ktap_bail("/proc");
	ktap_start(NR_RMAP + NR_KSM + NR_PIN);
	test_anon();
	test_file();
	test_huge();
	test_limit();
	test_no_rmap();
	test_ksm();
	test_pin_large();
	test_pin_refused();
	test_pin_small();
	return ktap_finish();
}
