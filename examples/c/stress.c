/*
 * Threads that allocate, resize and free at random, give blocks to each other, and use arenas; neutral at every
 * checkpoint.
 *
 *     stress [ROUNDS [THREADS]]
 */
#define _POSIX_C_SOURCE 200809L
#include "memscope.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS = 64, SHARED = 256, STEPS = 2000, THREADS_MAX = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *shared[SHARED];
static unsigned rounds = 20;

typedef struct block {
    char *bytes;
    size_t size;
    char mark;
} block;

static uint64_t next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void check(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "stress: %s\n", what);
        abort();
    }
}

static void check_bytes(const block *it) {
    check(it->size == 0 || (it->bytes[0] == it->mark && it->bytes[it->size - 1] == it->mark), "bytes have changed");
    check(ms_size(it->bytes) == it->size, "a block of another size");
}

static void fill(block *it, uint64_t *state) {
    it->mark = (char)next(state);
    memset(it->bytes, it->mark, it->size);
}

static size_t size_of(uint64_t *state) {
    uint64_t draw = next(state);
    return draw % 64 == 0 ? (size_t)(draw >> 8) % 300000 : (size_t)(draw >> 8) % 500;
}

static void step(block *it, uint64_t *state) {
    if (it->bytes == NULL) {
        it->size = size_of(state);
        it->bytes = next(state) % 2 ? ms_alloc(it->size) : ms_calloc(1, it->size);
        check(it->bytes != NULL, "no memory");
        fill(it, state);
        return;
    }
    check_bytes(it);
    switch (next(state) % 3) {
    case 0:
        it->size = size_of(state);
        it->bytes = ms_realloc(it->bytes, it->size);
        check(it->bytes != NULL, "no memory");
        fill(it, state);
        return;
    case 1: {
        /* Another thread frees it. */
        size_t place = (size_t)next(state) % SHARED;
        char *before;
        ms_transfer(it->bytes, NULL);
        pthread_mutex_lock(&lock);
        before = shared[place];
        shared[place] = it->bytes;
        pthread_mutex_unlock(&lock);
        ms_free(before);
        break;
    }
    default:
        ms_free(it->bytes);
    }
    it->bytes = NULL;
}

static void use_arenas(uint64_t *state) {
    ms_arena arena;
    ms_arena_mark_t mark;
    int each;
    ms_arena_init(&arena, 512);
    for (each = 0; each < 50; each++) memset(ms_arena_alloc(&arena, 40), 1, 40);
    mark = ms_arena_mark(&arena);
    for (each = 0; each < 50; each++) {
        size_t size = (size_t)next(state) % 100;
        memset(ms_arena_alloc(&arena, size), 2, size);
    }
    check(ms_arena_rewind(&arena, mark), "a good mark");
    ms_arena_reset(&arena);
    ms_worker_arena_begin(256);
    memset(ms_worker_alloc(100), 3, 100);
    check(ms_worker_arena_end(), "nothing has escaped");
    ms_arena_destroy(&arena);
}

static void *work(void *number) {
    uint64_t state = 0x9E3779B97F4A7C15u * (*(uint64_t *)number + 1);
    unsigned round;
    for (round = 0; round < rounds; round++) {
        const ms_scope *scope = ms_scope_begin_request("round", round);
        block blocks[SLOTS] = {{NULL, 0, 0}};
        int each;
        for (each = 0; each < STEPS; each++) step(&blocks[next(&state) % SLOTS], &state);
        use_arenas(&state);
        for (each = 0; each < SLOTS; each++) ms_free(blocks[each].bytes);
        check(ms_assert_neutral("the end of a round"), "neutral");
        check(ms_scope_end(scope), "neutral");
    }
    return NULL;
}

int main(int count, char **arguments) {
    unsigned threads = count > 2 ? (unsigned)atoi(arguments[2]) : 4, each;
    uint64_t numbers[THREADS_MAX];
    pthread_t handles[THREADS_MAX];
    ms_checkpoint_t start = ms_checkpoint();
    if (count > 1) rounds = (unsigned)atoi(arguments[1]);
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    for (each = 0; each < threads; each++) {
        numbers[each] = each;
        check(pthread_create(&handles[each], NULL, work, &numbers[each]) == 0, "a thread");
    }
    for (each = 0; each < threads; each++) pthread_join(handles[each], NULL);
    for (each = 0; each < SHARED; each++) {
        ms_free(shared[each]);
        shared[each] = NULL;
    }
    ms_assert_since(start, "all threads have ended");
    printf("%u threads, %u rounds each, %lu blocks, neutral at every checkpoint\n", threads, rounds,
           (unsigned long)ms_stats().alloc_count);
    return 0;
}
