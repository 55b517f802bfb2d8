// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of hooks, armed by the first who needs them and disarmed by the last: an
 * event that somebody has enabled, or a request that is under way. A hook may be
 * in several groups; it counts its users itself.
 *
 * Whoever enables an event holds the mutex of all tracepoints, which arming a hook
 * may take as well; so a work item follows the events, and the first that happen
 * may be missed. An event does not hold its module: that is held here while it is on.
 *
 * The mutex of the groups covers all but what callbacks read.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/bits.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <mmscope/group.h>

#include "core.h"

/**
 * mms_groups_lack() - turn groups off
 * @groups: the groups
 * @which: of them, as bits
 * @what: what is not there; the first that was said stays
 * @error: why
 *
 * Context: Before mms_groups_start().
 */
void mms_groups_lack(struct mms_groups *groups, unsigned int which,
		     const char *what, int error)
{
	unsigned int i;

	for (i = 0; i < groups->nr; i++) {
		if (!(which & BIT(i)) || groups->table[i].error)
			continue;
		groups->table[i].missing = what;
		groups->table[i].error = error;
	}
}
EXPORT_SYMBOL_NS_GPL(mms_groups_lack, "MMSCOPE");

/* What is off is neither armed nor disarmed; a group that needs it is off as well. */
static bool is_hook_of(const struct mms_hook *hook, unsigned int i)
{
	return hook->groups & BIT(i) && !hook->absent && !hook->error;
}

static void disarm_hooks(struct mms_groups *groups, unsigned int i,
			 struct mms_hook *end)
{
	while (end-- > groups->hooks)
		if (is_hook_of(end, i))
			mms_hook_put(end);
}

static int arm_hooks(struct mms_groups *groups, unsigned int i)
{
	struct mms_hook *hook, *end = groups->hooks + groups->nr_hooks;
	int err;

	/* Not while any of its callbacks runs. */
	groups->table[i].armed++;
	for (hook = groups->hooks; hook < end; hook++) {
		err = is_hook_of(hook, i) ? mms_hook_get(hook) : 0;
		if (err) {
			disarm_hooks(groups, i, hook);
			return err;
		}
	}
	return 0;
}

/* The first user of any group makes room for records. */
static int get_group(struct mms_groups *groups, unsigned int i)
{
	struct mms_group *group = &groups->table[i];
	bool first = groups->recorder && !groups->users;
	int err;

	lockdep_assert_held(&groups->lock);
	if (group->error)
		return group->error;
	err = first ? mms_recorder_start(groups->recorder) : 0;
	if (err)
		return err;
	err = group->users ? 0 : arm_hooks(groups, i);
	if (err) {
		if (first)
			mms_recorder_stop(groups->recorder);
		return err;
	}
	group->users++;
	groups->users++;
	return 0;
}

static void put_group(struct mms_groups *groups, unsigned int i)
{
	lockdep_assert_held(&groups->lock);
	if (!--groups->table[i].users)
		disarm_hooks(groups, i, groups->hooks + groups->nr_hooks);
	if (!--groups->users && groups->recorder)
		mms_recorder_stop(groups->recorder);
}

static void put_groups(struct mms_groups *groups, unsigned int which,
		       unsigned int nr)
{
	while (nr--)
		if (which & BIT(nr))
			put_group(groups, nr);
}

/**
 * mms_groups_get() - want groups armed
 * @groups: the groups
 * @which: of them, as bits
 *
 * Context: Process context, may sleep.
 * Return: 0, or why one cannot be. mms_groups_put() after 0 only.
 */
int mms_groups_get(struct mms_groups *groups, unsigned int which)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&groups->lock);
	for (i = 0; i < groups->nr && !err; i++)
		err = which & BIT(i) ? get_group(groups, i) : 0;
	if (err)
		put_groups(groups, which, i - 1);
	mutex_unlock(&groups->lock);
	return err;
}
EXPORT_SYMBOL_NS_GPL(mms_groups_get, "MMSCOPE");

/**
 * mms_groups_put() - want them no more
 * @groups: the groups
 * @which: what mms_groups_get() was asked for
 *
 * Context: Process context, may sleep.
 */
void mms_groups_put(struct mms_groups *groups, unsigned int which)
{
	mutex_lock(&groups->lock);
	put_groups(groups, which, groups->nr);
	mutex_unlock(&groups->lock);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_put, "MMSCOPE");

/* ---- Events that come and go ---- */

static void trace_group(struct mms_groups *groups, unsigned int i, bool on)
{
	struct mms_group *group = &groups->table[i];

	int err;

	lockdep_assert_held(&groups->lock);
	if (on == group->tracing)
		return;
	err = on ? get_group(groups, i) : 0;
	if (err) {
		pr_warn_ratelimited("%s: hooks not armed, errno %d: disable the event and enable it again\n",
				    group->feature, -err);
		return;
	}
	WRITE_ONCE(group->tracing, on);
	if (!on)
		put_group(groups, i);
}

/**
 * mms_groups_follow() - arm what events need, and no more; for MMS_GROUPS()
 * @work: of the groups
 */
void mms_groups_follow(struct work_struct *work)
{
	struct mms_groups *groups = container_of(work, struct mms_groups, work);
	unsigned int i;

	mutex_lock(&groups->lock);
	for (i = 0; i < groups->nr; i++)
		trace_group(groups, i, groups->ready &&
			    atomic_read(&groups->table[i].listeners));
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

static void unregister_hooks(struct mms_groups *groups)
{
	unsigned int i;

	for (i = 0; i < groups->nr_hooks; i++)
		if (!groups->hooks[i].absent)
			mms_hook_unregister(&groups->hooks[i]);
}

/**
 * mms_groups_register() - find the hooks and try them
 * @groups: the groups
 *
 * What is missing turns groups off, and nothing else; but that memory was short says
 * nothing about the kernel.
 *
 * Context: Process context, from module init; mms_groups_exit() after 0 only.
 * Return: 0 or -ENOMEM.
 */
int mms_groups_register(struct mms_groups *groups)
{
	struct mms_hook *hook, *end = groups->hooks + groups->nr_hooks;
	bool had_memory = true;
	int err;

	for (hook = groups->hooks; hook < end; hook++) {
		err = hook->absent ? 0 : mms_hook_register(hook);
		had_memory &= err != -ENOMEM;
		if (err && !hook->optional)
			mms_groups_lack(groups, hook->groups, hook->name, err);
	}
	if (had_memory)
		return 0;
	unregister_hooks(groups);
	return -ENOMEM;
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
	mutex_lock(&groups->lock);
	WRITE_ONCE(groups->ready, false);
	mutex_unlock(&groups->lock);
	schedule_work(&groups->work);
	flush_work(&groups->work);
	unregister_hooks(groups);
}
EXPORT_SYMBOL_NS_GPL(mms_groups_exit, "MMSCOPE");

/**
 * mms_groups_features() - rows for status
 * @m: where to print
 * @groups: the groups
 * @detail: of those that are on
 */
void mms_groups_features(struct seq_file *m, const struct mms_groups *groups,
			 const char *detail)
{
	const struct mms_group *group;

	for (group = groups->table; group < groups->table + groups->nr; group++) {
		seq_printf(m, "%s %s ", group->feature, groups->owner->name);
		if (group->error)
			seq_printf(m, "off missing=%s,errno=%d\n",
				   group->missing, -group->error);
		else
			seq_printf(m, "ok %s\n", detail);
	}
}
EXPORT_SYMBOL_NS_GPL(mms_groups_features, "MMSCOPE");
