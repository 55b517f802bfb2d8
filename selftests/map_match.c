// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk/map and pgwalk/entry: pages of alloc_pages, vmalloc and kmalloc mapped by page
 * frame and by page, against /proc/self/pagemap (which tells only the latter),
 * /proc/kpagecount and VmFlags; data
 * written on one side is read on the other; the mapping outlives its opener, fork,
 * mremap, munmap in pieces, a debugger and SIGKILL; and entries that are changed on
 * purpose, by what a touch does afterwards. "map_match hold" only maps and waits.
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
#define ENTRY		"pgwalk/entry"
#define FAULTS		"pgwalk/faults"
#define PAGES		5	/* odd, and no power of two */
#define PAGES_SHOWN	16
#define MARK		0x6d61700000000000ULL
#define OWN_WORD	0x123456789abcdef0ULL
#define NR_MADE		8
#define NR_REFUSED	8
#define NR_LIVES	12
#define NR_EFFECTS	9
#define NR_DIRTY	4	/* of them */
#define NR_FAULTS	2

static const char *const froms[] = { "pages", "vmalloc", "kmalloc" };
static const char *const withs[] = { "pfn", "page" };

/* One answer of map. */
static struct {
	u64 pages, faults, mkwrites, held, nr_pages, nr_mapped;
	struct map_page {
		u64 addr, pfn, first_word;
		long refcount_made, mapcount_made, refcount, mapcount;
	} page[PAGES_SHOWN];
	struct map_mapped {
		u64 page, user_addr, user_pfn, kernel_pfn;
		bool meet;
		char vma[16], perms[8], detail[64];
	} mapped[PAGES_SHOWN];
} map;

static int count_fd, pagemap_fd;

static u64 number(const struct line *line, unsigned int i)
{
	return strtoull(line->word[i], NULL, 0);
}

static void read_value(const struct line *line)
{
	static const struct {
		const char *name;
		u64 *value;
	} names[] = {
		{ "pages", &map.pages },
		{ "faults", &map.faults },
		{ "mkwrites", &map.mkwrites },
		{ "held_pages", &map.held },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(line->word[0], names[i].name))
			*names[i].value = number(line, 1);
}

static void read_page(const struct line *line)
{
	if (map.nr_pages < PAGES_SHOWN && line->nr == 9)
		map.page[map.nr_pages] = (struct map_page) {
			.addr = number(line, 1),
			.pfn = number(line, 2),
			.refcount_made = number(line, 4),
			.mapcount_made = number(line, 5),
			.refcount = number(line, 6),
			.mapcount = number(line, 7),
			.first_word = number(line, 8),
		};
	map.nr_pages++;
}

static void read_mapped(const struct line *line)
{
	struct map_mapped *m = &map.mapped[map.nr_mapped];

	if (map.nr_mapped++ >= PAGES_SHOWN || line->nr != 10)
		return;
	m->page = number(line, 0);
	m->user_addr = number(line, 1);
	m->user_pfn = number(line, 2);
	m->kernel_pfn = number(line, 4);
	m->meet = !strcmp(line->word[5], "yes");
	snprintf(m->vma, sizeof(m->vma), "%s", line->word[6]);
	snprintf(m->perms, sizeof(m->perms), "%s", line->word[8]);
	snprintf(m->detail, sizeof(m->detail), "%s", line->word[9]);
}

/* What map says now, or after a request. */
static int map_ask(int fd, const char *words)
{
	size_t mark = arena_mark();
	char section[16] = "";
	struct table table;
	struct line line;
	int err;

	memset(&map, 0, sizeof(map));
	lseek(fd, 0, SEEK_SET);
	err = table_ask_fd(&table, fd, MAP, "%s", words);
	while (!err && table_next(&table, &line)) {
		if (line.section)
			snprintf(section, sizeof(section), "%s", line.word[0]);
		else if (!strcmp(section, "map"))
			read_value(&line);
		else if (!strcmp(section, "pages"))
			read_page(&line);
		else
			read_mapped(&line);
	}
	arena_reset(mark);
	return err;
}

static int map_new(const char *from, const char *with, unsigned int pages)
{
	char words[64];
	int fd = ask_open(MAP, O_RDWR), err;

	if (fd < 0)
		return fd;
	snprintf(words, sizeof(words), "from=%s with=%s pages=%u", from, with,
		 pages);
	err = map_ask(fd, words);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static char *map_user(int fd, unsigned int pages)
{
	return mmap(NULL, pages * page_B, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
}

static u64 *word_at(char *user, unsigned int page)
{
	return (u64 *)(user + page * page_B);
}

static long kpagecount(u64 pfn)
{
	u64 count = 0;

	return pread(count_fd, &count, 8, pfn * 8) == 8 ? (long)count : -1;
}

static u64 pfn_of(const void *addr)
{
	u64 entry = 0;

	if (!pagemap_read(pagemap_fd, (uintptr_t)addr, 1, &entry))
		return 0;
	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

static bool has_flag(const void *addr, const char *two_letters)
{
	size_t mark = arena_mark();
	struct vma *vmas;
	bool has = false;
	int nr = vmas_read("self", &vmas), i;

	for (i = 0; i < nr; i++)
		if (vmas[i].start <= (uintptr_t)addr &&
		    vmas[i].end > (uintptr_t)addr)
			has = vma_flag(&vmas[i], two_letters);
	arena_reset(mark);
	return has;
}

/* ---- Every kind of page, both ways ---- */

/* pagemap passes over VM_PFNMAP; there the data tells that it is the same page. */
static bool all_meet(char *user, bool by_page)
{
	bool good = map.nr_mapped == PAGES && map.nr_pages == PAGES;
	unsigned int i;

	for (i = 0; i < PAGES && good; i++) {
		good = map.mapped[i].page == i && map.mapped[i].meet &&
		       map.mapped[i].user_addr == (uintptr_t)word_at(user, i) &&
		       map.mapped[i].user_pfn &&
		       pfn_of(word_at(user, i)) ==
				(by_page ? map.mapped[i].user_pfn : 0) &&
		       map.mapped[i].kernel_pfn == map.mapped[i].user_pfn &&
		       map.page[i].pfn == map.mapped[i].user_pfn;
		if (!good)
			ktap_note("page %u: %#llx user %#llx kernel %#llx pagemap %#llx",
				  i, (unsigned long long)map.mapped[i].user_addr,
				  (unsigned long long)map.mapped[i].user_pfn,
				  (unsigned long long)map.mapped[i].kernel_pfn,
				  (unsigned long long)pfn_of(word_at(user, i)));
	}
	return good;
}

static bool counts_are(int added)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		good &= map.page[i].mapcount_made == 0 &&
			map.page[i].mapcount == added &&
			map.page[i].refcount == map.page[i].refcount_made +
						added &&
			kpagecount(map.page[i].pfn) == added;
	if (!good)
		ktap_note("page 0: refcount %ld then %ld, mapcount %ld, kpagecount %ld",
			  map.page[0].refcount_made, map.page[0].refcount,
			  map.page[0].mapcount, kpagecount(map.page[0].pfn));
	return good;
}

static bool marks_are_there(char *user)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (*word_at(user, i) != MARK + i)
			return false;
	return true;
}

static bool kernel_sees(char *user, int fd)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		*word_at(user, i) = OWN_WORD ^ i;
	if (map_ask(fd, ""))
		return false;
	for (i = 0; i < PAGES; i++)
		if (map.page[i].first_word != (OWN_WORD ^ i))
			return false;
	return true;
}

static void test_made(const char *from, const char *with)
{
	bool by_page = !strcmp(with, "page");
	int fd = map_new(from, with, PAGES);
	char *user;

	ktap_ok(fd >= 0 && map.pages == PAGES && !map.nr_mapped,
		"%s by %s: made, not mapped yet", from, with);
	user = map_user(fd, PAGES);
	if (!ktap_ok(user != MAP_FAILED, "%s by %s: mapped", from, with))
		ktap_bail("mmap of %s by %s", from, with);
	ktap_ok(marks_are_there(user), "%s by %s: the user reads what the kernel wrote",
		from, with);
	ktap_ok(kernel_sees(user, fd), "%s by %s: the kernel reads what the user wrote",
		from, with);
	ktap_ok(all_meet(user, by_page), "%s by %s: both addresses meet in one page frame",
		from, with);
	ktap_ok(counts_are(by_page), "%s by %s: references and mapcount, kpagecount's",
		from, with);
	ktap_ok(has_flag(user, by_page ? "mm" : "pf") &&
		!has_flag(user, by_page ? "pf" : "mm") &&
		!strcmp(map.mapped[0].vma, by_page ? "MIXEDMAP" : "PFNMAP"),
		"%s by %s: VmFlags", from, with);
	munmap(user, PAGES * page_B);
	ktap_ok(!map_ask(fd, "") && !map.nr_mapped && counts_are(0),
		"%s by %s: unmapped, all counts as before", from, with);
	close(fd);
}

static void *try_map(int fd, size_t pages, int flags, size_t offset)
{
	void *user = mmap(NULL, pages * page_B, PROT_READ | PROT_WRITE, flags,
			  fd, offset * page_B);

	return user == MAP_FAILED ? NULL : user;
}

static bool limit_holds(void)
{
	int fds[64], nr = 0, err;

	while (nr < 64) {
		err = map_new("pages", "pfn", 1024);
		if (err < 0)
			break;
		fds[nr++] = err;
	}
	while (nr--)
		close(fds[nr]);
	return err == -ENOSPC;
}

static void test_refused(void)
{
	int fd = ask_open(MAP, O_RDWR);

	ktap_ok(!try_map(fd, 1, MAP_SHARED, 0) && errno == ENODATA,
		"nothing was asked yet: ENODATA");
	close(fd);
	fd = map_new("pages", "pfn", PAGES);
	ktap_ok(!try_map(fd, PAGES, MAP_PRIVATE, 0) && errno == EINVAL,
		"a private mapping: EINVAL");
	ktap_ok(!try_map(fd, PAGES + 1, MAP_SHARED, 0) && errno == ENXIO,
		"more than there is: ENXIO");
	ktap_ok(!try_map(fd, 1, MAP_SHARED, PAGES) && errno == ENXIO,
		"behind the end: ENXIO");
	ktap_ok(map_ask(fd, "from=pages") == -EEXIST, "pages are made once: EEXIST");
	close(fd);
	/* A page of a slab cache: its struct page is in use otherwise. */
	fd = map_new("kmalloc", "page", 1);
	ktap_ok(fd >= 0 && !try_map(fd, 1, MAP_SHARED, 0) && errno == EINVAL,
		"the kernel inserts no page of a slab: EINVAL");
	close(fd);
	ktap_ok(limit_holds(), "max_pages: ENOSPC");
	fd = map_new("pages", "pfn", 1);
	ktap_ok(map.held == 1, "what was closed is held no more");
	close(fd);
}

/* ---- Lives ---- */

static unsigned long long users(void)
{
	unsigned long long nr = 0;

	read_number("/sys/module/pgwalk/refcnt", &nr);
	return nr;
}

static u64 held_now(void)
{
	int fd = map_new("pages", "pfn", 1);
	u64 held = map.held;

	close(fd);
	return held - 1;
}

/* Release runs when the last task lets go, which may be after wait(). */
static bool becomes(u64 (*value)(void), u64 wanted)
{
	int i;

	for (i = 0; i < 200; i++) {
		if (value() == wanted)
			return true;
		usleep(10000);
	}
	return false;
}

static u64 users_u64(void)
{
	return users();
}

static void write_own(void *user)
{
	*word_at(user, 1) = OWN_WORD;
}

/* As a debugger does: 0 or an errno. */
static int read_of(pid_t pid, const char *user, u64 *word)
{
	char who[16];
	int fd, err = 0;

	snprintf(who, sizeof(who), "%d", pid);
	fd = proc_open(who, "mem", O_RDONLY);
	if (pread(fd, word, sizeof(*word), (uintptr_t)user) != sizeof(*word))
		err = errno;
	close(fd);
	return err;
}

static void hold_alone(void *with)
{
	int fd = map_new("vmalloc", with, PAGES);

	if (fd < 0 || map_user(fd, PAGES) == MAP_FAILED)
		_exit(1);
	close(fd);
}

static void test_fork(const char *with, char *user, int fd)
{
	bool by_page = !strcmp(with, "page");
	pid_t child = child_start(write_own, user);
	u64 word = 0;
	int err;

	ktap_ok(!map_ask(fd, "") && *word_at(user, 1) == OWN_WORD &&
		counts_are(by_page ? 2 : 0), "by %s: a forked child shares and counts",
		with);
	err = read_of(child, user, &word);
	ktap_ok(by_page ? !err && word == MARK : err == EIO,
		"by %s: a debugger %s", with,
		by_page ? "reads it" : "cannot read it: EIO");
	child_stop(child);
	ktap_ok(!map_ask(fd, "") && counts_are(by_page), "by %s: the child was killed",
		with);
}

static void test_pieces(const char *with, char *user, int fd)
{
	bool by_page = !strcmp(with, "page");
	char *moved;

	ktap_ok(mremap(user, PAGES * page_B, 2 * PAGES * page_B,
		       MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT,
		"by %s: it does not grow: EFAULT", with);
	moved = mmap(NULL, PAGES * page_B, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	moved = mremap(user, PAGES * page_B, PAGES * page_B,
		       MREMAP_MAYMOVE | MREMAP_FIXED, moved);
	ktap_ok(moved != MAP_FAILED && !map_ask(fd, "") && all_meet(moved, by_page) &&
		*word_at(moved, 2) == MARK + 2, "by %s: moved", with);
	munmap(moved + 2 * page_B, page_B);
	ktap_ok(!map_ask(fd, "") && map.nr_mapped == PAGES - 1 &&
		map.mapped[2].page == 3 && map.mapped[2].meet &&
		*word_at(moved, 4) == MARK + 4, "by %s: a hole in the middle", with);
	munmap(moved, 2 * page_B);
	ktap_ok(!map_ask(fd, "") && map.nr_mapped == PAGES - 3 &&
		*word_at(moved, 3) == MARK + 3, "by %s: the first two gone", with);
	munmap(moved + 3 * page_B, 2 * page_B);
}

static void test_lives(const char *with)
{
	unsigned long long before = users();
	u64 held = held_now();
	char *user;
	pid_t child;
	int fd;

	fd = map_new("pages", with, PAGES);
	user = map_user(fd, PAGES);
	if (user == MAP_FAILED)
		ktap_bail("mmap by %s", with);
	close(fd);
	ktap_ok(*word_at(user, 3) == MARK + 3 && users() == before + 1 &&
		held_now() == held + PAGES, "by %s: outlives its opener, and keeps the module",
		with);
	munmap(user, PAGES * page_B);
	ktap_ok(becomes(users_u64, before) && becomes(held_now, held),
		"by %s: all is given back", with);

	fd = map_new("pages", with, PAGES);
	user = map_user(fd, PAGES);
	test_fork(with, user, fd);
	test_pieces(with, user, fd);
	ktap_ok(!map_ask(fd, "") && !map.nr_mapped && counts_are(0) &&
		held_now() == held + PAGES, "by %s: none left, the file keeps the pages",
		with);
	close(fd);
	child = child_start(hold_alone, (void *)with);
	ktap_ok(held_now() == held + PAGES && users() == before + 1,
		"by %s: held by a child alone", with);
	child_stop(child);
	ktap_ok(becomes(users_u64, before) && becomes(held_now, held),
		"by %s: killed, all is given back", with);
}

/* ---- Entries changed on purpose ---- */

static struct {
	long changed;
	char before[PAGES_SHOWN][3][64], after[PAGES_SHOWN][3][64];
	unsigned int nr;
} entry;

/* Kind, permissions and the rest, before and after. */
static int entry_do(const char *op, char *user, unsigned int pages)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	unsigned int row = 0, i;
	int err;

	memset(&entry, 0, sizeof(entry));
	err = table_ask(&table, ENTRY, "pid=self addr=%#lx op=%s pages=%u",
			(unsigned long)user, op, pages);
	while (!err && table_next(&table, &line)) {
		if (!line.section && !strcmp(line.word[0], "changed"))
			entry.changed = strtol(line.word[1], NULL, 0);
		if (line.section || line.nr != 6 || row / 2 >= PAGES_SHOWN)
			continue;
		for (i = 0; i < 3; i++)
			snprintf(row % 2 ? entry.after[row / 2][i] :
					   entry.before[row / 2][i], 64, "%s",
				 line.word[2 + i]);
		row++;
	}
	entry.nr = row / 2;
	arena_reset(mark);
	if (err)
		ktap_note("%s: errno %d", op, -err);
	return err;
}

/* "dirty" is not "soft_dirty". */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, word, len) && (!list[len] || list[len] == ','))
			return true;
	}
	return false;
}

/* Each is NULL if it does not matter; @has_not was there before. */
static bool went(const char *kind, const char *perms, const char *has,
		 const char *has_not)
{
	bool good = !strcmp(entry.after[0][0], kind) &&
		    !strcmp(entry.after[0][1], perms) &&
		    (!has || has_word(entry.after[0][2], has)) &&
		    (!has_not || (has_word(entry.before[0][2], has_not) &&
				  !has_word(entry.after[0][2], has_not)));

	if (!good)
		ktap_note("%s %s %s, then %s %s %s", entry.before[0][0],
			  entry.before[0][1], entry.before[0][2],
			  entry.after[0][0], entry.after[0][1],
			  entry.after[0][2]);
	return good;
}

/* What the entry says now, by another file. */
static bool now_is(char *user, const char *perms, const char *has)
{
	size_t mark = arena_mark();
	struct walk walk;
	bool good;

	good = walks_ask(&walk, 1, "pid=self addr=%#lx",
			 (unsigned long)user) == 1 &&
	       !strcmp(walk.leaf.perms, perms) &&
	       (!has || has_word(walk.leaf.detail, has));
	if (!good)
		ktap_note("now %s %s", walk.leaf.perms, walk.leaf.detail);
	arena_reset(mark);
	return good;
}

/* What the kernel does for who wants to know of writes, where it is built in. */
static void test_dirty(const char *with, int fd, char *user)
{
	u64 word = OWN_WORD;
	int err, i;

	err = entry_do("write_protect", user, 1);
	if (err == -EOPNOTSUPP) {
		for (i = 0; i < NR_DIRTY; i++)
			ktap_skip("write-protected, clean",
				  "no CONFIG_MAPPING_DIRTY_HELPERS");
		return;
	}
	ktap_ok(!err && entry.changed == 1 &&
		!strcmp(entry.before[0][1], "rw-u") &&
		went("present", "r--u", NULL, NULL) && now_is(user, "r--u", NULL),
		"by %s: write-protected", with);
	*word_at(user, 0) = ++word;
	ktap_ok(!map_ask(fd, "") && map.mkwrites == 1 && !map.faults &&
		map.page[0].first_word == word && now_is(user, "rw-u", "dirty"),
		"by %s: a write asks mkwrite once, and goes on", with);
	ktap_ok(!entry_do("clean", user, 1) && entry.changed == 1 &&
		went("present", "rw-u", "accessed", "dirty"), "by %s: clean", with);
	*word_at(user, 0) = ++word;
	ktap_ok(now_is(user, "rw-u", "dirty") && !map_ask(fd, "") &&
		map.mkwrites == 1, "by %s: a write makes it dirty, without a fault", with);
}

static void test_effects(const char *with)
{
	int fd = map_new("vmalloc", with, PAGES);
	char *user = map_user(fd, PAGES);
	u64 word, mkwrites;

	if (user == MAP_FAILED)
		ktap_bail("mmap by %s", with);
	*word_at(user, 0) = OWN_WORD;
	test_dirty(with, fd, user);
	map_ask(fd, "");
	mkwrites = map.mkwrites;
	word = map.page[0].first_word;
	if (entry_do("old", user, 1) == -EOPNOTSUPP) {
		ktap_skip("old", "no flush that a module may call");
		ktap_skip("old then touched", "no flush that a module may call");
	} else {
		ktap_ok(entry.changed == 1 &&
			went("present", "rw-u", NULL, "accessed"), "by %s: old", with);
		look(user);
		ktap_ok(now_is(user, "rw-u", "accessed") && !map_ask(fd, "") &&
			!map.faults, "by %s: a touch makes it young, without a fault",
			with);
	}
	ktap_ok(!entry_do("none", user, PAGES) && entry.nr == PAGES &&
		went("none", "-", NULL, NULL) && !map_ask(fd, "") &&
		counts_are(0), "by %s: none, and counted no more", with);
	ktap_ok(*word_at(user, 0) == word && !map_ask(fd, "") &&
		map.faults == 1 && map.mapped[0].meet && !map.mapped[1].meet &&
		now_is(user, "r--u", "accessed"),
		"by %s: a touch brings the page back, read-only", with);
	*word_at(user, 1) = OWN_WORD;
	*word_at(user, 0) = OWN_WORD;
	ktap_ok(!map_ask(fd, "") && map.faults == 2 &&
		map.mkwrites == mkwrites + 2 &&
		now_is(user, "rw-u", "dirty") &&
		now_is(user + page_B, "rw-u", "dirty"),
		"by %s: a write of what is none, and of what is read-only", with);
	munmap(user, PAGES * page_B);
	close(fd);
}

static long faults_of(int fd, const char *class)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;
	long count = 0;

	lseek(fd, 0, SEEK_SET);
	if (table_ask_fd(&table, fd, FAULTS, "%s", ""))
		count = -1;
	while (count >= 0 && table_next(&table, &line)) {
		if (line.section)
			continue;
		if (!strcmp(line.word[0], class))
			count = number(&line, 1);
	}
	arena_reset(mark);
	return count;
}

/* As the file that counts them all sees it. */
static void test_faults(const char *with)
{
	bool by_page = !strcmp(with, "page");
	const char *what = by_page ? "file_read" : "special";
	int fd = map_new("pages", with, 1), faults = ask_open(FAULTS, O_RDWR);
	char *user = map_user(fd, 1);

	if (write(faults, "pid=self", 8) < 0) {
		ktap_skip("faults", "page faults are not told here");
	} else {
		entry_do("none", user, 1);
		look(user);
		*word_at(user, 0) = OWN_WORD;
		ktap_ok(faults_of(faults, what) == 1, "by %s: faults calls it %s",
			with, what);
	}
	close(faults);
	munmap(user, page_B);
	close(fd);
}

/* For the shell: a process whose mapping others look at. */
static int hold(void)
{
	int fd = map_new("pages", "pfn", 2);
	char *user = map_user(fd, 2);

	if (user == MAP_FAILED)
		ktap_bail("mmap");
	printf("pid=%d addr=%p\n", getpid(), user);
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int i, j;

	lib_init(ARENA_B);
	lib_need(MAP);
	if (argc > 1 && !strcmp(argv[1], "hold"))
		return hold();
	count_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	pagemap_fd = proc_open("self", "pagemap", O_RDONLY);
	if (count_fd < 0 || pagemap_fd < 0)
		ktap_bail("/proc");
	/* The kernel inserts no page of kmalloc: of a slab never, of others it depends. */
	ktap_start(5 * NR_MADE + NR_REFUSED + 2 * (NR_LIVES + NR_EFFECTS) +
		   NR_FAULTS);
	for (i = 0; i < ARRAY_SIZE(froms); i++)
		for (j = 0; j < ARRAY_SIZE(withs); j++)
			if (strcmp(froms[i], "kmalloc") || !j)
				test_made(froms[i], withs[j]);
	test_refused();
	for (j = 0; j < ARRAY_SIZE(withs); j++) {
		test_lives(withs[j]);
		test_effects(withs[j]);
		test_faults(withs[j]);
	}
	return ktap_finish();
}
