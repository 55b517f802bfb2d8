/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of mmscope.ko share among themselves.
 */
#ifndef _MMSCOPE_CORE_H
#define _MMSCOPE_CORE_H

#include <linux/types.h>

#include <mmscope/owner.h>

struct mms_file;
struct mms_page;
struct seq_file;

/* Debugfs files of core, one per source file of the same name. */
extern struct mms_file mms_status_file;
extern struct mms_file mms_error_log_file;
extern struct mms_file mms_metrics_file;
extern struct mms_file mms_page_file;
extern struct mms_file mms_convert_file;
extern struct mms_file mms_ledger_file;
extern struct mms_file mms_pfn_file;

int mms_symbol_init(void);
void mms_symbols_show(struct seq_file *m);
void mms_layouts_show(struct seq_file *m);
void mms_hooks_show(struct seq_file *m);
void mms_hooks_metrics(struct seq_file *m);
void mms_features_show(struct seq_file *m);

void mms_page_init(void);
void mms_page_exit(void);

/* owner.c: whose a page frame is */
void mms_owner_init(void);
void mms_owner_exit(void);
enum mms_owner mms_owner_of(const struct mms_page *info, enum mms_owner mark);
const char *mms_owner_name(enum mms_owner owner);
const char *mms_owner_module(enum mms_owner owner);
bool mms_is_memory(const struct mms_page *info);
int mms_owners_mark(struct mms_window *window);
void mms_owners_show(struct seq_file *m, const struct mms_page *info,
		     const void *addr);
bool mms_owners_has(const char *name);

int mms_query_init(void);
void mms_query_exit(void);
void mms_each_file(struct seq_file *m,
		   void (*show)(struct seq_file *m, const char *dir,
				struct mms_file *file));

void mms_error_log_add(const char *file, const char *request, size_t column,
		       int err, const char *what);

#endif /* _MMSCOPE_CORE_H */
