/* One planted fault, or one thing that must be no fault, by the name in argv[1]. A comment names the line that a report
 * is to name. */
#include "memscope.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef void *(*allocate)(size_t);

static void *late;

static void free_late(void) {
    ms_free(late);
}

static void leak(void) {
    char *lost = ms_alloc(100); /* leak */
    lost[0] = 1;
    lost = ms_alloc(7); /* leak again */
    lost[0] = 1;
    ms_free(ms_alloc(3));
}

static void leak_of_realloc(void) {
    char *lost = ms_alloc(1);
    lost = ms_realloc(lost, 5000); /* leak of realloc */
    lost[0] = 1;
}

static void double_free(void) {
    char *block = ms_alloc(40); /* allocated */
    ms_free(block);             /* freed once */
    ms_free(block);             /* freed twice */
}

static void double_free_of_unmapped_memory(void) {
    char *block = ms_alloc((size_t)64 << 20);
    ms_free(block); /* the system has it back */
    ms_free(block); /* freed again */
}

static void overrun_by(size_t bytes) {
    char *block = ms_alloc(33); /* overrun */
    memset(block + 33, 0, bytes);
    ms_free(block); /* overrun found */
}

static void underrun(void) {
    char *block = ms_alloc(33); /* underrun */
    block[-1] = 0;
    ms_free(block); /* underrun found */
}

static void overrun_before_realloc(void) {
    char *block = ms_alloc(10); /* overrun before realloc */
    block[10] = 'x';
    block = ms_realloc(block, 100);
    ms_free(block);
}

static void inside(void) {
    char *block = ms_alloc(100); /* around */
    ms_free(block + 32);         /* freed inside */
}

static void foreign(void) {
    char *block = malloc(40);
    ms_free(block); /* freed foreign */
}

static void foreign_of_the_stack(void) {
    char block[64];
    block[0] = 1;
    ms_free(block + 16); /* freed stack */
}

static int at_least(const void *block, int value) {
    return block != NULL && ((const char *)block)[0] >= value;
}

/* Exit code 0 and no report: what a wrong implementation fails. */
static int right(void) {
    size_t size;
    for (size = 0; size < 300; size++) {
        char *block = ms_alloc(size);
        if ((uintptr_t)block % 16 != 0) return 1;
        memset(block, 1, size);
        block = ms_realloc(block, 2 * size + 1);
        if ((uintptr_t)block % 16 != 0 || (size > 0 && !at_least(block, 1))) return 2;
        ms_free(block);
        block = ms_calloc(size, 3);
        if ((uintptr_t)block % 16 != 0) return 3;
        if (size > 0 && (block[0] != 0 || block[3 * size - 1] != 0)) return 4;
        ms_free(block);
    }
    errno = 0;
    if (ms_calloc((size_t)1 << 63, 2) != NULL || errno != ENOMEM) return 5;
    if (ms_calloc(SIZE_MAX, SIZE_MAX) != NULL) return 6;
    if (ms_alloc(SIZE_MAX) != NULL || ms_alloc(SIZE_MAX - 40) != NULL) return 7;
    ms_free(NULL);
    {
        ms_checkpoint_t before = ms_checkpoint();
        char *block = ms_alloc(10);
        ms_stats_t during;
        if (ms_realloc(block, SIZE_MAX / 2) != NULL) return 8;
        during = ms_stats();
        if (during.alloc_count - during.free_count != before.live_blocks + 1) return 9;
        if (during.bytes_allocated - during.bytes_freed != before.live_bytes + 10) return 10;
        if (ms_size(block) != 10 || !ms_is_block(block) || ms_is_block(block + 1)) return 11;
        ms_free(block);
        if (!ms_assert_since(before, "after a realloc that failed")) return 12;
    }
    {
        ms_stats_t before = ms_stats();
        size_t huge = (size_t)5 << 30;
        char *block = ms_alloc(huge);
        ms_stats_t after;
        if (block == NULL) return 13;
        after = ms_stats();
        if (after.bytes_allocated - before.bytes_allocated != huge) return 14;
        if (ms_size(block) != huge) return 15;
        ms_free(block);
        after = ms_stats();
        if (after.bytes_freed - before.bytes_freed != huge) return 16;
    }
    {
        allocate by_pointer = ms_alloc;
        void (*free_by_pointer)(void *) = ms_free;
        free_by_pointer(by_pointer(10));
    }
    return ms_assert_neutral("at the end") ? 0 : 17;
}

static void kept(void) {
    char *block = ms_alloc(10);
    ms_keep(block);
    if (!ms_assert_neutral("a kept block is on no account")) exit(1);
}

static int scopes(void) {
    const ms_scope *outer = ms_scope_begin_request("request", 7);
    char *kept, *moved;
    const ms_scope *inner = ms_scope_begin("query");
    char *scratch = ms_alloc(50);
    ms_stats_t stats = ms_scope_stats(inner);
    if (stats.alloc_count != 1 || stats.bytes_allocated != 50 || stats.peak != 50) return 1;
    stats = ms_scope_stats(outer);
    if (stats.alloc_count != 1) return 2;
    ms_free(scratch);
    if (!ms_scope_end(inner)) return 3;
    kept = ms_alloc(20);
    moved = ms_alloc(30);
    ms_transfer(kept, NULL);
    stats = ms_scope_stats(NULL);
    if (stats.alloc_count - stats.free_count != 1) return 4;
    ms_free(moved);
    if (!ms_assert_neutral("what is left is the process's")) return 5;
    if (!ms_scope_end(outer)) return 6;
    ms_free(kept);
    stats = ms_thread_stats();
    return stats.alloc_count == 3 && stats.free_count == 3 && stats.bytes_freed == 100 ? 0 : 7;
}

static void leaking_scope(void) {
    const ms_scope *scope = ms_scope_begin_request("GET", 42); /* scope begun */
    char *block = ms_alloc(64);                                /* leak of scope */
    block[0] = 0;
    ms_scope_end(scope); /* scope ended */
}

static void leak_since(void) {
    char *old = ms_alloc(11); /* older */
    ms_checkpoint_t before = ms_checkpoint();
    char *block = ms_alloc(12); /* newer */
    block[0] = old[0] = 0;
    ms_assert_since(before, "after the try"); /* asserted since */
    ms_free(old);
    ms_free(block);
}

static void ended_scope(void) {
    const ms_scope *scope = ms_scope_begin("once"); /* once begun */
    ms_scope_end(scope);
    ms_scope_enter(scope); /* entered again */
}

static void left_twice(void) {
    const ms_scope *scope = ms_scope_begin("once");
    ms_scope_leave(scope);
    ms_scope_leave(scope); /* left twice */
}

static int out_of_turn(void) {
    const ms_scope *a = ms_scope_open("a"), *b = ms_scope_open("b");
    char *block;
    ms_scope_enter(a);
    ms_scope_enter(b);
    ms_scope_leave(a);
    block = ms_alloc(1);
    if (ms_scope_stats(b).alloc_count != 1 || ms_scope_stats(a).alloc_count != 0) return 1;
    ms_free(block);
    ms_scope_leave(b);
    block = ms_alloc(1);
    if (ms_scope_stats(b).alloc_count != 1 || ms_scope_stats(a).alloc_count != 0) return 2;
    ms_free(block);
    return ms_scope_end(a) && ms_scope_end(b) ? 0 : 3;
}

static int references(void) {
    ms_ref_create("coroutine", 1);
    ms_ref_create("coroutine", 2);
    ms_ref_create("handle", 1);
    if (ms_ref_live("coroutine") != 2) return 1;
    ms_ref_release("coroutine", 1);
    ms_ref_release("coroutine", 2);
    if (!ms_ref_assert_balanced("coroutine", "all ended")) return 2;
    ms_ref_release("handle", 1);
    return 0;
}

static void unreleased(void) {
    ms_ref_create("coroutine", 5); /* created */
}

static void released_twice(void) {
    ms_ref_create("coroutine", 5);
    ms_ref_release("coroutine", 5);
    ms_ref_release("coroutine", 5); /* released twice */
}

static int stack(void) {
    ms_set_action(MS_REPORT);
    return ms_stack_check(3, 3, "fine") && !ms_stack_check(0, 2, "after the call") /* stack */ ? 0 : 1;
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "";
    if (strcmp(name, "right") == 0) return right();
    if (strcmp(name, "scopes") == 0) return scopes();
    if (strcmp(name, "out_of_turn") == 0) return out_of_turn();
    if (strcmp(name, "references") == 0) return references();
    if (strcmp(name, "stack") == 0) return stack();
    if (strcmp(name, "leak") == 0) leak();
    else if (strcmp(name, "leak_of_realloc") == 0) leak_of_realloc();
    else if (strcmp(name, "double_free") == 0) double_free();
    else if (strcmp(name, "double_free_of_unmapped_memory") == 0) double_free_of_unmapped_memory();
    else if (strcmp(name, "overrun") == 0) overrun_by((size_t)atoi(arguments[2]));
    else if (strcmp(name, "underrun") == 0) underrun();
    else if (strcmp(name, "overrun_before_realloc") == 0) overrun_before_realloc();
    else if (strcmp(name, "inside") == 0) inside();
    else if (strcmp(name, "foreign") == 0) foreign();
    else if (strcmp(name, "foreign_of_the_stack") == 0) foreign_of_the_stack();
    else if (strcmp(name, "kept") == 0) kept();
    else if (strcmp(name, "leaking_scope") == 0) leaking_scope();
    else if (strcmp(name, "leak_since") == 0) leak_since();
    else if (strcmp(name, "ended_scope") == 0) ended_scope();
    else if (strcmp(name, "left_twice") == 0) left_twice();
    else if (strcmp(name, "unreleased") == 0) unreleased();
    else if (strcmp(name, "released_twice") == 0) released_twice();
    else if (strcmp(name, "atexit") == 0) {
        atexit(free_late);
        late = ms_alloc(10);
    } else if (strcmp(name, "report_and_go_on") == 0) {
        ms_set_action(MS_REPORT);
        double_free();
        foreign_of_the_stack();
        if (ms_failures() != 2) return 1;
        puts("went on");
    } else {
        return 99;
    }
    return 0;
}
