/* Children of a process whose other threads are at work. */
#define _POSIX_C_SOURCE 200809L
#include "memscope.h"

#include <pthread.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, FORKS = 25, BLOCKS = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_over;

/* Each thing that the library has a lock for. */
static int work(uint64_t id) {
    const ms_scope *scope = ms_scope_begin_request("work", id);
    void *blocks[BLOCKS];
    ms_arena arena;
    int index, is_neutral;
    for (index = 0; index < BLOCKS; index++) blocks[index] = ms_alloc_at(100, "made.c", (int)(id % 1000) + index);
    ms_ref_create("reference", id);
    ms_arena_init(&arena, 100);
    ms_arena_alloc(&arena, 500);
    ms_arena_destroy(&arena);
    ms_ref_release("reference", id);
    for (index = 0; index < BLOCKS; index++) ms_free(blocks[index]);
    is_neutral = ms_scope_end(scope);
    return is_neutral;
}

static int over(void) {
    int answer;
    pthread_mutex_lock(&lock);
    answer = is_over;
    pthread_mutex_unlock(&lock);
    return answer;
}

static void *thread(void *number) {
    uint64_t id = (uint64_t)(uintptr_t)number << 32;
    while (!over()) work(id++);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    int index, status, failed = 0;
    for (index = 0; index < THREADS; index++) {
        if (pthread_create(&threads[index], NULL, thread, (void *)(uintptr_t)(index + 1)) != 0) return 1;
    }
    for (index = 0; index < FORKS && !failed; index++) {
        pid_t child = fork();
        if (child == 0) {
            /* One that waits for ever is ended by the signal. */
            alarm(60);
            _exit(work(1) ? 0 : 2);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) failed = 3;
    }
    pthread_mutex_lock(&lock);
    is_over = 1;
    pthread_mutex_unlock(&lock);
    for (index = 0; index < THREADS; index++) pthread_join(threads[index], NULL);
    return failed;
}
