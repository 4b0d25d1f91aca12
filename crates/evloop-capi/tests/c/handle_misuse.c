/* What must not be done with evloop.h: each call answers an error, and nothing else happens. A case by its name, or "all". */
#define _POSIX_C_SOURCE 200809L
#include "handle.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static counted nobody;

/* Every call that takes a handle, with this one. IS names the line. */
static int loops_answer(evloop_loop loop, evloop_status wanted) {
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_task task = EVLOOP_TASK_INIT(count_task, &nobody, destroy);
    evloop_timer timer = EVLOOP_TIMER_INIT(0, 0, 0);
    evloop_stats stats = EVLOOP_STATS_INIT;
    evloop_backend backend = 0;
    evloop_waker waker = 0;
    evloop_watch watch = 0;
    evloop_data data = 0;
    evloop_ended ended = 0;
    uint64_t now = 0;
    char text[16];
    IS(evloop_run(loop, &ended), wanted);
    IS(evloop_run_once(loop), wanted);
    IS(evloop_poll(loop), wanted);
    IS(evloop_break(loop), wanted);
    IS(evloop_exit(loop), wanted);
    IS(evloop_set_backend(loop, EVLOOP_POLL), wanted);
    IS(evloop_after_fork(loop), wanted);
    IS(evloop_get_backend(loop, &backend), wanted);
    IS(evloop_now_us(loop, &now), wanted);
    IS(evloop_get_stats(loop, &stats), wanted);
    IS(evloop_io_add(loop, 0, EVLOOP_READABLE, &callback, &watch), wanted);
    IS(evloop_timer_add(loop, &timer, &callback, &watch), wanted);
    IS(evloop_signal_add(loop, SIGUSR1, &callback, &watch), wanted);
    IS(evloop_defer(loop, &task), wanted);
    IS(evloop_data_new(loop, &nobody, destroy, &data), wanted);
    IS(evloop_waker_new(loop, &waker), wanted);
    IS(evloop_method(loop, text, sizeof text, NULL), wanted);
    IS(evloop_ledger(loop, text, sizeof text, NULL), wanted);
    IS(evloop_free(loop), wanted);
    CHECK(watch == 0 && data == 0 && waker == 0);
    return 0;
}

static int watches_answer(evloop_watch watch, evloop_status wanted) {
    void *data = NULL;
    IS(evloop_io_set(watch, EVLOOP_READABLE), wanted);
    IS(evloop_timer_arm(watch, 0), wanted);
    IS(evloop_set_priority(watch, 0), wanted);
    IS(evloop_activate(watch), wanted);
    IS(evloop_get_data(watch, &data), wanted);
    IS(evloop_remove(watch), wanted);
    CHECK(data == NULL);
    return 0;
}

static int data_answers(evloop_data data, evloop_status wanted) {
    IS(evloop_data_retain(data), wanted);
    IS(evloop_data_release(data), wanted);
    return 0;
}

static int wakers_answer(evloop_waker waker, evloop_status wanted) {
    evloop_task task = EVLOOP_TASK_INIT(count_task, &nobody, destroy);
    IS(evloop_waker_wake(waker), wanted);
    IS(evloop_waker_call(waker, &task), wanted);
    IS(evloop_waker_free(waker), wanted);
    return 0;
}

static int names_answer(uint64_t handle, evloop_status wanted) {
    char text[4];
    IS(evloop_set_name(handle, "a", 1), wanted);
    IS(evloop_get_name(handle, text, sizeof text, NULL), wanted);
    return 0;
}

static int all_answer(uint64_t handle, evloop_status wanted) {
    CHECK(loops_answer(handle, wanted) == 0 && watches_answer(handle, wanted) == 0);
    CHECK(data_answers(handle, wanted) == 0 && wakers_answer(handle, wanted) == 0);
    CHECK(names_answer(handle, wanted) == 0);
    IS(evloop_check(handle), wanted);
    return 0;
}

/* One of each kind. */
typedef struct things {
    evloop_loop loop;
    evloop_watch io, timer, signal;
    evloop_data data;
    evloop_waker waker;
    counted of_io, of_timer, of_signal, of_data;
    int ends[2];
} things;

static int make(things *it) {
    evloop_timer idle = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback io = EVLOOP_CALLBACK_INIT(count, NULL, destroy);
    evloop_callback timer = io, signal = io;
    memset(it, 0, sizeof *it);
    io.data = &it->of_io;
    timer.data = &it->of_timer;
    signal.data = &it->of_signal;
    it->loop = make_loop(0);
    CHECK(it->loop != 0 && pipe(it->ends) == 0);
    OK(evloop_io_add(it->loop, it->ends[0], EVLOOP_READABLE, &io, &it->io));
    OK(evloop_timer_add(it->loop, &idle, &timer, &it->timer));
    OK(evloop_signal_add(it->loop, SIGUSR2, &signal, &it->signal));
    OK(evloop_data_new(it->loop, &it->of_data, destroy, &it->data));
    OK(evloop_waker_new(it->loop, &it->waker));
    return 0;
}

/* Nothing was called, and all was destroyed once. */
static int end(things *it) {
    OK(evloop_check(it->io));
    OK(evloop_check(it->timer));
    OK(evloop_check(it->signal));
    OK(evloop_check(it->data));
    OK(evloop_check(it->waker));
    OK(evloop_waker_free(it->waker));
    OK(evloop_free(it->loop));
    CHECK(it->of_io.called == 0 && it->of_timer.called == 0 && it->of_signal.called == 0);
    CHECK(it->of_io.destroyed == 1 && it->of_timer.destroyed == 1);
    CHECK(it->of_signal.destroyed == 1 && it->of_data.destroyed == 1);
    CHECK(nobody.called == 0 && nobody.destroyed == 0);
    close(it->ends[0]);
    close(it->ends[1]);
    return 0;
}

static int zero(void) {
    CHECK(all_answer(0, EVLOOP_E_ZERO) == 0);
    CHECK(nobody.destroyed == 0);
    return 0;
}

static int stale(void) {
    things it;
    evloop_watch again = 0;
    counted next = {0, 0, 0, 0, 0, 0};
    CHECK(make(&it) == 0);
    OK(evloop_remove(it.timer));
    OK(add_timer(it.loop, EVLOOP_NEVER, &next, &again)); /* in the same slot */
    CHECK(it.of_timer.destroyed == 1 && (uint32_t)again == (uint32_t)it.timer && again != it.timer);
    CHECK(watches_answer(it.timer, EVLOOP_E_STALE) == 0 && names_answer(it.timer, EVLOOP_E_STALE) == 0);
    IS(evloop_check(it.timer), EVLOOP_E_STALE);
    OK(evloop_check(again));
    it.timer = again;
    OK(evloop_data_release(it.data));
    CHECK(data_answers(it.data, EVLOOP_E_STALE) == 0 && names_answer(it.data, EVLOOP_E_STALE) == 0);
    CHECK(it.of_data.destroyed == 1);
    OK(evloop_free(it.loop));
    CHECK(next.destroyed == 1 && it.of_io.destroyed == 1 && it.of_signal.destroyed == 1);
    CHECK(loops_answer(it.loop, EVLOOP_E_STALE) == 0 && names_answer(it.loop, EVLOOP_E_STALE) == 0);
    CHECK(watches_answer(it.timer, EVLOOP_E_STALE) == 0 && watches_answer(it.io, EVLOOP_E_STALE) == 0);
    CHECK(data_answers(it.data, EVLOOP_E_STALE) == 0);
    OK(evloop_waker_free(it.waker));
    CHECK(wakers_answer(it.waker, EVLOOP_E_STALE) == 0);
    IS(evloop_check(it.loop), EVLOOP_E_STALE);
    CHECK(nobody.called == 0 && nobody.destroyed == 0);
    close(it.ends[0]);
    close(it.ends[1]);
    return 0;
}

/* More loops than there are numbers for: each has handles of its own. */
#define MANY 3000
static int stale_of_many_loops(void) {
    static evloop_loop loops[MANY];
    static evloop_watch watches[MANY];
    static counted data[MANY];
    int at, before;
    for (at = 0; at < MANY; at++) {
        memset(&data[at], 0, sizeof data[at]);
        loops[at] = make_loop(0);
        CHECK(loops[at] != 0);
        OK(add_timer(loops[at], EVLOOP_NEVER, &data[at], &watches[at]));
        for (before = at < 5 ? 0 : at - 5; before < at; before++) {
            IS(evloop_check(loops[before]), EVLOOP_E_STALE);
            IS(evloop_remove(watches[before]), EVLOOP_E_STALE);
        }
        if (at >= 2048) {
            IS(evloop_remove(watches[at - 2048]), EVLOOP_E_STALE);
            IS(evloop_remove(watches[at - 1024]), EVLOOP_E_STALE);
            IS(evloop_free(loops[at - 1024]), EVLOOP_E_STALE);
        }
        OK(evloop_check(watches[at]));
        OK(evloop_free(loops[at]));
        CHECK(data[at].destroyed == 1);
    }
    for (at = 0; at < MANY; at++) {
        IS(evloop_check(loops[at]), EVLOOP_E_STALE);
        IS(evloop_check(watches[at]), EVLOOP_E_STALE);
    }
    return 0;
}

static int too_many_loops(void) {
    static evloop_loop loops[EVLOOP_MAX_LOOPS];
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_loop loop = 0;
    evloop_status status = EVLOOP_OK;
    unsigned made = 0, at;
    options.backend = EVLOOP_POLL; /* one descriptor each */
    while (made < EVLOOP_MAX_LOOPS && (status = evloop_new(&options, &loop)) == EVLOOP_OK) loops[made++] = loop;
    if (made == EVLOOP_MAX_LOOPS) {
        IS(evloop_new(&options, &loop), EVLOOP_E_LIMIT);
        CHECK(loop == 0);
    } else { /* no descriptor is left before */
        IS(status, EVLOOP_E_SYSTEM);
        CHECK(errno == EMFILE);
    }
    for (at = 0; at < made; at++) OK(evloop_free(loops[at]));
    OK(evloop_new(&options, &loop));
    OK(evloop_free(loop));
    return 0;
}

static int foreign(void) {
    things it;
    uint64_t random = 88172645463325252u;
    int at;
    CHECK(make(&it) == 0);
    CHECK(watches_answer(it.io + ((uint64_t)1 << 32), EVLOOP_E_FOREIGN) == 0); /* a generation to come */
    CHECK(watches_answer(it.io + 100, EVLOOP_E_FOREIGN) == 0);                 /* a slot that was never used */
    CHECK(loops_answer(it.loop + ((uint64_t)1 << 32), EVLOOP_E_FOREIGN) == 0);
    CHECK(loops_answer(it.loop + 5, EVLOOP_E_FOREIGN) == 0);
    CHECK(loops_answer(it.loop | (uint64_t)1023 << 20, EVLOOP_E_FOREIGN) == 0); /* a number that was never used */
    CHECK(data_answers(it.data + 1000, EVLOOP_E_FOREIGN) == 0);
    CHECK(wakers_answer(it.waker + 1000, EVLOOP_E_FOREIGN) == 0);
    for (at = 0; at < 200000; at++) {
        evloop_status status;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        status = evloop_check(at % 2 ? random : random & 0x3ff00c00fffu);
        if (random == it.loop) continue;
        CHECK(status != EVLOOP_E_PANIC && status <= EVLOOP_OK);
        CHECK(evloop_remove(random) < 0 && evloop_free(random) < 0 && evloop_waker_wake(random) < 0);
        CHECK(evloop_data_release(random) < 0 && evloop_io_set(random, 0) < 0);
    }
    return end(&it);
}

static int kinds(void) {
    things it;
    CHECK(make(&it) == 0);
    CHECK(loops_answer(it.io, EVLOOP_E_KIND) == 0 && loops_answer(it.timer, EVLOOP_E_KIND) == 0);
    CHECK(loops_answer(it.data, EVLOOP_E_KIND) == 0 && loops_answer(it.waker, EVLOOP_E_KIND) == 0);
    CHECK(watches_answer(it.loop, EVLOOP_E_KIND) == 0 && watches_answer(it.data, EVLOOP_E_KIND) == 0);
    CHECK(watches_answer(it.waker, EVLOOP_E_KIND) == 0);
    CHECK(data_answers(it.loop, EVLOOP_E_KIND) == 0 && data_answers(it.io, EVLOOP_E_KIND) == 0);
    CHECK(data_answers(it.waker, EVLOOP_E_KIND) == 0);
    CHECK(wakers_answer(it.loop, EVLOOP_E_KIND) == 0 && wakers_answer(it.io, EVLOOP_E_KIND) == 0);
    CHECK(wakers_answer(it.data, EVLOOP_E_KIND) == 0);
    CHECK(names_answer(it.waker, EVLOOP_E_KIND) == 0);
    IS(evloop_io_set(it.timer, 0), EVLOOP_E_KIND);
    IS(evloop_io_set(it.signal, 0), EVLOOP_E_KIND);
    IS(evloop_timer_arm(it.io, 0), EVLOOP_E_KIND);
    IS(evloop_timer_arm(it.signal, 0), EVLOOP_E_KIND);
    return end(&it);
}

static void *from_another_thread(void *pointer) {
    things *it = (things *)pointer;
    evloop_loop own = make_loop(0);
    int wrong = loops_answer(it->loop, EVLOOP_E_THREAD) || watches_answer(it->io, EVLOOP_E_THREAD) ||
                watches_answer(it->timer, EVLOOP_E_THREAD) || data_answers(it->data, EVLOOP_E_THREAD) ||
                names_answer(it->loop, EVLOOP_E_THREAD) || names_answer(it->io, EVLOOP_E_THREAD) ||
                names_answer(it->data, EVLOOP_E_THREAD) || evloop_check(it->loop) != EVLOOP_E_THREAD ||
                evloop_check(it->io) != EVLOOP_E_THREAD || evloop_check(it->data) != EVLOOP_E_THREAD ||
                evloop_check(it->waker) != EVLOOP_OK || evloop_waker_wake(it->waker) != EVLOOP_OK ||
                evloop_free(own) != EVLOOP_OK || evloop_free(own) != EVLOOP_E_STALE;
    return wrong ? pointer : NULL;
}

static int threads(void) {
    things it;
    pthread_t thread;
    void *wrong = &it;
    CHECK(make(&it) == 0);
    CHECK(pthread_create(&thread, NULL, from_another_thread, &it) == 0);
    CHECK(pthread_join(thread, &wrong) == 0 && wrong == NULL);
    return end(&it);
}

static int nulls(void) {
    things it;
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_callback without = EVLOOP_CALLBACK_INIT(NULL, &nobody, destroy);
    evloop_task task = EVLOOP_TASK_INIT(NULL, &nobody, destroy);
    evloop_timer timer = EVLOOP_TIMER_INIT(0, 0, 0);
    evloop_watch watch = 7;
    CHECK(make(&it) == 0);
    IS(evloop_abi_check(NULL), EVLOOP_E_NULL);
    IS(evloop_new(NULL, &watch), EVLOOP_E_NULL);
    CHECK(watch == 0);
    watch = 7;
    IS(evloop_new(&options, NULL), EVLOOP_E_NULL);
    IS(evloop_io_add(it.loop, it.ends[0], 1, NULL, &watch), EVLOOP_E_NULL);
    CHECK(watch == 0);
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, NULL), EVLOOP_E_NULL);
    IS(evloop_io_add(it.loop, it.ends[0], 1, &without, &watch), EVLOOP_E_NULL);
    IS(evloop_timer_add(it.loop, NULL, &callback, &watch), EVLOOP_E_NULL);
    IS(evloop_timer_add(it.loop, &timer, NULL, &watch), EVLOOP_E_NULL);
    IS(evloop_timer_add(it.loop, &timer, &without, &watch), EVLOOP_E_NULL);
    IS(evloop_timer_add(it.loop, &timer, &callback, NULL), EVLOOP_E_NULL);
    IS(evloop_signal_add(it.loop, SIGUSR1, NULL, &watch), EVLOOP_E_NULL);
    IS(evloop_signal_add(it.loop, SIGUSR1, &without, &watch), EVLOOP_E_NULL);
    IS(evloop_signal_add(it.loop, SIGUSR1, &callback, NULL), EVLOOP_E_NULL);
    IS(evloop_defer(it.loop, NULL), EVLOOP_E_NULL);
    IS(evloop_defer(it.loop, &task), EVLOOP_E_NULL);
    IS(evloop_waker_call(it.waker, NULL), EVLOOP_E_NULL);
    IS(evloop_waker_call(it.waker, &task), EVLOOP_E_NULL);
    IS(evloop_waker_new(it.loop, NULL), EVLOOP_E_NULL);
    IS(evloop_data_new(it.loop, &nobody, destroy, NULL), EVLOOP_E_NULL);
    IS(evloop_get_backend(it.loop, NULL), EVLOOP_E_NULL);
    IS(evloop_now_us(it.loop, NULL), EVLOOP_E_NULL);
    IS(evloop_get_stats(it.loop, NULL), EVLOOP_E_NULL);
    IS(evloop_get_data(it.io, NULL), EVLOOP_E_NULL);
    IS(evloop_set_name(it.io, NULL, 3), EVLOOP_E_NULL);
    IS(evloop_get_name(it.io, NULL, 3, NULL), EVLOOP_E_NULL);
    IS(evloop_method(it.loop, NULL, 100, NULL), EVLOOP_E_NULL);
    IS(evloop_ledger(it.loop, NULL, 0, NULL), EVLOOP_E_TOO_SMALL);
    IS(evloop_last_report(NULL, 0, NULL), EVLOOP_E_TOO_SMALL);
    return end(&it);
}

static int misaligned(void) {
    things it;
    union {
        uint64_t words[16];
        char bytes[128];
    } room;
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_watch watch = 0;
    void *odd = room.bytes + 1;
    CHECK(make(&it) == 0);
    memset(&room, 0, sizeof room);
    memcpy(odd, &callback, sizeof callback);
    IS(evloop_io_add(it.loop, it.ends[0], 1, (evloop_callback *)odd, &watch), EVLOOP_E_NULL);
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, (evloop_watch *)odd), EVLOOP_E_NULL);
    IS(evloop_get_stats(it.loop, (evloop_stats *)odd), EVLOOP_E_NULL);
    IS(evloop_get_data(it.io, (void **)odd), EVLOOP_E_NULL);
    return end(&it);
}

static int sizes(void) {
    things it;
    struct {
        evloop_callback callback;
        uint64_t tail;
    } longer = {EVLOOP_CALLBACK_INIT(count, &nobody, NULL), 0};
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_timer timer = EVLOOP_TIMER_INIT(0, 0, 0);
    evloop_stats stats = EVLOOP_STATS_INIT;
    evloop_abi abi = EVLOOP_ABI_INIT;
    evloop_watch watch = 0;
    evloop_loop loop = 0;
    CHECK(make(&it) == 0);
    longer.callback.size = sizeof longer;
    OK(evloop_io_add(it.loop, it.ends[0], 1, &longer.callback, &watch));
    OK(evloop_remove(watch));
    longer.tail = (uint64_t)1 << 63;
    IS(evloop_io_add(it.loop, it.ends[0], 1, &longer.callback, &watch), EVLOOP_E_SIZE);
    callback.size--;
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, &watch), EVLOOP_E_SIZE);
    callback.size = 0;
    IS(evloop_signal_add(it.loop, SIGUSR1, &callback, &watch), EVLOOP_E_SIZE);
    callback.size = UINT32_MAX;
    IS(evloop_timer_add(it.loop, &timer, &callback, &watch), EVLOOP_E_SIZE);
    timer.abi_version++;
    callback.size = sizeof callback;
    IS(evloop_timer_add(it.loop, &timer, &callback, &watch), EVLOOP_E_ABI);
    options.abi_version = 0;
    IS(evloop_new(&options, &loop), EVLOOP_E_ABI);
    options.abi_version = EVLOOP_ABI_VERSION;
    options.size = 8;
    IS(evloop_new(&options, &loop), EVLOOP_E_SIZE);
    stats.size = 16;
    IS(evloop_get_stats(it.loop, &stats), EVLOOP_E_SIZE);
    stats.size = sizeof stats;
    stats.abi_version = 2;
    IS(evloop_get_stats(it.loop, &stats), EVLOOP_E_ABI);
    abi.abi_version = 2;
    IS(evloop_abi_check(&abi), EVLOOP_E_ABI);
    return end(&it);
}

static int unknown_bits(void) {
    things it;
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_timer timer = EVLOOP_TIMER_INIT(0, 0, 2);
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_watch watch = 0;
    evloop_loop loop = 0;
    uint32_t bit;
    CHECK(make(&it) == 0);
    for (bit = 8; bit != 0; bit <<= 1) {
        IS(evloop_io_add(it.loop, it.ends[0], bit | 1, &callback, &watch), EVLOOP_E_BITS);
        IS(evloop_io_set(it.io, bit), EVLOOP_E_BITS);
    }
    for (bit = 2; bit != 0; bit <<= 1) {
        timer.flags = bit;
        IS(evloop_timer_add(it.loop, &timer, &callback, &watch), EVLOOP_E_BITS);
        options.flags = bit;
        IS(evloop_new(&options, &loop), EVLOOP_E_BITS);
    }
    timer.flags = 0;
    timer.reserved = 1;
    IS(evloop_timer_add(it.loop, &timer, &callback, &watch), EVLOOP_E_BITS);
    timer.reserved = 0;
    timer.flags = EVLOOP_TIMER_REMOVE;
    timer.every_us = 1;
    IS(evloop_timer_add(it.loop, &timer, &callback, &watch), EVLOOP_E_BITS);
    options.flags = 0;
    options.backend = 3;
    IS(evloop_new(&options, &loop), EVLOOP_E_BITS);
    IS(evloop_set_backend(it.loop, 3), EVLOOP_E_BITS);
    IS(evloop_set_priority(it.io, 4), EVLOOP_E_RANGE);
    IS(evloop_set_priority(it.io, UINT32_MAX), EVLOOP_E_RANGE);
    callback.shared = it.data;
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, &watch), EVLOOP_E_BITS);
    callback.data = NULL;
    callback.destroy = NULL;
    callback.shared = it.io;
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, &watch), EVLOOP_E_KIND);
    callback.shared = it.data + 1000;
    IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, &watch), EVLOOP_E_FOREIGN);
    return end(&it);
}

static int data_of_another_loop(void) {
    things it, other;
    evloop_watch watch = 0;
    CHECK(make(&it) == 0 && make(&other) == 0);
    {
        evloop_callback callback = EVLOOP_CALLBACK_SHARED_INIT(count, other.data);
        IS(evloop_io_add(it.loop, it.ends[0], 1, &callback, &watch), EVLOOP_E_FOREIGN);
    }
    CHECK(end(&other) == 0);
    return end(&it);
}

static int descriptors(void) {
    things it;
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &nobody, destroy);
    evloop_watch watch = 0;
    int closed = dup(0);
    CHECK(make(&it) == 0);
    close(closed);
    IS(evloop_io_add(it.loop, -1, 1, &callback, &watch), EVLOOP_E_RANGE);
    IS(evloop_io_add(it.loop, INT_MIN, 1, &callback, &watch), EVLOOP_E_RANGE);
    IS(evloop_io_add(it.loop, INT_MAX, 1, &callback, &watch), EVLOOP_E_BAD_FD);
    return end(&it);
}

/* A descriptor that is closed while it is watched, and whose number another file has then. */
static int closed_while_watched(void) {
    int first[2], second[2];
    counted old = {0, 0, 0, 0, 0, 0}, fresh = {0, 0, 0, 0, 0, 0};
    evloop_callback for_old = EVLOOP_CALLBACK_INIT(count, &old, destroy);
    evloop_callback for_fresh = EVLOOP_CALLBACK_INIT(count, &fresh, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch a = 0, b = 0;
    int copy, number;
    CHECK(pipe(first) == 0 && pipe(second) == 0);
    number = first[0];
    OK(evloop_io_add(loop, number, EVLOOP_READABLE, &for_old, &a));
    OK(evloop_poll(loop));
    CHECK(write(first[1], "x", 1) == 1);
    copy = dup(number); /* keeps the file open: epoll goes on telling of it */
    OK(evloop_remove(a));
    close(number);
    CHECK(dup2(second[0], number) == number);
    OK(evloop_io_add(loop, number, EVLOOP_READABLE, &for_fresh, &b));
    OK(evloop_poll(loop));
    OK(evloop_poll(loop));
    CHECK(old.called == 0 && old.destroyed == 1 && fresh.called == 0);
    CHECK(write(second[1], "y", 1) == 1);
    OK(evloop_poll(loop));
    CHECK(fresh.called == 1 && old.called == 0);
    OK(evloop_free(loop));
    close(copy);
    close(number);
    close(first[1]);
    close(second[0]);
    close(second[1]);
    return 0;
}

/* Callbacks that do what may not be done there, and what may. */
static evloop_watch victim;
static evloop_status answers[4];
static void misbehave(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)ready;
    it->called++;
    answers[0] = evloop_free(loop);
    answers[1] = evloop_remove(victim);
    answers[2] = evloop_remove(watch);
    answers[3] = evloop_remove(watch);
    it->other = it->destroyed; /* not yet: it runs with it */
}

static int inside_callbacks(void) {
    counted it = {0, 0, 0, 0, 0, -1}, other = {0, 0, 0, 0, 0, 0};
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(misbehave, &it, destroy);
    evloop_loop loop = make_loop(EVLOOP_DEBUG);
    evloop_watch watch = 0;
    OK(evloop_timer_add(loop, &timer, &callback, &watch));
    OK(add_timer(loop, EVLOOP_NEVER, &other, &victim));
    OK(evloop_activate(watch));
    OK(evloop_activate(victim)); /* in the same batch: it is gone when it is its turn */
    OK(evloop_poll(loop));
    IS(answers[0], EVLOOP_E_BUSY);
    OK(answers[1]);
    OK(answers[2]);
    IS(answers[3], EVLOOP_E_STALE);
    CHECK(it.called == 1 && it.other == 0 && it.destroyed == 1);
    CHECK(other.called == 0 && other.destroyed == 1);
    OK(evloop_free(loop));
    return 0;
}

static evloop_loop doomed;
static evloop_status in_destroy[3];
static void destroy_and_more(void *data) {
    counted next = {0, 0, 0, 0, 0, 0};
    evloop_watch added = 0;
    ((counted *)data)->destroyed++;
    in_destroy[0] = evloop_free(doomed);
    in_destroy[1] = add_timer(doomed, EVLOOP_NEVER, &next, &added);
    in_destroy[2] = evloop_remove(added != 0 ? added : victim);
}

static int inside_destroy(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &it, destroy_and_more);
    evloop_watch watch = 0;
    doomed = make_loop(0);
    OK(evloop_timer_add(doomed, &timer, &callback, &watch));
    victim = watch;
    OK(evloop_remove(watch));
    CHECK(it.destroyed == 1);
    IS(in_destroy[0], EVLOOP_E_BUSY);
    OK(in_destroy[1]);
    OK(in_destroy[2]);
    OK(evloop_timer_add(doomed, &timer, &callback, &watch));
    victim = watch;
    OK(evloop_free(doomed)); /* its handles are gone before destroy functions are called */
    CHECK(it.destroyed == 2);
    IS(in_destroy[0], EVLOOP_E_STALE);
    IS(in_destroy[1], EVLOOP_E_STALE);
    IS(in_destroy[2], EVLOOP_E_STALE);
    return 0;
}

/* Frees while something is pending, and again. */
static int free_while_pending(void) {
    things it;
    evloop_task task = EVLOOP_TASK_INIT(count_task, &nobody, NULL);
    CHECK(make(&it) == 0);
    OK(evloop_activate(it.io));
    OK(evloop_activate(it.timer));
    OK(evloop_timer_arm(it.timer, 0));
    OK(evloop_defer(it.loop, &task));
    OK(evloop_waker_call(it.waker, &task));
    raise(SIGUSR2);
    CHECK(write(it.ends[1], "x", 1) == 1);
    OK(evloop_free(it.loop));
    IS(evloop_free(it.loop), EVLOOP_E_STALE);
    IS(evloop_waker_call(it.waker, &task), EVLOOP_E_GONE);
    OK(evloop_waker_free(it.waker));
    CHECK(it.of_io.called + it.of_timer.called + it.of_signal.called + nobody.called == 0);
    CHECK(it.of_io.destroyed == 1 && it.of_timer.destroyed == 1 && it.of_signal.destroyed == 1);
    close(it.ends[0]);
    close(it.ends[1]);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} cases[] = {
    {"foreign", foreign}, /* before all numbers are used */
    {"zero", zero},
    {"stale", stale},
    {"many_loops", stale_of_many_loops},
    {"too_many_loops", too_many_loops},
    {"kinds", kinds},
    {"threads", threads},
    {"nulls", nulls},
    {"misaligned", misaligned},
    {"sizes", sizes},
    {"unknown_bits", unknown_bits},
    {"another_loop", data_of_another_loop},
    {"descriptors", descriptors},
    {"closed", closed_while_watched},
    {"inside_callbacks", inside_callbacks},
    {"inside_destroy", inside_destroy},
    {"free_while_pending", free_while_pending},
};

int main(int count_of, char **arguments) {
    const char *name = count_of > 1 ? arguments[1] : "";
    size_t at, run = 0;
    alarm(300); /* a case that hangs is a failure */
    for (at = 0; at < sizeof cases / sizeof *cases; at++)
        if (strcmp(name, "all") == 0 || strcmp(name, cases[at].name) == 0) {
            run++;
            if (cases[at].run() != 0) return 1;
        }
    return run == 0 ? 99 : 0;
}
