/* With MEMSCOPE_OFF everything is plain malloc, and no library is linked. */
#include "memscope.h"

#include <string.h>

int main(void) {
    const ms_scope *scope = ms_scope_begin_request("request", 1);
    ms_checkpoint_t before = ms_checkpoint();
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
    return ms_scope_end(scope) ? 0 : 5;
}
