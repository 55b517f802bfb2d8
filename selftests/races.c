// SPDX-License-Identifier: GPL-2.0
/*
 * Readers against a process that changes its address space as fast as it can.
 *
 *	races SECONDS
 *
 * One process has a thread for each way to change page tables: mmap and munmap,
 * mremap, MADV_DONTNEED, THP and MADV_COLLAPSE, mprotect, swap-out, fork and
 * exec. Readers in processes of their own ask walk, walk.bin, range, range.bin,
 * vmas and mm of it, and space=kernel, over and over, while another writes to
 * mmscope_test's churn, so that vmalloc areas come and go. Now and then a reader
 * is killed in the middle, and another one takes its place.
 *
 * What must hold of every single answer: the request is accepted, or refused
 * with ESRCH for a process that is gone; the frame is whole; every line parses;
 * extents are sorted, do not overlap and lie inside the range. It may say
 * truncated. The oracle for all else is the kernel log, which selftests/run
 * reads, and the same answers once all is quiet again.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* 6.1, 7d8faaf15545 */
#endif

#define ARENA_B		(48UL << 20)
#define AREA_B		(8UL << 20)
#define HUGE_B		(2UL << 20)
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define KILL_EVERY	1	/* seconds */
#define GONE_WAIT	120	/* seconds, for slow machines */
#define ANSWER_WAIT	60	/* seconds, for the first answer of each reader */
#define BIN_RECORDS	512
#define CHURN		"/sys/kernel/debug/mmscope_test/churn"

/* ---- The process that changes ---- */

static void *map_area(void)
{
	void *p = mmap(NULL, AREA_B, RW, ANON, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void touch(char *p, size_t size_B)
{
	size_t i;

	for (i = 0; i < size_B; i += page_B)
		p[i]++;
}

static void *do_mmap(void *unused)
{
	char *p;

	(void)unused;
	for (;;) {
		p = map_area();
		if (!p)
			continue;
		touch(p, AREA_B / 8);
		munmap(p + AREA_B / 4, AREA_B / 4);
		munmap(p, AREA_B);
	}
	return NULL;
}

static void *do_mremap(void *unused)
{
	char *p = map_area(), *q;

	(void)unused;
	while (p) {
		touch(p, 64 * page_B);
		q = mremap(p, AREA_B, AREA_B / 2, MREMAP_MAYMOVE);
		if (q == MAP_FAILED)
			break;
		p = mremap(q, AREA_B / 2, AREA_B, MREMAP_MAYMOVE);
		if (p == MAP_FAILED)
			break;
	}
	return NULL;
}

static void *do_dontneed(void *unused)
{
	char *p = map_area();

	(void)unused;
	while (p) {
		touch(p, AREA_B / 4);
		madvise(p, AREA_B / 2, MADV_DONTNEED);
	}
	return NULL;
}

/* Tables are replaced by huge entries and split up again. */
static void *do_huge(void *unused)
{
	char *p = map_area();
	char *start;

	(void)unused;
	if (!p)
		return NULL;
	start = (char *)(((uintptr_t)p + HUGE_B - 1) & ~(HUGE_B - 1));
	for (;;) {
		madvise(start, HUGE_B, MADV_NOHUGEPAGE);
		touch(start, HUGE_B);
		madvise(start, HUGE_B, MADV_HUGEPAGE);
		madvise(start, HUGE_B, MADV_COLLAPSE);
		mprotect(start + 4 * page_B, page_B, PROT_READ);
		mprotect(start + 4 * page_B, page_B, RW);
		madvise(start, HUGE_B, MADV_DONTNEED);
	}
	return NULL;
}

static void *do_mprotect(void *unused)
{
	char *p = map_area();
	size_t at = 0;

	(void)unused;
	while (p) {
		touch(p, 16 * page_B);
		at = (at + 7 * page_B) % (AREA_B / 2);
		mprotect(p + at, 16 * page_B, PROT_NONE);
		mprotect(p + at, 16 * page_B, PROT_READ);
		mprotect(p, AREA_B, RW);
	}
	return NULL;
}

static void *do_pageout(void *unused)
{
	char *p = map_area();

	(void)unused;
	while (p) {
		touch(p, 128 * page_B);
		madvise(p, 128 * page_B, MADV_PAGEOUT);
	}
	return NULL;
}

static void *do_fork(void *unused)
{
	char *const words[] = { "true", NULL };
	pid_t pid;

	(void)unused;
	for (;;) {
		pid = fork();
		if (!pid) {
			execv("/bin/true", words);
			_exit(1);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void *(*const changes[])(void *) = {
	do_mmap, do_mremap, do_dontneed, do_huge, do_mprotect, do_pageout,
	do_fork,
};

static void change(void)
{
	pthread_t thread;
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	arena_drop();
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		if (pthread_create(&thread, NULL, changes[i], NULL))
			_exit(1);
	for (;;)
		pause();
}

/* ---- Readers ---- */

/* What readers count, in memory that all processes share. */
struct tally {
	unsigned long answers, records, truncated, gone, wrong;
};

static struct tally *tallies;
static pid_t changer;

/* Of an answer's errno: true when it was taken. A dead target is no defect. */
static bool answered(struct tally *t, int err)
{
	if (!err) {
		t->answers++;
		return true;
	}
	if (err == -ESRCH) {
		t->gone++;
		return false;
	}
	t->wrong++;
	ktap_note("an answer failed: %s", strerror(-err));
	return false;
}

static void expect(struct tally *t, bool holds)
{
	if (!holds)
		t->wrong++;
}

static void read_range(struct tally *t)
{
	struct extents extents;

	if (!answered(t, extents_text(&extents, "pid=%d", changer)))
		return;
	t->records += extents.nr;
	t->truncated += extents.truncated;
	expect(t, extents_sorted(&extents, 0, BIT_ULL(63)));
}

static void read_range_bin(struct tally *t)
{
	struct extents extents;

	if (!answered(t, extents_bin(&extents, "pid=%d holes=1", changer)))
		return;
	t->records += extents.nr;
	t->truncated += extents.truncated;
	expect(t, extents_sorted(&extents, 0, BIT_ULL(63)));
}

static void read_kernel(struct tally *t)
{
	struct extents extents;

	if (!answered(t, extents_bin(&extents, "space=kernel")))
		return;
	t->records += extents.nr;
	t->truncated += extents.truncated;
	expect(t, extents_sorted(&extents, BIT_ULL(63), 0));
}

static void read_table(struct tally *t, const char *file)
{
	struct table table;
	struct line line;

	if (!answered(t, table_ask(&table, file, "pid=%d", changer)))
		return;
	t->truncated += !!table.truncated[0];
	while (table_next(&table, &line))
		t->records++;
}

static void read_vmas(struct tally *t)
{
	read_table(t, "pgwalk/vmas");
}

static void read_mm(struct tally *t)
{
	read_table(t, "pgwalk/mm");
}

/* Addresses that the areas are likely to be at, mapped or not. */
static u64 some_address(void)
{
	u64 here = (uintptr_t)map_area();

	munmap((void *)(uintptr_t)here, AREA_B);
	return (here - rand() % 4096 * page_B) & ~(page_B - 1);
}

static void read_walk(struct tally *t)
{
	u64 addr = some_address();
	struct walk walks[3];
	int nr, i;

	nr = walks_ask(walks, ARRAY_SIZE(walks), "pid=%d addr=%#llx,%#llx,%#llx",
		       changer, (unsigned long long)addr,
		       (unsigned long long)(addr + HUGE_B),
		       (unsigned long long)(addr + 2 * HUGE_B));
	if (!answered(t, nr < 0 ? nr : 0))
		return;
	for (i = 0; i < nr; i++)
		expect(t, walk_chained(&walks[i]));
	t->records += nr;
}

static void read_walk_bin(struct tally *t)
{
	size_t size_B = BIN_RECORDS * sizeof(struct mmscope_walk_record);
	struct mmscope_walk_record *r = arena_get(size_B);
	int fd = open(MMSCOPE_DIR "pgwalk/walk.bin", O_RDWR | O_CLOEXEC);
	u64 addr = some_address();
	char words[32];
	ssize_t got = -1;
	size_t i;

	snprintf(words, sizeof(words), "pid=%d", changer);
	if (fd >= 0 && write(fd, words, strlen(words)) > 0)
		got = pread(fd, r, size_B, addr / page_B * sizeof(*r));
	if (!answered(t, got < 0 ? -errno : 0))
		goto out;
	expect(t, got % sizeof(*r) == 0);
	for (i = 0; i < got / sizeof(*r); i++)
		expect(t, r[i].addr == addr + i * page_B &&
		       r[i].level >= MMSCOPE_LEVEL_PTE &&
		       r[i].level <= r[i].top);
	t->records += i;
out:
	close(fd);
}

/* Kernel areas that come and go under the readers of space=kernel. */
static void churn(struct tally *t)
{
	int fd = open(CHURN, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "200", 3) != 3)
		usleep(100 * 1000);
	else
		t->answers++;
	close(fd);
}

/**
 * struct reader - one way to ask
 * @of_changer: about the process that changes, not the kernel
 */
static const struct reader {
	const char *name;
	void (*read)(struct tally *t);
	bool of_changer;
} readers[] = {
	{ "range", read_range, true },
	{ "range.bin", read_range_bin, true },
	{ "range.bin of the kernel", read_kernel, false },
	{ "vmas", read_vmas, true },
	{ "mm", read_mm, true },
	{ "walk", read_walk, true },
	{ "walk.bin", read_walk_bin, true },
	{ "churn", churn, false },
};

static pid_t start_reader(size_t i)
{
	size_t mark = arena_mark();
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srand(getpid());
	for (;;) {
		readers[i].read(&tallies[i]);
		arena_reset(mark);
	}
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool all_answered(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(readers); i++)
		if (!tallies[i].answers && !tallies[i].wrong &&
		    (readers[i].read != churn || !access(CHURN, W_OK)))
			return false;
	return true;
}

/*
 * Let them run; kill one after the other in the middle of what it reads. On a
 * slow machine go on, without killing, until each had time for an answer.
 */
static void race(double seconds)
{
	pid_t pids[ARRAY_SIZE(readers)];
	double until = now_s() + seconds, next_kill = now_s() + KILL_EVERY;
	size_t i, victim = 0;

	for (i = 0; i < ARRAY_SIZE(readers); i++)
		pids[i] = start_reader(i);
	while (now_s() < until) {
		usleep(50 * 1000);
		if (now_s() < next_kill)
			continue;
		end(pids[victim]);
		pids[victim] = start_reader(victim);
		victim = (victim + 1) % ARRAY_SIZE(readers);
		next_kill = now_s() + KILL_EVERY;
	}
	while (!all_answered() && now_s() < until + ANSWER_WAIT)
		usleep(50 * 1000);
	for (i = 0; i < ARRAY_SIZE(readers); i++)
		end(pids[i]);
}

static void test_readers(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		struct tally *t = &tallies[i];

		ktap_note("%-24s %lu answers, %lu records, %lu truncated, %lu gone, %lu wrong",
			  readers[i].name, t->answers, t->records, t->truncated,
			  t->gone, t->wrong);
		if (readers[i].read == churn && access(CHURN, W_OK))
			ktap_skip(readers[i].name, "mmscope_test is not loaded");
		else
			ktap_ok(t->answers && !t->wrong && !t->gone,
				"%s: every answer is well formed",
				readers[i].name);
	}
}

static bool all_saw_it_gone(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(readers); i++)
		if (readers[i].of_changer && !tallies[i].gone)
			return false;
	return true;
}

/* It dies under all readers, which then get ESRCH, or an end, and nothing else. */
static void test_death(void)
{
	pid_t pids[ARRAY_SIZE(readers)];
	unsigned long wrong = 0;
	double until;
	size_t i;

	memset(tallies, 0, ARRAY_SIZE(readers) * sizeof(*tallies));
	for (i = 0; i < ARRAY_SIZE(readers); i++)
		pids[i] = start_reader(i);
	usleep(500 * 1000);
	end(changer);
	until = now_s() + GONE_WAIT;
	while (!all_saw_it_gone() && now_s() < until)
		usleep(50 * 1000);
	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		end(pids[i]);
		wrong += tallies[i].wrong;
	}
	ktap_ok(!wrong && all_saw_it_gone(),
		"the process dies: ESRCH for every reader, and nothing worse");
}

static void test_quiet(void)
{
	struct extents text, bin;

	ktap_ok(!extents_text(&text, "pid=%d", getpid()) && text.nr &&
		!text.truncated && extents_sorted(&text, 0, BIT_ULL(63)) &&
		!extents_bin(&bin, "space=kernel") && bin.nr &&
		!bin.truncated && extents_sorted(&bin, BIT_ULL(63), 0),
		"afterwards the files answer as ever");
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5;

	lib_init(ARENA_B);
	lib_need("pgwalk/range");
	top_level();
	tallies = mmap(NULL, ARRAY_SIZE(readers) * sizeof(*tallies), RW,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		ktap_bail("mmap");
	ktap_start(ARRAY_SIZE(readers) + 2);
	changer = fork();
	if (!changer)
		change();
	race(seconds);
	test_readers();
	test_death();
	test_quiet();
	return ktap_finish();
}
