/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks that are armed together, while an event needs them or a reader asks.
 */
#ifndef _MMSCOPE_GROUP_H
#define _MMSCOPE_GROUP_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <mmscope/hook.h>
#include <mmscope/record.h>

struct seq_file;

/**
 * struct mms_group - hooks of which all are armed or none
 * @feature: its name in status
 * @armed: counts how often they were armed, for records that outlive it
 * @users: private to core, as all that follows
 * @tracing: events want it
 * @listeners: events that are on
 * @missing: what is not there, or NULL
 * @error: why it is not
 */
struct mms_group {
	const char *feature;
	unsigned int armed;

	unsigned int users;
	bool tracing;
	atomic_t listeners;
	const char *missing;
	int error;
};

/**
 * struct mms_groups - the groups of one module
 * @owner: THIS_MODULE
 * @hooks: all hooks, in the order of arming; each says in which groups it is
 * @nr_hooks: number of them
 * @table: the groups
 * @nr: number of them
 * @recorder: what their callbacks share; there while any of them is armed
 * @lock: private to core, as all that follows; covers the groups
 * @users: of all groups
 * @ready: the hooks are registered
 * @work: arms and disarms for events
 *
 * Defined with MMS_GROUPS(): an event may be enabled before the module's init.
 */
struct mms_groups {
	struct module *owner;
	struct mms_hook *hooks;
	unsigned int nr_hooks;
	struct mms_group *table;
	unsigned int nr;
	struct mms_recorder *recorder;

	struct mutex lock;	/* covers the groups */
	unsigned int users;
	bool ready;
	struct work_struct work;
};

#define MMS_GROUPS(_name, _hooks, _table, _recorder)			\
	struct mms_groups _name = {					\
		.owner = THIS_MODULE,					\
		.hooks = (_hooks),					\
		.nr_hooks = ARRAY_SIZE(_hooks),				\
		.table = (_table),					\
		.nr = ARRAY_SIZE(_table),				\
		.recorder = (_recorder),				\
		.lock = __MUTEX_INITIALIZER((_name).lock),		\
		.work = __WORK_INITIALIZER((_name).work, mms_groups_follow), \
	}

/**
 * mms_group_tracing() - do events want it?
 * @group: a group
 *
 * Context: Any. Without a lock: a late event more or less.
 */
static inline bool mms_group_tracing(const struct mms_group *group)
{
	return READ_ONCE(group->tracing);
}

int mms_groups_register(struct mms_groups *groups);
void mms_groups_start(struct mms_groups *groups);
void mms_groups_exit(struct mms_groups *groups);
void mms_groups_lack(struct mms_groups *groups, unsigned int which,
		     const char *what, int error);
int mms_groups_get(struct mms_groups *groups, unsigned int which);
void mms_groups_put(struct mms_groups *groups, unsigned int which);
int mms_group_listen(struct mms_groups *groups, unsigned int i);
void mms_group_ignore(struct mms_groups *groups, unsigned int i);
void mms_groups_features(struct seq_file *m, const struct mms_groups *groups,
			 const char *detail);
void mms_groups_follow(struct work_struct *work);

#endif /* _MMSCOPE_GROUP_H */
