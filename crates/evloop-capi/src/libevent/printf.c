/* The functions that take any number of arguments, or a list of them: Rust has no way to define them. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct evbuffer;

int ev2_evbuffer_add(struct evbuffer *buffer, const void *data, size_t length);
int ev2_evbuffer_add_printf(struct evbuffer *buffer, const char *format, ...);
int ev2_evbuffer_add_vprintf(struct evbuffer *buffer, const char *format, va_list arguments);

int ev2_evbuffer_add_vprintf(struct evbuffer *buffer, const char *format, va_list arguments) {
    char *text;
    int length = vasprintf(&text, format, arguments);
    if (length < 0)
        return -1;
    int added = ev2_evbuffer_add(buffer, text, (size_t)length);
    free(text);
    return added < 0 ? -1 : length;
}

int ev2_evbuffer_add_printf(struct evbuffer *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = ev2_evbuffer_add_vprintf(buffer, format, arguments);
    va_end(arguments);
    return length;
}
