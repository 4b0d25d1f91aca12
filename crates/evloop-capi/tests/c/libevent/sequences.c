/* What events do, told line by line, so that two libraries can be compared. The case is the argument. */
#define _POSIX_C_SOURCE 200809L
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static struct event_base *base;
static int calls;

static const char *names(short what) {
    static char text[64];
    snprintf(text, sizeof text, "%s%s%s%s", what & EV_TIMEOUT ? "T" : "", what & EV_READ ? "R" : "",
             what & EV_WRITE ? "W" : "", what & EV_SIGNAL ? "S" : "");
    return text;
}

static void tell(int fd, short what, void *name) {
    (void)fd;
    printf("%s %s\n", (const char *)name, names(what));
    calls++;
}

static void told(int fd, short what, void *ev) {
    char byte;
    (void)what;
    ssize_t got = fd >= 0 ? read(fd, &byte, 1) : 0;
    printf("told %s, read %zd, pending %d\n", names(what), got,
           event_pending(ev, EV_READ | EV_WRITE | EV_TIMEOUT | EV_SIGNAL, NULL));
    if (++calls == 3)
        event_del(ev);
}

static void make_pair(int fds[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        exit(2);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
}

static struct timeval ms(long ms) {
    struct timeval tv = {ms / 1000, ms % 1000 * 1000};
    return tv;
}

static struct timespec monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

/* From before the timers were added: the machine may take its time between that and the loop. */
static long passed_ms(struct timespec from) {
    struct timespec to = monotonic();
    return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

static void dispatch(void) {
    printf("dispatch %d\n", event_base_dispatch(base));
}

static void io(void) {
    int fds[2];
    make_pair(fds);
    struct event ev, once;
    event_assign(&ev, base, fds[0], EV_READ | EV_PERSIST, told, &ev);
    printf("initialized %d, pending %d\n", event_initialized(&ev), event_pending(&ev, EV_READ, NULL));
    printf("add %d %d\n", event_add(&ev, NULL), event_add(&ev, NULL));
    printf("pending %d\n", event_pending(&ev, EV_READ | EV_WRITE | EV_TIMEOUT, NULL));
    if (write(fds[1], "abc", 3) != 3)
        exit(2);
    dispatch();
    printf("after: pending %d, del %d, fd %d\n", event_pending(&ev, EV_READ, NULL), event_del(&ev), ev.ev_fd == fds[0]);
    calls = 0;
    event_assign(&once, base, fds[0], EV_READ, told, &once);
    event_add(&once, NULL);
    if (write(fds[1], "d", 1) != 1)
        exit(2);
    dispatch();
    /* Both of one descriptor. */
    struct event reads, writes;
    event_assign(&reads, base, fds[0], EV_READ, tell, "reads");
    event_assign(&writes, base, fds[0], EV_WRITE, tell, "writes");
    event_add(&reads, NULL);
    event_add(&writes, NULL);
    printf("once %d\n", event_base_loop(base, EVLOOP_ONCE));
    printf("nonblock %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(&reads);
    /* The end. */
    event_assign(&ev, base, fds[0], EV_READ | EV_WRITE, tell, "end");
    event_add(&ev, NULL);
    close(fds[1]);
    dispatch();
    close(fds[0]);
}

static void timers(void) {
    struct event first, second, third, never;
    struct timeval tv = ms(20);
    evtimer_assign(&first, base, tell, "first");
    evtimer_assign(&second, base, tell, "second");
    evtimer_assign(&third, base, tell, "third");
    evtimer_assign(&never, base, tell, "never");
    struct timespec from = monotonic();
    evtimer_add(&second, &tv);
    tv = ms(10);
    evtimer_add(&first, &tv);
    evtimer_add(&never, &tv);
    tv = ms(5);
    evtimer_add(&third, &tv);
    tv = ms(30);
    evtimer_add(&third, &tv); /* later than before */
    struct timeval at, now;
    printf("pending %d\n", evtimer_pending(&third, &at));
    gettimeofday(&now, NULL);
    long left = (at.tv_sec - now.tv_sec) * 1000 + (at.tv_usec - now.tv_usec) / 1000;
    printf("its time is near: %d\n", left <= 30);
    printf("del %d\n", evtimer_del(&never));
    dispatch();
    /* libevent's clock is of the last tick, some milliseconds back. */
    printf("not before its time: %d\n", passed_ms(from) >= 20);
    /* A loop that was not run for a while counts from now on. */
    usleep(30000);
    tv = ms(20);
    from = monotonic();
    evtimer_add(&first, &tv);
    dispatch();
    printf("not before its time: %d\n", passed_ms(from) >= 10);
    struct timeval zero = {0, 0};
    evtimer_add(&first, &zero);
    usleep(1000); /* times are rounded up to a microsecond here, and down by libevent */
    printf("nonblock %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
}

static void persist(void) {
    int fds[2];
    make_pair(fds);
    struct event ev;
    struct timeval tv = ms(5);
    event_assign(&ev, base, -1, EV_PERSIST, told, &ev);
    struct timespec from = monotonic();
    event_add(&ev, &tv);
    dispatch();
    printf("not before their time: %d\n", passed_ms(from) >= 5);
    /* What can be read puts the time off; then the time comes again and again. */
    calls = 0;
    tv = ms(100);
    event_assign(&ev, base, fds[0], EV_READ | EV_PERSIST, told, &ev);
    event_add(&ev, &tv);
    if (write(fds[1], "x", 1) != 1)
        exit(2);
    dispatch();
    /* Without a time that repeats, it comes once. */
    calls = 0;
    struct timeval zero = {0, 0};
    event_assign(&ev, base, -1, EV_PERSIST, told, &ev);
    event_add(&ev, &zero);
    dispatch();
    close(fds[0]);
    close(fds[1]);
}

static void breaks(int fd, short what, void *which) {
    tell(fd, what, which);
    event_base_loopbreak(base);
}

static void exits(int fd, short what, void *which) {
    tell(fd, what, which);
    event_base_loopexit(base, NULL);
}

static void flags(void) {
    printf("empty %d %d %d\n", event_base_dispatch(base), event_base_loop(base, EVLOOP_ONCE),
           event_base_loop(base, EVLOOP_NONBLOCK));
    struct event first, second, later;
    struct timeval tv = ms(1);
    evtimer_assign(&first, base, breaks, "break");
    evtimer_assign(&second, base, tell, "second");
    evtimer_assign(&later, base, tell, "later");
    event_active(&first, EV_TIMEOUT, 1);
    event_active(&second, EV_TIMEOUT, 1);
    printf("pending %d %d\n", evtimer_pending(&first, NULL), evtimer_pending(&second, NULL));
    dispatch();
    printf("the second is active still: %d\n", evtimer_pending(&second, NULL));
    dispatch();
    evtimer_assign(&first, base, exits, "exit");
    event_active(&first, EV_TIMEOUT, 1);
    event_active(&second, EV_TIMEOUT, 1);
    tv = ms(2000);
    evtimer_add(&later, &tv);
    dispatch();
    evtimer_del(&later);
    tv = ms(5);
    event_base_loopexit(base, &tv);
    evtimer_assign(&first, base, tell, "first");
    tv = ms(3000);
    evtimer_add(&first, &tv);
    dispatch();
    /* Before the loop runs: it goes round once. */
    event_base_loopexit(base, NULL);
    event_active(&second, EV_READ, 1);
    dispatch();
    printf("break before is forgotten: %d\n", event_base_loopbreak(base));
    tv = ms(5);
    evtimer_add(&first, &tv);
    dispatch();
    /* Activated again from its own callback. */
    printf("nothing to wait for: %d\n", event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_ONCE));
}

static struct event self;

static void frees_itself(int fd, short what, void *ev) {
    tell(fd, what, "frees itself");
    event_free(ev);
}

static void deletes_other(int fd, short what, void *other) {
    tell(fd, what, "deletes the other");
    event_del(other);
}

static void reentrant(int fd, short what, void *name) {
    tell(fd, what, name);
    printf("inside: %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
}

static void adds_again(int fd, short what, void *ev) {
    struct timeval tv = ms(1);
    tell(fd, what, "again");
    if (calls < 3)
        event_add(ev, &tv);
}

static void callbacks(void) {
    struct timeval tv = ms(1);
    struct event *ev = event_new(base, -1, EV_PERSIST, frees_itself, NULL);
    event_assign(ev, base, -1, EV_PERSIST, frees_itself, ev);
    event_add(ev, &tv);
    dispatch();
    struct event first, second;
    evtimer_assign(&first, base, deletes_other, &second);
    evtimer_assign(&second, base, deletes_other, &first);
    event_active(&first, EV_TIMEOUT, 1);
    event_active(&second, EV_TIMEOUT, 1);
    dispatch();
    calls = 0;
    evtimer_assign(&self, base, adds_again, &self);
    evtimer_add(&self, &tv);
    dispatch();
    evtimer_assign(&self, base, reentrant, "reentrant");
    evtimer_add(&self, &tv);
    dispatch();
}

static void none(int severity, const char *text) {
    (void)text;
    printf("log %d\n", severity);
}

static void zeroed(void) {
    struct event ev;
    struct timeval tv = ms(1);
    memset(&ev, 0, sizeof ev);
    event_set_log_callback(none);
    printf("initialized %d\n", event_initialized(&ev));
    printf("del %d\n", event_del(&ev));
    printf("add %d\n", event_add(&ev, &tv));
    printf("pending %d\n", event_pending(&ev, EV_READ, NULL));
    printf("base %d\n", event_assign(&ev, base, 0, EV_SIGNAL | EV_READ, tell, "never"));
    event_set_log_callback(NULL);
    event_assign(&ev, base, -1, 0, tell, "never");
    printf("assigned %d, del %d\n", event_initialized(&ev), event_del(&ev));
    dispatch();
}

static void signals_case(void) {
    struct event usr1, usr2, once;
    struct sigaction action;
    evsignal_assign(&usr1, base, SIGUSR1, tell, "usr1");
    evsignal_assign(&usr2, base, SIGUSR2, tell, "usr2");
    printf("add %d %d\n", evsignal_add(&usr1, NULL), evsignal_add(&usr2, NULL));
    printf("pending %d\n", evsignal_pending(&usr1, NULL));
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("once %d\n", event_base_loop(base, EVLOOP_ONCE));
    raise(SIGUSR2);
    printf("once %d\n", event_base_loop(base, EVLOOP_ONCE));
    evsignal_del(&usr1);
    sigaction(SIGUSR1, NULL, &action);
    printf("as before: %d\n", action.sa_handler == SIG_DFL);
    evsignal_del(&usr2);
    event_assign(&once, base, SIGUSR1, EV_SIGNAL, tell, "one signal");
    event_add(&once, NULL);
    raise(SIGUSR1);
    dispatch();
    sigaction(SIGUSR1, NULL, &action);
    printf("as before: %d\n", action.sa_handler == SIG_DFL);
    event_assign(&once, base, SIGUSR1, EV_SIGNAL, tell, "one signal");
    event_add(&once, NULL);
    event_active(&once, EV_SIGNAL, 2);
    dispatch();
}

static void old(void) {
    struct event ev;
    int fds[2];
    struct timeval tv = ms(1);
    make_pair(fds);
    struct event_base *own = event_init();
    printf("method %d, version %s\n", strcmp(event_get_method(), event_base_get_method(own)), event_get_version());
    printf("once %d\n", event_once(-1, EV_TIMEOUT, tell, "a time", &tv));
    printf("once %d\n", event_once(-1, EV_TIMEOUT, tell, "at once", NULL));
    printf("once %d\n", event_once(fds[0], EV_READ, tell, "no byte", &tv));
    printf("once %d\n", event_once(fds[0], EV_WRITE, tell, "room", NULL));
    printf("once %d %d\n", event_once(fds[0], EV_READ | EV_PERSIST, tell, "never", NULL),
           event_once(SIGUSR1, EV_SIGNAL, tell, "never", NULL));
    printf("dispatch %d\n", event_dispatch());
    event_set(&ev, fds[0], EV_WRITE, tell, "other base");
    printf("set %d\n", event_base_set(base, &ev));
    event_add(&ev, NULL);
    printf("set while pending %d\n", event_base_set(own, &ev));
    printf("own %d\n", event_loop(0));
    dispatch();
    evtimer_set(&ev, tell, "own");
    evtimer_add(&ev, &tv);
    printf("exit %d\n", event_loopexit(NULL));
    printf("own %d\n", event_loop(EVLOOP_ONCE));
    printf("own %d\n", event_loop(0));
    event_base_free(own);
    close(fds[0]);
    close(fds[1]);
}

static void child(void) {
    int fds[2], status;
    struct event ev, chld;
    make_pair(fds);
    event_assign(&ev, base, fds[0], EV_READ | EV_PERSIST, told, &ev);
    event_add(&ev, NULL);
    evsignal_assign(&chld, base, SIGUSR1, tell, "usr1");
    evsignal_add(&chld, NULL);
    event_base_loop(base, EVLOOP_NONBLOCK);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        printf("reinit %d\n", event_reinit(base));
        if (write(fds[1], "x", 1) != 1)
            exit(2);
        printf("child %d\n", event_base_loop(base, EVLOOP_ONCE));
        raise(SIGUSR1);
        printf("child %d\n", event_base_loop(base, EVLOOP_ONCE));
        event_del(&ev);
        evsignal_del(&chld);
        printf("child %d\n", event_base_loop(base, 0));
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("status %d\n", status);
    /* The parent's is as it was. */
    if (write(fds[1], "y", 1) != 1)
        exit(2);
    printf("parent %d\n", event_base_loop(base, EVLOOP_ONCE));
    printf("parent %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    raise(SIGUSR1);
    printf("parent %d\n", event_base_loop(base, EVLOOP_ONCE));
    event_del(&ev);
    evsignal_del(&chld);
    dispatch();
}

int main(int count, char **arguments) {
    struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"io", io},           {"timers", timers}, {"persist", persist},      {"flags", flags}, {"callbacks", callbacks},
                 {"zeroed", zeroed},   {"old", old},       {"signals", signals_case}, {"child", child}};
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base = count > 2 ? event_base_new_with_config(config) : event_base_new();
    event_config_free(config);
    for (size_t i = 0; count > 1 && i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, arguments[1]) == 0) {
            cases[i].run();
            event_base_free(base);
            printf("end\n");
            return 0;
        }
    }
    return 3;
}
