/*
 * Nanoseconds for an allocation of 64 bytes and its free: malloc's, and ours; on one thread, and with two threads that
 * free each other's blocks. The least of several rounds, interleaved.
 *
 *     bench [PAIRS [ROUNDS]]
 */
#define _POSIX_C_SOURCE 200809L
#include "memscope.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { BATCH = 256 };

static unsigned long pairs = 1000000;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* So that a compiler does not leave the pair out. */
static void *volatile sink;

static double plain(void) {
    double start = now();
    unsigned long each;
    for (each = 0; each < pairs; each++) {
        sink = malloc(64);
        free(sink);
    }
    return (now() - start) / (double)pairs;
}

static double plain_guarded(void) {
    double start = now();
    unsigned long each;
    for (each = 0; each < pairs; each++) {
        sink = malloc(96);
        free(sink);
    }
    return (now() - start) / (double)pairs;
}

static double traced(void) {
    double start = now();
    unsigned long each;
    for (each = 0; each < pairs; each++) {
        sink = ms_alloc(64);
        ms_free(sink);
    }
    return (now() - start) / (double)pairs;
}

/* Two threads with two batches: each frees what the other has filled. */
static pthread_barrier_t barrier;
static void *batches[2][BATCH];
static int is_traced;

static void *side(void *which) {
    int mine = *(int *)which;
    unsigned long batch;
    int each;
    for (batch = 0; batch < pairs / BATCH; batch++) {
        for (each = 0; each < BATCH; each++) batches[mine][each] = is_traced ? ms_alloc(64) : malloc(64);
        pthread_barrier_wait(&barrier);
        for (each = 0; each < BATCH; each++) {
            if (is_traced) ms_free(batches[!mine][each]);
            else free(batches[!mine][each]);
        }
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static double crossed(int traced) {
    int numbers[2] = {0, 1};
    pthread_t other;
    double start;
    is_traced = traced;
    pthread_barrier_init(&barrier, NULL, 2);
    start = now();
    if (pthread_create(&other, NULL, side, &numbers[1]) != 0) abort();
    side(&numbers[0]);
    pthread_join(other, NULL);
    pthread_barrier_destroy(&barrier);
    return (now() - start) / (double)(pairs / BATCH * BATCH);
}

static void keep_least(double *least, double found) {
    if (*least == 0 || found < *least) *least = found;
}

int main(int count, char **arguments) {
    double least[5] = {0, 0, 0, 0, 0};
    int rounds = count > 2 ? atoi(arguments[2]) : 15, round;
    if (count > 1) pairs = strtoul(arguments[1], NULL, 10);
    for (round = 0; round < rounds; round++) {
        keep_least(&least[0], plain());
        keep_least(&least[1], plain_guarded());
        keep_least(&least[2], traced());
        keep_least(&least[3], crossed(0));
        keep_least(&least[4], crossed(1));
    }
    printf("one thread: malloc(64) %.1f ns, malloc(96) %.1f ns, ms_alloc(64) %.1f ns\n", least[0], least[1], least[2]);
    printf("two threads, each freeing the other's: malloc(64) %.1f ns, ms_alloc(64) %.1f ns a pair and thread\n", least[3],
           least[4]);
    return 0;
}
