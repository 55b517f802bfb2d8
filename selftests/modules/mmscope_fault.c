// SPDX-License-Identifier: GPL-2.0
/*
 * Lets allocations of a module's load fail: the kernel side of fault_sweep.
 *
 * /proc/self/fail-nth counts from the system call on; of finit_module(), most of
 * that is the kernel's own loader, which warns when its tables for jump labels or
 * static calls cannot be had. So the count starts here: with the last of those
 * who are told that a module is coming. What follows is its directory in sysfs
 * and its own init.
 *
 * Write the count to the parameter nth; 0 is off. Whether the failure came,
 * /proc/self/fail-nth of whoever loads tells as ever.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/string.h>

static unsigned int nth;
module_param(nth, uint, 0600);
MODULE_PARM_DESC(nth, "the allocation that is to fail, counted from 1 (default 0: none)");

#ifdef CONFIG_FAULT_INJECTION
static bool set_fail_nth(unsigned int count)
{
	current->fail_nth = count;
	return true;
}
#else
static bool set_fail_nth(unsigned int count)
{
	return false;
}
#endif

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	const struct module *module = data;

	if (state == MODULE_STATE_COMING && nth &&
	    (!strcmp(module->name, "mmscope") ||
	     !strcmp(module->name, "pgwalk") ||
	     !strcmp(module->name, "buddyviz") ||
	     !strcmp(module->name, "slubprobe") ||
	     !strcmp(module->name, "vmalloc_walk")))
		set_fail_nth(nth);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = on_module,
	.priority = INT_MIN,
};

static int __init mmscope_fault_init(void)
{
	if (!set_fail_nth(0))
		return -EOPNOTSUPP;
	return register_module_notifier(&notifier);
}

static void __exit mmscope_fault_exit(void)
{
	unregister_module_notifier(&notifier);
}

module_init(mmscope_fault_init);
module_exit(mmscope_fault_exit);

MODULE_INFO(test, "Y");
MODULE_DESCRIPTION("mmscope: allocations that fail while a module loads, for selftests");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
