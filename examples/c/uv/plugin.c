/* A shared object of its own: its blocks are on the account of the program that loaded it. */
#include "plugin.h"

#include "memscope.h"

#include <ctype.h>
#include <stdlib.h>

char *shout(const char *text, size_t length);

char *shout(const char *text, size_t length) {
    char *copy = ms_alloc(length + 1); /* the plug-in's block */
    size_t at;
    if (copy == NULL) abort();
    for (at = 0; at < length; at++) copy[at] = (char)toupper((unsigned char)text[at]);
    copy[length] = 0;
    return copy;
}
