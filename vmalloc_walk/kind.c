// SPDX-License-Identifier: GPL-2.0
/*
 * Words for areas: what they are for, their flags, who asked for them. No state
 * of the kernel is read here but its table of symbols.
 *
 * The kernel notes how an area was made and who asked for it, not what it is for.
 * So kinds are told by the flags first, then by the name of the caller, then by
 * where the area lies: BPF's programs may be among the modules, and modules be
 * outside of their own region, as on arm64 where the kernel's address is random.
 */
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "vmalloc_walk.h"

static const char *const kind_names[] = {
	[VMW_VMALLOC] = "vmalloc",
	[VMW_VMAP] = "vmap",
	[VMW_IOREMAP] = "ioremap",
	[VMW_MAP_RAM] = "vm_map_ram",
	[VMW_MODULE_TEXT] = "module_text",
	[VMW_MODULE_DATA] = "module_data",
	[VMW_STACK] = "stack",
	[VMW_PERCPU] = "percpu",
	[VMW_BPF] = "bpf",
	[VMW_SPARSE] = "sparse",
	[VMW_DMA] = "dma",
	[VMW_OTHER] = "other",
};

static_assert(ARRAY_SIZE(kind_names) == VMW_KIND_COUNT);

/* Callers by the beginning of their names, in the kernels that we know. */
static const struct {
	const char *prefix;
	enum vmw_kind kind;
} callers[] = {
	{ "kernel_clone", VMW_STACK },
	{ "fork_idle", VMW_STACK },
	{ "alloc_thread_stack_node", VMW_STACK },
	{ "dup_task_struct", VMW_STACK },
	{ "copy_process", VMW_STACK },
	{ "bpf_", VMW_BPF },
	{ "__bpf_", VMW_BPF },
	{ "load_module", VMW_MODULE_TEXT },
	{ "execmem_", VMW_MODULE_TEXT },
};

static bool in_module_region(u64 start)
{
	return start >= MODULES_VADDR && start < MODULES_END;
}

/**
 * vmw_caller_find() - the name behind an address
 * @caller: keeps it; areas of one caller often follow each other
 * @addr: of an area, may be NULL
 */
void vmw_caller_find(struct vmw_caller *caller, const void *addr)
{
	if (caller->name[0] && caller->addr == addr)
		return;
	caller->addr = addr;
	if (addr)
		snprintf(caller->name, sizeof(caller->name), "%pS", addr);
	else
		strscpy(caller->name, "-", sizeof(caller->name));
	/* "name+0x1/0x2 [module]": an answer's words have no blanks inside. */
	strreplace(caller->name, ' ', '_');
}

/**
 * vmw_caller_is() - is it this function?
 * @caller: who
 * @function: name without offset
 */
bool vmw_caller_is(const struct vmw_caller *caller, const char *function)
{
	size_t len = strcspn(caller->name, "+");

	return strlen(function) == len && !strncmp(caller->name, function, len);
}

static enum vmw_kind kind_by_caller(const struct vmw_area *area,
				    struct vmw_caller *caller)
{
	unsigned int i;

	vmw_caller_find(caller, area->vm.caller);
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		if (strstarts(caller->name, callers[i].prefix))
			return callers[i].kind;
	return in_module_region(area->start) ? VMW_MODULE_TEXT : VMW_VMALLOC;
}

static enum vmw_kind kind_of_alloc(const struct vmw_area *area,
				   const struct vmw_map *map,
				   struct vmw_caller *caller)
{
	enum vmw_kind kind = kind_by_caller(area, caller);

	if (kind != VMW_MODULE_TEXT || map->any & MMSCOPE_PG_EXEC)
		return kind;
	return VMW_MODULE_DATA;
}

/**
 * vmw_kind() - what an area is for
 * @area: the area
 * @map: its mapping
 * @caller: keeps the name of the caller
 */
enum vmw_kind vmw_kind(const struct vmw_area *area, const struct vmw_map *map,
		       struct vmw_caller *caller)
{
	unsigned long flags = area->vm.flags;

	if (!area->where)
		return VMW_MAP_RAM;
	if (flags & VM_SPARSE)
		return VMW_SPARSE;
	if (flags & VM_IOREMAP)
		return VMW_IOREMAP;
	if (flags & VM_DMA_COHERENT)
		return VMW_DMA;
	if (vmw_is_percpu_caller(area->vm.caller))
		return VMW_PERCPU;
	if (flags & VM_ALLOC)
		return kind_of_alloc(area, map, caller);
	return flags & VM_MAP ? VMW_VMAP : VMW_OTHER;
}

/**
 * vmw_kind_name() - the word for a kind
 * @kind: the kind
 */
const char *vmw_kind_name(enum vmw_kind kind)
{
	return kind_names[kind];
}

/**
 * vmw_kind_find() - the kind of a word
 * @name: the word
 *
 * Return: enum vmw_kind, or -EINVAL.
 */
int vmw_kind_find(const char *name)
{
	return match_string(kind_names, ARRAY_SIZE(kind_names), name);
}

/**
 * vmw_show_flags() - print the flags of a vm_struct
 * @m: where to print
 * @flags: VM_* of <linux/vmalloc.h>
 */
void vmw_show_flags(struct seq_file *m, unsigned long flags)
{
	static const struct pgwalk_name names[] = {
		{ VM_IOREMAP, "ioremap" },
		{ VM_ALLOC, "alloc" },
		{ VM_MAP, "map" },
		{ VM_USERMAP, "usermap" },
		{ VM_DMA_COHERENT, "dma_coherent" },
		{ VM_UNINITIALIZED, "uninitialized" },
		{ VM_NO_GUARD, "no_guard" },
		{ VM_KASAN, "kasan" },
		{ VM_FLUSH_RESET_PERMS, "flush_reset_perms" },
		{ VM_MAP_PUT_PAGES, "map_put_pages" },
		{ VM_ALLOW_HUGE_VMAP, "allow_huge_vmap" },
		{ VM_DEFER_KMEMLEAK, "defer_kmemleak" },
		{ VM_SPARSE, "sparse" },
	};
	u64 unknown = flags;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		unknown &= ~names[i].mask;
	if (unknown)
		seq_printf(m, "%#llx%s", unknown, flags == unknown ? "" : ",");
	if (flags != unknown || !unknown)
		pgwalk_show_names(m, flags, names, ARRAY_SIZE(names), ',', false);
}
