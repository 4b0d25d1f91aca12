/* Arenas: what works, and one planted fault by the name in argv[1]. */
#include "memscope.h"

#include <stdio.h>
#include <string.h>

struct holder {
    int number;
    void *pointer;
};

static void *variable;

static int right(void) {
    ms_checkpoint_t before = ms_checkpoint();
    ms_arena arena, child;
    ms_arena_mark_t mark;
    char *text, *copy;
    int round, index;
    ms_arena_init(&arena, 512);
    for (round = 0; round < 3; round++) {
        ms_stats_t at_reset;
        text = ms_arena_strdup(&arena, "kept");
        mark = ms_arena_mark(&arena);
        for (index = 0; index < 200; index++) {
            char *part = ms_arena_alloc(&arena, (size_t)index);
            if (part == NULL || (uintptr_t)part % 16 != 0) return 1;
            memset(part, index, (size_t)index);
        }
        if (ms_arena_calloc(&arena, (size_t)1 << 63, 2) != NULL) return 2;
        if (!ms_arena_rewind(&arena, mark)) return 3;
        for (index = 0; index < 100; index++) {
            char *part = ms_arena_calloc(&arena, (size_t)index, 3);
            if (index > 0 && (part[0] != 0 || part[3 * index - 1] != 0)) return 4;
        }
        if (strcmp(text, "kept") != 0) return 5;
        at_reset = ms_stats();
        ms_arena_reset(&arena);
        if (ms_stats().alloc_count != at_reset.alloc_count || ms_stats().free_count != at_reset.free_count) return 6;
    }
    ms_arena_child(&child, &arena, 0);
    text = ms_arena_strdup(&child, "promoted");
    copy = ms_arena_copy_out(&child, text, 9);
    text = ms_arena_promote(&child, text, 9);
    ms_arena_destroy(&child);
    if (strcmp(text, "promoted") != 0 || strcmp(copy, text) != 0) return 7;
    ms_free(copy);
    ms_arena_destroy(&arena);
    ms_worker_arena_begin(1000);
    text = ms_worker_alloc(10);
    {
        MS_OP_BEGIN(100);
        copy = MS_OP_ALLOC(10);
        memset(copy, 1, 10);
        text = ms_arena_promote(&ms_op_arena_, copy, 10);
        MS_OP_END();
    }
    if (text[9] != 1) return 8;
    if (!ms_worker_arena_end()) return 9;
    return ms_assert_since(before, "arenas") ? 0 : 10;
}

/* What was told does no harm to what comes after. */
static int went_on(ms_arena *arena) {
    ms_arena child, worked, many[200];
    char *text;
    int index;
    ms_set_action(MS_REPORT);
    ms_arena_child(&child, arena, 0);
    text = ms_arena_strdup(&child, "child");
    ms_arena_destroy(arena); /* outlived and told */
    ms_op_begin_at(&worked, 100, __FILE__, __LINE__);
    ms_arena_destroy(&worked);
    for (index = 0; index < 200; index++) {
        ms_arena_init(&many[index], 100);
        ms_arena_alloc(&many[index], 10);
        ms_arena_destroy(&many[index]);
    }
    if (ms_arena_promote(&child, text, 6) != NULL) return 1; /* into the ended */
    ms_arena_destroy(&child);
    ms_worker_arena_begin(100);
    memset(ms_worker_alloc(50), 1, 50);
    if (!ms_worker_arena_end()) return 2;
    ms_worker_arena_end(); /* nothing begun */
    return 0;
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "";
    ms_arena arena, child;
    char *text;
    if (strcmp(name, "right") == 0) return right();
    ms_arena_init(&arena, 512); /* made */
    text = ms_arena_strdup(&arena, "text"); /* allocated */
    if (strcmp(name, "leak") == 0) return 0;
    if (strcmp(name, "overrun") == 0) {
        text[5] = 0;
        ms_arena_reset(&arena); /* overrun found */
    } else if (strcmp(name, "write_after_reset") == 0) {
        ms_arena_reset(&arena); /* reset */
        text[0] = 1;
        ms_arena_alloc(&arena, 100); /* write found */
    } else if (strcmp(name, "late_write_after_reset") == 0) {
        ms_arena_reset(&arena); /* late reset */
        text[3] = 1;
        ms_arena_destroy(&arena); /* late write found */
        return 0;
    } else if (strcmp(name, "stale_pointer") == 0) {
        ms_arena_reset(&arena); /* made stale */
        ms_arena_copy_out(&arena, text, 5); /* stale */
    } else if (strcmp(name, "stale_mark") == 0) {
        ms_arena_mark_t mark = ms_arena_mark(&arena);
        ms_arena_reset(&arena); /* mark made stale */
        ms_arena_rewind(&arena, mark); /* stale mark */
    } else if (strcmp(name, "mark_of_another") == 0) {
        ms_arena_mark_t mark;
        ms_arena_init(&child, 512);
        ms_arena_alloc(&child, 1);
        mark = ms_arena_mark(&child);
        ms_arena_alloc(&arena, 100);
        ms_arena_rewind(&arena, mark); /* mark of another */
    } else if (strcmp(name, "mark_gone_past") == 0) {
        ms_arena_mark_t low = ms_arena_mark(&arena), high;
        ms_arena_alloc(&arena, 1);
        high = ms_arena_mark(&arena);
        ms_arena_rewind(&arena, low);
        ms_arena_alloc(&arena, 100);
        ms_arena_rewind(&arena, low);
        ms_arena_alloc(&arena, 100);
        ms_arena_rewind(&arena, high); /* gone past */
    } else if (strcmp(name, "copied") == 0) {
        child = arena;
        ms_arena_destroy(&arena);
        ms_arena_alloc(&child, 1); /* copied */
    } else if (strcmp(name, "went_on") == 0) {
        return went_on(&arena);
    } else if (strcmp(name, "child_outlives") == 0) {
        ms_arena_child(&child, &arena, 0);
        ms_arena_destroy(&arena); /* outlived */
        return 0;
    } else if (strcmp(name, "after_end") == 0) {
        ms_arena_destroy(&arena);
        ms_arena_alloc(&arena, 1); /* after end */
        return 0;
    } else if (strcmp(name, "escape_to_block") == 0) {
        struct holder *holder = ms_alloc(sizeof *holder); /* holder */
        ms_worker_arena_begin(100);
        holder->pointer = ms_worker_alloc(10); /* escaped */
        ms_worker_arena_end(); /* escape found */
    } else if (strcmp(name, "escape_to_variable") == 0) {
        ms_worker_arena_begin(100);
        variable = ms_worker_alloc(10); /* escaped to variable */
        ms_worker_arena_end(); /* escape to variable found */
    } else if (strcmp(name, "end_without_begin") == 0) {
        ms_worker_arena_end(); /* no begin */
    } else {
        return 99;
    }
    ms_arena_destroy(&arena);
    return variable != NULL;
}
