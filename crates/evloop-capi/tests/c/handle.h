/* What the programs on evloop.h share. */
#ifndef HANDLE_TEST_H
#define HANDLE_TEST_H

#include "evloop.h"

#include <stdio.h>
#include <string.h>

/* Ends the case with the line that is wrong. */
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            return 1; \
        } \
    } while (0)
#define IS(call, wanted) \
    do { \
        evloop_status answer_ = (call); \
        if (answer_ != (wanted)) { \
            fprintf(stderr, "%s:%d: %s is %d, not %d\n", __FILE__, __LINE__, #call, (int)answer_, (int)(wanted)); \
            return 1; \
        } \
    } while (0)
#define OK(call) IS(call, EVLOOP_OK)

/* Counts what happens to one piece of data. */
typedef struct counted {
    int called;
    int destroyed;
    evloop_ready ready;
    evloop_watch watch;
    evloop_status answer; /* of a call that the callback made */
    int other;            /* a descriptor, or a number */
} counted;

static inline void count(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)loop;
    it->called++;
    it->ready = ready;
    it->watch = watch;
}
static inline void count_task(evloop_loop loop, void *data) {
    (void)loop;
    ((counted *)data)->called++;
}
static inline void destroy(void *data) {
    ((counted *)data)->destroyed++;
}

static inline evloop_loop make_loop(evloop_flags flags) {
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_loop loop = 0;
    options.flags = flags;
    if (evloop_new(&options, &loop) != EVLOOP_OK) return 0;
    return loop;
}
static inline evloop_status add_timer(evloop_loop loop, uint64_t after, counted *data, evloop_watch *out) {
    evloop_timer timer = EVLOOP_TIMER_INIT(after, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, data, destroy);
    return evloop_timer_add(loop, &timer, &callback, out);
}

#endif
