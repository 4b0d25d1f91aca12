/* What the server asks of its plug-in. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>

/* The text in upper case: a block of ms_alloc, which the caller frees. */
typedef char *(*shout_function)(const char *text, size_t length);

#endif
