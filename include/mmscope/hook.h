/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks into the running kernel by exact name, armed only while somebody looks.
 */
#ifndef _MMSCOPE_HOOK_H
#define _MMSCOPE_HOOK_H

#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>

struct tracepoint;

enum mms_hook_kind {
	MMS_HOOK_TRACEPOINT,
	MMS_HOOK_KPROBE,
	MMS_HOOK_KRETPROBE,
	MMS_HOOK_KIND_COUNT
};

/**
 * struct mms_hook - one place in the kernel and what is called there
 * @owner: THIS_MODULE
 * @name: exact name of the tracepoint or function
 * @other_name: what it, or what does the same, is called where @name is not, or
 *	NULL; @name once it was found
 * @kind: how to attach
 * @probe: tracepoint: the callback; its first argument is this hook. Check its
 *	type with check_trace_callback_type_<event>() beside its definition
 * @enter: kprobe: at entry; kretprobe: at entry, may be NULL
 * @leave: kretprobe: at return
 * @data_size_B: kretprobe: bytes of instance data between enter and leave
 * @maxactive: kretprobe: calls that may be under way at once
 * @self_test: makes one request that must pass the hook; NULL: not tested
 * @groups: for core/group.c: in which groups it is, as bits
 * @optional: likewise: they can do without
 * @absent: likewise: it is nothing for this kernel, and not looked for
 * @tag: the owner's own
 * @node: private to core, as all that follows
 * @users: readers that want it armed
 * @error: why it is off, 0 if usable
 * @address: of the function, 0 for a tracepoint
 * @hits: how often the callback ran
 * @missed: calls that did not come to it, until it was armed the last time
 * @tp: the tracepoint
 * @kp: the probe while armed
 * @rp: the probe while armed
 *
 * Callbacks call mms_hook_hit() first, so that status can show how often each
 * hook ran and the self-test can tell that it does.
 */
struct mms_hook {
	struct module *owner;
	const char *name;
	const char *other_name;
	enum mms_hook_kind kind;
	void *probe;
	void (*enter)(struct mms_hook *hook, struct pt_regs *regs, void *data);
	void (*leave)(struct mms_hook *hook, struct pt_regs *regs, void *data);
	size_t data_size_B;
	int maxactive;
	int (*self_test)(struct mms_hook *hook);
	unsigned int groups;
	bool optional;
	bool absent;
	unsigned int tag;

	struct list_head node;
	unsigned int users;
	int error;
	unsigned long address;
	unsigned long __percpu *hits;
	unsigned long missed;
	struct tracepoint *tp;
	union {
		struct kprobe kp;
		struct kretprobe rp;
	};
};

/**
 * mms_hook_hit() - count one call of a hook's callback
 * @hook: the hook
 *
 * Context: Any, NMI included.
 */
static inline void mms_hook_hit(struct mms_hook *hook)
{
	this_cpu_inc(*hook->hits);
}

/**
 * mms_hook_caller() - who called the function
 * @regs: as a hook's enter() gets them
 *
 * Return: Where it will return to; the address of a trampoline when others wait for its
 * return as well.
 */
static inline unsigned long mms_hook_caller(struct pt_regs *regs)
{
#ifdef procedure_link_pointer
	return procedure_link_pointer(regs);
#else
	return regs_get_kernel_stack_nth(regs, 0);
#endif
}

int mms_hook_register(struct mms_hook *hook);
void mms_hook_unregister(struct mms_hook *hook);
int mms_hook_get(struct mms_hook *hook);
void mms_hook_put(struct mms_hook *hook);
unsigned long mms_hook_hits(const struct mms_hook *hook);
unsigned long mms_hook_missed(const struct mms_hook *hook);

#endif /* _MMSCOPE_HOOK_H */
