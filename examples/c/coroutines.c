/*
 * Coroutines of ucontext that keep their scope across a yield, on whatever thread they are resumed.
 *
 * A coroutine enters its scope when it is resumed, and leaves it when it yields. What it allocates between is on its
 * account, though coroutines take turns, and though every second round runs on another thread.
 */
#define _XOPEN_SOURCE 700
#include "memscope.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { COROUTINES = 8, YIELDS = 6, STACK = 256 * 1024 };

typedef struct coroutine {
    ucontext_t context;
    ucontext_t resumer;
    const ms_scope *scope;
    unsigned number;
    int ended;
    char *stack;
} coroutine;

static coroutine coroutines[COROUTINES];

static void yield(coroutine *self) {
    ms_scope_leave(self->scope);
    swapcontext(&self->context, &self->resumer);
    ms_scope_enter(self->scope);
}

static void body(unsigned number) {
    coroutine *self = &coroutines[number];
    char *kept[YIELDS];
    int turn;
    ms_scope_enter(self->scope);
    for (turn = 0; turn < YIELDS; turn++) {
        kept[turn] = ms_alloc(10 * (number + 1));
        if (kept[turn] == NULL) abort();
        memset(kept[turn], turn, 10 * (number + 1));
        yield(self);
    }
    for (turn = 0; turn < YIELDS; turn++) {
        if (kept[turn][0] != turn) abort();
        ms_free(kept[turn]);
    }
    ms_scope_leave(self->scope);
    self->ended = 1;
    /* Falls back to whoever resumed it. */
    swapcontext(&self->context, &self->resumer);
}

static void *resume_all(void *unused) {
    int each;
    for (each = 0; each < COROUTINES; each++) {
        if (!coroutines[each].ended) swapcontext(&coroutines[each].resumer, &coroutines[each].context);
    }
    return unused;
}

int main(void) {
    ms_checkpoint_t start = ms_checkpoint();
    int each, round, wrong = 0;
    for (each = 0; each < COROUTINES; each++) {
        coroutine *it = &coroutines[each];
        it->number = (unsigned)each;
        it->scope = ms_scope_open_request("coroutine", (uint64_t)each);
        it->stack = ms_alloc(STACK);
        if (it->stack == NULL || getcontext(&it->context) != 0) return 1;
        it->context.uc_stack.ss_sp = it->stack;
        it->context.uc_stack.ss_size = STACK;
        it->context.uc_link = NULL;
        ms_ref_create("coroutine", each);
        makecontext(&it->context, (void (*)(void))body, 1, it->number);
    }
    for (round = 0; round <= YIELDS; round++) {
        pthread_t other;
        if (round % 2 == 0) {
            resume_all(NULL);
        } else if (pthread_create(&other, NULL, resume_all, NULL) != 0 || pthread_join(other, NULL) != 0) {
            return 1;
        }
        for (each = 0; each < COROUTINES; each++) {
            ms_stats_t stats = ms_scope_stats(coroutines[each].scope);
            uint64_t blocks = round < YIELDS ? (uint64_t)round + 1 : 0;
            wrong += stats.alloc_count - stats.free_count != blocks;
            wrong += stats.bytes_allocated - stats.bytes_freed != blocks * 10 * (uint64_t)(each + 1);
        }
    }
    for (each = 0; each < COROUTINES; each++) {
        wrong += !ms_scope_end(coroutines[each].scope);
        ms_ref_release("coroutine", each);
        ms_free(coroutines[each].stack);
    }
    ms_ref_assert_balanced("coroutine", "all have ended");
    ms_assert_since(start, "all have ended");
    printf("%d coroutines, %d yields each on two threads, %d wrong accounts\n", COROUTINES, YIELDS, wrong);
    return wrong != 0;
}
