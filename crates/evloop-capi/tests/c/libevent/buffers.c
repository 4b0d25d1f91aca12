/* What buffers and bufferevents do, told line by line, so that two libraries can be compared. */
#define _GNU_SOURCE
#include <errno.h>
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_compat.h>
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[2];

static void make_pair(void) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        exit(2);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
}

static void lines(const char *text, size_t length, enum evbuffer_eol_style style) {
    struct evbuffer *buffer = evbuffer_new();
    size_t read = 77;
    char *line;
    evbuffer_add(buffer, text, length);
    printf("style %d:", style);
    while ((line = evbuffer_readln(buffer, &read, style)) != NULL) {
        printf(" %zu of", read);
        for (size_t i = 0; i <= read; i++)
            printf(" %02x", (unsigned char)line[i]);
        free(line);
    }
    printf(", then %zu, left %zu\n", read, evbuffer_get_length(buffer));
    evbuffer_free(buffer);
}

static int add_list(struct evbuffer *buffer, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int added = evbuffer_add_vprintf(buffer, format, list);
    va_end(list);
    return added;
}

static void buffers(void) {
    static const char text[] = "one\r\ntwo\n\rthree\n\nfour\0five\rsix";
    for (int style = EVBUFFER_EOL_ANY; style <= EVBUFFER_EOL_NUL; style++)
        lines(text, sizeof text - 1, style);
    lines("", 0, EVBUFFER_EOL_LF);
    lines("\r", 1, EVBUFFER_EOL_CRLF);
    struct evbuffer *buffer = evbuffer_new();
    printf("empty: %zu %d %d\n", evbuffer_get_length(buffer), evbuffer_pullup(buffer, -1) == NULL,
           evbuffer_readline(buffer) == NULL);
    printf("printf %d", evbuffer_add_printf(buffer, "%s-%d-%5.2f|", "text", 42, 1.5));
    printf(" %d", add_list(buffer, "%c%llx%zu", 'x', 0xfeedfacecafeULL, (size_t)7));
    char *many = malloc(100001);
    memset(many, 'm', 100000);
    many[100000] = 0;
    printf(" %d,", evbuffer_add_printf(buffer, "<%s>", many));
    printf(" length %zu\n", evbuffer_get_length(buffer));
    printf("start %.*s, too long %d, none %d\n", 20, (char *)evbuffer_pullup(buffer, 20), evbuffer_pullup(buffer, 200000) == NULL,
           evbuffer_pullup(buffer, 0) == NULL);
    printf("drain %d,", evbuffer_drain(buffer, 17));
    printf(" length %zu\n", evbuffer_get_length(buffer));
    unsigned sum = 0;
    unsigned char *all = evbuffer_pullup(buffer, -1);
    for (size_t i = 0; i < evbuffer_get_length(buffer); i++)
        sum = sum * 31 + all[i];
    printf("sum %u, drain too much %d,", sum, evbuffer_drain(buffer, 1000000));
    printf(" length %zu\n", evbuffer_get_length(buffer));
    make_pair();
    printf("write nothing %d\n", evbuffer_write(buffer, fds[0]));
    evbuffer_add(buffer, many, 10000);
    evbuffer_add(buffer, NULL, 0);
    printf("write %d,", evbuffer_write(buffer, fds[0]));
    printf(" left %zu\n", evbuffer_get_length(buffer));
    printf("read %d", evbuffer_read(buffer, fds[1], 10));
    printf(" %d", evbuffer_read(buffer, fds[1], -1));
    printf(" %d", evbuffer_read(buffer, fds[1], 100000));
    printf(" %d", evbuffer_read(buffer, fds[1], 100000));
    int again = evbuffer_read(buffer, fds[1], -1);
    printf(" %d again %d", again, errno == EAGAIN);
    close(fds[0]);
    printf(" end %d", evbuffer_read(buffer, fds[1], -1));
    close(fds[1]);
    int closed = evbuffer_read(buffer, fds[1], -1);
    printf(" closed %d %d", closed, errno == EBADF);
    closed = evbuffer_write(buffer, fds[1]);
    printf(" %d %d, length %zu\n", closed, errno == EBADF, evbuffer_get_length(buffer));
    evbuffer_free(buffer);
    free(many);
}

static size_t drains_at;

static void on_read(struct bufferevent *bev, void *name) {
    size_t length = evbuffer_get_length(bev->input);
    printf("%s read, %zu in\n", (char *)name, length);
    /* libevent would call again and again while it is full. */
    if (drains_at != 0 && length >= drains_at)
        evbuffer_drain(bev->input, length);
}

static void on_written(struct bufferevent *bev, void *name) {
    printf("%s written, %zu out\n", (char *)name, evbuffer_get_length(EVBUFFER_OUTPUT(bev)));
}

static void on_event(struct bufferevent *bev, short what, void *name) {
    printf("%s event %x, enabled %x\n", (char *)name, what, bev->enabled);
}

static void echo(struct bufferevent *bev, void *name) {
    (void)name;
    bufferevent_write_buffer(bev, bev->input);
}

static void free_in_read(struct bufferevent *bev, void *name) {
    printf("%s frees itself\n", (char *)name);
    bufferevent_free(bev);
}

static void free_in_event(struct bufferevent *bev, short what, void *name) {
    printf("%s event %x, frees itself\n", (char *)name, what);
    bufferevent_free(bev);
}

static void turn(void) {
    event_loop(EVLOOP_NONBLOCK);
}

static void bufferevents(void) {
    char text[10000];
    memset(text, 't', sizeof text);
    make_pair();
    struct bufferevent *bev = bufferevent_new(fds[0], on_read, on_written, on_event, "bev");
    printf("in %d out %d enabled %x\n", bev->input == bufferevent_get_input(bev), bev->output == bufferevent_get_output(bev), bev->enabled);
    if (write(fds[1], "hello", 5) != 5)
        exit(2);
    turn();
    printf("enable %d\n", bufferevent_enable(bev, EV_READ));
    turn();
    printf("got %.*s\n", (int)evbuffer_get_length(bev->input), (char *)EVBUFFER_DATA(bev->input));
    evbuffer_drain(bev->input, 100);
    /* Nothing is told below the low watermark, and nothing is read above the high one. */
    drains_at = 8;
    bufferevent_setwatermark(bev, EV_READ, 4, 8);
    if (write(fds[1], "abc", 3) != 3)
        exit(2);
    turn();
    printf("below: %zu\n", evbuffer_get_length(bev->input));
    if (write(fds[1], "defghijklmn", 11) != 11)
        exit(2);
    turn();
    printf("left: %zu\n", evbuffer_get_length(bev->input));
    drains_at = 0;
    bufferevent_setwatermark(bev, EV_READ, 0, 0);
    evbuffer_drain(bev->input, 100);
    turn();
    printf("disable %d\n", bufferevent_disable(bev, EV_READ));
    if (write(fds[1], "xyz", 3) != 3)
        exit(2);
    turn();
    bufferevent_enable(bev, EV_READ);
    turn();
    /* Writing. */
    printf("write %d\n", bufferevent_write(bev, "answer", 6));
    printf("out: %zu\n", evbuffer_get_length(bev->output));
    turn();
    printf("read %zd\n", read(fds[1], text, sizeof text));
    evbuffer_add(bev->output, "directly", 8);
    evbuffer_add_printf(bufferevent_get_output(bev), "%d", 123);
    turn();
    ssize_t got = read(fds[1], text, sizeof text);
    printf("read %.*s\n", (int)got, text);
    bufferevent_disable(bev, EV_WRITE);
    bufferevent_write(bev, "late", 4);
    turn();
    printf("rests: %zu\n", evbuffer_get_length(bev->output));
    bufferevent_enable(bev, EV_WRITE);
    turn();
    printf("read %zd\n", read(fds[1], text, sizeof text));
    bufferevent_setwatermark(bev, EV_WRITE, 100000, 0);
    for (int i = 0; i < 20; i++)
        bufferevent_write(bev, text, sizeof text);
    struct evbuffer *more = evbuffer_new();
    evbuffer_add(more, "end", 3);
    printf("buffer %d,", bufferevent_write_buffer(bev, more));
    printf(" left %zu\n", evbuffer_get_length(more));
    evbuffer_free(more);
    size_t all = 0;
    for (int i = 0; i < 100000 && all < 200003; i++) {
        event_loop(EVLOOP_NONBLOCK | EVLOOP_ONCE);
        while ((got = read(fds[1], text, sizeof text)) > 0)
            all += got;
    }
    printf("all %zu\n", all);
    close(fds[1]);
    turn();
    bufferevent_free(bev);
    close(fds[0]);
    /* Freed by its own callbacks. */
    make_pair();
    bev = bufferevent_new(fds[0], free_in_read, NULL, NULL, "reader");
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    if (write(fds[1], "y", 1) != 1)
        exit(2);
    turn();
    turn();
    bev = bufferevent_new(fds[0], NULL, NULL, free_in_event, "closer");
    bufferevent_enable(bev, EV_READ);
    close(fds[1]);
    turn();
    bev = bufferevent_new(fds[0], NULL, NULL, free_in_event, "pipe");
    bufferevent_write(bev, "z", 1);
    turn();
    close(fds[0]);
    make_pair();
    bev = bufferevent_new(fds[0], echo, NULL, on_event, "echo");
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    if (write(fds[1], "there and back", 14) != 14)
        exit(2);
    for (int i = 0; i < 5; i++)
        turn();
    got = read(fds[1], text, sizeof text);
    printf("%.*s\n", (int)got, text);
    bufferevent_free(bev);
    close(fds[0]);
    close(fds[1]);
}

int main(int count, char **arguments) {
    struct event_base *base = event_init();
    signal(SIGPIPE, SIG_IGN);
    if (count > 1 && strcmp(arguments[1], "buffers") == 0)
        buffers();
    else
        bufferevents();
    event_base_free(base);
    printf("end\n");
    return 0;
}
