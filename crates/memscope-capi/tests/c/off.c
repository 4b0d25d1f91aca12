/* With MEMSCOPE_OFF everything is plain malloc, and no library is linked. */
#include "memscope.h"

#include <string.h>

static int arenas(void) {
    ms_arena arena, child;
    ms_arena_mark_t mark;
    char *text, *copy;
    int index;
    ms_arena_init(&arena, 64);
    ms_arena_child(&child, &arena, 64);
    text = ms_arena_strdup(&child, "text");
    copy = ms_arena_copy_out(&child, text, 5);
    text = ms_arena_promote(&child, text, 5);
    ms_arena_destroy(&child);
    if (strcmp(text, copy) != 0) return 1;
    ms_free(copy);
    mark = ms_arena_mark(&arena);
    for (index = 0; index < 100; index++) {
        char *part = ms_arena_calloc(&arena, 7, 9);
        if (part == NULL || (uintptr_t)part % 16 != 0 || part[62] != 0) return 2;
        memset(part, 1, 63);
    }
    ms_arena_rewind(&arena, mark);
    if (strcmp(text, "text") != 0) return 3;
    ms_arena_reset(&arena);
    ms_arena_destroy(&arena);
    ms_arena_init(&arena, SIZE_MAX);
    if (ms_arena_alloc(&arena, 1) != NULL) return 5;
    ms_arena_destroy(&arena);
    ms_worker_arena_begin(100);
    memset(ms_worker_alloc(1000), 1, 1000);
    {
        MS_OP_BEGIN(10);
        memset(MS_OP_ALLOC(30), 1, 30);
        MS_OP_END();
    }
    return ms_worker_arena_end() ? 0 : 4;
}

int main(void) {
    const ms_scope *scope = ms_scope_begin_request("request", 1);
    ms_checkpoint_t before = ms_checkpoint();
    void *(*allocate)(size_t) = ms_alloc;
    void (*release)(void *) = ms_free;
    char *block = ms_alloc(10);
    char *lost = ms_calloc(1, 100);
    if (block == NULL || lost == NULL) return 1;
    block = ms_realloc(block, 20);
    memset(block, 0, 20);
    ms_transfer(block, scope);
    ms_keep(lost);
    ms_ref_create("coroutine", 1);
    ms_scope_leave(scope);
    ms_scope_enter(scope);
    ms_free(block);
    ms_summary();
    (void)ms_set_action(MS_REPORT);
    if (!ms_assert_since(before, "off") || !ms_assert_neutral("off")) return 2;
    if (!ms_ref_assert_balanced("coroutine", "off") || !ms_stack_check(1, 2, "off")) return 3;
    if (ms_stats().alloc_count + ms_thread_stats().peak + ms_scope_stats(scope).peak != 0) return 4;
    ms_free(lost);
    release(allocate(10));
    if (arenas() != 0) return 6;
    return ms_scope_end(scope) ? 0 : 5;
}
