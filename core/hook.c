// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks: tracepoints, kprobes and kretprobes by exact name.
 *
 * A hook is checked when it is registered: the name must exist and be the only
 * one (a probe by name would silently take the first of several), and the
 * module's self-test must make it fire. Then it is taken off again: a hook is
 * attached only between the first mms_hook_get() and the last mms_hook_put().
 *
 * hooks_lock covers the list, the user counts and arming. Callbacks take no
 * lock of ours; after the last put returns none is running any more.
 *
 * Not looked at: functions of modules, and calls that the compiler inlined. A
 * self-test is what tells the latter.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include <mmscope/hook.h>
#include <mmscope/symbol.h>

#include "core.h"

static LIST_HEAD(hooks);
static DEFINE_MUTEX(hooks_lock);

static const char *const kind_names[] = {
	[MMS_HOOK_TRACEPOINT] = "tracepoint",
	[MMS_HOOK_KPROBE] = "kprobe",
	[MMS_HOOK_KRETPROBE] = "kretprobe",
};

static_assert(ARRAY_SIZE(kind_names) == MMS_HOOK_KIND_COUNT);

static int on_kprobe(struct kprobe *kp, struct pt_regs *regs)
{
	struct mms_hook *hook = container_of(kp, struct mms_hook, kp);

	hook->enter(hook, regs, NULL);
	return 0;
}

/* NULL: the probe is just being taken off. */
static struct mms_hook *hook_of(struct kretprobe_instance *ri)
{
	struct kretprobe *rp = get_kretprobe(ri);

	return rp ? container_of(rp, struct mms_hook, rp) : NULL;
}

/* A non-zero return tells kprobes not to wait for the function's return. */
static int on_kretprobe_entry(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	struct mms_hook *hook = hook_of(ri);

	if (hook)
		hook->enter(hook, regs, ri->data);
	return 0;
}

static int on_kretprobe(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct mms_hook *hook = hook_of(ri);

	if (hook)
		hook->leave(hook, regs, ri->data);
	return 0;
}

/* kprobes keep state in the structure: each arming starts from a clean one. */
static int attach(struct mms_hook *hook)
{
	hook->missed = mms_hook_missed(hook);
	switch (hook->kind) {
	case MMS_HOOK_TRACEPOINT:
		return tracepoint_probe_register(hook->tp, hook->probe, hook);
	case MMS_HOOK_KPROBE:
		memset(&hook->kp, 0, sizeof(hook->kp));
		hook->kp.symbol_name = hook->name;
		hook->kp.pre_handler = on_kprobe;
		return register_kprobe(&hook->kp);
	case MMS_HOOK_KRETPROBE:
		memset(&hook->rp, 0, sizeof(hook->rp));
		hook->rp.kp.symbol_name = hook->name;
		hook->rp.entry_handler = hook->enter ? on_kretprobe_entry : NULL;
		hook->rp.handler = on_kretprobe;
		hook->rp.data_size = hook->data_size_B;
		hook->rp.maxactive = hook->maxactive;
		return register_kretprobe(&hook->rp);
	default:
		return -EINVAL;
	}
}

/*
 * Without memory kprobes cannot take a probe off: its address is cleared, and our
 * structure stays in the kernel's table for good. So must we.
 */
static void stay_if_stuck(struct mms_hook *hook, const struct kprobe *kp)
{
	if (kp->addr)
		return;
	hook->error = -EBUSY;
	__module_get(hook->owner);
}

static int detach(struct mms_hook *hook)
{
	switch (hook->kind) {
	case MMS_HOOK_TRACEPOINT:
		tracepoint_probe_unregister(hook->tp, hook->probe, hook);
		/* A callback may still be on its way on another CPU. */
		tracepoint_synchronize_unregister();
		break;
	case MMS_HOOK_KPROBE:
		unregister_kprobe(&hook->kp);
		stay_if_stuck(hook, &hook->kp);
		break;
	case MMS_HOOK_KRETPROBE:
		unregister_kretprobe(&hook->rp);
		stay_if_stuck(hook, &hook->rp.kp);
		break;
	default:
		break;
	}
	return hook->error;
}

struct change {
	struct work_struct work;
	struct mms_hook *hook;
	int (*make)(struct mms_hook *hook);
	int err;
};

static void make_change(struct work_struct *work)
{
	struct change *change = container_of(work, struct change, work);

	change->err = change->make(change->hook);
}

/*
 * The memory that kprobes need is refused to a task that is being killed for want of it, as
 * it closes its files, and to one whose allocations are to fail: then kprobes warn, and what
 * could not be taken off stays. A worker is neither.
 */
static int by_worker(struct mms_hook *hook, int (*make)(struct mms_hook *hook))
{
	struct change change = { .hook = hook, .make = make };

	INIT_WORK_ONSTACK(&change.work, make_change);
	schedule_work(&change.work);
	flush_work(&change.work);
	destroy_work_on_stack(&change.work);
	return change.err;
}

static int arm(struct mms_hook *hook)
{
	return by_worker(hook, attach);
}

/* An errno: it is still armed. */
static int disarm(struct mms_hook *hook)
{
	return by_worker(hook, detach);
}

static void match_tracepoint(struct tracepoint *tp, void *data)
{
	struct mms_hook *hook = data;

	if (!strcmp(tp->name, hook->name))
		hook->tp = tp;
}

static int locate_name(struct mms_hook *hook)
{
	int matches;

	if (hook->kind == MMS_HOOK_TRACEPOINT) {
		for_each_kernel_tracepoint(match_tracepoint, hook);
		return hook->tp ? 0 : -ENOENT;
	}
	matches = mms_symbol_matches(hook->name);
	if (matches < 0)
		return matches;
	if (!matches)
		return -ENOENT;
	if (matches > 1)
		return -ENOTUNIQ;
	hook->address = mms_symbol_find(hook->name);
	return 0;
}

/* Under neither name: it is the first one that is missing. */
static int locate(struct mms_hook *hook)
{
	const char *name = hook->name;
	int err;

	err = locate_name(hook);
	if (err == -ENOENT && hook->other_name) {
		hook->name = hook->other_name;
		err = locate_name(hook);
		if (err == -ENOENT)
			hook->name = name;
	}
	return err;
}

static int self_test(struct mms_hook *hook)
{
	unsigned long before = mms_hook_hits(hook);
	int err, stuck;

	err = arm(hook);
	if (err)
		return err;
	if (hook->self_test)
		err = hook->self_test(hook);
	stuck = disarm(hook);
	if (stuck || err)
		return stuck ?: err;
	return hook->self_test && mms_hook_hits(hook) == before ? -ENODATA : 0;
}

/**
 * mms_hook_register() - check a hook, test it, and list it in status
 * @hook: the hook
 *
 * On failure the hook stays listed as off, and mms_hook_get() returns the same
 * error: a module goes on without it. mms_hook_unregister() in both cases.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOENT (no such name), -ENOTUNIQ (several), -EOPNOTSUPP (this
 * kernel cannot tell how many), -ENODATA (the self-test did not reach it),
 * -ENOMEM, or why kprobes or the self-test refused.
 */
int mms_hook_register(struct mms_hook *hook)
{
	hook->users = 0;
	hook->tp = NULL;
	hook->hits = alloc_percpu(unsigned long);
	hook->error = hook->hits ? locate(hook) : -ENOMEM;
	if (!hook->error)
		hook->error = self_test(hook);
	mutex_lock(&hooks_lock);
	list_add_tail(&hook->node, &hooks);
	mutex_unlock(&hooks_lock);
	return hook->error;
}
EXPORT_SYMBOL_NS_GPL(mms_hook_register, "MMSCOPE");

/**
 * mms_hook_unregister() - forget a hook
 * @hook: the hook; nobody uses it any more
 *
 * Context: Process context, may sleep.
 */
void mms_hook_unregister(struct mms_hook *hook)
{
	WARN_ON_ONCE(hook->users);
	mutex_lock(&hooks_lock);
	list_del(&hook->node);
	mutex_unlock(&hooks_lock);
	/* What is stuck may yet be called. */
	if (hook->error != -EBUSY)
		free_percpu(hook->hits);
}
EXPORT_SYMBOL_NS_GPL(mms_hook_unregister, "MMSCOPE");

/**
 * mms_hook_get() - want a hook armed
 * @hook: a registered hook
 *
 * Context: Process context, may sleep.
 * Return: 0, or why it is off. mms_hook_put() after 0 only.
 */
int mms_hook_get(struct mms_hook *hook)
{
	int err;

	mutex_lock(&hooks_lock);
	err = hook->error;
	if (!err && !hook->users)
		err = arm(hook);
	if (!err)
		hook->users++;
	mutex_unlock(&hooks_lock);
	return err;
}
EXPORT_SYMBOL_NS_GPL(mms_hook_get, "MMSCOPE");

/**
 * mms_hook_put() - want it no more; the last one takes it off
 * @hook: a hook after mms_hook_get()
 *
 * Context: Process context, may sleep. No callback runs after the last put.
 */
void mms_hook_put(struct mms_hook *hook)
{
	mutex_lock(&hooks_lock);
	if (!--hook->users)
		disarm(hook);
	mutex_unlock(&hooks_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_hook_put, "MMSCOPE");

/**
 * mms_hook_hits() - how often the callback ran since registration
 * @hook: a registered hook
 *
 * Return: The sum over all CPUs; may miss calls that are under way.
 */
unsigned long mms_hook_hits(const struct mms_hook *hook)
{
	unsigned long sum = 0;
	int cpu;

	if (!hook->hits)
		return 0;
	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(hook->hits, cpu);
	return sum;
}
EXPORT_SYMBOL_NS_GPL(mms_hook_hits, "MMSCOPE");

/**
 * mms_hook_missed() - calls that were not seen while the hook was armed
 * @hook: a registered hook
 *
 * Return: Probe hits lost to recursion or, for a kretprobe, to maxactive.
 */
unsigned long mms_hook_missed(const struct mms_hook *hook)
{
	switch (hook->kind) {
	case MMS_HOOK_KPROBE:
		return hook->missed + hook->kp.nmissed;
	case MMS_HOOK_KRETPROBE:
		return hook->missed + hook->rp.kp.nmissed + hook->rp.nmissed;
	default:
		return 0;
	}
}
EXPORT_SYMBOL_NS_GPL(mms_hook_missed, "MMSCOPE");

/**
 * mms_hooks_show() - the hooks section of status
 * @m: where to print
 */
void mms_hooks_show(struct seq_file *m)
{
	struct mms_hook *hook;

	seq_puts(m, "## hooks\n# name module state detail\n");
	mutex_lock(&hooks_lock);
	list_for_each_entry(hook, &hooks, node) {
		seq_printf(m, "%s %s ", hook->name, hook->owner->name);
		if (hook->error)
			seq_printf(m, "%s %s,errno=%d\n",
				   hook->optional && hook->error == -ENOENT ?
				   "absent" : "off", kind_names[hook->kind],
				   -hook->error);
		else
			seq_printf(m, "ok %s,address=%#lx,users=%u,hits=%lu,missed=%lu\n",
				   kind_names[hook->kind], hook->address,
				   hook->users, mms_hook_hits(hook),
				   mms_hook_missed(hook));
	}
	mutex_unlock(&hooks_lock);
}

static void show_metric(struct seq_file *m, const char *name, const char *help,
			unsigned long (*value)(const struct mms_hook *hook))
{
	struct mms_hook *hook;

	seq_printf(m, "# TYPE %s counter\n# HELP %s %s\n", name, name, help);
	list_for_each_entry(hook, &hooks, node)
		if (!hook->error)
			seq_printf(m, "%s_total{hook=\"%s\",kind=\"%s\",module=\"%s\"} %lu\n",
				   name, hook->name, kind_names[hook->kind],
				   hook->owner->name, value(hook));
}

/**
 * mms_hooks_metrics() - the hooks' part of metrics
 * @m: where to print
 */
void mms_hooks_metrics(struct seq_file *m)
{
	mutex_lock(&hooks_lock);
	show_metric(m, "mmscope_hook_hits", "Calls that a hook saw.",
		    mms_hook_hits);
	show_metric(m, "mmscope_hook_missed",
		    "Calls that a probe did not see while it was armed.",
		    mms_hook_missed);
	mutex_unlock(&hooks_lock);
}
