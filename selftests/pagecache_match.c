// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk/pagecache against mincore(), page by page, and against cachestat() where
 * the kernel has it (6.5), for files of ramfs, of tmpfs with and without huge
 * pages, and for the program itself; and that a look brings nothing in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(16UL << 20)
#define FILE_CACHE	"pgwalk/pagecache"
#define SPARSE_PAGES	997
#define HUGE_B		(2UL << 20)
#define PATH_LEN	512

#ifndef SYS_cachestat
#define SYS_cachestat	451
#endif

/* What cachestat(2) fills in. */
struct counts {
	u64 cache, dirty, writeback, evicted, recently_evicted;
};

/* One answer: a byte a page, and the totals. */
static struct {
	unsigned char *resident;
	u64 nr, pages, dirty, writeback, file_pages, in_totals, lost;
	u64 totals_dirty, totals_writeback;
	unsigned int largest_order;
	bool good;
} cache;

static u64 number(const struct line *line, unsigned int i)
{
	return strtoull(line->word[i], NULL, 0);
}

static void read_extent(const struct line *line)
{
	u64 index = number(line, 0), pages = number(line, 1), i;
	unsigned int order = number(line, 2);

	if (line->nr != 6 || !pages || pages % BIT(order) ||
	    index % BIT(order)) {
		cache.good = false;
		return;
	}
	for (i = index; i < index + pages && i < cache.nr; i++) {
		cache.good &= !cache.resident[i];
		cache.resident[i] = 1;
	}
	cache.pages += pages;
	if (strstr(line->word[4], "dirty"))
		cache.dirty += pages;
	if (strstr(line->word[4], "writeback"))
		cache.writeback += pages;
	if (order > cache.largest_order)
		cache.largest_order = order;
}

static void read_total(const struct line *line)
{
	const char *name = line->word[0];

	if (!strcmp(name, "file_pages"))
		cache.file_pages = number(line, 1);
	else if (!strcmp(name, "resident_pages"))
		cache.in_totals = number(line, 1);
	else if (!strcmp(name, "dirty_pages"))
		cache.totals_dirty = number(line, 1);
	else if (!strcmp(name, "writeback_pages"))
		cache.totals_writeback = number(line, 1);
	else if (!strcmp(name, "lost"))
		cache.lost = number(line, 1);
}

/* Ask about a file of so many pages. */
static void look_at(const char *path, u64 nr)
{
	const char *section = "";
	struct table table;
	struct line line;

	memset(&cache, 0, sizeof(cache));
	cache.nr = nr;
	cache.resident = arena_get(nr);
	memset(cache.resident, 0, nr);
	if (table_ask(&table, FILE_CACHE, "path=%s", path))
		return;
	cache.good = !table.truncated[0];
	while (table_next(&table, &line)) {
		if (line.section)
			section = line.word[0];
		else if (!strcmp(section, "extents"))
			read_extent(&line);
		else if (!strcmp(section, "totals"))
			read_total(&line);
	}
	cache.good &= cache.pages == cache.in_totals && !cache.lost &&
		      cache.file_pages == nr && cache.dirty == cache.totals_dirty &&
		      cache.writeback == cache.totals_writeback;
}

static unsigned char *mincore_of(int fd, u64 nr)
{
	unsigned char *vec = arena_get(nr);
	void *p = mmap(NULL, nr * page_B, PROT_READ, MAP_SHARED, fd, 0);
	u64 i;

	if (p == MAP_FAILED || mincore(p, nr * page_B, vec))
		ktap_bail("mincore");
	munmap(p, nr * page_B);
	for (i = 0; i < nr; i++)
		vec[i] &= 1;
	return vec;
}

static bool same(const unsigned char *oracle, u64 nr)
{
	u64 i;

	for (i = 0; i < nr; i++) {
		if (cache.resident[i] == oracle[i])
			continue;
		ktap_note("page %llu: ours %u, mincore %u", (unsigned long long)i,
			  cache.resident[i], oracle[i]);
		return false;
	}
	return true;
}

/* Before and after our look, the kernel must say what it says. */
static bool matches(const char *path)
{
	size_t mark = arena_mark();
	unsigned char *before, *after;
	struct stat st;
	bool good;
	u64 nr;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		ktap_bail("%s", path);
	nr = (st.st_size + page_B - 1) / page_B;
	before = mincore_of(fd, nr);
	look_at(path, nr);
	after = mincore_of(fd, nr);
	close(fd);
	good = cache.good && cache.pages && same(before, nr) && same(after, nr);
	arena_reset(mark);
	return good;
}

static int make_file(char *path, const char *dir, const char *name, size_t size_B)
{
	int fd;

	snprintf(path, PATH_LEN, "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, size_B))
		ktap_bail("%s", path);
	return fd;
}

/* Runs of all lengths, with holes of all lengths. */
static void write_some(int fd, u64 nr)
{
	char *page = arena_get(page_B);
	u64 i, run, at = 3;

	memset(page, 1, page_B);
	for (run = 1; at + run < nr; run++) {
		for (i = 0; i < run; i++)
			if (pwrite(fd, page, page_B, (at + i) * page_B) !=
			    (ssize_t)page_B)
				ktap_bail("write");
		at += 2 * run;
	}
}

static void test_sparse(const char *name, const char *dir)
{
	char path[PATH_LEN];
	bool good;
	int fd;

	if (!dir) {
		ktap_skip(name, "it cannot be mounted");
		return;
	}
	fd = make_file(path, dir, "sparse", SPARSE_PAGES * page_B);
	write_some(fd, SPARSE_PAGES);
	good = matches(path);
	ktap_ok(good && cache.pages < SPARSE_PAGES,
		"%s: %llu of %d pages, as mincore() says", name,
		(unsigned long long)cache.pages, SPARSE_PAGES);
	close(fd);
}

static void test_huge(const char *dir)
{
	char path[PATH_LEN], *p;
	bool good;
	int fd;

	if (!dir) {
		ktap_skip("huge folios", "no tmpfs with huge pages");
		return;
	}
	fd = make_file(path, dir, "huge", 2 * HUGE_B);
	p = mmap(NULL, 2 * HUGE_B, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		ktap_bail("mmap");
	memset(p, 1, 2 * HUGE_B);
	good = matches(path);
	ktap_ok(good && cache.pages == 2 * HUGE_B / page_B &&
		BIT(cache.largest_order) * page_B == HUGE_B,
		"huge folios: order %u", cache.largest_order);
	munmap(p, 2 * HUGE_B);
	close(fd);
}

/* Only what others may have read meanwhile could differ: it is in use, so is there. */
static void test_program(void)
{
	char path[PATH_LEN];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	bool good;

	if (len < 0)
		ktap_bail("/proc/self/exe");
	path[len] = '\0';
	good = matches(path);
	ktap_ok(good, "this program: %llu pages",
		(unsigned long long)cache.pages);
}

static void test_cachestat(const char *dir)
{
	const u64 whole_file[2] = { 0, 0 };
	struct counts counts;
	char path[PATH_LEN];
	bool good;
	int fd;

	fd = dir ? make_file(path, dir, "stat", SPARSE_PAGES * page_B) : -1;
	if (fd >= 0)
		write_some(fd, SPARSE_PAGES);
	if (fd < 0 || syscall(SYS_cachestat, fd, whole_file, &counts, 0)) {
		ktap_skip("cachestat()", "not before 6.5");
		return;
	}
	/* ramfs marks no page dirty for cachestat(); but all were written. */
	good = matches(path);
	ktap_ok(good && cache.pages == counts.cache &&
		cache.dirty == cache.pages &&
		cache.writeback == counts.writeback,
		"cachestat(): %llu pages; all of them dirty",
		(unsigned long long)counts.cache);
	close(fd);
}

/* A name with blanks, and a file without a page. */
static void test_names(const char *dir)
{
	char path[PATH_LEN], name[PATH_LEN];
	struct table table;

	if (!dir) {
		ktap_skip("a name with a blank", "no ramfs");
		return;
	}
	close(make_file(path, dir, "a name", page_B));
	snprintf(name, sizeof(name), "path=%s/a\\040name", dir);
	ktap_ok(!table_ask(&table, FILE_CACHE, "%s", name) &&
		strstr(table.text, "\nresident_pages 0\n"),
		"a name with a blank; nothing of it is in memory");
}

int main(void)
{
	const char *ramfs = getenv("CACHE_RAMFS"), *tmpfs = getenv("CACHE_TMPFS");

	lib_init(ARENA_B);
	lib_need(FILE_CACHE);
	ktap_start(6);
	test_sparse("ramfs", ramfs);
	test_sparse("tmpfs", tmpfs);
	test_huge(getenv("CACHE_HUGE"));
	test_program();
	test_cachestat(ramfs);
	test_names(ramfs);
	return ktap_finish();
}
