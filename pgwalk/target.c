// SPDX-License-Identifier: GPL-2.0
/*
 * Whose address space a request is about.
 *
 * An open file pins the mm_struct (mm_count), not the address space: pages of
 * a process that exits meanwhile are freed as ever, and the answer ends there.
 * Only while a batch is read is the address space held (mm_users), together
 * with its mmap_lock.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

/**
 * pgwalk_is_user() - does an address belong to the user half?
 * @addr: virtual address
 */
bool pgwalk_is_user(u64 addr)
{
	return addr <= pgwalk_arch_user_last();
}

/**
 * pgwalk_address_check() - refuse an address that no page table can hold
 * @request: the request
 * @word: index of the word that gave it
 * @addr: the address
 *
 * Return: 0 or -EFAULT.
 */
int pgwalk_address_check(const struct mms_request *request, int word, u64 addr)
{
	if (pgwalk_arch_is_canonical(addr))
		return 0;
	return mms_refuse(request, word, -EFAULT,
			  "%#llx is not canonical: the user half ends at %#llx, the kernel half begins at %#llx",
			  addr, pgwalk_arch_user_last(),
			  pgwalk_arch_kernel_first());
}
EXPORT_SYMBOL_NS_GPL(pgwalk_address_check, "MMSCOPE");

/**
 * pgwalk_target_check() - refuse a process without an address space
 * @request: the request
 * @pid_word: index of its pid= word, which is given
 *
 * Return: 0 or -ESRCH.
 */
int pgwalk_target_check(struct mms_request *request, int pid_word)
{
	struct task_struct *task;
	struct mm_struct *mm;
	bool kthread;

	task = get_pid_task(request->values[pid_word].pid, PIDTYPE_PID);
	if (!task)
		return mms_refuse(request, pid_word, -ESRCH,
				  "no such process in this pid namespace");
	kthread = task->flags & PF_KTHREAD;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (mm) {
		mmput(mm);
		return 0;
	}
	return mms_refuse(request, pid_word, -ESRCH, kthread ?
			  "a kernel thread has no address space of its own" :
			  "a zombie: its address space is gone");
}
EXPORT_SYMBOL_NS_GPL(pgwalk_target_check, "MMSCOPE");

/**
 * pgwalk_user_check() - refuse what is not an address of a process
 * @request: the request
 * @addr_word: index of its addr= word, which is given
 * @pid_word: index of its pid= word, which is given
 *
 * Return: 0, -EFAULT or -ESRCH.
 */
int pgwalk_user_check(struct mms_request *request, int addr_word, int pid_word)
{
	if (!pgwalk_is_user(request->values[addr_word].start))
		return mms_refuse(request, addr_word, -EFAULT,
				  "not a user address");
	return pgwalk_target_check(request, pid_word);
}

/**
 * pgwalk_target_get() - pin a process's mm_struct for an answer
 * @pid: value of a pid= word
 *
 * Return: The mm, or ERR_PTR(-ESRCH). pgwalk_target_put() when done.
 */
struct mm_struct *pgwalk_target_get(const struct mms_value *pid)
{
	struct task_struct *task = get_pid_task(pid->pid, PIDTYPE_PID);
	struct mm_struct *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return ERR_PTR(-ESRCH);
	mmgrab(mm);
	mmput(mm);
	return mm;
}
EXPORT_SYMBOL_NS_GPL(pgwalk_target_get, "MMSCOPE");

/**
 * pgwalk_target_put() - undo pgwalk_target_get()
 * @mm: the mm, or NULL
 */
void pgwalk_target_put(struct mm_struct *mm)
{
	if (mm)
		mmdrop(mm);
}
EXPORT_SYMBOL_NS_GPL(pgwalk_target_put, "MMSCOPE");

/**
 * pgwalk_target_lock() - hold the address space for one batch
 * @mm: pinned mm
 *
 * Context: Process context, may sleep. Never with another mmap_lock held.
 * Return: 0 with the address space and its mmap_lock held for reading, -ESRCH
 * when it is gone, -EINTR when the caller is being killed.
 */
int pgwalk_target_lock(struct mm_struct *mm)
{
	int err;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	err = mmap_read_lock_killable(mm);
	if (err)
		mmput(mm);
	return err;
}

/**
 * pgwalk_target_unlock() - undo pgwalk_target_lock()
 * @mm: the mm
 */
void pgwalk_target_unlock(struct mm_struct *mm)
{
	mmap_read_unlock(mm);
	mmput(mm);
}

/**
 * pgwalk_mm_walk() - one address of an address space, as it is now
 * @mm: pinned mm
 * @addr: the address
 * @walk: filled in
 *
 * Context: Any that may take rcu_read_lock(). What keeps the tables of @addr from being
 * freed is up to the caller; where nothing does, each is checked as it is read.
 * Return: As mms_walk().
 */
bool pgwalk_mm_walk(struct mm_struct *mm, u64 addr,
		    struct mmscope_walk_record *walk)
{
	struct mms_tables tables;
	bool walked;

	mms_mm_tables(mm, addr, &tables);
	rcu_read_lock();
	walked = mms_walk(&tables, addr, walk);
	rcu_read_unlock();
	return walked;
}

/**
 * pgwalk_target_walk() - one address of a process, as it is now
 * @mm: pinned mm
 * @addr: user address
 * @walk: filled in after 0
 *
 * Context: Process context, may sleep. Never with another mmap_lock held.
 * Return: As pgwalk_target_lock().
 */
int pgwalk_target_walk(struct mm_struct *mm, u64 addr,
		       struct mmscope_walk_record *walk)
{
	int err;

	err = pgwalk_target_lock(mm);
	if (err)
		return err;
	pgwalk_mm_walk(mm, addr, walk);
	pgwalk_target_unlock(mm);
	return 0;
}

/**
 * pgwalk_vma_flags() - what a VMA says about the entries inside it
 * @vma: the VMA, or NULL
 *
 * Return: MMSCOPE_PG_HUGETLB, MMSCOPE_PG_PFNMAP, both or 0.
 */
u32 pgwalk_vma_flags(const struct vm_area_struct *vma)
{
	u32 flags = 0;

	if (vma && vma->vm_flags & VM_HUGETLB)
		flags |= MMSCOPE_PG_HUGETLB;
	if (vma && vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
		flags |= MMSCOPE_PG_PFNMAP;
	return flags;
}
