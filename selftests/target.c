// SPDX-License-Identifier: GPL-2.0
/*
 * target [REGION...]: a process that owns every kind of user memory and says
 * where.
 *
 * It prints one line "region <name> <start> <end>" for each kind that it could
 * make, "none <name> <why>" for each that this kernel or machine does not give,
 * then "ready <pid>". What a region holds is known by construction; the tests
 * hold mmscope and /proc against it.
 *
 * After that it obeys lines on stdin, each answered by "done": "dirty" writes
 * into every third page of what may be written, "fork" forks a child that breaks
 * the sharing of half of the region "cow" and prints "child <pid>", "quit" ends
 * it. In between it is blocked in read(2) and holds still. Without arguments it
 * makes every region.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"

#ifndef MADV_COLD
#define MADV_COLD		20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* 6.13, 662df3e5c376 */
#endif
#ifndef MAP_HUGE_64KB
#define MAP_HUGE_64KB		(16U << 26)
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM	BIT(12)
#endif

#define KIB		1024UL
#define MIB		(1024 * KIB)
#define HUGE_B		(2 * MIB)
#define CONT_B		(64 * KIB)
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define FILE_PAGES	64
#define CLEAN_PAGES	16
#define KSM_PAGES	64
#define WAIT_ROUNDS	300
#define STACK_FRAME_B	(64 * KIB)
#define LIMITED_B	(48 * MIB)

struct region {
	const char *name;
	/* Makes it; returns NULL, or why not. */
	const char *(*make)(struct region *r);
	bool writable;		/* may be written by "dirty" */
	bool single;		/* made only when asked for by name */
	char *start;
	size_t size_B;
};

static size_t page_B;
static const char *scratch_dir;
static char why_buf[128];

static const char *why(const char *what)
{
	snprintf(why_buf, sizeof(why_buf), "%s: %s", what, strerror(errno));
	return why_buf;
}

static const char *map_at(struct region *r, size_t size_B, int prot, int flags,
			  int fd)
{
	void *p = mmap(NULL, size_B, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		return why("mmap");
	r->start = p;
	r->size_B = size_B;
	return NULL;
}

/* Small pages only, whatever the machine's THP setting is. */
static const char *map_small(struct region *r, size_t size_B)
{
	const char *no = map_at(r, size_B, RW, ANON, -1);

	if (!no)
		madvise(r->start, size_B, MADV_NOHUGEPAGE);
	return no;
}

static void touch(struct region *r, size_t from, size_t step)
{
	size_t i;

	for (i = from * page_B; i < r->size_B; i += step * page_B)
		r->start[i] = (char)(i / page_B + 1);
}

static const char *make_sparse(struct region *r)
{
	const char *no = map_small(r, 1 * MIB);

	if (!no)
		touch(r, 0, 2);
	return no;
}

/* Read only: the first quarter maps the shared zero page. */
static const char *make_zero(struct region *r)
{
	const char *no = map_small(r, 64 * page_B);
	int i;

	for (i = 0; !no && i < 16; i++)
		look(r->start + i * page_B);
	return no;
}

/* A start aligned to a huge page, so that every page of it can be huge. */
static const char *map_huge_aligned(struct region *r, size_t size_B)
{
	const char *no = map_at(r, size_B + HUGE_B, RW, ANON, -1);
	uintptr_t start, end;

	if (no)
		return no;
	start = ((uintptr_t)r->start + HUGE_B - 1) & ~(HUGE_B - 1);
	end = (uintptr_t)r->start + r->size_B;
	if (start > (uintptr_t)r->start)
		munmap(r->start, start - (uintptr_t)r->start);
	if (end > start + size_B)
		munmap((void *)(start + size_B), end - start - size_B);
	r->start = (char *)start;
	r->size_B = size_B;
	if (madvise(r->start, size_B, MADV_HUGEPAGE))
		return why("no transparent huge pages");
	return NULL;
}

static const char *make_thp(struct region *r)
{
	const char *no = map_huge_aligned(r, 3 * HUGE_B);

	if (!no)
		memset(r->start, 1, 2 * HUGE_B);
	return no;
}

static const char *make_thp_zero(struct region *r)
{
	const char *no = map_huge_aligned(r, HUGE_B);

	if (!no)
		look(r->start);
	return no;
}

/* A huge page of which one page was unmapped: mapped by page-table entries. */
static const char *make_thp_split(struct region *r)
{
	const char *no = map_huge_aligned(r, HUGE_B);

	if (no)
		return no;
	memset(r->start, 1, HUGE_B);
	madvise(r->start + 7 * page_B, page_B, MADV_DONTNEED);
	return NULL;
}

static const char *make_protnone(struct region *r)
{
	const char *no = map_small(r, 64 * KIB);

	if (no)
		return no;
	touch(r, 0, 1);
	return mprotect(r->start, r->size_B, PROT_NONE) ? why("mprotect") : NULL;
}

static const char *make_protnone_huge(struct region *r)
{
	const char *no = map_huge_aligned(r, HUGE_B);

	if (no)
		return no;
	memset(r->start, 1, HUGE_B);
	return mprotect(r->start, r->size_B, PROT_NONE) ? why("mprotect") : NULL;
}

static const char *make_protnone_untouched(struct region *r)
{
	return map_at(r, 64 * KIB, PROT_NONE, ANON, -1);
}

static const char *make_readonly(struct region *r)
{
	const char *no = map_small(r, 64 * KIB);

	if (no)
		return no;
	touch(r, 0, 1);
	return mprotect(r->start, r->size_B, PROT_READ) ? why("mprotect") : NULL;
}

static const char *make_exec(struct region *r)
{
	const char *no = map_small(r, 64 * KIB);

	if (no)
		return no;
	touch(r, 0, 1);
	return mprotect(r->start, r->size_B, PROT_READ | PROT_EXEC) ?
		why("mprotect") : NULL;
}

static const char *make_shared_anon(struct region *r)
{
	const char *no = map_at(r, 64 * KIB, RW, MAP_SHARED | MAP_ANONYMOUS, -1);

	if (!no)
		touch(r, 0, 1);
	return no;
}

/* All of it read, then half of it written: the rest may be written, but is clean. */
static const char *make_clean(struct region *r)
{
	const char *no = map_at(r, CLEAN_PAGES * page_B, RW,
				MAP_SHARED | MAP_ANONYMOUS, -1);
	int i;

	if (no)
		return no;
	for (i = 0; i < CLEAN_PAGES; i++)
		look(r->start + i * page_B);
	for (i = 0; i < CLEAN_PAGES / 2; i++)
		r->start[i * page_B] = 1;
	return NULL;
}

/* Half of it in the page cache only, a quarter mapped, the rest a hole. */
static const char *make_memfd(struct region *r)
{
	static char half[FILE_PAGES / 2 * 4096];
	int fd = memfd_create("mmscope", MFD_CLOEXEC);
	const char *no;

	if (fd < 0)
		return why("memfd_create");
	if (ftruncate(fd, FILE_PAGES * page_B) ||
	    write(fd, half, sizeof(half)) != sizeof(half))
		return why("memfd");
	no = map_at(r, FILE_PAGES * page_B, RW, MAP_SHARED, fd);
	close(fd);
	if (!no)
		touch(r, 0, 4);
	return no;
}

static const char *make_hugetlb(struct region *r)
{
	const char *no = map_at(r, 2 * HUGE_B, RW, ANON | MAP_HUGETLB, -1);

	if (!no)
		r->start[0] = 1;	/* one touched, one not */
	return no;
}

/* Where the architecture has it, a group of entries that one TLB entry maps. */
static const char *make_hugetlb_cont(struct region *r)
{
	const char *no;

	if (access("/sys/kernel/mm/hugepages/hugepages-64kB", F_OK))
		return "no huge pages of 64 KiB on this machine";
	no = map_at(r, 2 * CONT_B, RW, ANON | MAP_HUGETLB | MAP_HUGE_64KB, -1);
	if (!no)
		r->start[0] = 1;	/* one touched, one not */
	return no;
}

static const char *make_hugetlb_shared(struct region *r)
{
	const char *no = map_at(r, HUGE_B, RW,
				MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1);

	if (!no)
		r->start[0] = 1;
	return no;
}

/* Bytes of /proc/self/smaps' field of the VMA at an address, -1: not there. */
static long smaps_kib(const void *addr, const char *field)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	size_t len = strlen(field);
	unsigned long start, end;
	bool here = false;
	char line[512];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (uintptr_t)addr >= start && (uintptr_t)addr < end;
		else if (here && !strncmp(line, field, len) && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	}
	if (f)
		fclose(f);
	return kib;
}

static void short_sleep(void)
{
	struct timespec ts = { .tv_nsec = 20 * 1000 * 1000 };

	nanosleep(&ts, NULL);
}

/* Reclaim may pass over pages that are still in a per-CPU batch: ask again. */
static const char *page_out(struct region *r)
{
	int round;

	for (round = 0; round < WAIT_ROUNDS; round++) {
		if (madvise(r->start, r->size_B, MADV_PAGEOUT))
			return why("MADV_PAGEOUT");
		if (smaps_kib(r->start, "Swap") > 0)
			return NULL;
		short_sleep();
	}
	return "nothing was swapped out";
}

static const char *make_swap(struct region *r)
{
	const char *no = map_small(r, 256 * KIB);
	size_t i;

	if (no)
		return no;
	touch(r, 0, 1);
	no = page_out(r);
	if (no)
		return no;
	/* Some come back by reading: present, and still in the swap cache. */
	for (i = 0; i < r->size_B; i += 8 * page_B)
		look(r->start + i);
	return NULL;
}

static const char *make_swap_protnone(struct region *r)
{
	const char *no = map_small(r, 64 * KIB);

	if (no)
		return no;
	touch(r, 0, 1);
	no = page_out(r);
	if (!no && mprotect(r->start, r->size_B, PROT_NONE))
		no = why("mprotect");
	return no;
}

static long ksm_value(const char *name)
{
	char path[64];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

/* Equal pages; ksmd must be running (the test's script sees to that). */
static const char *make_ksm(struct region *r)
{
	const char *no;
	long before;
	int round;

	if (ksm_value("run") != 1)
		return "ksmd does not run";
	before = ksm_value("pages_sharing");
	no = map_small(r, KSM_PAGES * page_B);
	if (no)
		return no;
	memset(r->start, 0x5a, r->size_B);
	if (madvise(r->start, r->size_B, MADV_MERGEABLE))
		return why("MADV_MERGEABLE");
	for (round = 0; round < WAIT_ROUNDS; round++) {
		if (ksm_value("pages_sharing") >= before + KSM_PAGES / 2)
			return NULL;
		short_sleep();
	}
	return "ksmd merged nothing in time";
}

/* A file of which every other page was never written: a hole. */
static int holed_file(void)
{
	static char page[4096];
	char path[256];
	int fd, i;

	snprintf(path, sizeof(path), "%s/mmscope-target.XXXXXX", scratch_dir);
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	if (ftruncate(fd, FILE_PAGES * page_B))
		return -1;
	memset(page, 'f', sizeof(page));
	for (i = 0; i < FILE_PAGES; i += 2)
		if (pwrite(fd, page, sizeof(page), i * page_B) != sizeof(page))
			return -1;
	return fd;
}

static const char *make_file(struct region *r, int flags)
{
	int fd = holed_file();
	const char *no;
	int i;

	if (fd < 0)
		return why(scratch_dir);
	no = map_at(r, FILE_PAGES * page_B, RW, flags, fd);
	close(fd);
	if (no)
		return no;
	for (i = 0; i < FILE_PAGES / 2; i++)
		look(r->start + i * page_B);
	for (i = 0; i < FILE_PAGES / 4; i++)
		r->start[i * page_B] = 'w';
	return NULL;
}

static const char *make_file_private(struct region *r)
{
	return make_file(r, MAP_PRIVATE);
}

static const char *make_file_shared(struct region *r)
{
	return make_file(r, MAP_SHARED);
}

/* Our own program, as a disk file that is cached in part. */
static const char *make_file_program(struct region *r)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;
	const char *no;

	if (fd < 0 || fstat(fd, &st))
		return why("/proc/self/exe");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	no = map_at(r, (st.st_size + page_B - 1) & ~(page_B - 1), PROT_READ,
		    MAP_PRIVATE, fd);
	close(fd);
	if (!no)
		look(r->start + page_B);
	return no;
}

/* "fork" comes later: then the child writes the even pages of it. */
static const char *make_cow(struct region *r)
{
	const char *no = map_small(r, 32 * page_B);

	if (!no)
		touch(r, 0, 1);
	return no;
}

static const char *make_locked(struct region *r)
{
	const char *no = map_small(r, 16 * page_B);

	if (no)
		return no;
	return mlock(r->start, r->size_B) ? why("mlock") : NULL;
}

static const char *make_guard(struct region *r)
{
	const char *no = map_small(r, 64 * KIB);

	if (no)
		return no;
	touch(r, 2, 1);
	if (madvise(r->start, 4 * page_B, MADV_GUARD_INSTALL))
		return why("MADV_GUARD_INSTALL");
	return NULL;
}

static int uffd_open(u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Write-protects the even pages. The descriptor stays open: closing undoes it. */
static const char *uffd_protect(struct region *r, u64 features)
{
	int fd = uffd_open(features);
	struct uffdio_register reg = {
		.range = { (uintptr_t)r->start, r->size_B },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = {
		.range.len = page_B,
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	size_t i;

	if (fd < 0)
		return why("userfaultfd");
	if (ioctl(fd, UFFDIO_REGISTER, &reg))
		return why("UFFDIO_REGISTER");
	for (i = 0; i < r->size_B; i += 2 * page_B) {
		wp.range.start = (uintptr_t)r->start + i;
		if (ioctl(fd, UFFDIO_WRITEPROTECT, &wp))
			return why("UFFDIO_WRITEPROTECT");
	}
	return NULL;
}

static const char *make_uffd(struct region *r)
{
	const char *no = map_small(r, 32 * page_B);

	if (no)
		return no;
	touch(r, 0, 1);
	return uffd_protect(r, UFFD_FEATURE_PAGEFAULT_FLAG_WP);
}

static const char *make_uffd_swap(struct region *r)
{
	const char *no = make_uffd(r);

	return no ?: page_out(r);
}

/* Dropped pages of a protected shared mapping leave markers behind. */
static const char *make_uffd_marker(struct region *r)
{
	const char *no = map_at(r, 32 * page_B, RW, MAP_SHARED | MAP_ANONYMOUS,
				-1);

	if (no)
		return no;
	touch(r, 0, 1);
	no = uffd_protect(r, UFFD_FEATURE_PAGEFAULT_FLAG_WP |
			     UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
	if (!no && madvise(r->start, r->size_B, MADV_DONTNEED))
		no = why("MADV_DONTNEED");
	return no;
}

/* The CPU says so, or the device tree, whose strings end in NUL. */
static bool in_a_vm(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	bool found = false;
	char line[4096];

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "flags", 5) && strstr(line, " hypervisor");
	if (f)
		fclose(f);
	f = fopen("/sys/firmware/devicetree/base/compatible", "re");
	if (f && fgets(line, sizeof(line), f))
		found = !strcmp(line, "linux,dummy-virt");
	if (f)
		fclose(f);
	return found;
}

static void take_note(int sig)
{
	(void)sig;
}

/* A page called broken stays out of use until the next boot. */
static const char *make_hwpoison(struct region *r)
{
	const char *no;

	if (!in_a_vm())
		return "not a virtual machine, where one page less does not matter";
	no = map_small(r, 8 * page_B);
	if (no)
		return no;
	touch(r, 0, 1);
	/* Some kernels tell the process at once that a dirty page is lost. */
	signal(SIGBUS, take_note);
	return madvise(r->start + page_B, page_B, MADV_HWPOISON) ?
		why("MADV_HWPOISON") : NULL;
}

static const char *make_heap(struct region *r)
{
	r->size_B = 96 * KIB;		/* below glibc's threshold of mmap */
	r->start = malloc(r->size_B);
	if (!r->start)
		return why("malloc");
	memset(r->start, 1, r->size_B / 2);
	return NULL;
}

static noinline void stack_deep(struct region *r, int depth)
{
	char frame[STACK_FRAME_B];

	memset(frame, depth, sizeof(frame));
	if (depth)
		stack_deep(r, depth - 1);
	else
		r->start = (char *)((uintptr_t)frame & ~(page_B - 1));
	look(frame);	/* keeps the frame alive beyond the call */
}

static const char *make_stack(struct region *r)
{
	stack_deep(r, 3);
	r->size_B = page_B;
	return NULL;
}

/* More than the cgroup of its script allows: some of it must be swapped out. */
static const char *make_limited(struct region *r)
{
	const char *no = map_small(r, LIMITED_B);

	if (!no)
		touch(r, 0, 1);
	return no;
}

static struct region regions[] = {
	{ .name = "sparse", .make = make_sparse, .writable = true },
	{ .name = "zero", .make = make_zero, .writable = true },
	{ .name = "thp", .make = make_thp, .writable = true },
	{ .name = "thp_zero", .make = make_thp_zero },
	{ .name = "thp_split", .make = make_thp_split, .writable = true },
	{ .name = "protnone", .make = make_protnone },
	{ .name = "protnone_huge", .make = make_protnone_huge },
	{ .name = "protnone_untouched", .make = make_protnone_untouched },
	{ .name = "readonly", .make = make_readonly },
	{ .name = "exec", .make = make_exec },
	{ .name = "shared_anon", .make = make_shared_anon, .writable = true },
	{ .name = "clean", .make = make_clean },
	{ .name = "memfd", .make = make_memfd, .writable = true },
	{ .name = "hugetlb", .make = make_hugetlb },
	{ .name = "hugetlb_cont", .make = make_hugetlb_cont },
	{ .name = "hugetlb_shared", .make = make_hugetlb_shared },
	{ .name = "swap", .make = make_swap },
	{ .name = "swap_protnone", .make = make_swap_protnone },
	{ .name = "ksm", .make = make_ksm },
	{ .name = "file_private", .make = make_file_private, .writable = true },
	{ .name = "file_shared", .make = make_file_shared, .writable = true },
	{ .name = "file_program", .make = make_file_program },
	{ .name = "cow", .make = make_cow },
	{ .name = "locked", .make = make_locked, .writable = true },
	{ .name = "guard", .make = make_guard },
	{ .name = "uffd", .make = make_uffd },
	{ .name = "uffd_swap", .make = make_uffd_swap },
	{ .name = "uffd_marker", .make = make_uffd_marker },
	{ .name = "hwpoison", .make = make_hwpoison },
	{ .name = "heap", .make = make_heap, .writable = true },
	{ .name = "stack", .make = make_stack },
	{ .name = "limited", .make = make_limited, .single = true },
};

static bool wanted(const struct region *r, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(r->name, argv[i]))
			return true;
	return argc == 1 && !r->single;
}

static void make_regions(int argc, char **argv)
{
	struct region *r;
	const char *no;

	for (r = regions; r < regions + ARRAY_SIZE(regions); r++) {
		if (!wanted(r, argc, argv))
			continue;
		no = r->make(r);
		if (no) {
			printf("none %s %s\n", r->name, no);
			r->size_B = 0;
			continue;
		}
		printf("region %s %lx %lx\n", r->name,
		       (unsigned long)r->start,
		       (unsigned long)r->start + r->size_B);
	}
}

/* The child shares everything and breaks the sharing of half of "cow". */
static pid_t fork_child(void)
{
	struct region *r;
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (pid)
		goto parent;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (r = regions; r < regions + ARRAY_SIZE(regions); r++)
		if (r->make == make_cow && r->size_B)
			touch(r, 0, 2);
	if (write(ready[1], "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
parent:
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static void dirty(void)
{
	struct region *r;

	for (r = regions; r < regions + ARRAY_SIZE(regions); r++)
		if (r->writable && r->size_B)
			touch(r, 0, 3);
}

/* read(2), not stdio: nothing may be allocated between two commands. */
static bool next_command(char *line, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && read(STDIN_FILENO, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len] = '\0';
			return true;
		}
		len++;
	}
	return false;
}

static void say(const char *what)
{
	if (write(STDOUT_FILENO, what, strlen(what)) < 0)
		_exit(1);
}

/*
 * Have the kernel count our resident pages: before 6.2 each thread keeps what its last 64 faults
 * brought, up to 16 pages each, until it unmaps a page.
 */
static void settle_counts(void)
{
	char *page = mmap(NULL, page_B, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	*page = 1;
	munmap(page, page_B);
}

int main(int argc, char **argv)
{
	char command[32];
	pid_t child = 0;

	page_B = sysconf(_SC_PAGESIZE);
	scratch_dir = getenv("TMPDIR") ?: "/tmp";
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_regions(argc, argv);
	settle_counts();
	printf("ready %d\n", getpid());
	while (next_command(command, sizeof(command))) {
		if (!strcmp(command, "quit"))
			break;
		if (!strcmp(command, "dirty"))
			dirty();
		if (!strcmp(command, "fork") && !child) {
			child = fork_child();
			printf("child %d\n", child);
		}
		say("done\n");
	}
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return 0;
}
