/* What programs must not do. The argument is the case; without one all of them run. */
#define _GNU_SOURCE
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_compat.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[2];
static int calls;

static void called(int fd, short what, void *argument) {
    (void)fd, (void)what, (void)argument;
    calls++;
}

static void reads(int fd, short what, void *argument) {
    (void)fd, (void)what;
    calls += *(char *)argument;
}

static void silent(int severity, const char *text) {
    (void)severity, (void)text;
}

static struct timeval soon(void) {
    struct timeval tv = {0, 1000};
    return tv;
}

static void run(struct event_base *base) {
    struct timeval tv = {0, 20000};
    /* Refused while another thread is inside of a base without a lock. */
    while (event_base_loopexit(base, &tv) != 0)
        usleep(100);
    while (event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY) == -1)
        usleep(100);
}

static void free_while_pending(struct event_base *base) {
    struct timeval tv = soon();
    struct event *events[10];
    for (int i = 0; i < 10; i++) {
        events[i] = malloc(sizeof(struct event));
        event_assign(events[i], base, i < 5 ? fds[0] : -1, i < 5 ? EV_WRITE : 0, called, NULL);
        event_add(events[i], &tv);
    }
    for (int i = 0; i < 10; i++)
        free(events[i]);
    run(base);
}

static void freed_memory_is_used_again(struct event_base *base) {
    struct timeval tv = soon();
    struct event *event = malloc(sizeof *event);
    event_assign(event, base, -1, EV_PERSIST, called, NULL);
    event_add(event, &tv);
    memset(event, 0x55, sizeof *event);
    free(event);
    run(base);
}

static void double_free(struct event_base *base) {
    struct timeval tv = soon();
    struct event *event = event_new(base, fds[0], EV_WRITE, called, NULL);
    event_add(event, &tv);
    event_free(event);
    event_free(event);
    /* Not of event_new, and not initialised. */
    struct event *other = malloc(sizeof *other);
    event_free(other);
    free(other);
}

static void use_after_free(struct event_base *base) {
    struct timeval tv = soon();
    struct event *event = event_new(base, fds[0], EV_WRITE, called, NULL);
    event_free(event);
    event_add(event, &tv);
    event_active(event, EV_READ, 1);
    event_pending(event, EV_READ, NULL);
    event_del(event);
    run(base);
}

static void use_after_base_free(struct event_base *base) {
    (void)base;
    struct timeval tv = soon();
    struct event_base *gone = event_base_new();
    struct event event, *made = event_new(gone, fds[0], EV_WRITE | EV_PERSIST, called, NULL);
    event_assign(&event, gone, -1, 0, called, NULL);
    event_add(&event, &tv);
    event_add(made, NULL);
    event_base_free(gone);
    event_add(&event, &tv);
    event_pending(&event, EV_TIMEOUT, NULL);
    event_del(&event);
    event_free(made);
    event_base_loop(gone, EVLOOP_NONBLOCK);
    event_base_loopbreak(gone);
    event_base_free(gone);
}

static struct event crossing[100];

static void *other_thread(void *base) {
    struct timeval tv = soon();
    for (int i = 0; i < 100; i++) {
        event_assign(&crossing[i], base, -1, 0, called, NULL);
        event_add(&crossing[i], &tv);
        event_active(&crossing[i], EV_READ, 1);
        if (i % 2)
            event_del(&crossing[i]);
    }
    return NULL;
}

static void wrong_thread(struct event_base *base) {
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *alone = event_base_new_with_config(config);
    event_config_free(config);
    struct event_base *bases[] = {base, alone};
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, other_thread, bases[i]);
        run(bases[i]);
        pthread_join(thread, NULL);
        run(bases[i]);
    }
    event_base_free(alone);
}

static void null_callback(struct event_base *base) {
    struct timeval tv = soon();
    struct event event;
    event_assign(&event, base, -1, 0, NULL, NULL);
    event_add(&event, &tv);
    event_active(&event, EV_TIMEOUT, 1);
    run(base);
    event_del(&event);
}

static void set_while_pending(struct event_base *base) {
    struct timeval tv = soon();
    struct event *event = malloc(sizeof *event);
    char *argument = calloc(1, 1);
    event_assign(event, base, fds[0], EV_WRITE | EV_PERSIST, reads, argument);
    event_add(event, &tv);
    event_assign(event, base, -1, 0, called, NULL);
    event_del(event);
    free(event);
    free(argument);
    run(base);
}

static void moved(struct event_base *base) {
    struct timeval tv = soon();
    struct event *event = malloc(sizeof *event), *there = malloc(sizeof *event);
    event_assign(event, base, fds[0], EV_WRITE | EV_PERSIST, called, NULL);
    event_add(event, &tv);
    memcpy(there, event, sizeof *event);
    free(event);
    event_pending(there, EV_WRITE, NULL);
    event_add(there, &tv);
    run(base);
    event_del(there);
    run(base);
    free(there);
}

static void not_initialised(struct event_base *base) {
    struct event *event = malloc(sizeof *event);
    struct timeval tv = soon();
    event_assign(event, base, -1, 0, called, NULL);
    event_add(event, &tv);
    event_del(event);
    free(event);
}

static void closed_while_pending(struct event_base *base) {
    struct event first, second;
    int own[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, own) != 0)
        exit(2);
    event_assign(&first, base, own[0], EV_READ | EV_PERSIST, called, NULL);
    event_add(&first, NULL);
    event_base_loop(base, EVLOOP_NONBLOCK);
    int kept = dup(own[0]);
    close(own[0]);
    if (write(own[1], "x", 1) != 1)
        exit(2);
    event_del(&first);
    int number = dup(fds[0]);
    event_assign(&second, base, number, EV_READ, called, NULL);
    event_add(&second, NULL);
    run(base);
    event_del(&second);
    close(number);
    close(kept);
    close(own[1]);
}

static void freed_buffers(struct event_base *base) {
    struct evbuffer *buffer = evbuffer_new();
    evbuffer_add(buffer, "text", 4);
    evbuffer_free(buffer);
    evbuffer_add(buffer, "text", 4);
    evbuffer_drain(buffer, 1);
    evbuffer_get_length(buffer);
    evbuffer_pullup(buffer, -1);
    evbuffer_free(buffer);
    struct bufferevent *bev = bufferevent_new(fds[0], NULL, NULL, NULL, NULL);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    bufferevent_write(bev, "text", 4);
    bufferevent_free(bev);
    run(base);
    bufferevent_write(bev, "text", 4);
    bufferevent_enable(bev, EV_READ);
    bufferevent_get_output(bev);
    bufferevent_free(bev);
    run(base);
}

static void frees_base(int fd, short what, void *base) {
    (void)fd, (void)what;
    event_base_free(base);
}

static void base_freed_by_its_callback(struct event_base *base) {
    (void)base;
    struct timeval tv = soon();
    struct event_base *own = event_base_new();
    struct event event, other;
    event_assign(&event, own, -1, 0, frees_base, own);
    event_assign(&other, own, -1, 0, called, NULL);
    event_add(&event, &tv);
    event_add(&other, &tv);
    event_base_dispatch(own);
    event_del(&other);
}

int main(int count, char **arguments) {
    struct {
        const char *name;
        void (*run)(struct event_base *);
    } cases[] = {
        {"free_while_pending", free_while_pending},
        {"freed_memory_is_used_again", freed_memory_is_used_again},
        {"double_free", double_free},
        {"use_after_free", use_after_free},
        {"use_after_base_free", use_after_base_free},
        {"wrong_thread", wrong_thread},
        {"null_callback", null_callback},
        {"set_while_pending", set_while_pending},
        {"moved", moved},
        {"not_initialised", not_initialised},
        {"closed_while_pending", closed_while_pending},
        {"freed_buffers", freed_buffers},
        {"base_freed_by_its_callback", base_freed_by_its_callback},
    };
    event_set_log_callback(silent);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (count > 1 && strcmp(arguments[1], cases[i].name) != 0)
            continue;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
            return 2;
        struct event_base *base = event_init();
        cases[i].run(base);
        event_base_free(base);
        close(fds[0]);
        close(fds[1]);
        printf("%s\n", cases[i].name);
    }
    return 0;
}
