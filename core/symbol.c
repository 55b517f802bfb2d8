// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of symbols that the kernel does not export.
 *
 * kallsyms_lookup_name() itself is not exported either. A kprobe that is
 * registered disabled is never armed, but tells where its function lies. The
 * function is then called by a direct call (static_call), because on a kernel
 * with IBT its landing pad is sealed and a call through a pointer would trap.
 *
 * Without kprobes the address can be given as a parameter. Without either,
 * every symbol is absent, and what needs one is off.
 *
 * A module's own table is looked up once, at load; requests may name others.
 * Symbols of modules are found too, after the kernel's own; only the kernel's
 * are counted.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/static_call.h>
#include <linux/string.h>

#include <mmscope/symbol.h>

#include "core.h"

/* An entry point may lie this far behind its symbol: ENDBR, patchable NOPs. */
#define ENTRY_SLACK_B	16

static unsigned long lookup_param;
module_param_named(kallsyms_lookup_name, lookup_param, ulong, 0400);
MODULE_PARM_DESC(kallsyms_lookup_name,
		 "address of that function from /proc/kallsyms, where kprobes are not there to tell (default 0: ask kprobes)");

static unsigned long no_lookup(const char *name)
{
	return 0;
}

DEFINE_STATIC_CALL(mms_lookup, no_lookup);

static int no_each_match(int (*fn)(void *data, unsigned long addr),
			 const char *name, void *data)
{
	return -EOPNOTSUPP;
}

DEFINE_STATIC_CALL(mms_each_match, no_each_match);

/* kallsyms_on_each_symbol() as it was while there was no look-up of matches. */
typedef int each_symbol_fn(int (*fn)(void *data, const char *name,
				     struct module *module, unsigned long addr),
			   void *data);

static int no_each_symbol(int (*fn)(void *data, const char *name,
				    struct module *module, unsigned long addr),
			  void *data)
{
	return -EOPNOTSUPP;
}

DEFINE_STATIC_CALL(mms_each_symbol, no_each_symbol);

/* Why symbols cannot be resolved; 0: they can. Written at init only. */
static int lookup_error;

/* All tables, for status. */
static LIST_HEAD(tables);
static DEFINE_MUTEX(tables_lock);

static void point_lookup(unsigned long addr)
{
	static_call_update(mms_lookup, (typeof(no_lookup) *)addr);
}

static unsigned long address_by_kprobe(void)
{
	struct kprobe kp = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	unsigned long addr;

	lookup_error = register_kprobe(&kp);
	if (lookup_error)
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return addr;
}

/* A wrong parameter must not be called: ask the exported reverse look-up. */
static unsigned long address_by_param(void)
{
	static const char at_start[] = "kallsyms_lookup_name+0x0/";
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, lookup_param);
	if (!strncmp(name, at_start, strlen(at_start)))
		return lookup_param;
	pr_err("kallsyms_lookup_name=%#lx is %s; take the address from /proc/kallsyms\n",
	       lookup_param, name);
	lookup_error = -EINVAL;
	return 0;
}

/* What each_match_by_hand() looks for, and what it calls then. */
struct wanted {
	int (*fn)(void *data, unsigned long addr);
	const char *name;
	void *data;
};

/* Symbols of modules come last, if at all: stop there. */
static int match_by_hand(void *data, const char *name, struct module *module,
			 unsigned long addr)
{
	const struct wanted *wanted = data;

	if (module)
		return 1;
	return strcmp(name, wanted->name) ? 0 : wanted->fn(wanted->data, addr);
}

/*
 * Before 6.1.60, the kernel has no kallsyms_on_each_match_symbol(): look at all
 * symbols. The mutex keeps modules from going away meanwhile.
 */
static int each_match_by_hand(int (*fn)(void *data, unsigned long addr),
			      const char *name, void *data)
{
	struct wanted wanted = { .fn = fn, .name = name, .data = data };
	struct mutex *modules;	/* covers the list of modules */
	int err;

	modules = (struct mutex *)mms_symbol_find("module_mutex");
	if (!modules)
		return -EOPNOTSUPP;
	mutex_lock(modules);
	err = static_call(mms_each_symbol)(match_by_hand, &wanted);
	mutex_unlock(modules);
	return min(err, 0);
}

static void find_each_match(void)
{
	unsigned long addr = mms_symbol_find("kallsyms_on_each_match_symbol");

	if (addr) {
		static_call_update(mms_each_match,
				   (typeof(no_each_match) *)addr);
		return;
	}
	addr = mms_symbol_find("kallsyms_on_each_symbol");
	if (!addr || !__same_type(kallsyms_on_each_symbol, each_symbol_fn))
		return;
	static_call_update(mms_each_symbol, (each_symbol_fn *)addr);
	static_call_update(mms_each_match, each_match_by_hand);
}

/**
 * mms_symbol_find() - address of one symbol
 * @name: exact name, of text or data
 *
 * Mirrors kallsyms_lookup_name() of kernel/kallsyms.c.
 *
 * Context: Process context.
 * Return: The address, or 0.
 */
unsigned long mms_symbol_find(const char *name)
{
	return static_call(mms_lookup)(name);
}
EXPORT_SYMBOL_NS_GPL(mms_symbol_find, "MMSCOPE");

static int count_match(void *data, unsigned long addr)
{
	(*(int *)data)++;
	return 0;
}

/**
 * mms_symbol_matches() - how many symbols of the kernel image have a name
 * @name: exact name
 *
 * Static functions may share a name; a probe by name takes whichever comes
 * first. Mirrors kallsyms_on_each_match_symbol() of kernel/kallsyms.c.
 *
 * Context: Process context, may sleep.
 * Return: The number, or -EOPNOTSUPP if this kernel cannot tell.
 */
int mms_symbol_matches(const char *name)
{
	int nr = 0;
	int err;

	err = static_call(mms_each_match)(count_match, name, &nr);
	return err ?: nr;
}
EXPORT_SYMBOL_NS_GPL(mms_symbol_matches, "MMSCOPE");

/**
 * mms_symbols_add() - resolve a module's symbols and list them in status
 * @symbols: the table; addr of each symbol is filled in
 *
 * Context: Process context, from module init.
 */
void mms_symbols_add(struct mms_symbols *symbols)
{
	unsigned int i;

	for (i = 0; i < symbols->nr; i++)
		symbols->table[i].addr = mms_symbol_find(symbols->table[i].name);
	mutex_lock(&tables_lock);
	list_add_tail(&symbols->node, &tables);
	mutex_unlock(&tables_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_symbols_add, "MMSCOPE");

/**
 * mms_symbols_del() - take a module's symbols off the list
 * @symbols: the table
 *
 * Context: Process context, from module exit.
 */
void mms_symbols_del(struct mms_symbols *symbols)
{
	mutex_lock(&tables_lock);
	list_del(&symbols->node);
	mutex_unlock(&tables_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_symbols_del, "MMSCOPE");

/**
 * mms_symbols_show() - the symbols section of status
 * @m: where to print
 */
void mms_symbols_show(struct seq_file *m)
{
	struct mms_symbols *symbols;
	struct mms_symbol *symbol;
	unsigned int i;

	seq_puts(m, "## symbols\n# name module state detail\n");
	seq_printf(m, "kallsyms_lookup_name mmscope %s ",
		   lookup_error ? "off" : "ok");
	if (lookup_error)
		seq_printf(m, "errno=%d,kprobes_cannot_tell,give_the_parameter\n",
			   -lookup_error);
	else
		seq_printf(m, "%s\n", lookup_param ? "from_parameter" : "from_kprobe");

	mutex_lock(&tables_lock);
	list_for_each_entry(symbols, &tables, node) {
		for (i = 0; i < symbols->nr; i++) {
			symbol = &symbols->table[i];
			seq_printf(m, "%s %s ", symbol->name, symbols->owner->name);
			if (symbol->addr)
				seq_printf(m, "ok %#lx\n", symbol->addr);
			else
				seq_printf(m, "absent off:%s\n", symbol->purpose);
		}
	}
	mutex_unlock(&tables_lock);
}

/**
 * mms_symbol_init() - find the kernel's own look-up function
 *
 * That the kernel has none is no error of the module: status tells, and the rest
 * works.
 *
 * Context: Process context, from module init, before any other use.
 * Return: 0, or -ENOMEM: try again later, do not stay without symbols.
 */
int mms_symbol_init(void)
{
	unsigned long addr, self;

	addr = lookup_param ? address_by_param() : address_by_kprobe();
	if (lookup_error == -ENOMEM)
		return -ENOMEM;
	if (!addr) {
		pr_warn("no symbol look-up (errno %d): see mmscope/status\n",
			-lookup_error);
		return 0;
	}
	point_lookup(addr);
	self = mms_symbol_find("kallsyms_lookup_name");
	if (addr - self > ENTRY_SLACK_B) {
		point_lookup((unsigned long)no_lookup);
		lookup_error = -ENOEXEC;
		return 0;
	}
	/* With IBT the probe lies behind the landing pad; call the real entry. */
	point_lookup(self);
	find_each_match();
	return 0;
}
