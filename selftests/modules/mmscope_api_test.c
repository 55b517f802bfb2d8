// SPDX-License-Identifier: GPL-2.0
/*
 * What core exports to the other modules, used as they use it: the module side
 * of api.sh.
 *
 * In /sys/kernel/debug/mmscope_api_test:
 *
 *	symbols	"name addr matches": what was resolved; 0 is absent
 *	layouts	"path found offset_B size_B bit_offset bit_size want_offset_B
 *		want_size_B": what BTF says, and what the compiler says ("-" where
 *		only BTF knows)
 *	mismatch	errno of a layout whose headers are wrong on purpose
 *	hooks	"number name kind error users hits missed counted": all hooks; counted
 *		is our own number of the requests that we made
 *	get, put	write a hook's number: mms_hook_get(), mms_hook_put()
 *	call	write a number: so many requests that pass every hook
 *
 * Nothing of core is called with a lock held; use_lock keeps a hook's get, put and
 * call apart from each other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gcd.h>
#include <linux/lcm.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <trace/events/kmem.h>

#include <mmscope/hook.h>
#include <mmscope/layout.h>
#include <mmscope/symbol.h>

#define CALLS_MAX	1000
#define NAME_MAX_B	64

static char *ambiguous = "";
module_param(ambiguous, charp, 0400);
MODULE_PARM_DESC(ambiguous, "a function name that several functions have");

static char *blacklisted = "";
module_param(blacklisted, charp, 0400);
MODULE_PARM_DESC(blacklisted, "a function that kprobes refuse");

/* ---- Symbols ---- */

static struct mms_symbol symbol_table[] = {
	{ .name = "vfs_read", .purpose = "test" },
	{ .name = "schedule", .purpose = "test" },
	{ .name = "init_task", .purpose = "test" },
	{ .name = "kallsyms_lookup_name", .purpose = "test" },
	{ .name = "handle_mm_fault", .purpose = "test" },
	{ .name = "no_such_symbol_anywhere", .purpose = "test" },
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = symbol_table,
	.nr = ARRAY_SIZE(symbol_table),
};

static int symbols_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; i < symbols.nr; i++)
		seq_printf(m, "%s %lx %d\n", symbol_table[i].name,
			   symbol_table[i].addr,
			   mms_symbol_matches(symbol_table[i].name));
	seq_printf(m, "%s %lx %d\n", *ambiguous ? ambiguous : "-",
		   mms_symbol_find(ambiguous), mms_symbol_matches(ambiguous));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(symbols);

/* ---- Layouts ---- */

/* A whole structure, of which only the size is known. */
#define WHOLE(_struct) \
	{ .path = #_struct, .header_offset_B = 0, \
	  .header_size_B = sizeof(struct _struct) }

static struct mms_member members[] = {
	MMS_PUBLIC(task_struct, pid),
	MMS_PUBLIC(task_struct, comm),
	MMS_PUBLIC(task_struct, se.vruntime),
	MMS_PUBLIC(mm_struct, pgd),
	MMS_PUBLIC(mm_struct, total_vm),
	MMS_PUBLIC(vm_area_struct, vm_start),
	MMS_PUBLIC(page, _refcount),
	MMS_PUBLIC(page, private),
	MMS_PUBLIC(zone, free_area),
	MMS_PUBLIC(zone, free_area[3]),
	MMS_PUBLIC(zone, free_area[2].nr_free),
	MMS_PUBLIC(inode, i_ino),
	MMS_PUBLIC(list_head, prev),
	WHOLE(list_head),
	WHOLE(vm_struct),
	MMS_PRIVATE("kmem_cache_node.nr_partial"),
	MMS_PRIVATE("kmem_cache_node.partial.prev"),
	MMS_PRIVATE("task_struct.sched_reset_on_fork"),
	MMS_PRIVATE("task_struct.no_such_member"),
	MMS_PRIVATE("no_such_struct_anywhere.member"),
	MMS_PRIVATE("zone.free_area[100]"),
	MMS_PRIVATE("task_struct.pid.deeper"),
	MMS_PRIVATE("task_struct.pid[0]"),
};

static struct mms_layout layout = {
	.owner = THIS_MODULE,
	.table = members,
	.nr = ARRAY_SIZE(members),
};

static int layouts_show(struct seq_file *m, void *unused)
{
	const struct mms_member *member;

	for (member = members; member < members + ARRAY_SIZE(members); member++) {
		seq_printf(m, "%s %d %u %u %u %u ", member->path, member->found,
			   member->offset_B, member->size_B, member->bit_offset,
			   member->bit_size);
		if (member->header_offset_B < 0)
			seq_puts(m, "- -\n");
		else
			seq_printf(m, "%d %d\n", member->header_offset_B,
				   member->header_size_B);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(layouts);

/* As if the headers were those of another kernel. */
static struct mms_member wrong_members[] = {
	{ .path = "list_head.prev", .header_offset_B = 4, .header_size_B = 8 },
};

static struct mms_layout wrong_layout = {
	.owner = THIS_MODULE,
	.table = wrong_members,
	.nr = ARRAY_SIZE(wrong_members),
};

static int mismatch;

static int mismatch_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%d\n", mismatch);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(mismatch);

/* ---- Hooks ---- */

enum {
	HOOK_TRACEPOINT,
	HOOK_KPROBE,
	HOOK_KRETPROBE,
	HOOK_TESTED,
	HOOK_UNREACHED,
	HOOK_REFUSED,
	HOOK_NO_FUNCTION,
	HOOK_NO_TRACEPOINT,
	HOOK_AMBIGUOUS,
	HOOK_BLACKLISTED,
	HOOK_RENAMED,
	HOOK_COUNT
};

/* What call() does; the callbacks know their own requests by it. */
static void *freed;
static unsigned long counted[HOOK_COUNT];
static DEFINE_MUTEX(use_lock);

/* Other numbers for each, since lcm() itself calls gcd(). */
#define GCD_A	84UL
#define GCD_B	60UL
#define LCM_A	90UL
#define LCM_B	72UL
#define LCM	360UL

static unsigned int index_of(const struct mms_hook *hook);

static void on_kfree(void *data, unsigned long call_site, const void *ptr)
{
	struct mms_hook *hook = data;

	mms_hook_hit(hook);
	if (ptr && ptr == READ_ONCE(freed))
		counted[index_of(hook)]++;
}

/* Ours only: others may call gcd() and lcm() as well. */
static bool is_call(struct pt_regs *regs, unsigned long a, unsigned long b)
{
	return regs_get_kernel_argument(regs, 0) == a &&
	       regs_get_kernel_argument(regs, 1) == b;
}

static void on_gcd(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	mms_hook_hit(hook);
	if (is_call(regs, GCD_A, GCD_B))
		counted[index_of(hook)]++;
}

static void on_lcm_enter(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	*(bool *)data = is_call(regs, LCM_A, LCM_B);
}

/* Data from the entry, and the value that lcm() returns. */
static void on_lcm_leave(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	mms_hook_hit(hook);
	if (*(bool *)data && regs_return_value(regs) == LCM)
		counted[index_of(hook)]++;
}

/*
 * gcd() and lcm() are __attribute_const__: the compiler would call them once for
 * the same numbers, or never when nobody uses the result.
 */
static unsigned long numbers[] = { GCD_A, GCD_B, LCM_A, LCM_B };
static unsigned long results[2];

static void call_functions(void)
{
	WRITE_ONCE(results[0], gcd(READ_ONCE(numbers[0]), READ_ONCE(numbers[1])));
	WRITE_ONCE(results[1], lcm(READ_ONCE(numbers[2]), READ_ONCE(numbers[3])));
}

static void call_once(void)
{
	void *p = kmalloc(32, GFP_KERNEL);

	WRITE_ONCE(freed, p);
	kfree(p);
	WRITE_ONCE(freed, NULL);
	call_functions();
}

static int call_for_test(struct mms_hook *hook)
{
	call_functions();
	return 0;
}

static int call_nothing(struct mms_hook *hook)
{
	return 0;
}

static int fail_test(struct mms_hook *hook)
{
	return -EXDEV;
}

static struct mms_hook hooks[] = {
	[HOOK_TRACEPOINT] = {
		.name = "kfree", .kind = MMS_HOOK_TRACEPOINT, .probe = on_kfree,
	},
	[HOOK_KPROBE] = {
		.name = "gcd", .kind = MMS_HOOK_KPROBE, .enter = on_gcd,
	},
	[HOOK_KRETPROBE] = {
		.name = "lcm", .kind = MMS_HOOK_KRETPROBE,
		.enter = on_lcm_enter, .leave = on_lcm_leave,
		.data_size_B = sizeof(bool), .maxactive = 32,
	},
	[HOOK_TESTED] = {
		.name = "gcd", .kind = MMS_HOOK_KPROBE, .enter = on_gcd,
		.self_test = call_for_test,
	},
	[HOOK_UNREACHED] = {
		.name = "lcm", .kind = MMS_HOOK_KPROBE, .enter = on_gcd,
		.self_test = call_nothing,
	},
	[HOOK_REFUSED] = {
		.name = "gcd", .kind = MMS_HOOK_KPROBE, .enter = on_gcd,
		.self_test = fail_test,
	},
	[HOOK_NO_FUNCTION] = {
		.name = "no_such_function_anywhere", .kind = MMS_HOOK_KPROBE,
		.enter = on_gcd,
	},
	[HOOK_NO_TRACEPOINT] = {
		.name = "no_such_tracepoint_anywhere",
		.kind = MMS_HOOK_TRACEPOINT, .probe = on_kfree,
	},
	[HOOK_AMBIGUOUS] = {
		.kind = MMS_HOOK_KPROBE, .enter = on_gcd,
	},
	[HOOK_BLACKLISTED] = {
		.kind = MMS_HOOK_KPROBE, .enter = on_gcd,
	},
	[HOOK_RENAMED] = {
		.name = "no_such_new_function", .other_name = "gcd",
		.kind = MMS_HOOK_KPROBE, .enter = on_gcd,
	},
};

static_assert(ARRAY_SIZE(hooks) == HOOK_COUNT);

static unsigned int index_of(const struct mms_hook *hook)
{
	return hook - hooks;
}

/* Two hooks may have the same name: they are told apart by number. */
static struct mms_hook *hook_by_index(const char *text)
{
	unsigned int i;

	if (kstrtouint(text, 10, &i) || i >= HOOK_COUNT)
		return NULL;
	return &hooks[i];
}

static const char *const kinds[] = {
	[MMS_HOOK_TRACEPOINT] = "tracepoint",
	[MMS_HOOK_KPROBE] = "kprobe",
	[MMS_HOOK_KRETPROBE] = "kretprobe",
};

static int hooks_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; i < HOOK_COUNT; i++)
		seq_printf(m, "%u %s %s %d %u %lu %lu %lu\n", i, hooks[i].name,
			   kinds[hooks[i].kind], hooks[i].error, hooks[i].users,
			   mms_hook_hits(&hooks[i]), mms_hook_missed(&hooks[i]),
			   counted[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hooks);

/* How often each hook was got through us, so that unloading can give back. */
static unsigned int got[HOOK_COUNT];

static int get_one(struct mms_hook *hook)
{
	int err = mms_hook_get(hook);

	if (!err)
		got[index_of(hook)]++;
	return err;
}

static int put_one(struct mms_hook *hook)
{
	if (!got[index_of(hook)])
		return -EINVAL;
	got[index_of(hook)]--;
	mms_hook_put(hook);
	return 0;
}

static ssize_t use_hook(const char __user *buf, size_t size_B,
			int (*use)(struct mms_hook *hook))
{
	char text[NAME_MAX_B] = "";
	struct mms_hook *hook;
	int err;

	if (size_B >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, size_B))
		return -EFAULT;
	hook = hook_by_index(strim(text));
	if (!hook)
		return -ENOENT;
	mutex_lock(&use_lock);
	err = use(hook);
	mutex_unlock(&use_lock);
	return err ?: size_B;
}

static ssize_t get_write(struct file *file, const char __user *buf,
			 size_t size_B, loff_t *pos)
{
	return use_hook(buf, size_B, get_one);
}

static ssize_t put_write(struct file *file, const char __user *buf,
			 size_t size_B, loff_t *pos)
{
	return use_hook(buf, size_B, put_one);
}

static ssize_t call_write(struct file *file, const char __user *buf,
			  size_t size_B, loff_t *pos)
{
	unsigned int nr;
	int err;

	err = kstrtouint_from_user(buf, size_B, 0, &nr);
	if (err)
		return err;
	if (nr > CALLS_MAX)
		return -ERANGE;
	mutex_lock(&use_lock);
	while (nr--)
		call_once();
	mutex_unlock(&use_lock);
	return size_B;
}

static const struct file_operations get_fops = {
	.owner = THIS_MODULE,
	.write = get_write,
	.llseek = noop_llseek,
};

static const struct file_operations put_fops = {
	.owner = THIS_MODULE,
	.write = put_write,
	.llseek = noop_llseek,
};

static const struct file_operations call_fops = {
	.owner = THIS_MODULE,
	.write = call_write,
	.llseek = noop_llseek,
};

/* ---- Load and unload ---- */

static struct dentry *dir;

static void register_hooks(void)
{
	unsigned int i;

	check_trace_callback_type_kfree(on_kfree);
	hooks[HOOK_AMBIGUOUS].name = ambiguous;
	hooks[HOOK_BLACKLISTED].name = blacklisted;
	for (i = 0; i < HOOK_COUNT; i++) {
		hooks[i].owner = THIS_MODULE;
		/* The result is in hook->error, for hooks_show(). */
		mms_hook_register(&hooks[i]);
	}
}

static void unregister_hooks(void)
{
	unsigned int i;

	for (i = 0; i < HOOK_COUNT; i++) {
		while (got[i])
			put_one(&hooks[i]);
		mms_hook_unregister(&hooks[i]);
	}
}

static void create_files(void)
{
	dir = debugfs_create_dir("mmscope_api_test", NULL);
	debugfs_create_file("symbols", 0400, dir, NULL, &symbols_fops);
	debugfs_create_file("layouts", 0400, dir, NULL, &layouts_fops);
	debugfs_create_file("mismatch", 0400, dir, NULL, &mismatch_fops);
	debugfs_create_file("hooks", 0400, dir, NULL, &hooks_fops);
	debugfs_create_file("get", 0200, dir, NULL, &get_fops);
	debugfs_create_file("put", 0200, dir, NULL, &put_fops);
	debugfs_create_file("call", 0200, dir, NULL, &call_fops);
}

static int __init mmscope_api_test_init(void)
{
	int err;

	mismatch = mms_layout_add(&wrong_layout);
	if (!mismatch)
		mms_layout_del(&wrong_layout);
	err = mms_layout_add(&layout);
	if (err)
		return err;
	mms_symbols_add(&symbols);
	register_hooks();
	create_files();
	return 0;
}

static void __exit mmscope_api_test_exit(void)
{
	debugfs_remove(dir);
	unregister_hooks();
	mms_symbols_del(&symbols);
	mms_layout_del(&layout);
}

module_init(mmscope_api_test_init);
module_exit(mmscope_api_test_exit);

MODULE_DESCRIPTION("What mmscope.ko exports, for mmscope's selftests");
MODULE_AUTHOR("mmscope developers");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
MODULE_IMPORT_NS("MMSCOPE");
