/*
 * An event-driven server and its clients in one loop. A request is a line of text; its answer is the number of words and
 * the line in upper case.
 *
 * Each request has a scope, which is entered wherever work is done for it: in the callbacks of the loop, and in the
 * worker of the pool. The worker's scratch memory is a worker arena; its result is freed on the loop's thread. A plug-in,
 * a shared object of its own, makes the text of the answer. When a request's connection is closed its scope ends, and
 * must be neutral.
 *
 *     server PLUGIN [REQUESTS [--leak]]
 */
#include "memscope.h"
#include "plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

enum { CONCURRENT = 16, TEXT_MAX = 200 };

typedef struct request {
    uv_tcp_t connection;
    uv_work_t work;
    uv_write_t write;
    const ms_scope *scope;
    char *text;
    size_t length;
    char *answer;
    size_t words;
} request;

typedef struct client {
    uv_tcp_t connection;
    uv_connect_t connect;
    uv_write_t write;
    char text[TEXT_MAX];
    char received[2 * TEXT_MAX];
    size_t length;
} client;

static struct {
    uv_loop_t loop;
    uv_tcp_t listener;
    struct sockaddr_in address;
    shout_function shout;
    unsigned wanted, started, answered, neutral;
    int leaks;
} server;

static void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "server: %s: %s\n", what, uv_strerror(result));
        exit(1);
    }
}

static void *needed(void *block) {
    if (block == NULL) {
        fprintf(stderr, "server: out of memory\n");
        exit(1);
    }
    return block;
}

/* The server's side. */

static void closed(uv_handle_t *handle) {
    request *it = handle->data;
    const ms_scope *scope = it->scope;
    ms_free(it);
    server.neutral += (unsigned)ms_scope_end(scope);
}

static void finish(request *it) {
    uv_close((uv_handle_t *)&it->connection, closed);
}

static void written(uv_write_t *write, int status) {
    request *it = write->data;
    check(status, "write an answer");
    ms_scope_enter(it->scope);
    ms_free(it->answer);
    ms_scope_leave(it->scope);
    finish(it);
}

/* In a thread of the pool. */
static void count_and_shout(uv_work_t *work) {
    request *it = work->data;
    char *scratch, *word, *shouted, *rest = NULL;
    size_t size;
    ms_scope_enter(it->scope);
    ms_worker_arena_begin(1024);
    scratch = needed(ms_worker_alloc(it->length + 1));
    memcpy(scratch, it->text, it->length + 1);
    for (word = strtok_r(scratch, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) it->words++;
    shouted = server.shout(it->text, it->length);
    size = it->length + 40;
    it->answer = needed(ms_alloc(size));
    snprintf(it->answer, size, "%u %s\n", (unsigned)it->words, shouted);
    if (!server.leaks || it->words != 3) ms_free(shouted);
    ms_worker_arena_end();
    ms_scope_leave(it->scope);
}

/* On the loop's thread again. */
static void counted(uv_work_t *work, int status) {
    request *it = work->data;
    uv_buf_t buffer;
    check(status, "count");
    ms_scope_enter(it->scope);
    ms_free(it->text);
    it->text = NULL;
    ms_scope_leave(it->scope);
    buffer = uv_buf_init(it->answer, (unsigned)strlen(it->answer));
    it->write.data = it;
    check(uv_write(&it->write, (uv_stream_t *)&it->connection, &buffer, 1, written), "write");
}

static void make_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
    request *it = handle->data;
    (void)size;
    ms_scope_enter(it->scope);
    *buffer = uv_buf_init(needed(ms_alloc(TEXT_MAX)), TEXT_MAX);
    ms_scope_leave(it->scope);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    request *it = stream->data;
    ms_scope_enter(it->scope);
    if (count > 0) {
        size_t more = (size_t)count;
        it->text = needed(ms_realloc(it->text, it->length + more + 1));
        memcpy(it->text + it->length, buffer->base, more);
        it->length += more;
        it->text[it->length] = 0;
    }
    if (buffer->base != NULL) ms_free(buffer->base);
    ms_scope_leave(it->scope);
    if (count < 0) {
        check(count == UV_EOF ? 0 : (int)count, "read");
    } else if (it->length > 0 && it->text[it->length - 1] == '\n') {
        it->text[--it->length] = 0;
        uv_read_stop(stream);
        it->work.data = it;
        check(uv_queue_work(&server.loop, &it->work, count_and_shout, counted), "queue work");
    }
}

static void connected(uv_stream_t *listener, int status) {
    const ms_scope *scope = ms_scope_open_request("request", ++server.started);
    request *it;
    check(status, "listen");
    ms_scope_enter(scope);
    it = needed(ms_calloc(1, sizeof *it));
    ms_scope_leave(scope);
    it->scope = scope;
    it->connection.data = it;
    check(uv_tcp_init(&server.loop, &it->connection), "make a connection");
    check(uv_accept(listener, (uv_stream_t *)&it->connection), "accept");
    check(uv_read_start((uv_stream_t *)&it->connection, make_room, received), "read");
}

/* The clients' side. */

static void start_client(void);

static void client_closed(uv_handle_t *handle) {
    ms_free(handle->data);
    server.answered++;
    if (server.wanted > 0) start_client();
    else if (server.answered == server.started) uv_close((uv_handle_t *)&server.listener, NULL);
}

static void client_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
    client *it = handle->data;
    (void)size;
    *buffer = uv_buf_init(it->received + it->length, (unsigned)(sizeof it->received - it->length));
}

static void client_received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    client *it = stream->data;
    (void)buffer;
    if (count > 0) it->length += (size_t)count;
    if (count < 0) uv_close((uv_handle_t *)stream, client_closed);
}

static void client_written(uv_write_t *write, int status) {
    (void)write;
    check(status, "send");
}

static void client_connected(uv_connect_t *connect, int status) {
    client *it = connect->data;
    uv_buf_t buffer = uv_buf_init(it->text, (unsigned)strlen(it->text));
    check(status, "connect");
    check(uv_write(&it->write, connect->handle, &buffer, 1, client_written), "send");
    check(uv_read_start(connect->handle, client_room, client_received), "receive");
}

static void start_client(void) {
    client *it = needed(ms_calloc(1, sizeof *it));
    unsigned words = server.wanted-- % 9 + 1;
    while (words-- > 0) strcat(it->text, words > 0 ? "word " : "last\n");
    it->connection.data = it->connect.data = it;
    check(uv_tcp_init(&server.loop, &it->connection), "make a client");
    check(uv_tcp_connect(&it->connect, &it->connection, (const struct sockaddr *)&server.address, client_connected),
          "connect");
}

static void load(const char *path) {
    void *plugin = dlopen(path, RTLD_NOW);
    if (plugin == NULL) {
        fprintf(stderr, "server: %s\n", dlerror());
        exit(1);
    }
    /* As POSIX has it: C99 has no cast from an object's pointer to a function's. */
    *(void **)&server.shout = dlsym(plugin, "shout");
    if (server.shout == NULL) exit(1);
}

int main(int count, char **arguments) {
    unsigned wanted = count > 2 ? (unsigned)atoi(arguments[2]) : 1000, first;
    int length = sizeof server.address;
    ms_checkpoint_t start = ms_checkpoint();
    ms_stats_t stats;
    if (count < 2 || wanted == 0) {
        fprintf(stderr, "usage: server PLUGIN [REQUESTS [--leak]]\n");
        return 2;
    }
    server.leaks = count > 3 && strcmp(arguments[3], "--leak") == 0;
    load(arguments[1]);
    check(uv_loop_init(&server.loop), "make a loop");
    check(uv_tcp_init(&server.loop, &server.listener), "make a listener");
    check(uv_ip4_addr("127.0.0.1", 0, &server.address), "make an address");
    check(uv_tcp_bind(&server.listener, (const struct sockaddr *)&server.address, 0), "bind");
    check(uv_listen((uv_stream_t *)&server.listener, 128, connected), "listen");
    check(uv_tcp_getsockname(&server.listener, (struct sockaddr *)&server.address, &length), "find the port");
    server.wanted = wanted;
    for (first = 0; first < CONCURRENT && server.wanted > 0; first++) start_client();
    check(uv_run(&server.loop, UV_RUN_DEFAULT), "run");
    check(uv_loop_close(&server.loop), "close the loop");
    ms_assert_since(start, "the server has ended");
    stats = ms_stats();
    printf("%u requests, %u neutral, %lu blocks allocated, %lu freed\n", server.answered, server.neutral,
           (unsigned long)stats.alloc_count, (unsigned long)stats.free_count);
    return server.neutral == wanted ? 0 : 1;
}
