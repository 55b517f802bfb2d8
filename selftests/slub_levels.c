// SPDX-License-Identifier: GPL-2.0
/*
 * slubprobe/kmalloc, stats and own: each level of the allocator is forced, and must be
 * what the answer says.
 *
 * kmalloc(2000) with __GFP_RECLAIMABLE is what hardly anybody but us asks for: its
 * cache can be filled, drained and shrunk to a known state, from which the next
 * level follows. Oracles are the number of slabs in /sys/kernel/slab, the slab flag in
 * /proc/kpageflags, slubprobe/object for what is held and what is free, memory.current
 * of a cgroup, and KFENCE's own count; and "proof" of the answer itself, which is
 * "both" when the allocator's data before and after agree with the hooks.
 *
 * Others may step in: a try is repeated, and must hold once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(32UL << 20)
#define SIZE		"size=2000 gfp=GFP_NOWAIT|__GFP_RECLAIMABLE "
#define TRIES		5
#define STATS_MS	2500	/* at first; twice that at each further try */
#define ROWS		16	/* that an answer shows in full */
#define LEVELS		36
#define LIST_MAX	64
#define KPF_SLAB	7
#define KFENCE_INTERVAL	"/sys/module/kfence/parameters/sample_interval"

/* One row of "allocations" or "frees". */
struct row {
	unsigned int nr;
	u64 object, pfn, address;
	int index, cpu;
	char cache[64], level[20], proof[8];
};

struct new_slab {
	unsigned int nr, objects, nr_listed;
	u64 pfn, base;
	unsigned int list[LIST_MAX];
};

struct answer {
	struct row alloc[ROWS], free[ROWS];
	struct new_slab slab[ROWS];
	unsigned int nr_alloc, nr_free, nr_slab, nr_level;
	struct {
		char request[8], name[20];
		unsigned long count;
	} level[LEVELS];
};

static bool has_sheaves;

/* Why there is nothing to force, or NULL: at all, without sheaves, with them. */
static const char *quarantine, *no_slabs, *no_sheaves;
static char cache_name[64];
static u64 per_slab, slab_size_B;

static void copy_word(char *to, size_t size_B, const char *from)
{
	snprintf(to, size_B, "%s", from);
}

#define COPY_WORD(to, from)	copy_word(to, sizeof(to), from)

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		ktap_bail("CPU %d", cpu);
}

/* ---- Answers ---- */

static void parse_row(const struct line *line, struct row *row)
{
	char *const *w = line->word;

	row->nr = strtoul(w[0], NULL, 10);
	row->object = strtoull(w[1], NULL, 16);
	COPY_WORD(row->cache, w[2]);
	row->pfn = strtoull(w[3], NULL, 16);
	row->index = *w[4] == '-' ? -1 : atoi(w[4]);
	row->address = strtoull(w[5], NULL, 16);
	row->cpu = atoi(w[6]);
	COPY_WORD(row->level, w[7]);
	COPY_WORD(row->proof, w[8]);
}

static void parse_slab(const struct line *line, struct new_slab *slab)
{
	char *list = line->word[7], *item;

	slab->nr = strtoul(line->word[0], NULL, 10);
	slab->pfn = strtoull(line->word[2], NULL, 16);
	slab->objects = strtoul(line->word[5], NULL, 10);
	slab->base = strtoull(line->word[6], NULL, 16);
	while ((item = strsep(&list, ",")) && *item >= '0' && *item <= '9' &&
	       slab->nr_listed < LIST_MAX)
		slab->list[slab->nr_listed++] = strtoul(item, NULL, 10);
}

static bool parse_line(struct answer *answer, const char *section,
		       const struct line *line)
{
	if (!strcmp(section, "allocations") && line->nr == 10 &&
	    answer->nr_alloc < ROWS) {
		parse_row(line, &answer->alloc[answer->nr_alloc++]);
	} else if (!strcmp(section, "frees") && line->nr == 10 &&
		   answer->nr_free < ROWS) {
		parse_row(line, &answer->free[answer->nr_free++]);
	} else if (!strcmp(section, "new_slabs") && line->nr == 8 &&
		   answer->nr_slab < ROWS) {
		parse_slab(line, &answer->slab[answer->nr_slab++]);
	} else if (!strcmp(section, "levels") && line->nr == 8 &&
		   answer->nr_level < LEVELS) {
		COPY_WORD(answer->level[answer->nr_level].request, line->word[0]);
		COPY_WORD(answer->level[answer->nr_level].name, line->word[1]);
		answer->level[answer->nr_level++].count =
			strtoul(line->word[2], NULL, 10);
	} else {
		return false;
	}
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
	err = table_ask_fd(&table, fd, "slubprobe/kmalloc", "%s", words);
	while (!err && table_next(&table, &line)) {
		if (line.section)
			COPY_WORD(section, line.word[0]);
		else if (!parse_line(answer, section, &line))
			ktap_bail("'%s': malformed %s", words, section);
	}
	arena_reset(mark);
	return err;
}

static int open_file(const char *file)
{
	int fd = ask_open(file, O_RDWR);

	if (fd < 0)
		ktap_bail("open %s", file);
	return fd;
}

static void must(int fd, struct answer *answer, const char *fmt, unsigned int n)
{
	char words[128];
	int err;

	snprintf(words, sizeof(words), fmt, n);
	err = request(fd, answer, words);
	if (err) {
		errno = -err;
		ktap_bail("'%s'", words);
	}
}

/* By an open file of its own, so that nothing is kept. */
static void once(struct answer *answer, const char *fmt, unsigned int n)
{
	int fd = open_file("slubprobe/kmalloc");

	must(fd, answer, fmt, n);
	close(fd);
}

static unsigned long count(const struct answer *answer, const char *request,
			   const char *level)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < answer->nr_level; i++)
		if (!strcmp(answer->level[i].request, request) &&
		    (!*level || !strcmp(answer->level[i].name, level)))
			sum += answer->level[i].count;
	return sum;
}

static void show(const char *what, const struct answer *answer)
{
	unsigned int i;

	for (i = 0; i < answer->nr_level; i++)
		ktap_note("%s: %s %s %lu", what, answer->level[i].request,
			  answer->level[i].name, answer->level[i].count);
}

/* Are all levels of the answer in the list, and how many of them? */
static bool only(const struct answer *answer, const char *request,
		 const char *levels)
{
	char word[32];
	unsigned int i;

	for (i = 0; i < answer->nr_level; i++) {
		snprintf(word, sizeof(word), " %s ", answer->level[i].name);
		if (!strcmp(answer->level[i].request, request) &&
		    !strstr(levels, word)) {
			ktap_note("%s: %s is none of%s", request,
				  answer->level[i].name, levels);
			return false;
		}
	}
	return true;
}

#define ALLOC_LEVELS \
	(has_sheaves ? " sheaf_main sheaf_spare barn node new_slab " : \
		       " cpu cpu_slab cpu_partial node new_slab ")
#define FREE_LEVELS \
	(has_sheaves ? " sheaf_main sheaf_spare sheaf_empty sheaf_flushed barn " : \
		       " cpu frozen cpu_partial node slab_freed ")

/* ---- The cache ---- */

static u64 attribute(const char *file)
{
	unsigned long long value = 0;
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", cache_name, file);
	read_number(path, &value);
	return value;
}

static void drain(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache_name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		ktap_bail("%s", path);
	close(fd);
}

static void find_cache(void)
{
	struct answer a;

	once(&a, SIZE "count=%u", 1);
	if (!a.nr_alloc || !strcmp(a.alloc[0].cache, "-"))
		ktap_bail("no object of a cache");
	COPY_WORD(cache_name, a.alloc[0].cache);
	per_slab = attribute("objs_per_slab");
	slab_size_B = attribute("slab_size");
	has_sheaves = attribute("sheaf_capacity");
	ktap_note("%s: %llu objects in a slab, %s", cache_name,
		  (unsigned long long)per_slab,
		  has_sheaves ? "sheaves" : "a slab for each CPU");
}

/* ---- What is said of each object ---- */

static bool is_slab_page(u64 pfn)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	u64 flags = 0;
	bool ok;

	ok = fd >= 0 && pread(fd, &flags, 8, pfn * 8) == 8;
	close(fd);
	return ok && flags & 1ULL << KPF_SLAB;
}

/* The first request of an answer has no state to be held against. */
static bool rows_right(const struct row *rows, unsigned int nr, bool is_slab)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct row *row = &rows[i];

		if (strcmp(row->cache, cache_name) || row->index < 0 ||
		    row->object != row->address + row->index * slab_size_B ||
		    (is_slab && !is_slab_page(row->pfn))) {
			ktap_note("%u: %s %#llx is not object %d of %#llx",
				  row->nr, row->cache,
				  (unsigned long long)row->object, row->index,
				  (unsigned long long)row->address);
			return false;
		}
		if (i && strcmp(row->proof, "both")) {
			ktap_note("%u: %s by %s", row->nr, row->level, row->proof);
			return false;
		}
	}
	return nr;
}

/* slubprobe/object of all rows: allocated, or free? */
static bool objects_are(const struct row *rows, unsigned int nr,
			const char *state)
{
	size_t mark = arena_mark();
	struct table t;
	struct line line;
	unsigned int i, right = 0;

	for (i = 0; i < nr; i++) {
		if (table_ask(&t, "slubprobe/object", "addr=%#llx",
			      (unsigned long long)rows[i].object) ||
		    !table_next(&t, &line))
			return false;
		right += !strcmp(line.word[7], state) &&
			 !strcmp(line.word[2], cache_name) &&
			 atoi(line.word[6]) == rows[i].index;
		arena_reset(mark);
	}
	if (right < nr)
		ktap_note("%u of %u are %s", right, nr, state);
	return right == nr && nr;
}

static bool is_permutation(const struct new_slab *slab)
{
	bool seen[LIST_MAX] = { };
	unsigned int i;

	if (slab->nr_listed != slab->objects)
		return false;
	for (i = 0; i < slab->nr_listed; i++) {
		if (slab->list[i] >= slab->objects || seen[slab->list[i]])
			return false;
		seen[slab->list[i]] = true;
	}
	return true;
}

/* With sheaves the last one that was fetched is the first to be taken. */
static bool order_right(const struct answer *a, const struct new_slab *slab)
{
	unsigned int i, at;

	for (i = 0; i < slab->nr_listed && !has_sheaves; i++) {
		at = slab->nr + i;
		if (at < a->nr_alloc &&
		    (a->alloc[at].pfn != slab->pfn ||
		     a->alloc[at].index != (int)slab->list[i])) {
			ktap_note("request %u got object %d, not %u", at,
				  a->alloc[at].index, slab->list[i]);
			return false;
		}
	}
	return true;
}

static bool new_slabs_right(const struct answer *a)
{
	unsigned int i;

	for (i = 0; i < a->nr_slab; i++)
		if (!is_permutation(&a->slab[i]) || !order_right(a, &a->slab[i]) ||
		    a->slab[i].objects != per_slab)
			return false;
	return a->nr_slab;
}

/* ---- Filled and freed ---- */

static bool fill_once(struct answer *a, struct answer *f)
{
	int fd = open_file("slubprobe/kmalloc");
	unsigned long nr = 7 * per_slab + 1, made;
	u64 before;
	bool ok;

	drain();
	before = attribute("slabs");
	must(fd, a, SIZE "keep=1 count=%u", nr);
	made = attribute("slabs") - before;
	ok = count(a, "alloc", "") == nr && only(a, "alloc", ALLOC_LEVELS) &&
	     (has_sheaves ? count(a, "alloc", "new_slab") >= 1 &&
			    count(a, "alloc", "new_slab") <= made :
			    count(a, "alloc", "new_slab") == made);
	if (!ok)
		show("filled", a);
	ok = ok && rows_right(a->alloc, a->nr_alloc, true) &&
	     objects_are(a->alloc, a->nr_alloc, "allocated");
	must(fd, f, "free=all", 0);
	ok = ok && count(f, "free", "") == nr && only(f, "free", FREE_LEVELS) &&
	     rows_right(f->free, f->nr_free, false) &&
	     objects_are(f->free, f->nr_free, "free");
	close(fd);
	return ok;
}

static void test_fill(void)
{
	struct answer a, f;
	bool ok = false;
	int tries;

	for (tries = 0; tries < TRIES && !ok; tries++)
		ok = fill_once(&a, &f);
	if (quarantine)
		ktap_skip("filled and freed", "%s", quarantine);
	else
		ktap_ok(ok, "filled and freed: levels, slabs, objects and their state");
	ktap_ok(new_slabs_right(&a), "%u new slabs: each object once, in the order of taking",
		a.nr_slab);
}

/* ---- Each level by itself: slabs of CPUs ---- */

/* What another CPU freed into our CPU's slab comes last. */
static bool force_cpu_slab(void)
{
	int fd = open_file("slubprobe/kmalloc");
	struct answer a, cross;
	unsigned int i;
	bool ok;

	drain();
	must(fd, &a, SIZE "keep=1 count=%u", 1);
	once(&cross, SIZE "pattern=cross count=%u", 3);
	must(fd, &a, SIZE "keep=1 count=%u", per_slab);
	ok = count(&cross, "free", "frozen") == 3 &&
	     count(&a, "alloc", "cpu_slab") == 1;
	for (i = 0; i < cross.nr_free; i++)
		ok = ok && cross.free[i].cpu != cross.alloc[i].cpu;
	if (!ok) {
		show("cross", &cross);
		show("after", &a);
	}
	close(fd);
	return ok;
}

/* Full slabs go to the CPU's list with the first object that is freed. */
static bool force_cpu_partial(void)
{
	struct answer a, b;
	bool ok;

	drain();
	once(&a, SIZE "count=%u", 4 * per_slab);
	once(&b, SIZE "count=%u", 4 * per_slab);
	ok = count(&a, "free", "cpu_partial") && count(&b, "alloc", "cpu_partial");
	if (!ok) {
		show("first", &a);
		show("second", &b);
	}
	return ok;
}

/* Shrinking takes the CPU's slab away; what is left in it is the node's. */
static bool force_node(void)
{
	int fd = open_file("slubprobe/kmalloc");
	struct answer a, b;
	bool ok;

	drain();
	must(fd, &a, SIZE "keep=1 count=%u", 3);
	drain();
	once(&b, SIZE "count=%u", 2);
	ok = count(&b, "alloc", "node") == 1 && count(&b, "alloc", "") == 2;
	if (!ok)
		show("after shrink", &b);
	close(fd);
	return ok;
}

/* Slabs of which one object is free are the node's: the last one gives them up. */
static bool force_slab_freed(void)
{
	int one = open_file("slubprobe/kmalloc");
	int rest = open_file("slubprobe/kmalloc");
	struct answer a;
	u64 before;
	int i;
	bool ok;

	drain();
	for (i = 0; i < 12; i++) {
		must(one, &a, SIZE "keep=1 count=%u", 1);
		must(rest, &a, SIZE "keep=1 count=%u", per_slab - 1);
	}
	must(one, &a, "free=all", 0);
	drain();
	before = attribute("slabs");
	must(rest, &a, "free=all", 0);
	ok = count(&a, "free", "slab_freed") == before - attribute("slabs") &&
	     count(&a, "free", "slab_freed") && count(&a, "free", "node") &&
	     rows_right(a.free, a.nr_free, false);
	if (!ok)
		show("freed", &a);
	close(one);
	close(rest);
	return ok;
}

static bool force_cpu(void)
{
	struct answer a;

	once(&a, SIZE "pattern=pingpong count=%u", 1009);
	return count(&a, "alloc", has_sheaves ? "sheaf_main" : "cpu") >= 1008 &&
	       count(&a, "free", has_sheaves ? "sheaf_main" : "cpu") >= 1008;
}

/* ---- Each level by itself: sheaves ---- */

/*
 * Shrinking takes the spare sheaf away. So many objects that are freed then fill the
 * barn, and sheaves are flushed; and they come back in the same way.
 */
static bool force_sheaves(void)
{
	unsigned int nr = 16 * attribute("sheaf_capacity");
	int fd = open_file("slubprobe/kmalloc");
	struct answer a, f, again;
	bool ok;

	drain();
	must(fd, &a, SIZE "keep=1 count=%u", nr);
	drain();
	must(fd, &f, "free=all", 0);
	once(&again, SIZE "count=%u", nr);
	ok = count(&a, "alloc", "new_slab") && count(&a, "alloc", "sheaf_main") &&
	     count(&f, "free", "sheaf_main") &&
	     count(&f, "free", "sheaf_empty") == 1 &&
	     count(&f, "free", "barn") && count(&f, "free", "sheaf_flushed") &&
	     count(&again, "alloc", "sheaf_spare") == 1 &&
	     count(&again, "alloc", "barn") >= 9 &&
	     count(&again, "free", "sheaf_spare") &&
	     only(&a, "alloc", ALLOC_LEVELS) && only(&f, "free", FREE_LEVELS) &&
	     only(&again, "alloc", ALLOC_LEVELS) &&
	     only(&again, "free", FREE_LEVELS);
	if (!ok) {
		show("filled", &a);
		show("freed", &f);
		show("again", &again);
	}
	close(fd);
	return ok;
}

static void find_levels(void)
{
	static const char absent[] = "not on this kernel";

	quarantine = getenv("QUARANTINE");
	no_slabs = has_sheaves ? absent : quarantine;
	no_sheaves = has_sheaves ? quarantine : absent;
}

static void test_level(bool (*force)(void), const char *name,
		       const char *why_not)
{
	bool ok = false;
	int tries;

	if (why_not) {
		ktap_skip(name, "%s", why_not);
		return;
	}
	for (tries = 0; tries < TRIES && !ok; tries++)
		ok = force();
	ktap_ok(ok, "%s", name);
}

/* ---- Not from slabs of the cache ---- */

static void test_large(void)
{
	int fd = open_file("slubprobe/kmalloc");
	struct answer a, f;
	unsigned int i;
	bool ok;

	must(fd, &a, "size=20000 keep=1 count=%u", 5);
	ok = count(&a, "alloc", "large") == 5;
	for (i = 0; i < a.nr_alloc; i++)
		ok = ok && !strcmp(a.alloc[i].cache, "-") &&
		     a.alloc[i].object == a.alloc[i].address &&
		     !is_slab_page(a.alloc[i].pfn) &&
		     !strcmp(a.alloc[i].proof, "both");
	must(fd, &f, "free=all", 0);
	ok = ok && count(&f, "free", "large") == 5;
	if (!ok) {
		show("large", &a);
		show("freed", &f);
	}
	close(fd);
	ktap_ok(ok, "large requests get pages");
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	close(fd);
	return ok;
}

static unsigned long long kfence_total(void)
{
	size_t mark = arena_mark();
	char *text = read_file("/sys/kernel/debug/kfence/stats", NULL), *at;
	unsigned long long total = 0;

	at = text ? strstr(text, "total allocations: ") : NULL;
	if (at)
		total = strtoull(at + 19, NULL, 10);
	arena_reset(mark);
	return total;
}

static void test_kfence(void)
{
	unsigned long long before = 0, total = kfence_total();
	unsigned long served = 0, freed = 0;
	char text[16];
	struct answer a;
	int tries;

	if (access(KFENCE_INTERVAL, W_OK)) {
		ktap_skip("an object of KFENCE", "no KFENCE");
		return;
	}
	read_number(KFENCE_INTERVAL, &before);
	write_file(KFENCE_INTERVAL, "10");
	for (tries = 0; tries < 100 && !served; tries++) {
		once(&a, "size=64 pattern=pingpong count=%u", 1000);
		served = count(&a, "alloc", "kfence");
		freed = count(&a, "free", "kfence");
	}
	snprintf(text, sizeof(text), "%llu", before);
	write_file(KFENCE_INTERVAL, text);
	ktap_ok(served && freed == served && kfence_total() >= total + served,
		"%lu objects of KFENCE, and freed", served);
}

/* What is charged to our cgroup is what was asked for on its account. */
static void test_account(void)
{
	const char *cgroup = getenv("CGROUP");
	unsigned long long before = 0, after = 0;
	char path[256], pid[16];
	struct answer a;
	int fd;

	if (!cgroup) {
		ktap_skip("charged to a cgroup", "no memory controller");
		return;
	}
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (!write_file(path, pid))
		ktap_bail("%s", path);
	fd = open_file("slubprobe/kmalloc");
	snprintf(path, sizeof(path), "%s/memory.current", cgroup);
	read_number(path, &before);
	must(fd, &a, "size=2000 gfp=GFP_KERNEL_ACCOUNT keep=1 count=%u", 2000);
	read_number(path, &after);
	ktap_ok(after - before > 1900 * 2048ULL && only(&a, "alloc", ALLOC_LEVELS),
		"2000 objects from %s are charged: %llu KiB", a.alloc[0].cache,
		(after - before) >> 10);
	close(fd);
}

/* ---- stats ---- */

static pid_t stats_in_background(int out, unsigned int ms)
{
	pid_t pid = fork();
	char words[32], *text;
	ssize_t len;

	if (pid < 0)
		ktap_bail("fork");
	if (pid)
		return pid;
	snprintf(words, sizeof(words), "ms=%u", ms);
	len = ask("slubprobe/stats", words, &text);
	_exit(len < 0 || write(out, text, len) != len);
}

static bool is_armed(const char *status, const char *hook)
{
	const char *hooks = strstr(status, "\n## hooks\n");
	const char *row = hooks ? strstr(hooks, hook) : NULL;
	const char *users = row ? strstr(row, ",users=") : NULL;

	return users && users < strchrnul(row + 1, '\n') && users[7] != '0';
}

/* Until such a reader counts: it does once the last of its hooks is armed. */
static void wait_stats(void)
{
	size_t mark = arena_mark();
	bool armed = false;
	char *text;
	int i;

	for (i = 0; i < 500 && !armed; i++) {
		if (ask("status", NULL, &text) < 0)
			ktap_bail("status");
		armed = is_armed(text, "\nkfree slubprobe ");
		arena_reset(mark);
		usleep(armed ? 200000 : 10000);
	}
	if (!armed)
		ktap_bail("the reader's hooks are not armed");
}

/* stats for as long as that, of what is done until collect_stats() */
static pid_t begin_stats(int *from, unsigned int ms)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		ktap_bail("pipe");
	pid = stats_in_background(pipes[1], ms);
	close(pipes[1]);
	wait_stats();
	*from = pipes[0];
	return pid;
}

/* What stats last answered. */
static char stats_text[1 << 20];

static bool collect_stats(pid_t pid, int from)
{
	ssize_t len, got = 0;
	int status;

	while ((len = read(from, stats_text + got,
			   sizeof(stats_text) - 1 - got)) > 0)
		got += len;
	stats_text[got] = '\0';
	close(from);
	waitpid(pid, &status, 0);
	return !status;
}

/* "name cache request level count" */
static unsigned long counted(const char *cache, const char *request,
			     const char *level)
{
	char name[64], what[16], where[24];
	unsigned long nr, sum = 0;
	const char *line = stats_text;

	for (; line && *line; line = strchr(line, '\n'), line += !!line)
		if (sscanf(line, "%63s %*s %15s %23s %lu", name, what, where, &nr) == 4 &&
		    !strcmp(name, cache) && !strcmp(what, request) &&
		    (!*level || !strcmp(where, level)))
			sum += nr;
	return sum;
}

/* "name value" of own's first section. */
static bool own_value(int fd, const char *words, const char *name, char *value,
		      size_t size_B)
{
	size_t mark = arena_mark();
	struct table t;
	struct line line;
	bool found = false;

	if (table_ask_fd(&t, fd, "slubprobe/own", "%s", words))
		return false;
	while (table_next(&t, &line))
		if (!line.section && line.nr == 2 && !strcmp(line.word[0], name)) {
			copy_word(value, size_B, line.word[1]);
			found = true;
		}
	arena_reset(mark);
	return found;
}

static void show_counted(const char *one, const char *other)
{
	char *line, *text = stats_text;

	while ((line = strsep(&text, "\n")))
		if (!strncmp(line, one, strlen(one)) ||
		    !strncmp(line, other, strlen(other)))
			ktap_note("%s", line);
}

static bool count_levels(unsigned int ms)
{
	int fd = open_file("slubprobe/own"), from;
	struct answer a, b;
	char name[64] = "", value[64];
	bool ok, has_checks;
	pid_t pid;

	if (!own_value(fd, "size=504 ctor=1 flags=consistency_checks", "name",
		       name, sizeof(name)))
		ktap_bail("own cache");
	pid = begin_stats(&from, ms);
	once(&a, SIZE "pattern=pingpong count=%u", 1009);
	once(&b, SIZE "count=%u", 211);
	ok = own_value(fd, "alloc=101", "name", value, sizeof(value)) &&
	     own_value(fd, "free=97", "name", value, sizeof(value));
	ok = collect_stats(pid, from) && ok;
	close(fd);
	/*
	 * A cache with checks has neither list nor sheaf at the CPU; before 5.13,
	 * it has them only if the kernel was booted with slub_debug. 5.14 brought
	 * the directory.
	 */
	has_checks = !access("/sys/kernel/debug/slab", F_OK);
	ok = ok && counted(cache_name, "alloc", "") == 1009 + 211 &&
	       counted(cache_name, "free", "") == 1009 + 211 &&
	       counted(cache_name, "alloc", "new_slab") ==
	       count(&a, "alloc", "new_slab") + count(&b, "alloc", "new_slab") &&
	       counted(name, "alloc", "") == 101 &&
	       counted(name, "free", "") == 97 &&
	       counted(name, "alloc", "new_slab") &&
	       (!has_checks ||
		(counted(name, "alloc", "new_slab") +
		 counted(name, "alloc", "node") == 101 &&
		 counted(name, "free", "node") +
		 counted(name, "free", "slab_freed") == 97));
	if (!ok)
		show_counted(cache_name, name);
	return ok;
}

/* Once more in a longer time: what is done must be over before stats is. */
static void test_counting(bool (*count_once)(unsigned int ms), const char *name,
			  const char *why_not)
{
	bool ok = false;
	int tries;

	if (why_not) {
		ktap_skip(name, "%s", why_not);
		return;
	}
	for (tries = 0; tries < TRIES && !ok; tries++)
		ok = count_once(STATS_MS << tries);
	ktap_ok(ok, "%s", name);
}

/* KFENCE may take one of a bulk request. */
static bool bulk_counted(const char *cache, const char *request,
			 unsigned long nr)
{
	return counted(cache, request, "bulk") +
	       counted(cache, request, "kfence") == nr;
}

static bool count_bulk(unsigned int ms)
{
	int fd = open_file("slubprobe/own"), from;
	char name[64] = "", value[64];
	bool ok;
	pid_t pid;

	if (!own_value(fd, "size=488 ctor=1", "name", name, sizeof(name)))
		ktap_bail("own cache");
	pid = begin_stats(&from, ms);
	ok = own_value(fd, "alloc=101 bulk=30", "constructed_objects", value,
		       sizeof(value)) && !strcmp(value, "101") &&
	     own_value(fd, "free=97 bulk=64", "held_objects", value,
		       sizeof(value)) && !strcmp(value, "4") &&
	     own_value(fd, "alloc=3", "name", value, sizeof(value));
	ok = collect_stats(pid, from) && ok;
	close(fd);
	ok = ok && bulk_counted(name, "alloc", 101) &&
	     bulk_counted(name, "free", 97) &&
	     counted(name, "alloc", "") == 104;
	if (!ok)
		show_counted(name, name);
	return ok;
}

/* The tree of a process's VMAs fills a sheaf before a change that takes several nodes. */
static void split_vmas(void)
{
	const size_t size_B = 2000 * getpagesize();
	char *map = mmap(NULL, size_B, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t at_B;

	if (map == MAP_FAILED)
		ktap_bail("mmap");
	for (at_B = 0; at_B < size_B; at_B += 2 * getpagesize())
		if (mprotect(map + at_B, getpagesize(), PROT_READ))
			ktap_bail("mprotect");
	munmap(map, size_B);
}

static bool count_prefilled(unsigned int ms)
{
	pid_t pid;
	int from;

	pid = begin_stats(&from, ms);
	split_vmas();
	if (collect_stats(pid, from) &&
	    counted("maple_node", "alloc", "sheaf_prefilled"))
		return true;
	show_counted("maple_node", "maple_node");
	return false;
}

static void test_stats_busy(void)
{
	pid_t pid;
	char *text;
	bool ok;
	int from;

	pid = begin_stats(&from, 60000);
	ok = ask("slubprobe/stats", "ms=1", &text) == -EBUSY;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(from);
	ktap_ok(ok, "a second reader of stats gets EBUSY");
	ktap_ok(ask("slubprobe/stats", "ms=1", &text) > 0,
		"and not when the first was killed");
}

/* ---- Own caches ---- */

static bool own_is(int fd, const char *words, const char *name,
		   const char *expected)
{
	char value[64] = "";

	if (own_value(fd, words, name, value, sizeof(value)) &&
	    !strcmp(value, expected))
		return true;
	ktap_note("own '%s': %s is '%s', not '%s'", words, name, value, expected);
	return false;
}

static int own_errno(int fd, const char *words)
{
	size_t mark = arena_mark();
	struct table t;
	int err = table_ask_fd(&t, fd, "slubprobe/own", "%s", words);

	arena_reset(mark);
	return err;
}

/* A constructor keeps a cache by itself: its figures are in its own directory. */
static bool own_cache_right(void)
{
	static const char *const figures[][2] = {
		{ "object_size_B", "object_size" }, { "size_B", "slab_size" },
		{ "order", "order" }, { "objects_per_slab", "objs_per_slab" },
		{ "align_B", "align" },
	};
	const char *words = "size=200 align=64 ctor=1";
	int fd = open_file("slubprobe/own");
	char name[64], path[128], saved[64], value[64], number[24];
	size_t i;
	bool ok = own_value(fd, words, "name", name, sizeof(name));

	COPY_WORD(saved, cache_name);
	COPY_WORD(cache_name, name);
	ok = ok && own_is(fd, "alloc=37", "held_objects", "37") &&
	     own_is(fd, "alloc=4", "constructed_objects", "41");
	for (i = 0; ok && i < ARRAY_SIZE(figures); i++) {
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)attribute(figures[i][1]));
		ok = own_is(fd, "shrink=1", figures[i][0], number);
	}
	ok = ok && own_is(fd, "shrink=1", "merged", "0") &&
	     own_errno(fd, "destroy=1") == -EBUSY &&
	     own_errno(fd, "size=64") == -EEXIST &&
	     own_errno(fd, "free=42") == -ENOENT &&
	     own_is(fd, "free=41", "held_objects", "0") &&
	     own_is(fd, "destroy=1", "destroyed", "1") &&
	     own_errno(fd, "alloc=1") == -ENOENT;
	COPY_WORD(cache_name, saved);
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s", name);
	if (ok && !access(path, F_OK)) {
		ktap_note("%s is still there", path);
		ok = false;
	}
	/* The same open file may have another one. */
	ok = ok && own_value(fd, "size=100", "asked_name", value, sizeof(value));
	close(fd);
	return ok;
}

/* Two plain caches of one size are one; sysfs has a link to it for each name. */
static bool merged_right(void)
{
	int a = open_file("slubprobe/own"), b = open_file("slubprobe/own");
	char name[64] = "", other[64], asked[64], path[128], link[128] = "";
	ssize_t len;
	bool ok;

	ok = own_value(a, "size=1192", "name", name, sizeof(name)) &&
	     own_value(b, "size=1192", "asked_name", asked, sizeof(asked)) &&
	     own_value(b, "alloc=1", "name", other, sizeof(other)) &&
	     !strcmp(name, other) && own_is(b, "alloc=1", "merged", "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s", asked);
	len = readlink(path, link, sizeof(link) - 1);
	if (len <= 0) {
		ktap_note("%s is no link", path);
		ok = false;
	}
	/* Its objects are held: not destroyed, though it is another's, too. */
	ok = ok && own_errno(b, "destroy=1") == -EBUSY;
	close(b);
	ok = ok && own_is(a, "alloc=1", "name", name);
	close(a);
	return ok;
}

/* ---- All at once ---- */

static pid_t random_requests(int cpu, unsigned long requests)
{
	static const char *const patterns[] = { "burst", "pingpong", "cross" };
	static const char *const flags[] = {
		"GFP_KERNEL", "GFP_NOWAIT", "GFP_ATOMIC|__GFP_RECLAIMABLE",
		"GFP_KERNEL_ACCOUNT", "GFP_KERNEL|__GFP_ZERO",
	};
	unsigned int seed = 20261122 + cpu, nr;
	unsigned long done = 0;
	struct answer a;
	char words[128];
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		ktap_bail("fork");
	if (pid)
		return pid;
	on_cpu(cpu);
	fd = open_file("slubprobe/kmalloc");
	while (done < requests) {
		nr = 1 + rand_r(&seed) % 300;
		snprintf(words, sizeof(words), "size=%u gfp=%s pattern=%s count=%u",
			 1 << (rand_r(&seed) % 13),
			 flags[rand_r(&seed) % ARRAY_SIZE(flags)],
			 patterns[rand_r(&seed) % ARRAY_SIZE(patterns)], nr);
		if (request(fd, &a, words) || count(&a, "alloc", "") != nr ||
		    count(&a, "free", "") != nr - count(&a, "alloc", "failed")) {
			ktap_note("%s: %lu and %lu", words, count(&a, "alloc", ""),
				  count(&a, "free", ""));
			_exit(1);
		}
		done += 2 * nr;
	}
	_exit(0);
}

static unsigned int count_bad(void)
{
	size_t mark = arena_mark();
	unsigned int nr = 0;
	struct table t;
	struct line line;

	if (table_ask(&t, "slubprobe/check", "%s", "") || t.truncated[0])
		return 1;
	while (table_next(&t, &line)) {
		if (strcmp(line.word[1], "bad"))
			continue;
		ktap_note("%s: %s at %s", line.word[0], line.word[4], line.word[5]);
		nr++;
	}
	arena_reset(mark);
	return nr;
}

static void test_random(unsigned long requests)
{
	pid_t pids[2] = { random_requests(0, requests / 2),
			  random_requests(1, requests / 2) };
	unsigned int checks = 0, bad = 0, i;
	int status, running = 2, failed = 0;

	while (running) {
		bad += count_bad();
		checks++;
		for (i = 0; i < 2; i++) {
			if (pids[i] && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
				failed += status != 0;
				pids[i] = 0;
				running--;
			}
		}
	}
	ktap_ok(!failed, "%lu random requests on both CPUs, each with a level",
		requests);
	ktap_ok(!bad && checks, "no fault in %u checks meanwhile", checks);
}

int main(void)
{
	bool is_quick = getenv("MMSCOPE_QUICK");

	lib_init(ARENA_B);
	lib_need("slubprobe/kmalloc");
	on_cpu(0);
	ktap_start(20);
	find_cache();
	find_levels();
	test_fill();
	test_level(force_cpu, "pingpong stays at the CPU", quarantine);
	test_level(force_cpu_slab, "cpu_slab and frozen: freed by another CPU",
		   no_slabs);
	test_level(force_cpu_partial, "cpu_partial: full slabs that are freed",
		   no_slabs);
	test_level(force_node, "node: a partial slab after shrinking", quarantine);
	test_level(force_slab_freed, "node and slab_freed, as many as slabs are gone",
		   no_slabs);
	test_level(force_sheaves, "sheaves: spare, empty, barn, flushed",
		   no_sheaves);
	test_large();
	test_kfence();
	test_account();
	test_counting(count_levels, "stats counts what two caches served, by level",
		      quarantine);
	test_counting(count_bulk, "bulk: each object of such a request is counted",
		      NULL);
	test_counting(count_prefilled, "sheaf_prefilled: VMAs that are split",
		      no_sheaves);
	test_stats_busy();
	ktap_ok(own_cache_right(), "own cache: made, used, refused, destroyed");
	if (getenv("UNMERGED"))
		ktap_skip("own caches that are merged", "%s", getenv("UNMERGED"));
	else
		ktap_ok(merged_right(), "own caches that are merged");
	test_random(is_quick ? 20000 : 100000);
	return ktap_finish();
}
