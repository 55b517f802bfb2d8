// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of hooks, armed by the first who needs them and disarmed by the last: an
 * event that somebody has enabled, or a request that is under way.
 *
 * Whoever enables an event holds the mutex of all tracepoints, which arming a hook
 * may take as well; so a work item follows the events, and the first that happens
 * may be missed. An event does not hold its module: that is held here while it is on.
 *
 * The mutex of the groups covers all but what callbacks read.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <mmscope/group.h>

/**
 * mms_group_lacks() - turn a group off
 * @group: the group
 * @what: what is not there; the first that was said stays
 * @error: why
 *
 * Context: Before mms_groups_start().
 */
void mms_group_lacks(struct mms_group *group, const char *what, int error)
{
	if (group->error)
		return;
	group->missing = what;
	group->error = error;
}
EXPORT_SYMBOL_NS_GPL(mms_group_lacks, "MMSCOPE");

static void register_group(struct mms_group *group)
{
	unsigned int i, good = 0;
	int err = 0;

	for (i = 0; i < group->nr; i++) {
		err = mms_hook_register(&group->hooks[i]);
		if (!err)
			good++;
		else if (!group->any)
			mms_group_lacks(group, group->hooks[i].name, err);
	}
	if (!good)
		mms_group_lacks(group, group->hooks[i - 1].name, err);
}

static void disarm_hooks(struct mms_group *group, unsigned int nr)
{
	while (nr--)
		if (!group->hooks[nr].error)
			mms_hook_put(&group->hooks[nr]);
}

static int arm_group(struct mms_group *group)
{
	unsigned int i;
	int err;

	if (group->error)
		return group->error;
	/* Not while any of its callbacks runs. */
	group->armed++;
	for (i = 0; i < group->nr; i++) {
		err = group->hooks[i].error ? 0 : mms_hook_get(&group->hooks[i]);
		if (err) {
			disarm_hooks(group, i);
			return err;
		}
	}
	return 0;
}

/* The first user of any group makes room for records. */
static int get_group(struct mms_groups *groups, struct mms_group *group)
{
	bool first = groups->recorder && !groups->users;
	int err;

	lockdep_assert_held(&groups->lock);
	err = first ? mms_recorder_start(groups->recorder) : 0;
	if (err)
		return err;
	err = group->users ? 0 : arm_group(group);
	if (err) {
		if (first)
			mms_recorder_stop(groups->recorder);
		return err;
	}
	group->users++;
	groups->users++;
	return 0;
}

static void put_group(struct mms_groups *groups, struct mms_group *group)
{
	lockdep_assert_held(&groups->lock);
	if (!--group->users)
		disarm_hooks(group, group->nr);
	if (!--groups->users && groups->recorder)
		mms_recorder_stop(groups->recorder);
}

static void put_first(struct mms_groups *groups, unsigned int nr)
{
	while (nr--)
		put_group(groups, &groups->table[nr]);
}

/**
 * mms_groups_get() - want the hooks of all groups armed
 * @groups: the groups
 *
 * Context: Process context, may sleep.
 * Return: 0, or why one cannot be. mms_groups_put() after 0 only.
 */
int mms_groups_get(struct mms_groups *groups)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&groups->lock);
	for (i = 0; i < groups->nr; i++) {
		err = get_group(groups, &groups->table[i]);
		if (err) {
			put_first(groups, i);
			break;
		}
	}
	mutex_unlock(&groups->lock);
	return err;
}
EXPORT_SYMBOL_NS_GPL(mms_groups_get, "MMSCOPE");

/**
 * mms_groups_put() - want them no more
 * @groups: the groups
 *
 * Context: Process context, may sleep.
 */
void mms_groups_put(struct mms_groups *groups)
{
	mutex_lock(&groups->lock);
	put_first(groups, groups->nr);
	mutex_unlock(&groups->lock);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_put, "MMSCOPE");

/* ---- Events that come and go ---- */

static void trace_group(struct mms_groups *groups, struct mms_group *group,
			bool on)
{
	lockdep_assert_held(&groups->lock);
	if (on == group->tracing)
		return;
	if (on && get_group(groups, group))
		return;
	WRITE_ONCE(group->tracing, on);
	if (!on)
		put_group(groups, group);
}

/**
 * mms_groups_follow() - arm what events need, and no more; for MMS_GROUPS()
 * @work: of the groups
 */
void mms_groups_follow(struct work_struct *work)
{
	struct mms_groups *groups = container_of(work, struct mms_groups, work);
	struct mms_group *group;

	mutex_lock(&groups->lock);
	for (group = groups->table; group < groups->table + groups->nr; group++)
		trace_group(groups, group, groups->ready &&
			    atomic_read(&group->listeners));
	mutex_unlock(&groups->lock);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_follow, "MMSCOPE");

/* Not before init, which does it by itself, and not after exit. */
static void tell_listeners(struct mms_groups *groups)
{
	if (READ_ONCE(groups->ready))
		schedule_work(&groups->work);
}

/**
 * mms_group_listen() - an event was enabled
 * @groups: of its module
 * @i: the group that it needs
 *
 * Context: Process context, from tracepoint_probe_register().
 * Return: 0, why the hooks are off, or -ENODEV: the module is going.
 */
int mms_group_listen(struct mms_groups *groups, unsigned int i)
{
	struct mms_group *group = &groups->table[i];

	if (group->error)
		return group->error;
	if (!try_module_get(groups->owner))
		return -ENODEV;
	atomic_inc(&group->listeners);
	tell_listeners(groups);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(mms_group_listen, "MMSCOPE");

/**
 * mms_group_ignore() - it was disabled again
 * @groups: of its module
 * @i: the group that it needed
 *
 * Whoever disables it holds event_mutex, which rmmod takes before the code goes.
 *
 * Context: Process context, from tracepoint_probe_unregister().
 */
void mms_group_ignore(struct mms_groups *groups, unsigned int i)
{
	atomic_dec(&groups->table[i].listeners);
	tell_listeners(groups);
	module_put(groups->owner);
}
EXPORT_SYMBOL_NS_GPL(mms_group_ignore, "MMSCOPE");

/* ---- Coming and going ---- */

/**
 * mms_groups_register() - find the hooks and try them
 * @groups: the groups
 *
 * What is missing turns a group off, and nothing else.
 *
 * Context: Process context, from module init; mms_groups_exit() afterwards.
 */
void mms_groups_register(struct mms_groups *groups)
{
	unsigned int i;

	for (i = 0; i < groups->nr; i++)
		register_group(&groups->table[i]);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_register, "MMSCOPE");

/**
 * mms_groups_start() - from now on, events arm them
 * @groups: registered groups
 *
 * Context: Process context, from module init.
 */
void mms_groups_start(struct mms_groups *groups)
{
	mutex_lock(&groups->lock);
	WRITE_ONCE(groups->ready, true);
	mutex_unlock(&groups->lock);
	schedule_work(&groups->work);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_start, "MMSCOPE");

/**
 * mms_groups_exit() - forget the hooks
 * @groups: registered groups
 *
 * Context: Process context, from module exit, or from an init that failed.
 */
void mms_groups_exit(struct mms_groups *groups)
{
	unsigned int i, h;

	mutex_lock(&groups->lock);
	WRITE_ONCE(groups->ready, false);
	mutex_unlock(&groups->lock);
	schedule_work(&groups->work);
	flush_work(&groups->work);
	for (i = 0; i < groups->nr; i++)
		for (h = 0; h < groups->table[i].nr; h++)
			mms_hook_unregister(&groups->table[i].hooks[h]);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_exit, "MMSCOPE");

/**
 * mms_groups_features() - rows for status
 * @m: where to print
 * @groups: the groups
 */
void mms_groups_features(struct seq_file *m, const struct mms_groups *groups)
{
	const struct mms_group *group;
	unsigned int i;

	for (i = 0; i < groups->nr; i++) {
		group = &groups->table[i];
		seq_printf(m, "%s %s ", group->name, groups->owner->name);
		if (group->error)
			seq_printf(m, "off missing=%s,errno=%d\n",
				   group->missing, -group->error);
		else
			seq_puts(m, "ok hooks\n");
	}
}
EXPORT_SYMBOL_NS_GPL(mms_groups_features, "MMSCOPE");
