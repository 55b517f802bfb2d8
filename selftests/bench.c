// SPDX-License-Identifier: GPL-2.0
/*
 * bench: how long the same question takes here and elsewhere, side by side.
 *
 * No pass or fail: it prints medians, their spread and ratios. Each round asks
 * every way once, in turn, so that a change of the machine's speed hits all.
 *
 *  walk   one page of this process, all levels, against the leaf from pagemap
 *  range  1 GiB of this process as extents, against pagemap, and pagemap with
 *	   the flags of each frame from kpageflags; of huge pages and of small
 *	   pages touched in random order
 *  blocks every free block with its order and type, against a scan of kpageflags,
 *	   which tells that a page is free and no more
 *  areas  10,000 areas of vmalloc, which ours made, against /proc/vmallocinfo
 *  slabs  all caches, exactly, against /proc/slabinfo; all objects of the largest
 *  delays how late a thread of the highest priority wakes up meanwhile
 *
 * With the word areas, only that; with slabs, up to these. With touch or socket, only
 * how long a page takes that is allocated, touched and freed, or a socket, and how many
 * there were, for bench_events.sh. With fragment COMMAND..., only
 * make free memory a long list of single pages, and run COMMAND so.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mmscope/mmscope.h>
#include <mmscope/pgwalk.h>
#include <mmscope/slubprobe.h>

#include "compiler.h"

#define DIR		"/sys/kernel/debug/mmscope/pgwalk/"
#define VMALLOC_DIR	"/sys/kernel/debug/mmscope/vmalloc_walk/"
#define SLUB_DIR	"/sys/kernel/debug/mmscope/slubprobe/"
#define PAGE_B		4096UL
#define ROUNDS		11
#define WALKS		2000
#define WALK_PAGES	16384UL
#define RANGE_B		BIT(30)
#define PM_PRESENT	BIT(63)
#define PM_PFN		(BIT(55) - 1)
#define BATCH		BIT(20)
#define TICK_NS		1000000

static char *memory;
static unsigned long memory_B;
static char batch[BATCH];
static unsigned int *order;

struct way {
	const char *name;
	int (*open)(void);
	void (*run)(int fd);
	int fd;
	double us[ROUNDS];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		die(path);
	return fd;
}

static void ask(int fd, const char *request)
{
	if (write(fd, request, strlen(request)) < 0)
		die(request);
}

static void get(int fd, void *to, size_t size_B, off_t at)
{
	if (pread(fd, to, size_B, at) != (ssize_t)size_B)
		die("pread");
}

/* ---- walk ---- */

static unsigned long page_of(unsigned int i)
{
	return ((unsigned long)memory / PAGE_B) + order[i] % WALK_PAGES;
}

static int open_pagemap(void)
{
	return open_file("/proc/self/pagemap", O_RDONLY);
}

static void walk_pagemap(int fd)
{
	uint64_t entry;
	unsigned int i;

	for (i = 0; i < WALKS; i++)
		get(fd, &entry, sizeof(entry), page_of(i) * sizeof(entry));
}

static int open_walk_bin(void)
{
	int fd = open_file(DIR "walk.bin", O_RDWR);

	ask(fd, "pid=self");
	return fd;
}

static void walk_bin(int fd)
{
	struct mmscope_walk_record walk;
	unsigned int i;

	for (i = 0; i < WALKS; i++)
		get(fd, &walk, sizeof(walk), page_of(i) * sizeof(walk));
}

static int open_walk(void)
{
	return open_file(DIR "walk", O_RDWR);
}

static void walk_text(int fd)
{
	char request[64];
	unsigned int i;

	for (i = 0; i < WALKS; i++) {
		snprintf(request, sizeof(request), "pid=self addr=%#lx",
			 page_of(i) * PAGE_B);
		ask(fd, request);
		if (read(fd, batch, sizeof(batch)) <= 0)
			die("walk");
	}
}

/* ---- range ---- */

static size_t drain(int fd)
{
	size_t sum = 0;
	ssize_t got;

	while ((got = read(fd, batch, sizeof(batch))) > 0)
		sum += got;
	if (got < 0)
		die("range");
	return sum;
}

static void range_pagemap(int fd)
{
	off_t at = (unsigned long)memory / PAGE_B * sizeof(uint64_t);
	size_t left = memory_B / PAGE_B * sizeof(uint64_t), part;

	for (; left; left -= part, at += part) {
		part = left < BATCH ? left : BATCH;
		get(fd, batch, part, at);
	}
}

/* One pread of kpageflags for each run of frames, as page-types does it. */
static void frame_flags(int fd, const uint64_t *entries, size_t nr)
{
	static uint64_t flags[BATCH / sizeof(uint64_t)];
	size_t i, run;

	for (i = 0; i < nr; i += run) {
		run = 1;
		if (!(entries[i] & PM_PRESENT))
			continue;
		while (i + run < nr && entries[i + run] == entries[i] + run)
			run++;
		get(fd, flags, run * sizeof(flags[0]),
		    (entries[i] & PM_PFN) * sizeof(flags[0]));
	}
}

static void range_pagemap_flags(int fd)
{
	static int kpageflags = -1;
	off_t at = (unsigned long)memory / PAGE_B * sizeof(uint64_t);
	size_t left = memory_B / PAGE_B * sizeof(uint64_t), part;

	if (kpageflags < 0)
		kpageflags = open_file("/proc/kpageflags", O_RDONLY);
	for (; left; left -= part, at += part) {
		part = left < BATCH ? left : BATCH;
		get(fd, batch, part, at);
		frame_flags(kpageflags, (uint64_t *)batch, part / sizeof(uint64_t));
	}
}

static int open_range(const char *path)
{
	int fd = open_file(path, O_RDWR);
	char request[96];

	snprintf(request, sizeof(request), "pid=self addr=%#lx-%#lx",
		 (unsigned long)memory, (unsigned long)memory + memory_B);
	ask(fd, request);
	return fd;
}

static int open_range_bin(void)
{
	return open_range(DIR "range.bin");
}

static int open_range_text(void)
{
	return open_range(DIR "range");
}

static void range_ours(int fd)
{
	lseek(fd, 0, SEEK_SET);
	drain(fd);
}

/* ---- blocks ---- */

#define KPF_BUDDY	BIT(10)

static size_t nr_buddy;

static int open_kpageflags(void)
{
	return open_file("/proc/kpageflags", O_RDONLY);
}

static void blocks_kpageflags(int fd)
{
	const uint64_t *flags = (const uint64_t *)batch;
	size_t nr = 0;
	ssize_t got, i;

	lseek(fd, 0, SEEK_SET);
	while ((got = read(fd, batch, sizeof(batch))) > 0)
		for (i = 0; i < got / (ssize_t)sizeof(*flags); i++)
			nr += !!(flags[i] & KPF_BUDDY);
	nr_buddy = nr;
}

static int open_blocks_bin(void)
{
	return open_file("/sys/kernel/debug/mmscope/buddyviz/blocks.bin",
			 O_RDONLY);
}

static int open_blocks(void)
{
	return open_file("/sys/kernel/debug/mmscope/buddyviz/blocks", O_RDONLY);
}

static int open_pagetypeinfo(void)
{
	return open_file("/proc/pagetypeinfo", O_RDONLY);
}

static int open_freelists(void)
{
	return open_file("/sys/kernel/debug/mmscope/buddyviz/freelists",
			 O_RDONLY);
}

/* ---- areas ---- */

static int open_vmallocinfo(void)
{
	return open_file("/proc/vmallocinfo", O_RDONLY);
}

static int open_areas(void)
{
	int fd = open_file(VMALLOC_DIR "areas", O_RDWR);

	ask(fd, "kind=any");
	return fd;
}

static int open_check(void)
{
	return open_file(VMALLOC_DIR "check", O_RDONLY);
}

/* They are there until the file is closed. */
static int make_areas(void)
{
	int fd = open_file(VMALLOC_DIR "vmalloc", O_RDWR);

	ask(fd, "size=4096 count=10000 keep=1");
	drain(fd);
	return fd;
}

/* ---- slabs ---- */

static int open_slabinfo(void)
{
	return open_file("/proc/slabinfo", O_RDONLY);
}

static int open_caches(void)
{
	return open_file(SLUB_DIR "caches", O_RDONLY);
}

static int open_slub_check(void)
{
	return open_file(SLUB_DIR "check", O_RDONLY);
}

static char largest[64];	/* cache, by objects */

static void find_largest(void)
{
	unsigned long objects, most = 0;
	char line[512], name[64];
	FILE *file = fopen("/proc/slabinfo", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %*u %lu", name, &objects) == 2 && objects > most) {
			most = objects;
			memcpy(largest, name, sizeof(largest));
		}
	if (!most)
		die("/proc/slabinfo");
	fclose(file);
}

static int open_objects(void)
{
	int fd = open_file(SLUB_DIR "objects.bin", O_RDWR);
	char words[80];

	snprintf(words, sizeof(words), "name=%s", largest);
	ask(fd, words);
	return fd;
}

static size_t nr_objects;

static void count_objects(int fd)
{
	lseek(fd, 0, SEEK_SET);
	nr_objects = drain(fd) / sizeof(struct mmscope_object_record) - 1;
}

/* ---- Measuring ---- */

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The first way is what the others are compared with. */
static void compare(const char *title, struct way *ways, int nr, double per)
{
	double t;
	int i, r;

	for (i = 0; i < nr; i++) {
		ways[i].fd = ways[i].open();
		ways[i].run(ways[i].fd);	/* warm */
	}
	for (r = 0; r < ROUNDS; r++) {
		for (i = 0; i < nr; i++) {
			t = now_us();
			ways[i].run(ways[i].fd);
			ways[i].us[r] = (now_us() - t) / per;
		}
	}
	printf("\n%s\n%-28s %12s %12s %12s %9s\n", title, "way", "median_us",
	       "min_us", "max_us", "ratio");
	for (i = 0; i < nr; i++) {
		qsort(ways[i].us, ROUNDS, sizeof(double), by_value);
		printf("%-28s %12.2f %12.2f %12.2f %9.2f\n", ways[i].name,
		       ways[i].us[ROUNDS / 2], ways[i].us[0],
		       ways[i].us[ROUNDS - 1],
		       ways[i].us[ROUNDS / 2] / ways[0].us[ROUNDS / 2]);
		close(ways[i].fd);
	}
}

static void map_memory(unsigned long size_B, int advice)
{
	/* Twice as much, so that a huge-page aligned part is in it. */
	char *map = mmap(NULL, 2 * size_B, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned long i, pages = size_B / PAGE_B;

	if (map == MAP_FAILED)
		die("mmap");
	memory = (char *)(((unsigned long)map + (2UL << 20) - 1) &
			  ~((2UL << 20) - 1));
	memory_B = size_B;
	madvise(map, 2 * size_B, advice);
	for (i = 0; i < pages; i++)
		memory[order[i] % pages * PAGE_B] = 1;
}

/* A permutation, the same in each run. */
static void make_order(unsigned int nr)
{
	unsigned int i, j, swap;

	order = malloc(nr * sizeof(*order));
	if (!order)
		die("malloc");
	srandom(42);
	for (i = 0; i < nr; i++)
		order[i] = i;
	for (i = nr - 1; i > 0; i--) {
		j = random() % (i + 1);
		swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
}

static void compare_areas(void)
{
	struct way areas[] = {
		{ .name = "vmallocinfo", .open = open_vmallocinfo, .run = range_ours },
		{ .name = "areas", .open = open_areas, .run = range_ours },
		{ .name = "check", .open = open_check, .run = range_ours },
	};
	int fd = make_areas();

	compare("areas: 10,000 areas of vmalloc", areas, 3, 1);
	close(fd);
}

static struct way slabs[] = {
	{ .name = "slabinfo", .open = open_slabinfo, .run = range_ours },
	{ .name = "caches", .open = open_caches, .run = range_ours },
	{ .name = "check", .open = open_slub_check, .run = range_ours },
	{ .name = "objects.bin, largest cache", .open = open_objects, .run = count_objects },
};

static void compare_slabs(void)
{
	find_largest();
	compare("slabs: all caches", slabs, 4, 1);
	printf("(%zu objects of %s, %.1f million a second)\n", nr_objects, largest,
	       nr_objects / slabs[3].us[ROUNDS / 2]);
}

static struct {
	double worst_us;
	bool stop;
} delay;

/* Wakes up once a millisecond, and has nothing to do. */
static void *tick(void *arg)
{
	struct timespec due;
	double late;

	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!__atomic_load_n(&delay.stop, __ATOMIC_RELAXED)) {
		due.tv_nsec += TICK_NS;
		if (due.tv_nsec >= 1000000000) {
			due.tv_nsec -= 1000000000;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		late = now_us() - due.tv_sec * 1e6 - due.tv_nsec / 1e3;
		if (late > delay.worst_us)
			delay.worst_us = late;
	}
	return arg;
}

/* Without a way: while nothing is read. */
static void show_delay(const struct way *way)
{
	struct sched_param priority = { .sched_priority = 50 };
	pthread_t thread;
	int round, fd = way ? way->open() : -1;

	delay.worst_us = 0;
	delay.stop = false;
	if (pthread_create(&thread, NULL, tick, NULL) ||
	    pthread_setschedparam(thread, SCHED_FIFO, &priority))
		die("pthread_create");
	for (round = 0; round < ROUNDS; round++) {
		if (way)
			way->run(fd);
		else
			usleep(100000);
	}
	delay.stop = true;
	pthread_join(thread, NULL);
	if (way)
		close(fd);
	printf("%-28s %12.1f\n", way ? way->name : "nothing", delay.worst_us);
}

static void show_delays(void)
{
	unsigned int i;

	printf("\ndelays: of a thread that wakes once a millisecond\n%-28s %12s\n",
	       "read meanwhile", "worst_us");
	show_delay(NULL);
	for (i = 0; i < ARRAY_SIZE(slabs); i++)
		show_delay(&slabs[i]);
}

/* A page fault brings it, and madvise() gives it back; nothing else does either. */
static void touch(void)
{
	memory[0] = 1;
	if (madvise(memory, PAGE_B, MADV_DONTNEED))
		die("madvise");
}

/* Takes and gives back a few small objects. */
static void make_socket(void)
{
	close(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int time_action(void (*action)(void))
{
	double us[ROUNDS], start;
	unsigned int i, round;

	memory = mmap(NULL, PAGE_B, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	for (round = 0; round < ROUNDS; round++) {
		start = now_us();
		for (i = 0; i < WALKS; i++)
			action();
		us[round] = (now_us() - start) / WALKS;
	}
	qsort(us, ROUNDS, sizeof(double), by_value);
	printf("%.3f %u\n", us[ROUNDS / 2], ROUNDS * WALKS);
	return 0;
}

/* Every second page of 1 GiB is free, and none can be merged. */
static int run_fragmented(char **command)
{
	unsigned long at;
	int status;
	pid_t pid;

	make_order(RANGE_B / PAGE_B);
	map_memory(RANGE_B, MADV_NOHUGEPAGE);
	for (at = 0; at < RANGE_B; at += 2 * PAGE_B)
		if (madvise(memory + at, PAGE_B, MADV_DONTNEED))
			die("madvise");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		execv(command[0], command);
		die(command[0]);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	struct way walks[] = {
		{ .name = "pagemap (leaf only)", .open = open_pagemap, .run = walk_pagemap },
		{ .name = "walk.bin (all levels)", .open = open_walk_bin, .run = walk_bin },
		{ .name = "walk (text, with page)", .open = open_walk, .run = walk_text },
	};
	struct way ranges[] = {
		{ .name = "pagemap", .open = open_pagemap, .run = range_pagemap },
		{ .name = "pagemap + kpageflags", .open = open_pagemap,
		  .run = range_pagemap_flags },
		{ .name = "range.bin", .open = open_range_bin, .run = range_ours },
		{ .name = "range (text)", .open = open_range_text, .run = range_ours },
	};

	struct way blocks[] = {
		{ .name = "kpageflags", .open = open_kpageflags,
		  .run = blocks_kpageflags },
		{ .name = "blocks.bin", .open = open_blocks_bin, .run = range_ours },
		{ .name = "blocks (text)", .open = open_blocks, .run = range_ours },
	};
	struct way lists[] = {
		{ .name = "pagetypeinfo", .open = open_pagetypeinfo,
		  .run = range_ours },
		{ .name = "freelists (text)", .open = open_freelists,
		  .run = range_ours },
	};

	if (argc > 1 && !strcmp(argv[1], "touch"))
		return time_action(touch);
	if (argc > 1 && !strcmp(argv[1], "socket"))
		return time_action(make_socket);
	if (argc > 2 && !strcmp(argv[1], "fragment"))
		return run_fragmented(argv + 2);
	compare_areas();
	if (argc > 1 && !strcmp(argv[1], "areas"))
		return 0;
	compare_slabs();
	show_delays();
	if (argc > 1 && !strcmp(argv[1], "slabs"))
		return 0;
	compare("blocks: all free blocks of the machine", blocks, 3, 1);
	printf("(%zu free pages)\n", nr_buddy);
	compare("freelists: their lengths", lists, 2, 1);
	make_order(RANGE_B / PAGE_B);
	map_memory(RANGE_B, MADV_NOHUGEPAGE);
	compare("walk: one 4 KiB page", walks, 3, WALKS);
	compare("range: 1 GiB of 4 KiB pages, scattered", ranges, 4, 1);
	munmap(memory, memory_B);
	map_memory(RANGE_B, MADV_HUGEPAGE);
	compare("range: 1 GiB of huge pages", ranges, 4, 1);
	return 0;
}
