/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C tests share: memory that holds still, answers of mmscope as tables
 * and extents, and the oracles of /proc.
 *
 * A test may look at its own address space, so nothing here calls malloc() or
 * stdio once lib_init() has run, except to print.
 */
#ifndef _MMSCOPE_TEST_LIB_H
#define _MMSCOPE_TEST_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/utsname.h>

#include "compiler.h"

#define MMSCOPE_DIR	"/sys/kernel/debug/mmscope/"
#define TABLE_WORDS	32
#define WORDS_LEN	2048	/* of a request */

extern size_t page_B;
extern struct utsname lib_uts;

void lib_init(size_t arena_B);
void lib_drain_lru(char *at);
void lib_need(const char *file);
bool lib_quick(void);
bool lib_kernel_since(unsigned int major, unsigned int minor);

void *arena_get(size_t size_B);
size_t arena_mark(void);
void arena_reset(size_t mark);
void arena_drop(void);

ssize_t read_fd(int fd, char **text);
char *read_file(const char *path, size_t *len);
bool read_number(const char *path, unsigned long long *value);

/**
 * struct table - one text answer, its frame checked
 * @name: "module/file" of the first line
 * @version: v<N> of the first line
 * @consistency: locked, retried or racy
 * @truncated: why, or empty
 * @records: as counted in the text, equal to what the last line says
 * @text: the answer; table_next() cuts it into words
 * @next: where table_next() goes on
 */
struct table {
	char name[48];
	unsigned int version;
	char consistency[16];
	char truncated[64];
	unsigned long records;
	char *text;
	char *next;
};

/**
 * struct line - one line of a table
 * @section: it began with "## ", the words are what follows
 * @nr: number of words
 * @word: the words
 */
struct line {
	bool section;
	unsigned int nr;
	char *word[TABLE_WORDS];
};

int ask_open(const char *file, int flags);
ssize_t ask(const char *file, const char *words, char **answer);
int table_ask(struct table *table, const char *file, const char *fmt, ...)
	__printf(3, 4);
int table_ask_fd(struct table *table, int fd, const char *file,
		 const char *fmt, ...) __printf(4, 5);
bool table_next(struct table *table, struct line *line);
const char *line_value(const struct line *line, const char *key);

/**
 * struct extent - one record of range or range.bin, in the words of the uapi
 */
struct extent {
	u64 start, size_B, pfn;
	u32 flags;
	u8 kind, level, swap_type;
};

struct extents {
	struct extent *e;
	size_t nr;
	bool truncated;
};

int extents_text(struct extents *extents, const char *fmt, ...) __printf(2, 3);
int extents_bin(struct extents *extents, const char *fmt, ...) __printf(2, 3);
bool extents_sorted(const struct extents *extents, u64 start, u64 end);
const char *kind_name(unsigned int kind);
int kind_from_name(const char *name);
int level_from_name(const char *name, unsigned int top);
unsigned int top_level(void);
u32 flags_from_perms(const char *perms);

/**
 * struct walk - one address of walk
 * @addr: as the answer says
 * @levels: of the section line
 * @tables: "user" or "kernel"
 * @steps: levels that were passed, top first
 * @leaf: the leaf line
 */
struct walk {
	u64 addr;
	unsigned int levels, nr;
	char tables[8];
	struct walk_step {
		unsigned int level, index;
		u64 table_pfn, entry_addr, raw;
	} step[5];
	struct walk_leaf {
		int kind, level;
		u64 size_B, pfn, phys_addr;
		char perms[5];
		char detail[64];
		bool has_pfn;
	} leaf;
};

int walks_ask(struct walk *walks, size_t max, const char *fmt, ...)
	__printf(3, 4);
bool walk_chained(const struct walk *walk);

/**
 * struct look - what one look at one page said
 * @swap_type: valid for swap
 * @seen: the answer spoke of this page at all
 */
struct look {
	u64 pfn;
	u32 flags;
	u8 kind, level, swap_type;
	bool seen;
};

size_t looks_from_extents(const struct extents *extents, u64 start,
			  u64 end, struct look *looks);
void looks_add_huge_zero(struct look *looks, size_t nr);

/* Fields of smaps that are kept, in KiB. */
enum smaps_field {
	SMAPS_RSS,
	SMAPS_SWAP,
	SMAPS_ANON_HUGE,
	SMAPS_SHMEM_PMD,
	SMAPS_FILE_PMD,
	SMAPS_SHARED_HUGETLB,
	SMAPS_PRIVATE_HUGETLB,
	SMAPS_COUNT
};

/**
 * struct vma - one mapping as /proc/PID/smaps tells
 * @kib: by enum smaps_field
 * @flags: VmFlags
 */
struct vma {
	u64 start, end, offset, inode;
	unsigned int major, minor;
	char perms[8];
	char name[160];
	char flags[200];
	unsigned long kib[SMAPS_COUNT];
};

int vmas_read(const char *who, struct vma **vmas);
bool vma_flag(const struct vma *vma, const char *two_letters);

#define PM_PRESENT	BIT_ULL(63)
#define PM_SWAP		BIT_ULL(62)
#define PM_FILE		BIT_ULL(61)
#define PM_GUARD	BIT_ULL(58)
#define PM_UFFD_WP	BIT_ULL(57)
#define PM_EXCLUSIVE	BIT_ULL(56)
#define PM_SOFT_DIRTY	BIT_ULL(55)
#define PM_PFN		GENMASK_ULL(54, 0)

int proc_open(const char *who, const char *file, int flags);
bool pagemap_read(int fd, u64 addr, size_t pages, u64 *map);

pid_t child_try(void (*what)(void *arg), void *arg);
pid_t child_start(void (*what)(void *arg), void *arg);
bool child_lives(pid_t pid);
void child_stop(pid_t pid);

/**
 * struct target - a running ./target process
 * @to: its stdin
 * @from: its stdout
 * @child: the process it forked when told to
 */
struct target {
	pid_t pid, child;
	int to, from;
	struct region *regions;
	unsigned int nr;
};

/**
 * struct region - one line of ./target
 * @absent: why it is not there; NULL if it is
 */
struct region {
	char name[32];
	u64 start, end;
	char *absent;
};

bool target_start(struct target *target, const char *const *only,
		  const char *cgroup);
bool target_tell(struct target *target, const char *command);
void target_stop(struct target *target);
const struct region *target_region(const struct target *target,
				   const char *name);

#endif /* _MMSCOPE_TEST_LIB_H */
