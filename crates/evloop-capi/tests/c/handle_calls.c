/* Every call of evloop.h, used as it is meant. A case by its name, or "all". */
#define _POSIX_C_SOURCE 200809L
#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int text_of_method(evloop_loop loop, const char *wanted) {
    char text[16];
    size_t needed = 0;
    OK(evloop_method(loop, text, sizeof text, &needed));
    CHECK(needed == strlen(wanted) + 1 && strcmp(text, wanted) == 0);
    return 0;
}

static int versions(void) {
    evloop_abi abi = EVLOOP_ABI_INIT;
    CHECK(evloop_abi_version() == EVLOOP_ABI_VERSION);
    OK(evloop_abi_check(&abi));
    abi.timer += 8;
    IS(evloop_abi_check(&abi), EVLOOP_E_SIZE);
    return 0;
}

/* Reads a byte, writes it to the other pipe, and removes itself at the end of what there is. */
static void forward(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    int *fds = (int *)&it->other;
    char byte;
    (void)loop;
    it->called++;
    it->ready |= ready;
    if (read(*fds, &byte, 1) != 1) it->answer = evloop_remove(watch);
}

static int io(void) {
    int ends[2];
    counted reader = {0, 0, 0, 0, -1, 0}, writer = {0, 0, 0, 0, -1, 0};
    evloop_callback read_it = EVLOOP_CALLBACK_INIT(forward, &reader, destroy);
    evloop_callback write_it = EVLOOP_CALLBACK_INIT(count, &writer, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch first = 0, second = 0;
    evloop_ended ended = 9;
    void *data = NULL;
    CHECK(loop != 0 && pipe(ends) == 0);
    reader.other = ends[0];
    OK(evloop_io_add(loop, ends[0], EVLOOP_READABLE, &read_it, &first));
    OK(evloop_io_add(loop, ends[1], EVLOOP_WRITABLE, &write_it, &second));
    OK(evloop_get_data(first, &data));
    CHECK(data == &reader && first != second);
    OK(evloop_poll(loop));
    CHECK(reader.called == 0 && writer.called == 1 && writer.ready == EVLOOP_WRITABLE && writer.watch == second);
    OK(evloop_io_set(second, 0));
    OK(evloop_poll(loop));
    CHECK(writer.called == 1);
    CHECK(write(ends[1], "ab", 2) == 2);
    OK(evloop_run_once(loop));
    OK(evloop_run_once(loop));
    CHECK(reader.called == 2 && reader.ready == EVLOOP_READABLE);
    OK(evloop_remove(second));
    CHECK(writer.destroyed == 1);
    close(ends[1]);
    OK(evloop_run(loop, &ended));
    CHECK(ended == EVLOOP_NOTHING_LEFT && reader.answer == EVLOOP_OK);
    CHECK(reader.called == 3 && reader.destroyed == 1 && (reader.ready & EVLOOP_HANGUP));
    close(ends[0]);
    OK(evloop_free(loop));
    CHECK(reader.destroyed == 1 && writer.destroyed == 1);
    return 0;
}

static int regular_files(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &it, NULL);
    evloop_loop loop = make_loop(0);
    evloop_watch watch = 0;
    int fd = open("/dev/null", O_RDONLY);
    CHECK(fd >= 0);
    OK(evloop_io_add(loop, fd, EVLOOP_READABLE, &callback, &watch));
    OK(evloop_run_once(loop));
    CHECK(it.called == 1 && it.ready == EVLOOP_READABLE);
    OK(evloop_free(loop));
    CHECK(it.destroyed == 0);
    close(fd);
    return 0;
}

static void arm_again(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)loop;
    (void)ready;
    if (++it->called == 1) it->answer = evloop_timer_arm(watch, 100);
}

static int timers(void) {
    counted once = {0, 0, 0, 0, 0, 0}, often = {0, 0, 0, 0, 0, 0}, idle = {0, 0, 0, 0, 0, 0};
    counted again = {0, 0, 0, 0, -1, 0};
    evloop_timer removed = EVLOOP_TIMER_INIT(500, 0, EVLOOP_TIMER_REMOVE);
    evloop_timer periodic = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 700, 0);
    evloop_callback for_once = EVLOOP_CALLBACK_INIT(count, &once, destroy);
    evloop_callback for_often = EVLOOP_CALLBACK_INIT(count, &often, destroy);
    evloop_callback for_again = EVLOOP_CALLBACK_INIT(arm_again, &again, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch a = 0, b = 0, c = 0, d = 0;
    uint64_t begin = 0, now = 0;
    OK(evloop_now_us(loop, &begin));
    OK(evloop_timer_add(loop, &removed, &for_once, &a));
    OK(evloop_timer_add(loop, &removed, &for_again, &d));
    OK(evloop_timer_add(loop, &periodic, &for_often, &b));
    OK(add_timer(loop, 0, &idle, &c));
    OK(evloop_timer_arm(c, EVLOOP_NEVER));
    while (once.called == 0 || again.called < 2) OK(evloop_run_once(loop));
    CHECK(once.called == 1 && once.destroyed == 1 && once.ready == EVLOOP_TIMER);
    CHECK(again.called == 2 && again.answer == EVLOOP_OK && again.destroyed == 1);
    IS(evloop_remove(a), EVLOOP_E_STALE);
    IS(evloop_remove(d), EVLOOP_E_STALE);
    OK(evloop_now_us(loop, &now));
    CHECK(now >= begin + 500 && often.called == 0 && idle.called == 0);
    OK(evloop_timer_arm(b, 1));
    while (often.called < 3) OK(evloop_run_once(loop));
    OK(evloop_timer_arm(c, 0));
    while (idle.called == 0) OK(evloop_run_once(loop));
    OK(evloop_check(c)); /* stays, to be armed again */
    OK(evloop_free(loop));
    CHECK(idle.called == 1 && idle.destroyed == 1 && often.destroyed == 1);
    return 0;
}

static int signals(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &it, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch watch = 0;
    OK(evloop_signal_add(loop, SIGUSR1, &callback, &watch));
    raise(SIGUSR1);
    raise(SIGUSR1);
    OK(evloop_run_once(loop));
    CHECK(it.called == 1 && it.ready == EVLOOP_SIGNAL);
    OK(evloop_remove(watch));
    raise(SIGUSR1);
    OK(evloop_poll(loop));
    CHECK(it.called == 1 && it.destroyed == 1);
    errno = 0;
    IS(evloop_signal_add(loop, SIGKILL, &callback, &watch), EVLOOP_E_SYSTEM);
    CHECK(errno == EINVAL && watch == 0 && it.destroyed == 1);
    IS(evloop_signal_add(loop, 9999, &callback, &watch), EVLOOP_E_SYSTEM);
    OK(evloop_free(loop));
    return 0;
}

static int order[8];
static int ordered;
static void note(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    (void)loop;
    (void)watch;
    (void)ready;
    order[ordered++] = *(int *)data;
}
static void note_task(evloop_loop loop, void *data) {
    (void)loop;
    order[ordered++] = *(int *)data;
}

static int priorities(void) {
    static int numbers[] = {0, 1, 2, 3};
    evloop_loop loop = make_loop(0);
    evloop_watch watches[4];
    int at;
    ordered = 0;
    for (at = 3; at >= 0; at--) {
        evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
        evloop_callback callback = EVLOOP_CALLBACK_INIT(note, &numbers[at], NULL);
        OK(evloop_timer_add(loop, &timer, &callback, &watches[at]));
        OK(evloop_set_priority(watches[at], (uint32_t)at));
        OK(evloop_activate(watches[at]));
    }
    for (at = 0; at < 4; at++) OK(evloop_poll(loop));
    CHECK(ordered == 4);
    for (at = 0; at < 4; at++) CHECK(order[at] == at);
    IS(evloop_set_priority(watches[0], 4), EVLOOP_E_RANGE);
    OK(evloop_free(loop));
    return 0;
}

static int deferred(void) {
    static int numbers[] = {0, 1};
    counted left = {0, 0, 0, 0, 0, 0}, done = {0, 0, 0, 0, 0, 0};
    evloop_task first = EVLOOP_TASK_INIT(note_task, &numbers[0], NULL);
    evloop_task second = EVLOOP_TASK_INIT(note_task, &numbers[1], NULL);
    evloop_task third = EVLOOP_TASK_INIT(count_task, &done, destroy);
    evloop_task fourth = EVLOOP_TASK_INIT(count_task, &left, destroy);
    evloop_loop loop = make_loop(0);
    ordered = 0;
    OK(evloop_defer(loop, &first));
    OK(evloop_defer(loop, &second));
    OK(evloop_defer(loop, &third));
    OK(evloop_run(loop, NULL));
    CHECK(ordered == 2 && order[0] == 0 && order[1] == 1 && done.called == 1 && done.destroyed == 1);
    OK(evloop_defer(loop, &fourth));
    OK(evloop_free(loop));
    CHECK(left.called == 0 && left.destroyed == 1);
    return 0;
}

static void stop(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)watch;
    (void)ready;
    it->called++;
    it->answer = it->other ? evloop_break(loop) : evloop_exit(loop);
}

static int run_until(int is_break, int others_called) {
    counted stopper = {0, 0, 0, 0, -1, 0}, other = {0, 0, 0, 0, 0, 0};
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(stop, &stopper, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch a = 0, b = 0;
    evloop_ended ended = 9;
    stopper.other = is_break;
    OK(evloop_timer_add(loop, &timer, &callback, &a));
    OK(add_timer(loop, EVLOOP_NEVER, &other, &b));
    OK(evloop_activate(a));
    OK(evloop_activate(b));
    OK(evloop_run(loop, &ended));
    CHECK(ended == EVLOOP_STOPPED && stopper.called == 1 && stopper.answer == EVLOOP_OK);
    CHECK(other.called == others_called);
    OK(evloop_poll(loop));
    CHECK(other.called == 1);
    OK(evloop_free(loop));
    return 0;
}

static int stops(void) {
    CHECK(run_until(1, 0) == 0);
    CHECK(run_until(0, 1) == 0);
    return 0;
}

static void nest(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)watch;
    (void)ready;
    it->called++;
    it->answer = evloop_poll(loop);
}

static int nested_runs(void) {
    counted outer = {0, 0, 0, 0, -1, 0}, inner = {0, 0, 0, 0, 0, 0};
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback callback = EVLOOP_CALLBACK_INIT(nest, &outer, destroy);
    evloop_loop loop = make_loop(0), other = make_loop(0);
    evloop_watch a = 0, b = 0;
    OK(evloop_timer_add(loop, &timer, &callback, &a));
    OK(add_timer(loop, EVLOOP_NEVER, &inner, &b));
    OK(evloop_activate(a));
    OK(evloop_activate(b));
    OK(evloop_poll(loop));
    CHECK(outer.called == 1 && outer.answer == EVLOOP_OK && inner.called == 1);
    OK(evloop_free(other));
    OK(evloop_free(loop));
    CHECK(outer.destroyed == 1 && inner.destroyed == 1);
    return 0;
}

static void change(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data) {
    counted *it = (counted *)data;
    (void)watch;
    (void)ready;
    it->called++;
    it->answer = evloop_set_backend(loop, (evloop_backend)it->other);
}

static int change_to(evloop_backend from, evloop_backend to, const char *method) {
    int ends[2];
    counted changer = {0, 0, 0, 0, -1, 0}, reader = {0, 0, 0, 0, 0, 0};
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_callback changes = EVLOOP_CALLBACK_INIT(change, &changer, destroy);
    evloop_callback reads = EVLOOP_CALLBACK_INIT(count, &reader, destroy);
    evloop_options options = EVLOOP_OPTIONS_INIT;
    evloop_loop loop = 0;
    evloop_watch a = 0, b = 0;
    evloop_backend now = 9;
    evloop_status made;
    CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    changer.other = (int)to;
    options.backend = from;
    errno = 0;
    made = evloop_new(&options, &loop);
    if (made == EVLOOP_E_SYSTEM && from == EVLOOP_URING) {
        CHECK(errno != 0 && loop == 0);
        printf("not run: io_uring is refused here: %s\n", strerror(errno));
        return 0;
    }
    OK(made);
    OK(evloop_timer_add(loop, &timer, &changes, &a));
    OK(evloop_io_add(loop, ends[0], EVLOOP_READABLE, &reads, &b));
    OK(evloop_activate(a));
    OK(evloop_poll(loop));
    if (changer.answer == EVLOOP_E_SYSTEM && to == EVLOOP_URING) {
        printf("not run: io_uring is refused here\n");
    } else {
        OK(changer.answer);
        OK(evloop_get_backend(loop, &now));
        CHECK(now == to && text_of_method(loop, method) == 0);
    }
    reader.called = 0;
    OK(evloop_run_once(loop)); /* io_uring may tell a moment later */
    CHECK(reader.called == 1 && reader.ready == EVLOOP_READABLE);
    CHECK(reader.destroyed == 0 && changer.destroyed == 0);
    OK(evloop_free(loop));
    CHECK(reader.destroyed == 1 && changer.destroyed == 1);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int backends(void) {
    static const char *const methods[] = {"epoll", "poll", "io_uring"};
    evloop_backend from, to;
    for (from = 0; from < 3; from++)
        for (to = 0; to < 3; to++) CHECK(change_to(from, to, methods[to]) == 0);
    return 0;
}

static int in_the_child(evloop_loop loop, evloop_watch watch, evloop_waker waker, int ends[2], counted *reader) {
    counted task = {0, 0, 0, 0, 0, 0};
    evloop_task call = EVLOOP_TASK_INIT(count_task, &task, destroy);
    OK(evloop_after_fork(loop));
    CHECK(write(ends[1], "x", 1) == 1);
    OK(evloop_run_once(loop));
    CHECK(reader->called == 1);
    OK(evloop_waker_call(waker, &call));
    while (task.called == 0) OK(evloop_run_once(loop));
    OK(evloop_remove(watch));
    OK(evloop_poll(loop)); /* tells the child's kernel object, and not the parent's */
    CHECK(task.destroyed == 1 && reader->destroyed == 1);
    OK(evloop_free(loop));
    return 0;
}

static int forks(void) {
    int ends[2], status = -1;
    counted reader = {0, 0, 0, 0, 0, 0};
    evloop_callback callback = EVLOOP_CALLBACK_INIT(count, &reader, destroy);
    evloop_loop loop = make_loop(0);
    evloop_watch watch = 0;
    evloop_waker waker = 0;
    char byte;
    pid_t child;
    CHECK(pipe(ends) == 0);
    OK(evloop_io_add(loop, ends[0], EVLOOP_READABLE, &callback, &watch));
    OK(evloop_waker_new(loop, &waker));
    OK(evloop_poll(loop));
    child = fork();
    if (child == 0) _exit(in_the_child(loop, watch, waker, ends, &reader));
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    CHECK(read(ends[0], &byte, 1) == 1);
    OK(evloop_poll(loop)); /* what the child did is not told here */
    CHECK(reader.called == 0);
    CHECK(write(ends[1], "y", 1) == 1);
    OK(evloop_poll(loop)); /* and what it removed is still watched */
    CHECK(reader.called == 1);
    OK(evloop_waker_free(waker));
    OK(evloop_free(loop));
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int shared_data(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_loop loop = make_loop(EVLOOP_DEBUG);
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_data data = 0;
    evloop_watch watches[3];
    void *found = NULL;
    int at;
    OK(evloop_data_new(loop, &it, destroy, &data));
    for (at = 0; at < 3; at++) {
        evloop_callback callback = EVLOOP_CALLBACK_SHARED_INIT(count, data);
        OK(evloop_timer_add(loop, &timer, &callback, &watches[at]));
        OK(evloop_activate(watches[at]));
    }
    OK(evloop_poll(loop));
    OK(evloop_get_data(watches[2], &found));
    CHECK(it.called == 3 && found == &it);
    OK(evloop_data_retain(data));
    OK(evloop_data_release(data));
    OK(evloop_check(data));
    OK(evloop_data_release(data));
    IS(evloop_data_release(data), EVLOOP_E_STALE);
    OK(evloop_remove(watches[0]));
    OK(evloop_remove(watches[1]));
    CHECK(it.destroyed == 0);
    OK(evloop_remove(watches[2]));
    CHECK(it.destroyed == 1);
    OK(evloop_free(loop));
    return 0;
}

#define CALLS 1000
typedef struct crossing {
    evloop_waker waker;
    evloop_loop loop;
    counted data[CALLS];
    evloop_status worst;
} crossing;
static crossing cross;
static evloop_loop called_on;

static void arrive(evloop_loop loop, void *data) {
    counted *it = (counted *)data;
    called_on = loop;
    it->called++;
    if (it - cross.data == CALLS - 1) it->answer = evloop_exit(loop);
}
static void *call_from_here(void *unused) {
    int at;
    (void)unused;
    cross.worst = EVLOOP_OK;
    for (at = 0; at < CALLS; at++) {
        evloop_task task = EVLOOP_TASK_INIT(arrive, &cross.data[at], destroy);
        evloop_status status = evloop_waker_call(cross.waker, &task);
        if (status != EVLOOP_OK) cross.worst = status;
    }
    if (evloop_waker_wake(cross.waker) != EVLOOP_OK) cross.worst = -99;
    return NULL;
}

static int wakers(void) {
    pthread_t thread;
    counted late = {0, 0, 0, 0, 0, 0};
    evloop_task task = EVLOOP_TASK_INIT(count_task, &late, destroy);
    evloop_waker second = 0;
    evloop_watch idle = 0;
    int at;
    memset(&cross, 0, sizeof cross);
    cross.loop = make_loop(EVLOOP_DEBUG);
    OK(evloop_waker_new(cross.loop, &cross.waker));
    OK(evloop_waker_new(cross.loop, &second));
    CHECK(second != cross.waker);
    OK(evloop_check(second));
    OK(evloop_waker_free(second));
    IS(evloop_waker_free(second), EVLOOP_E_STALE);
    IS(evloop_waker_wake(second), EVLOOP_E_STALE);
    OK(add_timer(cross.loop, EVLOOP_NEVER, &late, &idle));
    CHECK(pthread_create(&thread, NULL, call_from_here, NULL) == 0);
    OK(evloop_run(cross.loop, NULL));
    CHECK(pthread_join(thread, NULL) == 0 && cross.worst == EVLOOP_OK);
    for (at = 0; at < CALLS; at++) CHECK(cross.data[at].called == 1 && cross.data[at].destroyed == 1);
    CHECK(called_on == cross.loop);
    OK(evloop_remove(idle));
    CHECK(late.destroyed == 1);
    OK(evloop_waker_call(cross.waker, &task)); /* is not made any more */
    IS(evloop_free(cross.loop), EVLOOP_E_LEFT);
    CHECK(late.called == 0 && late.destroyed == 2);
    IS(evloop_waker_call(cross.waker, &task), EVLOOP_E_GONE);
    IS(evloop_waker_wake(cross.waker), EVLOOP_E_GONE);
    CHECK(late.destroyed == 2);
    OK(evloop_waker_free(cross.waker));
    return 0;
}

static int statistics(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_loop loop = make_loop(0);
    evloop_stats stats = EVLOOP_STATS_INIT;
    evloop_watch watch = 0;
    OK(add_timer(loop, EVLOOP_NEVER, &it, &watch));
    OK(evloop_activate(watch));
    OK(evloop_poll(loop));
    OK(evloop_set_backend(loop, EVLOOP_POLL));
    OK(evloop_get_stats(loop, &stats));
    CHECK(stats.size == sizeof stats && stats.abi_version == EVLOOP_ABI_VERSION);
    CHECK(stats.waits == 1 && stats.callbacks == 1 && stats.switches == 1 && stats.registrations == 1);
    CHECK(stats.taken == 1 && stats.destroyed == 0);
    OK(evloop_remove(watch));
    OK(evloop_get_stats(loop, &stats));
    CHECK(stats.registrations == 0 && stats.destroyed == 1);
    OK(evloop_free(loop));
    return 0;
}

static int names(void) {
    counted it = {0, 0, 0, 0, 0, 0};
    evloop_loop loop = make_loop(0);
    evloop_watch watch = 0;
    char text[64], own[] = "connection";
    size_t needed = 0;
    OK(add_timer(loop, EVLOOP_NEVER, &it, &watch));
    OK(evloop_set_name(watch, own, 4));
    own[0] = 'X'; /* it was copied */
    IS(evloop_get_name(watch, NULL, 0, &needed), EVLOOP_E_TOO_SMALL);
    CHECK(needed == 5);
    text[0] = 'y';
    IS(evloop_get_name(watch, text, 4, &needed), EVLOOP_E_TOO_SMALL);
    CHECK(text[0] == 'y');
    OK(evloop_get_name(watch, text, 5, NULL));
    CHECK(strcmp(text, "conn") == 0);
    OK(evloop_set_name(watch, NULL, 0));
    OK(evloop_get_name(watch, text, sizeof text, &needed));
    CHECK(needed == 1 && text[0] == 0);
    OK(evloop_set_name(loop, "main", 4));
    OK(evloop_get_name(loop, text, sizeof text, NULL));
    CHECK(strcmp(text, "main") == 0);
    OK(evloop_status_text(EVLOOP_E_STALE, text, sizeof text, NULL));
    CHECK(strstr(text, "gone") != NULL);
    OK(evloop_status_text(12345, text, sizeof text, NULL));
    CHECK(strcmp(text, "unknown status") == 0);
    OK(evloop_free(loop));
    return 0;
}

static int debug_mode(void) {
    counted it = {0, 0, 0, 0, 0, 0}, lent = {0, 0, 0, 0, 0, 0};
    evloop_callback twice = EVLOOP_CALLBACK_INIT(count, &it, destroy);
    evloop_callback borrowed = EVLOOP_CALLBACK_INIT(count, &lent, NULL);
    evloop_timer timer = EVLOOP_TIMER_INIT(EVLOOP_NEVER, 0, 0);
    evloop_loop loop = make_loop(EVLOOP_DEBUG);
    evloop_watch watch = 0, other = 0;
    char text[512];
    OK(add_timer(loop, EVLOOP_NEVER, &it, &watch));
    OK(evloop_set_name(watch, "session", 7));
    IS(evloop_timer_add(loop, &timer, &twice, &other), EVLOOP_E_OWNED);
    CHECK(other == 0 && it.destroyed == 0);
    OK(evloop_timer_add(loop, &timer, &borrowed, &other));
    OK(evloop_ledger(loop, text, sizeof text, NULL));
    CHECK(strncmp(text, "2 handoffs, 2 open\n#1 evloop_timer_add: data 0x", 47) == 0);
    CHECK(strstr(text, "`session`: the library owns it\n") != NULL);
    CHECK(strstr(text, ": the caller owns it\n") != NULL);
    OK(evloop_remove(watch));
    OK(evloop_remove(other));
    OK(evloop_ledger(loop, text, sizeof text, NULL));
    CHECK(strcmp(text, "2 handoffs, 0 open\n") == 0);
    OK(evloop_timer_add(loop, &timer, &twice, &other)); /* it has come back */
    IS(evloop_free(loop), EVLOOP_E_LEFT);
    CHECK(it.destroyed == 2);
    OK(evloop_last_report(text, sizeof text, NULL));
    CHECK(strstr(text, "3 handoffs, 1 open\n#3 evloop_timer_add: ") != NULL);
    loop = make_loop(EVLOOP_DEBUG);
    OK(evloop_free(loop));
    return 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} cases[] = {
    {"versions", versions},     {"io", io},
    {"files", regular_files},   {"timers", timers},
    {"signals", signals},       {"priorities", priorities},
    {"deferred", deferred},     {"stops", stops},
    {"nested", nested_runs},    {"backends", backends},
    {"shared", shared_data},    {"wakers", wakers},
    {"statistics", statistics}, {"names", names},
    {"debug", debug_mode},      {"forks", forks},
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
