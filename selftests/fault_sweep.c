// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation fails once: of each module's load, and of each request of each
 * file. /proc/self/fail-nth lets the nth allocation of this task fail; n is
 * raised until the operation ends without having met it.
 *
 * Each time the operation must either end with ENOMEM and leave nothing behind,
 * or end as it does without a failure, with a whole answer, because it did not
 * need that memory. A module that loads all the same must be whole as well: all
 * its files, and no feature off. Then the same operation must go through, and no
 * module may be held. What was not freed is for kmemleak to tell, and what was
 * used after it was freed for KASAN: selftests/run reads both.
 *
 * fault_sweep.sh sets the knobs and loads mmscope_fault.ko, by which the count of
 * a load starts at the module's own part of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mmscope/buddyviz.h>
#include <mmscope/mmscope.h>
#include <mmscope/pgwalk.h>
#include <mmscope/slubprobe.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(16UL << 20)
#define ANSWER_B	(256UL << 10)
#define FAIL_NTH	"/proc/self/fail-nth"
#define LOAD_NTH	"/sys/module/mmscope_fault/parameters/nth"
#define NTH_MAX		100000
#define NOTES_MAX	20
#define PATH_LEN	256
#define KERNEL_PAGE	0xffffffff80000000ULL

static int fail_nth = -1, load_nth = -1;
static char *answer;
static unsigned int notes;

static bool wrong(const char *what, unsigned int n, const char *why, long got)
{
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH %s, allocation %u: %s: %ld", what, n, why,
			  got);
	return false;
}

/* ---- Failing on demand ---- */

static void put_number(int fd, unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fd, text, len, 0) != len)
		ktap_bail("cannot set the allocation that is to fail");
}

/* Whether an allocation failed since the count was set. */
static bool stop_failing(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		ktap_bail(FAIL_NTH);
	put_number(fail_nth, 0);
	return strtoul(text, NULL, 10) == 0;
}

/**
 * struct sweep - one operation with one failure after the other
 * @steps: allocations that failed
 * @refused: the operation ended with ENOMEM
 */
struct sweep {
	unsigned int steps, refused;
	bool good;
};

/* In the short run, every allocation of the first, and then fewer and fewer. */
static unsigned int stride(unsigned int n)
{
	return lib_quick() ? 1 + n / 16 : 1;
}

/* ---- Requests ---- */

/**
 * struct request - a request and how it ends
 * @words: NULL: the file is only read
 * @expect: 0 or a negative errno
 */
static const struct request {
	const char *file, *words;
	int expect;
} requests[] = {
	{ "status", NULL, 0 },
	{ "metrics", NULL, 0 },
	{ "error_log", NULL, 0 },
	{ "error_log", "x", 0 },
	{ "page", "pfn=1-200", 0 },
	{ "page", "pfn=5-3", -EINVAL },
	{ "convert", "pfn=256", 0 },
	{ "ledger", NULL, 0 },
	{ "pfn", "pfn=256", 0 },
	{ "pfn", "addr=0x1000", -ENOENT },
	{ "convert", "virt=0x1000", -ENOENT },
	{ "pgwalk/walk", "symbol=schedule+0x10", 0 },
	{ "pgwalk/walk", "pid=self addr=0x400000,0x401000,0x7ffffffff000", 0 },
	{ "pgwalk/walk", "symbol=no_such_symbol", -ENOENT },
	{ "pgwalk/walk.bin", "pid=self", 0 },
	{ "pgwalk/walk.bin", "space=kernel", 0 },
	{ "pgwalk/walk.bin", "space=nowhere", -EINVAL },
	{ "pgwalk/range", "pid=self", 0 },
	{ "pgwalk/range", "pid=self addr=0x400000-0x500000 holes=1", 0 },
	{ "pgwalk/range", "space=kernel addr=0xffffffff80000000-0xffffffff90000000", 0 },
	{ "pgwalk/range", "pid=self vma=0x10000", -ENOENT },
	{ "pgwalk/range.bin", "pid=self", 0 },
	{ "pgwalk/range.bin", "space=kernel addr=0xffffffff80000000-0xffffffff90000000", 0 },
	{ "pgwalk/range.bin", "pid=0", -ESRCH },
	{ "pgwalk/mm", "pid=self", 0 },
	{ "pgwalk/mm", "pid=2", 0 },
	{ "pgwalk/vmas", "pid=self", 0 },
	{ "pgwalk/vmas", "pid=self find=0x400000", 0 },
	{ "pgwalk/vmas", "pid=self prev=0x7fff00000000", 0 },
	{ "pgwalk/vmas", "pid=self intersection=0x400000-0x500000", 0 },
	{ "pgwalk/vmas", "pid=self nonsense=1", -EINVAL },
	{ "pgwalk/layout", NULL, 0 },
	{ "pgwalk/faults", "pid=self time_ms=1", 0 },
	{ "pgwalk/pagecache", "path=/proc/self/exe", 0 },
	{ "pgwalk/map", "from=pages pages=3", 0 },
	{ "pgwalk/map", "from=vmalloc with=page pages=3", 0 },
	{ "pgwalk/map", "from=kmalloc", 0 },
	{ "pgwalk/map", "from=nowhere", -EINVAL },
	{ "pgwalk/entry", "pid=self addr=0x10000 op=none", -EPERM },
	{ "pgwalk/pin", "pid=self addr=0x10000", -EFAULT },
	{ "pgwalk/pin", "drop=1", -ENOENT },
	{ "pgwalk/rmap", "pfn=256", 0 },
	{ "pgwalk/rmap", "pid=self addr=0x10000", -ENOENT },
	{ "buddyviz/zones", NULL, 0 },
	{ "buddyviz/freelists", NULL, 0 },
	{ "buddyviz/blocks", "order=9-11", 0 },
	{ "buddyviz/blocks.bin", "order=9-11", 0 },
	{ "buddyviz/block", "pfn=0xffffffff0", -ENOENT },
	{ "buddyviz/pcp", "pages=1", 0 },
	{ "buddyviz/pageblocks", "merge=1", 0 },
	{ "buddyviz/fragmentation", NULL, 0 },
	{ "buddyviz/check", NULL, 0 },
	{ "buddyviz/gfp", "gfp=GFP_KERNEL", 0 },
	{ "buddyviz/alloc", "order=2 count=3", 0 },
	{ "buddyviz/alloc", "free=all", -ENOENT },
	{ "slubprobe/caches", NULL, 0 },
	{ "slubprobe/check", NULL, 0 },
	{ "slubprobe/cache", "name=dma-kmalloc-64", 0 },
	{ "slubprobe/cache", "name=no_such_cache", -ENOENT },
	{ "slubprobe/object", "addr=0x1000", -ENOENT },
	{ "slubprobe/slabs", "name=dma-kmalloc-64", 0 },
	{ "slubprobe/objects", "name=dma-kmalloc-64", 0 },
	{ "slubprobe/objects.bin", "name=dma-kmalloc-64", 0 },
	{ "slubprobe/classes", NULL, 0 },
	{ "slubprobe/kmalloc", "size=64 count=3", 0 },
	{ "slubprobe/kmalloc", "free=all", -ENOENT },
	{ "slubprobe/stats", "ms=1", 0 },
	/* Not a cache of its own: kmem_cache_create() itself complains in the log. */
	{ "slubprobe/own", "alloc=1", -ENOENT },
	{ "vmalloc_walk/areas", "kind=ioremap", 0 },
	{ "vmalloc_walk/area", "addr=0x1000", -ENOENT },
	{ "vmalloc_walk/holes", "size=8192", 0 },
	{ "vmalloc_walk/lazy", NULL, 0 },
	{ "vmalloc_walk/sync", "pid=self", 0 },
	{ "vmalloc_walk/check", NULL, 0 },
	{ "vmalloc_walk/vmalloc", "size=8192 count=2 phases=1", 0 },
};

static bool is_text_whole(const char *text, ssize_t len)
{
	const char *end;

	if (len <= 0 || text[len - 1] != '\n')
		return false;
	for (end = text + len - 1; end > text && end[-1] != '\n'; end--)
		;
	return !strcmp(end, "# EOF\n") ||
	       (!strncmp(end, "# end records=", 14) && !strchr(end + 14, ' '));
}

static bool is_range_end(const void *record)
{
	const struct mmscope_range_record *end = record;

	return end->kind == MMSCOPE_PG_END && !end->pfn;
}

static bool is_blocks_end(const void *record)
{
	const struct mmscope_block_record *end = record;

	return end->kind == MMSCOPE_BLOCK_END && !end->node;
}

static bool is_objects_end(const void *record)
{
	const struct mmscope_object_record *end = record;

	return end->place == MMSCOPE_SLUB_END && !end->slab_pfn;
}

static const struct {
	const char *file;
	ssize_t record_size_B;
	bool (*is_end)(const void *record);
} binaries[] = {
	{ "pgwalk/range.bin", sizeof(struct mmscope_range_record), is_range_end },
	{ "buddyviz/blocks.bin", sizeof(struct mmscope_block_record), is_blocks_end },
	{ "slubprobe/objects.bin", sizeof(struct mmscope_object_record), is_objects_end },
};

static bool is_whole(const struct request *request, ssize_t len)
{
	const ssize_t header_B = sizeof(struct mmscope_bin_header);
	size_t i;

	answer[len] = '\0';
	if (!strcmp(request->file, "error_log"))
		return true;
	if (!strcmp(request->file, "pgwalk/walk.bin"))
		return len == sizeof(struct mmscope_walk_record);
	for (i = 0; i < ARRAY_SIZE(binaries); i++)
		if (!strcmp(request->file, binaries[i].file))
			return len >= header_B + binaries[i].record_size_B &&
			       binaries[i].is_end(answer + len -
						  binaries[i].record_size_B);
	return is_text_whole(answer, len);
}

/* All of an answer, or one record of what has no end; a negative errno. */
static ssize_t read_answer(const struct request *request, int fd)
{
	ssize_t got, len = 0;

	if (!strcmp(request->file, "pgwalk/walk.bin")) {
		bool kernel = !strcmp(request->words, "space=kernel");

		/* A page of either half; what is there does not matter. */
		len = pread(fd, answer, sizeof(struct mmscope_walk_record),
			    kernel ? (off_t)(KERNEL_PAGE / page_B *
				     sizeof(struct mmscope_walk_record)) : 0);
		return len < 0 ? -errno : len;
	}
	do {
		got = read(fd, answer + len, ANSWER_B - 1 - len);
		if (got < 0)
			return -errno;
		len += got;
	} while (got && len < (ssize_t)ANSWER_B - 1);
	return len;
}

/* From open to close, as one; nothing here allocates in user space. */
static int ask_once(const struct request *request, const char *path)
{
	ssize_t len = 0;
	int fd, err = 0;

	fd = open(path, (request->words ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (request->words &&
	    write(fd, request->words, strlen(request->words)) < 0)
		err = -errno;
	if (!err) {
		len = read_answer(request, fd);
		err = len < 0 ? len : 0;
	}
	close(fd);
	if (!err && !is_whole(request, len))
		err = -EBADMSG;
	return err;
}

static unsigned long users_of(const char *module)
{
	unsigned long long users = 0;
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	read_number(path, &users);
	return users;
}

static unsigned long users_of_all(void)
{
	return users_of("mmscope") + users_of("pgwalk") + users_of("slubprobe");
}

static struct sweep sweep_request(const struct request *request)
{
	unsigned long users = users_of_all();
	struct sweep sweep = { .good = true };
	const char *what = request->words ?: request->file;
	char path[PATH_LEN];
	unsigned int n;
	bool failed;
	int err;

	snprintf(path, sizeof(path), MMSCOPE_DIR "%s", request->file);
	err = ask_once(request, path);
	if (err != request->expect)
		sweep.good = wrong(what, 0, "without a failure", err);
	for (n = 1; n < NTH_MAX; n++) {
		put_number(fail_nth, n);
		err = ask_once(request, path);
		failed = stop_failing();
		if (err != request->expect && (!failed || err != -ENOMEM))
			sweep.good = wrong(what, n, "errno", err);
		if (!failed)
			break;
		sweep.steps++;
		sweep.refused += err == -ENOMEM;
		n += stride(n) - 1;
	}
	if (users_of_all() != users)
		sweep.good = wrong(what, n, "a module is held, users",
				   users_of_all());
	if (!sweep.steps)
		sweep.good = wrong(what, n, "nothing failed", 0);
	return sweep;
}

static void test_request(const struct request *request)
{
	struct sweep sweep = sweep_request(request);

	ktap_ok(sweep.good, "%s%s%s: %u failures, %u of them refused it",
		request->file, request->words ? " " : "", request->words ?: "",
		sweep.steps, sweep.refused);
}

/* The frame that convert speaks of, by its first record. */
static bool converted(int fd, u64 *pfn)
{
	static const struct request convert = { .file = "convert" };
	ssize_t len;
	char *line;

	if (lseek(fd, 0, SEEK_SET))
		return false;
	len = read_answer(&convert, fd);
	if (len < 0 || !is_whole(&convert, len))
		return false;
	line = strstr(answer, "\n0x");
	if (line)
		*pfn = strtoull(line + 1, NULL, 16);
	return line;
}

/* A request that could not be had leaves the one before it in place. */
static void test_answer_stays(void)
{
	int fd = open(MMSCOPE_DIR "convert", O_RDWR | O_CLOEXEC);
	bool failed = true, good = fd >= 0;
	unsigned int n, refused = 0;
	u64 pfn = 0, expect;
	ssize_t got;

	for (n = 1; good && failed && n < NTH_MAX; n++) {
		if (write(fd, "pfn=256", 7) != 7) {
			good = wrong("convert", n, "write", errno);
			break;
		}
		put_number(fail_nth, n);
		got = write(fd, "pfn=512", 7);
		failed = stop_failing();
		expect = got == 7 ? 512 : 256;
		refused += got != 7;
		if (!converted(fd, &pfn) || pfn != expect)
			good = wrong("convert", n, "speaks of pfn", pfn);
	}
	close(fd);
	ktap_ok(good && refused, "a request that failed changes nothing: %u times",
		refused);
}

static bool is_swept(const char *file)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (!strcmp(file, requests[i].file))
			return true;
	return false;
}

/* DIR is "" or ends in a slash; returns how many of its files there are. */
static unsigned int list_files(const char *dir, unsigned int *missed)
{
	char path[PATH_LEN];
	unsigned int nr = 0;
	struct dirent *at;
	DIR *d;

	snprintf(path, sizeof(path), MMSCOPE_DIR "%s", dir);
	d = opendir(path);
	while (d && (at = readdir(d))) {
		if (at->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s%.64s%s", dir, at->d_name,
			 at->d_type == DT_DIR ? "/" : "");
		if (at->d_type == DT_DIR) {
			nr += list_files(path, missed);
			continue;
		}
		nr++;
		if (!is_swept(path)) {
			++*missed;
			ktap_note("%s is not swept", path);
		}
	}
	if (d)
		closedir(d);
	return nr;
}

static void test_all_files(void)
{
	unsigned int missed = 0, nr = list_files("", &missed);

	ktap_ok(nr && !missed, "%u files, each is swept", nr);
}

/* ---- Loading ---- */

/**
 * struct module - one of ours
 * @dir: what its files are in, below debugfs
 * @files: number of them when all is well
 * @off: rows of status that say off or absent, then
 */
struct module {
	const char *name, *dir;
	int fd;
	unsigned int files, off;
};

static unsigned int count_files(const char *dir)
{
	unsigned int nr = 0;
	DIR *d = opendir(dir);

	while (d && readdir(d))
		nr++;
	if (d)
		closedir(d);
	return nr;
}

static unsigned int count_off(void)
{
	size_t mark = arena_mark();
	unsigned int nr = 0;
	struct table table;
	struct line line;

	if (table_ask(&table, "status", "%s", ""))
		return UINT32_MAX;
	while (table_next(&table, &line))
		nr += !line.section && line.nr > 2 &&
		      (!strcmp(line.word[2], "off") ||
		       !strcmp(line.word[2], "absent"));
	arena_reset(mark);
	return nr;
}

static int load(const struct module *module)
{
	return syscall(__NR_finit_module, module->fd, "", 0) ? -errno : 0;
}

static bool unload(const struct module *module)
{
	return !syscall(__NR_delete_module, module->name, O_NONBLOCK);
}

static bool is_gone(const struct module *module)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "/sys/module/%s", module->name);
	return access(path, F_OK) && access(module->dir, F_OK);
}

static bool step_of_load(struct module *module, struct sweep *sweep,
			 unsigned int n)
{
	unsigned int files, off;
	bool failed;
	int err;

	put_number(load_nth, n);
	err = load(module);
	failed = stop_failing();
	put_number(load_nth, 0);
	sweep->steps += failed;
	sweep->refused += failed && err;
	if (err) {
		if (err != -ENOMEM || !failed)
			sweep->good = wrong(module->name, n, "errno", err);
		if (!is_gone(module))
			sweep->good = wrong(module->name, n, "left behind", err);
		return failed;
	}
	files = count_files(module->dir);
	off = count_off();
	if (files != module->files)
		sweep->good = wrong(module->name, n, "files", files);
	if (off != module->off)
		sweep->good = wrong(module->name, n, "rows of status off", off);
	if (!unload(module) || !is_gone(module))
		ktap_bail("%s does not unload", module->name);
	return failed;
}

static void test_load(struct module *module)
{
	struct sweep sweep = { .good = true };
	unsigned int n = 1;

	if (load(module))
		ktap_bail("%s does not load", module->name);
	module->files = count_files(module->dir);
	module->off = count_off();
	if (!unload(module) || !is_gone(module))
		ktap_bail("%s does not unload", module->name);
	while (n < NTH_MAX && step_of_load(module, &sweep, n))
		n += stride(n);
	ktap_ok(sweep.good && sweep.steps,
		"load of %s: %u of %u allocations failed, %u of them refused it",
		module->name, sweep.steps, n - 1, sweep.refused);
	if (load(module))
		ktap_bail("%s does not load again", module->name);
}

/* Lower floors first, as the arguments give their files. */
static struct module modules[] = {
	{ .name = "mmscope", .dir = MMSCOPE_DIR },
	{ .name = "pgwalk", .dir = MMSCOPE_DIR "pgwalk" },
	{ .name = "buddyviz", .dir = MMSCOPE_DIR "buddyviz" },
	{ .name = "slubprobe", .dir = MMSCOPE_DIR "slubprobe" },
	{ .name = "vmalloc_walk", .dir = MMSCOPE_DIR "vmalloc_walk" },
};

#define MODULES	ARRAY_SIZE(modules)

int main(int argc, char **argv)
{
	size_t i;

	if (argc != MODULES + 1) {
		fprintf(stderr, "usage: fault_sweep MODULE.KO...: all, lower floors first\n");
		return 2;
	}
	lib_init(ARENA_B);
	lib_need("pgwalk/range");
	fail_nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	load_nth = open(LOAD_NTH, O_RDWR | O_CLOEXEC);
	for (i = 0; i < MODULES; i++) {
		modules[i].fd = open(argv[i + 1], O_RDONLY | O_CLOEXEC);
		if (modules[i].fd < 0)
			ktap_bail("%s", argv[i + 1]);
	}
	if (fail_nth < 0 || load_nth < 0)
		ktap_bail(FAIL_NTH ", " LOAD_NTH);
	/* A page of ours that could not be had would be no finding. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		ktap_bail("mlockall");
	answer = arena_get(ANSWER_B);
	ktap_start(ARRAY_SIZE(requests) + 2 + MODULES);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		test_request(&requests[i]);
	test_answer_stays();
	test_all_files();
	for (i = MODULES; i--;)
		if (!unload(&modules[i]))
			ktap_bail("%s does not unload", modules[i].name);
	for (i = 0; i < MODULES; i++)
		test_load(&modules[i]);
	return ktap_finish();
}
