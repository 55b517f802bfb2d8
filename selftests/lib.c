// SPDX-License-Identifier: GPL-2.0
/*
 * What the C tests share: memory that holds still, and files read into it.
 * See lib.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define PATH_LEN	256
#define READ_CHUNK_B	(256UL * 1024)
#define ARENA_ALIGN	64

size_t page_B;
struct utsname lib_uts;
struct ktap ktap;

static struct {
	char *start;
	size_t used, size_B;
} arena;

/**
 * lib_init() - before anything else
 * @arena_B: all the memory that the test will ever use
 *
 * The arena is touched and locked, and kept out of khugepaged's hands, so that
 * it can be looked at like any other memory.
 */
void lib_init(size_t arena_B)
{
	page_B = sysconf(_SC_PAGESIZE);
	if (uname(&lib_uts))
		ktap_bail("uname");
	arena.start = mmap(NULL, arena_B, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena.start == MAP_FAILED)
		ktap_bail("mmap of %zu bytes", arena_B);
	arena.size_B = arena_B;
	madvise(arena.start, arena_B, MADV_NOHUGEPAGE);
	memset(arena.start, 1, arena_B);
	if (mlock(arena.start, arena_B))
		ktap_bail("mlock of %zu bytes", arena_B);
	/* A test that is killed takes what it started with it. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/**
 * lib_quick() - was the short run asked for?
 *
 * Return: whether rounds should be few.
 */
bool lib_quick(void)
{
	return getenv("MMSCOPE_QUICK");
}

/**
 * lib_kernel_since() - is the running kernel that release or a later one?
 * @major: as in 6.12
 * @minor: likewise
 *
 * For what the kernel itself does otherwise, not for what mmscope shows.
 *
 * Return: true for unreadable releases, too: new kernels are the rule.
 */
bool lib_kernel_since(unsigned int major, unsigned int minor)
{
	unsigned int is_major, is_minor;

	if (sscanf(lib_uts.release, "%u.%u", &is_major, &is_minor) != 2)
		return true;
	return is_major > major || (is_major == major && is_minor >= minor);
}

/**
 * lib_drain_lru() - put pages that were just touched onto their LRU lists
 * @at: a page of our own
 *
 * On their way there they are in a CPU's batch, which holds a reference. To move pages,
 * even none, the kernel empties all batches.
 */
void lib_drain_lru(char *at)
{
	void *page = at;
	int node = 0, status;

	if (syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, MPOL_MF_MOVE))
		ktap_note("move_pages: %m");
}

/**
 * lib_need() - the test is about this file of mmscope
 * @file: below MMSCOPE_DIR
 *
 * Without the module there is nothing to test; under selftests/run, which loads
 * the modules, that is a failure.
 */
void lib_need(const char *file)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), MMSCOPE_DIR "%s", file);
	if (!access(path, F_OK))
		return;
	if (getenv("MMSCOPE_REQUIRED"))
		ktap_bail("%s", path);
	ktap_skip_all("the modules of mmscope are not loaded");
}

void *arena_get(size_t size_B)
{
	char *p = arena.start + arena.used;

	size_B = (size_B + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size_B > arena.size_B - arena.used) {
		errno = ENOMEM;
		ktap_bail("arena of %zu bytes is too small", arena.size_B);
	}
	arena.used += size_B;
	return p;
}

size_t arena_mark(void)
{
	return arena.used;
}

void arena_reset(size_t mark)
{
	arena.used = mark;
}

/**
 * arena_drop() - for a forked process that will use nothing of this library
 */
void arena_drop(void)
{
	munmap(arena.start, arena.size_B);
}

/**
 * read_fd() - all that can be read, by read(2) in order
 * @fd: from where
 * @text: NUL-terminated, in the arena
 *
 * Return: Its length, or a negative errno.
 */
ssize_t read_fd(int fd, char **text)
{
	char *start = arena.start + arena.used;
	size_t len = 0;
	ssize_t got;

	do {
		if (arena.size_B - arena.used < len + READ_CHUNK_B) {
			errno = ENOMEM;
			ktap_bail("arena of %zu bytes is too small",
				  arena.size_B);
		}
		got = read(fd, start + len, READ_CHUNK_B - 1);
		if (got < 0)
			return -errno;
		len += got;
	} while (got);
	start[len] = '\0';
	arena_get(len + 1);
	*text = start;
	return len;
}

/**
 * read_file() - a whole file
 * @path: which
 * @len: its length, may be NULL
 *
 * Return: The text, NUL-terminated, or NULL with errno.
 */
char *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	got = read_fd(fd, &text);
	close(fd);
	if (got < 0) {
		errno = -got;
		return NULL;
	}
	if (len)
		*len = got;
	return text;
}

bool read_number(const char *path, unsigned long long *value)
{
	size_t mark = arena_mark();
	char *text = read_file(path, NULL);
	char *end = NULL;

	if (text)
		*value = strtoull(text, &end, 0);
	arena_reset(mark);
	return text && end != text;
}
