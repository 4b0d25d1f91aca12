/* What calls cost: a name, and how often. Prints nanoseconds for each, the least of the rounds. Under callgrind the
 * difference of two counts has the instructions. */
#define _POSIX_C_SOURCE 200809L
#include "handle.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 20
#define WATCHES 100

static evloop_loop loop;
static evloop_watch watches[WATCHES];
static counted nothing;

static void ignore(evloop_loop of, evloop_watch watch, evloop_ready ready, void *data) {
    (void)of;
    (void)watch;
    (void)ready;
    (void)data;
}

/* What a library without handles does: it reads what it is given a pointer of. */
typedef evloop_status (*raw_check)(const uint64_t *thing);
static evloop_status check_raw(const uint64_t *thing) {
    return *thing == 0;
}
static raw_check volatile raw = check_raw;
static uint64_t thing = 1;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A round; answers what went wrong. */
static long pointers(long times) {
    long wrong = 0;
    raw_check call = raw;
    while (times-- > 0) wrong += call(&thing);
    return wrong;
}
static long checks(long times) {
    long wrong = 0;
    while (times-- > 0) wrong += evloop_check(watches[0]);
    return wrong;
}
static long changes(long times) {
    long wrong = 0;
    while (times-- > 0) wrong += evloop_io_set(watches[0], EVLOOP_READABLE) | evloop_io_set(watches[0], 0);
    return wrong;
}
static long arms(long times) {
    long wrong = 0;
    while (times-- > 0) wrong += evloop_timer_arm(watches[times % WATCHES], 1000000);
    return wrong;
}
static long adds(long times) {
    long wrong = 0;
    while (times-- > 0) {
        evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
        evloop_callback callback = EVLOOP_CALLBACK_INIT(ignore, &nothing, destroy);
        evloop_watch watch = 0;
        wrong += evloop_timer_add(loop, &timer, &callback, &watch) | evloop_remove(watch);
    }
    return wrong;
}
/* Callbacks, a hundred of them in a turn, for which the kernel is asked once; without what activates them. */
static double spent;
static long callbacks(long times) {
    long wrong = 0, at;
    spent = 0;
    for (; times > 0; times -= WATCHES) {
        double begin;
        for (at = 0; at < WATCHES; at++) wrong += evloop_activate(watches[at]);
        begin = seconds();
        wrong += evloop_poll(loop);
        spent += seconds() - begin;
    }
    return wrong;
}
/* Callbacks of descriptors that are ready, a hundred of them in a turn. */
static long events(long times) {
    long wrong = 0;
    for (; times > 0; times -= WATCHES) wrong += evloop_poll(loop);
    return wrong;
}

static int add_timers(void) {
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(ignore, &nothing, destroy);
    int at;
    for (at = 0; at < WATCHES; at++) OK(evloop_timer_add(loop, &timer, &callback, &watches[at]));
    return 0;
}

static int add_pipes(evloop_interest interest) {
    evloop_callback callback = EVLOOP_CALLBACK_INIT(ignore, &nothing, destroy);
    int at, ends[2];
    for (at = 0; at < WATCHES; at++) {
        CHECK(pipe(ends) == 0);
        OK(evloop_io_add(loop, ends[1], interest, &callback, &watches[at]));
    }
    return 0;
}

static const struct {
    const char *name;
    long (*round)(long);
} costs[] = {
    {"pointer", pointers}, {"check", checks},       {"change", changes}, {"arm", arms},
    {"add", adds},         {"callback", callbacks}, {"event", events},
};

int main(int count_of, char **arguments) {
    size_t at;
    long times = count_of > 2 ? atol(arguments[2]) : 0;
    loop = make_loop(0);
    CHECK(loop != 0);
    for (at = 0; at < sizeof costs / sizeof *costs && times > 0; at++) {
        double least = 1e9;
        int round;
        if (strcmp(arguments[1], costs[at].name) != 0) continue;
        if (costs[at].round == changes || costs[at].round == events)
            CHECK(add_pipes(costs[at].round == events ? EVLOOP_WRITABLE : 0) == 0);
        else
            CHECK(add_timers() == 0);
        for (round = 0; round < ROUNDS; round++) {
            double begin = seconds(), took;
            CHECK(costs[at].round(times / ROUNDS) == 0);
            took = (spent > 0 ? spent : seconds() - begin) / (double)(times / ROUNDS);
            if (took < least) least = took;
        }
        printf("%.2f ns\n", least * 1e9);
        OK(evloop_free(loop));
        return 0;
    }
    fprintf(stderr, "usage: handle_cost pointer|check|change|arm|add|callback|event TIMES\n");
    return 2;
}
