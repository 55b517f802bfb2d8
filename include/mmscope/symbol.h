/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of kernel symbols that are not exported to modules.
 */
#ifndef _MMSCOPE_SYMBOL_H
#define _MMSCOPE_SYMBOL_H

#include <linux/list.h>
#include <linux/module.h>

/**
 * struct mms_symbol - one symbol that a module would like to have
 * @name: exact name in /proc/kallsyms
 * @purpose: what is off without it, for status
 * @addr: filled in; 0 when this kernel does not tell
 */
struct mms_symbol {
	const char *name;
	const char *purpose;
	unsigned long addr;
};

/**
 * struct mms_symbols - the symbols of one module
 * @owner: THIS_MODULE
 * @table: the symbols
 * @nr: number of them
 * @node: private to core
 */
struct mms_symbols {
	struct module *owner;
	struct mms_symbol *table;
	unsigned int nr;
	struct list_head node;
};

void mms_symbols_add(struct mms_symbols *symbols);
void mms_symbols_del(struct mms_symbols *symbols);
unsigned long mms_symbol_find(const char *name);
int mms_symbol_matches(const char *name);

#endif /* _MMSCOPE_SYMBOL_H */
