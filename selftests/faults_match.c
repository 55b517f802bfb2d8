// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk/faults against faults of this process that are made on purpose: so many
 * of one class and of no other, in the number that getrusage() has, too.
 *
 * All memory of the test itself is locked, so that only what a case maps can
 * fault. Further oracles: mm's bytes of page tables for the tables built, smaps
 * for huge pages, mincore() for what is in the swap cache, and the addresses
 * touched for the event's.
 *
 * Migrations and NUMA hints cannot be had one by one: the test goes on until it met
 * enough, on machines with two nodes. Not made here: pages in devices, and mappings
 * of drivers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(16UL << 20)
#define FILE_FAULTS	"pgwalk/faults"
#define NR		23	/* faults of a case; a prime */
#define NR_HUGE		16
#define HUGE_B		(2UL << 20)
#define AROUND_PAGES	16	/* fault_around_bytes, unless somebody changed it */
#define CLASSES_MAX	32
#define STORM_THREADS	8
#define STORM_PAGES	1021
#define RW		(PROT_READ | PROT_WRITE)
#define NODE_PAGES	64	/* moved at once */
#define HINT_PAGES	4096
#define ENOUGH		16	/* of what comes by chance */
#define CHANCE_S	30	/* to wait for it */

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif

/* One row of an answer, from the column "class" on. */
struct row {
	char class[16];
	unsigned long long count, min_ns, p50_ns, p90_ns, p99_ns, max_ns;
	unsigned long long minor, major, retry, vma_lock, mmap_lock, gup;
	unsigned long long none, pte, pmd, pud, tables, around;
};

static struct {
	struct row rows[CLASSES_MAX];
	unsigned int nr;
	unsigned long long calls, missed;
	bool good;
} counted;

static struct {
	long minor, major;
} usage;

static int faults_fd;

/* ---- Counting ---- */

static u64 number(const struct line *line, unsigned int i)
{
	return strtoull(line->word[i], NULL, 0);
}

static void read_row(const struct line *line)
{
	struct row *row = &counted.rows[counted.nr++];
	unsigned long long *value = &row->count;
	unsigned int i;

	snprintf(row->class, sizeof(row->class), "%s", line->word[0]);
	for (i = 1; i < line->nr; i++)
		*value++ = number(line, i);
}

static void read_counts(int fd)
{
	bool classes = false;
	struct table table;
	struct line line;

	memset(&counted, 0, sizeof(counted));
	if (lseek(fd, 0, SEEK_SET) || table_ask_fd(&table, fd, FILE_FAULTS, "%s", ""))
		return;
	counted.good = !strcmp(table.consistency, "locked");
	while (table_next(&table, &line)) {
		if (line.section)
			classes = !strcmp(line.word[0], "classes");
		else if (!classes && !strcmp(line.word[0], "calls"))
			counted.calls = number(&line, 1);
		else if (!classes && !strcmp(line.word[0], "missed_anywhere"))
			counted.missed = number(&line, 1);
		else if (classes && (line.nr != 19 || counted.nr == CLASSES_MAX))
			counted.good = false;
		else if (classes)
			read_row(&line);
	}
}

static void read_usage(int sign)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	usage.minor += sign * ru.ru_minflt;
	usage.major += sign * ru.ru_majflt;
}

static void start_on(int fd, const char *words)
{
	if (write(fd, words, strlen(words)) < 0)
		ktap_bail("%s refuses %s", FILE_FAULTS, words);
}

static void start(void)
{
	memset(&usage, 0, sizeof(usage));
	start_on(faults_fd, "pid=self");
	read_usage(-1);
}

static void stop(void)
{
	size_t mark = arena_mark();

	read_usage(1);
	read_counts(faults_fd);
	arena_reset(mark);
}

static const struct row *row_of(const char *class)
{
	static const struct row none;
	unsigned int i;

	for (i = 0; i < counted.nr; i++)
		if (!strcmp(counted.rows[i].class, class))
			return &counted.rows[i];
	return &none;
}

static void show_counts(void)
{
	const struct row *row;
	unsigned int i;

	for (i = 0; i < counted.nr; i++) {
		row = &counted.rows[i];
		ktap_note("%s %llu: minor %llu, major %llu, retry %llu, gup %llu",
			  row->class, row->count, row->minor, row->major,
			  row->retry, row->gup);
		ktap_note("none %llu, pte %llu, pmd %llu, tables %llu, around %llu",
			  row->none, row->pte, row->pmd, row->tables,
			  row->around);
	}
	ktap_note("calls %llu, missed %llu; ru_minflt %ld, ru_majflt %ld",
		  counted.calls, counted.missed, usage.minor, usage.major);
}

/* Each row must hold what its sums are made of, and all rows what getrusage() has. */
static bool adds_up(void)
{
	u64 minor = 0, major = 0, calls = 0;
	const struct row *row;
	unsigned int i;

	for (i = 0; i < counted.nr; i++) {
		row = &counted.rows[i];
		minor += row->minor;
		major += row->major;
		calls += row->count;
		if (row->vma_lock + row->mmap_lock != row->count ||
		    row->none + row->pte + row->pmd + row->pud != row->count ||
		    row->min_ns > row->p50_ns || row->p50_ns > row->p90_ns ||
		    row->p90_ns > row->p99_ns || row->p99_ns > row->max_ns ||
		    !row->max_ns)
			return false;
	}
	return counted.good && calls == counted.calls && !counted.missed &&
	       minor == (u64)usage.minor && major == (u64)usage.major;
}

/* So many of this class, and of no other but @also. */
static bool only(const char *class, u64 nr, const char *also)
{
	u64 others = counted.calls - row_of(class)->count;
	bool good;

	if (*also)
		others -= row_of(also)->count;
	good = row_of(class)->count == nr && !others && adds_up();
	if (!good)
		show_counts();
	return good;
}

/* ---- Memory ---- */

static void *map_at(void *at, size_t size_B, int prot, int flags, int fd)
{
	void *p = mmap(at, size_B, prot, flags | (at ? MAP_FIXED : 0), fd, 0);

	if (p == MAP_FAILED)
		ktap_bail("mmap of %zu bytes", size_B);
	return p;
}

static void *map_anon(size_t size_B)
{
	void *p = map_at(NULL, size_B, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, size_B, MADV_NOHUGEPAGE);
	return p;
}

/* Room for a mapping that is aligned as huge pages are. */
static void *map_room(size_t size_B)
{
	char *p = map_at(NULL, size_B + HUGE_B, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	return (void *)(((uintptr_t)p + HUGE_B - 1) & ~(HUGE_B - 1));
}

static void *map_huge(size_t nr)
{
	void *p = map_at(map_room(nr * HUGE_B), nr * HUGE_B, RW,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, nr * HUGE_B, MADV_HUGEPAGE);
	return p;
}

static void read_each(const void *p, size_t nr, size_t step_B)
{
	while (nr--) {
		look(p);
		p += step_B;
	}
}

static void write_each(void *p, size_t nr, size_t step_B)
{
	while (nr--) {
		__atomic_store_n((char *)p, 1, __ATOMIC_RELAXED);
		p += step_B;
	}
}

/* All writable memory of the test, after a fork: copied now, not later. */
static void settle(const struct vma *vmas, int nr)
{
	char *p;
	int i;

	for (i = 0; i < nr; i++)
		if (!strncmp(vmas[i].perms, "rw-p", 4) &&
		    vma_flag(&vmas[i], "lo"))
			for (p = (char *)vmas[i].start;
			     p < (char *)vmas[i].end; p += page_B)
				__atomic_fetch_or(p, 0, __ATOMIC_RELAXED);
}

static void stop_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A file whose pages are all in the page cache; or, sparse, none. */
static int make_file(const char *name, size_t size_B, bool sparse)
{
	char path[256], *page = arena_get(page_B);
	size_t at;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("FAULTS_FILES"), name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, size_B))
		ktap_bail("%s", path);
	memset(page, 1, page_B);
	for (at = 0; !sparse && at < size_B; at += page_B)
		if (pwrite(fd, page, page_B, at) != (ssize_t)page_B)
			ktap_bail("%s", path);
	return fd;
}

/* ---- Anonymous memory ---- */

/* Page tables in bytes, as mm has it from the kernel's own counter. */
static u64 table_bytes(void)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	u64 bytes = 0;

	if (table_ask(&table, "pgwalk/mm", "pid=self"))
		ktap_bail("pgwalk/mm");
	while (table_next(&table, &line))
		if (!strcmp(line.word[0], "page_tables_B"))
			bytes = number(&line, 1);
	arena_reset(mark);
	return bytes;
}

static void test_small(void)
{
	char *p = map_anon(NR * page_B);

	start();
	read_each(p, NR, page_B);
	stop();
	ktap_ok(only("zero_page", NR, "") && row_of("zero_page")->pte == NR,
		"zero_page: %d pages read", NR);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("cow_zero", NR, ""), "cow_zero: the same written");

	p = map_anon(NR * page_B);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("anon", NR, "") && row_of("anon")->pte == NR,
		"anon: %d pages written", NR);
}

/* Far apart: each needs tables of its own. */
static void test_tables(void)
{
	u64 before, after;
	unsigned int i;
	char *p[NR];

	for (i = 0; i < NR; i++)
		p[i] = map_at((void *)(0x100000000000ULL + i * (8ULL << 30)),
			      page_B, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	before = table_bytes();
	start();
	for (i = 0; i < NR; i++)
		*p[i] = 1;
	stop();
	after = table_bytes();
	ktap_ok(only("anon", NR, "") && row_of("anon")->tables >= 2 * NR &&
		row_of("anon")->tables * page_B == after - before,
		"tables: %llu built, as the kernel counts them",
		row_of("anon")->tables);
	for (i = 0; i < NR; i++)
		munmap(p[i], page_B);
}

static unsigned long huge_kib(const void *p)
{
	size_t mark = arena_mark();
	struct vma *vmas;
	unsigned long kib = 0;
	int i, nr = vmas_read("self", &vmas);

	for (i = 0; i < nr; i++)
		if (vmas[i].start <= (uintptr_t)p && vmas[i].end > (uintptr_t)p)
			kib = vmas[i].kib[SMAPS_ANON_HUGE];
	arena_reset(mark);
	return kib;
}

static void test_huge(void)
{
	char *p;

	if (!getenv("FAULTS_THP")) {
		ktap_skip("thp", "no transparent huge pages");
		ktap_skip("huge_zero", "no transparent huge pages");
		ktap_skip("cow_zero of a huge page", "no transparent huge pages");
		return;
	}
	p = map_huge(NR_HUGE);
	start();
	write_each(p, NR_HUGE, HUGE_B);
	stop();
	ktap_ok(only("thp", NR_HUGE, "") && row_of("thp")->pmd == NR_HUGE &&
		huge_kib(p) == NR_HUGE * (HUGE_B >> 10),
		"thp: %d huge pages written", NR_HUGE);
	munmap(p, NR_HUGE * HUGE_B);

	if (!getenv("FAULTS_HUGE_ZERO")) {
		ktap_skip("huge_zero", "the kernel does not tell its page");
		ktap_skip("cow_zero of a huge page", "the kernel does not tell its page");
		return;
	}
	p = map_huge(NR_HUGE);
	start();
	read_each(p, NR_HUGE, HUGE_B);
	stop();
	ktap_ok(only("huge_zero", NR_HUGE, "") &&
		row_of("huge_zero")->pmd == NR_HUGE,
		"huge_zero: %d huge pages read", NR_HUGE);
	/* Some kernels put small pages there, others a huge one. */
	start();
	write_each(p, NR_HUGE, HUGE_B);
	stop();
	ktap_ok(only("cow_zero", NR_HUGE, "") &&
		row_of("cow_zero")->pmd * (HUGE_B >> 10) == huge_kib(p),
		"cow_zero: the same written, %llu got a huge page",
		row_of("cow_zero")->pmd);
	munmap(p, NR_HUGE * HUGE_B);
}

static void test_fork(void)
{
	size_t mark = arena_mark();
	char *p = map_anon(2 * NR * page_B);
	struct vma *vmas;
	int nr = vmas_read("self", &vmas);
	pid_t child;

	write_each(p, 2 * NR, page_B);
	/* What another CPU's batch holds too is not the last user's to reuse. */
	lib_drain_lru(p);
	child = fork();
	if (child < 0)
		ktap_bail("fork");
	if (!child)
		for (;;)
			pause();
	settle(vmas, nr);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("cow_copy", NR, ""), "cow_copy: %d pages that a child has, too",
		NR);
	stop_child(child);
	settle(vmas, nr);
	start();
	write_each(p + NR * page_B, NR, page_B);
	stop();
	ktap_ok(only("cow_reuse", NR, ""), "cow_reuse: %d that it had", NR);
	arena_reset(mark);
}

/* ---- Files ---- */

static void test_file_read(void)
{
	size_t size_B = NR * AROUND_PAGES * page_B;
	int fd = make_file("around", size_B, false);
	char *p;

	p = map_at(map_room(size_B), size_B, PROT_READ, MAP_PRIVATE, fd);
	start();
	read_each(p, NR * AROUND_PAGES, page_B);
	stop();
	ktap_ok(only("fault_around", NR, "") &&
		row_of("fault_around")->around == NR * AROUND_PAGES,
		"fault_around: %d faults map %d pages", NR, NR * AROUND_PAGES);
	munmap(p, size_B);
	close(fd);

	fd = make_file("sparse", NR * page_B, true);
	p = map_at(NULL, NR * page_B, PROT_READ, MAP_PRIVATE, fd);
	start();
	read_each(p, NR, page_B);
	stop();
	ktap_ok(only("file_read", NR, "retry") && row_of("file_read")->major == NR,
		"file_read: %d pages that were not in memory, all major", NR);
	close(fd);
}

static void test_file_write(void)
{
	int fd = make_file("write", NR * page_B, false);
	char *p;

	p = map_at(NULL, NR * page_B, RW, MAP_PRIVATE, fd);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("file_cow", NR, ""), "file_cow: %d pages written", NR);
	munmap(p, NR * page_B);

	p = map_at(NULL, NR * page_B, RW, MAP_PRIVATE, fd);
	read_each(p, NR, page_B);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("cow_copy", NR, ""), "cow_copy: read first, then written");
	munmap(p, NR * page_B);

	p = map_at(NULL, NR * page_B, RW, MAP_SHARED, fd);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("shared_write", NR, "spurious"), "shared_write: %d pages written",
		NR);
	munmap(p, NR * page_B);
	close(fd);

	fd = make_file("mkwrite", NR * page_B, false);
	p = map_at(NULL, NR * page_B, RW, MAP_SHARED, fd);
	read_each(p, NR, page_B);
	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("mkwrite", NR, "spurious"), "mkwrite: read first, then written");
	munmap(p, NR * page_B);
	close(fd);
}

static void test_files(void)
{
	static const char *const names[] = {
		"fault_around", "file_read", "file_cow", "cow_copy",
		"shared_write", "mkwrite",
	};
	unsigned int i;

	if (getenv("FAULTS_FILES")) {
		test_file_read();
		test_file_write();
		return;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ktap_skip(names[i], "no ramfs");
}

static void test_shmem(void)
{
	char *p = map_at(NULL, NR * page_B, RW, MAP_SHARED | MAP_ANONYMOUS, -1);

	start();
	write_each(p, NR, page_B);
	stop();
	ktap_ok(only("shmem", NR, "spurious"), "shmem: %d pages written", NR);
	munmap(p, NR * page_B);
}

static void test_hugetlb(void)
{
	char *p;

	if (!getenv("FAULTS_HUGETLB")) {
		ktap_skip("hugetlb", "no huge pages could be reserved");
		return;
	}
	p = map_at(NULL, NR_HUGE * HUGE_B, RW,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	start();
	write_each(p, NR_HUGE, HUGE_B);
	stop();
	ktap_ok(only("hugetlb", NR_HUGE, "") && row_of("hugetlb")->pmd == NR_HUGE,
		"hugetlb: %d pages written", NR_HUGE);
	munmap(p, NR_HUGE * HUGE_B);
}

/* ---- Swap ---- */

static unsigned long swapped_kib(const void *p)
{
	size_t mark = arena_mark();
	struct vma *vmas;
	unsigned long kib = 0;
	int i, nr = vmas_read("self", &vmas);

	for (i = 0; i < nr; i++)
		if (vmas[i].start <= (uintptr_t)p && vmas[i].end > (uintptr_t)p)
			kib = vmas[i].kib[SMAPS_SWAP];
	arena_reset(mark);
	return kib;
}

/* Reclaim may pass over pages that are still in a per-CPU batch: ask again. */
static bool page_out(void *p, size_t size_B)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (madvise(p, size_B, MADV_PAGEOUT))
			return false;
		if (swapped_kib(p) == size_B >> 10)
			return true;
		usleep(20000);
	}
	return false;
}

/*
 * Reads what was swapped out. mincore() says of each page whether it is in the swap
 * cache: so what readahead brings there meanwhile is known as well.
 */
static void test_swapped(const char *class, const char *p, bool cached)
{
	unsigned int nr_cached = 0, i;
	unsigned char in_cache;

	start();
	for (i = 0; i < NR; i++) {
		in_cache = 0;
		mincore((void *)(p + i * page_B), page_B, &in_cache);
		nr_cached += in_cache & 1;
		look(p + i * page_B);
	}
	stop();
	if (!ktap_ok(row_of("swap_minor")->count == nr_cached &&
		     row_of("swap_major")->count == NR - nr_cached &&
		     row_of("swap_major")->major == NR - nr_cached &&
		     (cached ? nr_cached : NR - nr_cached) >= 16 &&
		     row_of("retry")->count + NR == counted.calls && adds_up(),
		     "%s: %u of %d were in the swap cache", class, nr_cached,
		     NR))
		show_counts();
}

/* A child that has read what it shares with us: it stays in the swap cache. */
static pid_t start_reader(const char *p)
{
	char byte = 0;
	int done[2];
	pid_t child;

	if (pipe(done))
		ktap_bail("pipe");
	child = fork();
	if (child < 0)
		ktap_bail("fork");
	if (!child) {
		read_each(p, NR, page_B);
		while (write(done[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	if (read(done[0], &byte, 1) != 1)
		ktap_bail("the child does not answer");
	close(done[0]);
	close(done[1]);
	return child;
}

static void test_swap_cache(const char *p)
{
	size_t mark = arena_mark();
	struct vma *vmas;
	int nr = vmas_read("self", &vmas);
	pid_t child = start_reader(p);

	settle(vmas, nr);
	test_swapped("swap_minor", p, true);
	stop_child(child);
	settle(vmas, nr);
	arena_reset(mark);
}

/* Reclaim finds no page that waits in another CPU's batch for its list. */
static void stay_on_cpu(bool stay)
{
	static cpu_set_t before;
	cpu_set_t one;

	if (stay) {
		sched_getaffinity(0, sizeof(before), &before);
		CPU_ZERO(&one);
		CPU_SET(sched_getcpu(), &one);
	}
	sched_setaffinity(0, sizeof(one), stay ? &one : &before);
}

static void test_swap(void)
{
	const char *device = getenv("FAULTS_SWAP"), *no = NULL;
	char *p = map_anon(2 * NR * page_B);

	stay_on_cpu(true);
	write_each(p, 2 * NR, page_B);
	if (!device || swapon(device, 0))
		no = "no swap device could be made, or others are there";
	else if (!page_out(p, 2 * NR * page_B))
		no = "MADV_PAGEOUT leaves some in memory";
	stay_on_cpu(false);
	if (no) {
		ktap_skip("swap_major", "%s", no);
		ktap_skip("swap_minor", "%s", no);
		return;
	}
	test_swapped("swap_major", p, false);
	test_swap_cache(p + NR * page_B);
}

/* ---- User faults, guards, errors ---- */

struct handler {
	pthread_t thread;
	int uffd;
	void *page;
};

static void *answer_user_faults(void *arg)
{
	struct handler *handler = arg;
	struct uffd_msg msg;
	struct uffdio_copy copy;

	while (read(handler->uffd, &msg, sizeof(msg)) == sizeof(msg)) {
		memset(&copy, 0, sizeof(copy));
		copy.dst = msg.arg.pagefault.address & ~(page_B - 1);
		copy.src = (uintptr_t)handler->page;
		copy.len = page_B;
		ioctl(handler->uffd, UFFDIO_COPY, &copy);
	}
	return NULL;
}

static bool start_handler(struct handler *handler, void *p, size_t size_B)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)p, .len = size_B },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	pthread_attr_t attr;
	void *stack;

	handler->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (handler->uffd < 0 || ioctl(handler->uffd, UFFDIO_API, &api) ||
	    ioctl(handler->uffd, UFFDIO_REGISTER, &reg))
		return false;
	handler->page = arena_get(2 * page_B);
	handler->page = (void *)(((uintptr_t)handler->page + page_B - 1) &
				 ~(page_B - 1));
	stack = map_at(NULL, 64 * page_B, RW, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_POPULATE | MAP_LOCKED, -1);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, 64 * page_B);
	return !pthread_create(&handler->thread, &attr, answer_user_faults,
			       handler);
}

static void test_userfault(void)
{
	struct handler handler;
	/* One for the thread to touch all that it needs. */
	char *p = map_anon((NR + 1) * page_B);

	if (!start_handler(&handler, p, (NR + 1) * page_B)) {
		ktap_skip("userfault", "no userfaultfd");
		return;
	}
	look(p);
	start();
	read_each(p + page_B, NR, page_B);
	stop();
	/* The call behind the wait finds the page there. */
	ktap_ok(only("userfault", NR, "spurious") &&
		row_of("spurious")->count == NR,
		"userfault: %d pages left to a thread; spurious: as many", NR);
	pthread_cancel(handler.thread);
	pthread_join(handler.thread, NULL);
	close(handler.uffd);
}

static sigjmp_buf after_signal;

static void on_signal(int signal)
{
	siglongjmp(after_signal, signal);
}

/* Returns whether it raised the signal. */
static noinline bool raises(const char *p, int signal)
{
	if (sigsetjmp(after_signal, 1) == signal)
		return true;
	look(p);
	return false;
}

static unsigned int raise_each(const char *p, unsigned int nr, int signal)
{
	unsigned int i, raised = 0;

	for (i = 0; i < nr; i++)
		raised += raises(p + i * page_B, signal);
	return raised;
}

static void test_refused(void)
{
	unsigned int raised;
	char *p;
	int fd;

	signal(SIGBUS, on_signal);
	signal(SIGSEGV, on_signal);
	fd = memfd_create("faults", MFD_CLOEXEC);
	p = map_at(NULL, (NR + 1) * page_B, PROT_READ, MAP_SHARED, fd);
	/* Once, for what the signal itself needs. */
	raise_each(p, 1, SIGBUS);
	start();
	raised = raise_each(p, NR, SIGBUS);
	stop();
	ktap_ok(raised == NR && only("error", NR, "retry"),
		"error: %d pages behind the end of a file", NR);
	close(fd);

	p = map_anon((NR + 1) * page_B);
	if (madvise(p, (NR + 1) * page_B, MADV_GUARD_INSTALL)) {
		ktap_skip("guard", "this kernel has no guard regions");
		return;
	}
	raise_each(p, 1, SIGSEGV);
	start();
	raised = raise_each(p, NR, SIGSEGV);
	stop();
	ktap_ok(raised == NR && only("guard", NR, "retry"),
		"guard: %d pages of a guard region", NR);
}

/* ---- Who asks ---- */

static void test_gup(void)
{
	char *p = map_anon(NR * page_B), *to = arena_get(NR * page_B);
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	start();
	got = pread(fd, to, NR * page_B, (uintptr_t)p);
	stop();
	ktap_ok(got == (ssize_t)(NR * page_B) && only("zero_page", NR, "") &&
		row_of("zero_page")->gup == NR, "gup: %d pages by /proc/self/mem",
		NR);
	close(fd);
}

/* Of another process: that one's faults only. */
static void test_other_process(void)
{
	char *p = map_anon(NR * page_B), words[32], byte = 0;
	int go[2], done[2];
	pid_t child;

	if (pipe(go) || pipe(done))
		ktap_bail("pipe");
	child = fork();
	if (!child) {
		if (read(go[0], &byte, 1) == 1) {
			write_each(p, NR, page_B);
			if (write(done[1], &byte, 1) == 1)
				pause();
		}
		_exit(1);
	}
	snprintf(words, sizeof(words), "pid=%d", child);
	start_on(faults_fd, words);
	write_each(p, NR, page_B);
	if (write(go[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 1)
		ktap_bail("the child does not answer");
	read_counts(faults_fd);
	/* The child's own stack and data are copied, too: another class. */
	ktap_ok(row_of("anon")->count == NR && !counted.missed,
		"pid=: %d pages of a child, none of ours", NR);
	stop_child(child);
}

/* ---- A storm ---- */

static pthread_barrier_t storm_barrier;

static void *storm(void *arg)
{
	/* At the first, what a thread needs of its own has been touched. */
	pthread_barrier_wait(&storm_barrier);
	pthread_barrier_wait(&storm_barrier);
	write_each(arg, STORM_PAGES, page_B);
	pthread_barrier_wait(&storm_barrier);
	return NULL;
}

static void test_storm(void)
{
	const unsigned long long nr = STORM_THREADS * STORM_PAGES;
	pthread_t threads[STORM_THREADS];
	u64 all_anon, all_missed;
	int i, all_fd;

	all_fd = ask_open(FILE_FAULTS, O_RDWR);
	pthread_barrier_init(&storm_barrier, NULL, STORM_THREADS + 1);
	for (i = 0; i < STORM_THREADS; i++)
		if (pthread_create(&threads[i], NULL, storm,
				   map_anon(STORM_PAGES * page_B)))
			ktap_bail("pthread_create");
	pthread_barrier_wait(&storm_barrier);
	start_on(all_fd, "all=1");
	start();
	pthread_barrier_wait(&storm_barrier);
	pthread_barrier_wait(&storm_barrier);
	stop();
	if (!ktap_ok(row_of("anon")->count == nr && adds_up(),
		     "a storm of %d threads: %llu faults, none missed",
		     STORM_THREADS, nr))
		show_counts();
	read_counts(all_fd);
	all_anon = row_of("anon")->count;
	all_missed = counted.missed;
	ktap_ok(all_anon >= nr && !all_missed,
		"all=1 at the same time: none missed");
	for (i = 0; i < STORM_THREADS; i++)
		pthread_join(threads[i], NULL);
	close(all_fd);
}

/* ---- Two nodes ---- */

static struct {
	char *p;
	bool stop;
} moved;

static void *move_around(void *arg)
{
	static void *pages[NODE_PAGES];
	static int nodes[NODE_PAGES], status[NODE_PAGES];
	unsigned int i, node = 0;

	for (i = 0; i < NODE_PAGES; i++)
		pages[i] = moved.p + i * page_B;
	while (!__atomic_load_n(&moved.stop, __ATOMIC_RELAXED)) {
		node = !node;
		for (i = 0; i < NODE_PAGES; i++)
			nodes[i] = node;
		syscall(SYS_move_pages, 0, NODE_PAGES, pages, nodes, status,
			MPOL_MF_MOVE);
	}
	return arg;
}

/* Touch until there are enough of a class, or it takes too long. */
static void until_enough(const char *class, char *p, size_t nr, time_t end)
{
	size_t mark = arena_mark();
	int i;

	do {
		for (i = 0; i < 100; i++)
			write_each(p, nr, page_B);
		read_counts(faults_fd);
		arena_reset(mark);
	} while (row_of(class)->count < ENOUGH && time(NULL) < end);
}

static void test_migration(void)
{
	pthread_t thread;
	time_t end;

	if (!getenv("FAULTS_NODES")) {
		ktap_skip("migration", "memory on one node only");
		return;
	}
	moved.p = map_anon(NODE_PAGES * page_B);
	write_each(moved.p, NODE_PAGES, page_B);
	if (pthread_create(&thread, NULL, move_around, NULL))
		ktap_bail("pthread_create");
	usleep(100000);
	/* The first look at the clock is a fault. */
	end = time(NULL) + CHANCE_S;
	start();
	until_enough("migration", moved.p, NODE_PAGES, end);
	/* The mover's own faults are over before it ends. */
	stop();
	__atomic_store_n(&moved.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ktap_ok(row_of("migration")->count >= ENOUGH &&
		only("migration", row_of("migration")->count, "spurious"),
		"migration: %llu times a page that was on its way",
		row_of("migration")->count);
}

/* Of /proc/vmstat. */
static u64 kernel_count(const char *name)
{
	size_t mark = arena_mark(), len = strlen(name);
	char *text = read_file("/proc/vmstat", NULL), *at = text;
	u64 value = 0;

	while (at && (at = strstr(at, name))) {
		if (at[len] == ' ' && (at == text || at[-1] == '\n'))
			value = strtoull(at + len, NULL, 10);
		at += len;
	}
	arena_reset(mark);
	return value;
}

static bool start_balancing(void)
{
	int fd = open("/proc/sys/kernel/numa_balancing", O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, "1", 1) == 1;

	close(fd);
	return good;
}

static void *stay(void *arg)
{
	pause();
	return arg;
}

static void test_numa_hint(void)
{
	pthread_t thread;
	u64 before, after;
	char *p;

	/* faults_match.sh puts it back. */
	if (!getenv("FAULTS_HINTS") || !start_balancing()) {
		ktap_skip("numa_hint", "no NUMA balancing, or memory on one node only");
		return;
	}
	/* Of one thread, pages on its own node are left alone. */
	if (pthread_create(&thread, NULL, stay, NULL))
		ktap_bail("pthread_create");
	p = map_anon(HINT_PAGES * page_B);
	write_each(p, HINT_PAGES, page_B);
	before = kernel_count("numa_hint_faults");
	start();
	until_enough("numa_hint", p, HINT_PAGES, time(NULL) + CHANCE_S);
	after = kernel_count("numa_hint_faults");
	/* Others have hints as well. */
	ktap_ok(row_of("numa_hint")->count >= ENOUGH &&
		row_of("numa_hint")->count <= after - before && !counted.missed,
		"numa_hint: %llu, the kernel counts %llu of all processes",
		row_of("numa_hint")->count, (unsigned long long)(after - before));
	munmap(p, HINT_PAGES * page_B);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}

/* ---- The event ---- */

static bool trace_put(const char *file, const char *text)
{
	char path[256];
	bool good;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("FAULTS_TRACE"), file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

#define TRACE_FORMAT ": fault: addr=0x%llx pid=%u class=%31s flags=%*x result=%*x latency_ns=%llu"

/* Events of this class and process on the pages from @p on; each at most once. */
static unsigned int traced(const char *class, const char *p, unsigned int nr)
{
	unsigned long long addr, latency_ns;
	unsigned int seen = 0, pid;
	char path[256], *text, *at, name[32];

	snprintf(path, sizeof(path), "%s/trace", getenv("FAULTS_TRACE"));
	text = read_file(path, NULL);
	for (at = text; at && (at = strstr(at, ": fault: ")); at++) {
		if (sscanf(at, TRACE_FORMAT, &addr, &pid, name, &latency_ns) != 4)
			continue;
		if (pid == (unsigned int)getpid() && !strcmp(name, class) &&
		    seen < nr && latency_ns &&
		    addr == (uintptr_t)p + seen * page_B)
			seen++;
	}
	return seen;
}

static void test_event(void)
{
	size_t mark = arena_mark();
	unsigned int seen = 0, tries;
	char *p;

	if (!getenv("FAULTS_TRACE")) {
		ktap_skip("pgwalk:fault", "no tracefs");
		return;
	}
	trace_put("events/pgwalk/fault/enable", "1");
	/* A work item arms the hook: until something is seen. */
	for (tries = 0; tries < 100 && !seen; tries++) {
		p = map_anon(page_B);
		*p = 1;
		seen = traced("anon", p, 1);
		arena_reset(mark);
		usleep(20000);
	}
	p = map_anon(NR * page_B);
	write_each(p, NR, page_B);
	seen = traced("anon", p, NR);
	arena_reset(mark);
	trace_put("events/pgwalk/fault/enable", "0");
	ktap_ok(seen == NR, "pgwalk:fault: %u of %d, with their addresses", seen,
		NR);
}

/* ---- Armed and not ---- */

static int hook_users(void)
{
	size_t mark = arena_mark();
	const char *users;
	struct table table;
	struct line line;
	int nr = -1;

	if (table_ask(&table, "status", "%s", ""))
		ktap_bail("status");
	while (table_next(&table, &line))
		if (!strcmp(line.word[0], "handle_mm_fault") && line.nr == 4) {
			users = strstr(line.word[3], "users=");
			nr = users ? atoi(users + strlen("users=")) : -1;
		}
	arena_reset(mark);
	return nr;
}

/* The event lets go by a work item. */
static bool no_users(void)
{
	int tries;

	for (tries = 0; tries < 100 && hook_users(); tries++)
		usleep(20000);
	return !hook_users();
}

int main(void)
{
	bool armed;

	lib_init(ARENA_B);
	lib_need(FILE_FAULTS);
	faults_fd = ask_open(FILE_FAULTS, O_RDWR);
	if (faults_fd < 0 || mlockall(MCL_CURRENT))
		ktap_bail("%s", FILE_FAULTS);
	ktap_start(30);
	test_small();
	test_tables();
	test_huge();
	test_files();
	test_shmem();
	test_hugetlb();
	test_swap();
	test_gup();
	test_refused();
	test_fork();
	test_other_process();
	test_userfault();
	test_migration();
	test_storm();
	test_event();
	/* Hints would come upon all that follows. */
	test_numa_hint();
	armed = hook_users() == 1;
	close(faults_fd);
	ktap_ok(armed && no_users(), "armed while the file is open, and no longer");
	return ktap_finish();
}
