/*
 * One fault in the middle of a workload: its kind by name, everything else by a seed.
 *
 *     generated KIND SEED
 *
 * Writes to standard output the line that a report has to name, and what was done.
 */
#define MS_CHECK_FREE
#include "memscope.h"

#include <stdio.h>
#include <string.h>

enum { BLOCKS = 40, SITES = 6 };

typedef struct item {
    char *bytes;
    size_t size;
    int line;
} item;

static uint64_t state;
static item blocks[BLOCKS];
static void *variable;

static unsigned draw(unsigned below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 11) % below;
}

static void expect(int line, const char *what, unsigned long value) {
    printf("generated.c:%d\n%s %lu\n", line, what, value);
    fflush(stdout);
}

/* Blocks from several lines and by several calls. */
static item make(void) {
    item it;
    it.size = draw(8) == 0 ? draw(70000) : draw(200);
    switch (draw(SITES)) {
    case 0: it.line = __LINE__; it.bytes = ms_alloc(it.size); break;
    case 1: it.line = __LINE__; it.bytes = ms_calloc(1, it.size); break;
    case 2: it.line = __LINE__; it.bytes = ms_realloc(ms_alloc(draw(300)), it.size); break;
    case 3: it.line = __LINE__; it.bytes = ms_realloc(NULL, it.size); break;
    case 4: it.line = __LINE__; it.bytes = ms_alloc(it.size); ms_transfer(it.bytes, NULL); break;
    default: it.line = __LINE__; it.bytes = ms_calloc(it.size, 1); break;
    }
    if (it.bytes == NULL) exit(3);
    memset(it.bytes, (int)draw(256), it.size);
    return it;
}

static void work(unsigned steps) {
    while (steps-- > 0) {
        item *it = &blocks[draw(BLOCKS)];
        ms_free(it->bytes);
        *it = make();
    }
}

static item *some(void) {
    item *it = &blocks[draw(BLOCKS)];
    if (it->bytes == NULL) *it = make();
    return it;
}

static void leak(void) {
    item *it = some();
    expect(it->line, "leak of bytes", it->size);
    it->bytes = NULL;
}

static void double_free(void) {
    item *it = some();
    char *stale = it->bytes;
    it->bytes = NULL;
    expect(__LINE__ + 2, "double free after other frees", draw(3));
    /* One line: if the address has become another block's, that one's free is told, beside the line of the second. */
    ms_free(stale); if (draw(2)) work(draw(3)); ms_free(stale);
}

static void overrun(void) {
    item *it = some();
    unsigned length = draw(64) + 1;
    expect(it->line, "overrun by bytes", length);
    switch (draw(3)) {
    case 0: memset(it->bytes + it->size, 0, length); break;
    case 1: memset(it->bytes + it->size, (int)draw(256), length); break;
    default:
        while (length-- > 0) it->bytes[it->size + length] = (char)draw(256);
    }
}

static void wrong_side(void) {
    static char in_static[64];
    char on_stack[64];
    item *it = some();
    void *plain = malloc(draw(500));
    unsigned way = draw(5);
    switch (way) {
    case 0: expect(__LINE__, "wrong side, way", way); ms_free(plain); break;
    case 1: expect(__LINE__, "wrong side, way", way); free(it->bytes); break;
    case 2: expect(__LINE__, "wrong side, way", way); ms_free(in_static + 16); break;
    case 3: expect(__LINE__, "wrong side, way", way); ms_free(on_stack + draw(40)); break;
    default: expect(__LINE__, "wrong side, way", way); ms_free(it->bytes + 1 + draw(100)); break;
    }
    free(plain);
}

static void use_after_reset(void) {
    ms_arena arena;
    ms_arena_mark_t mark;
    char *kept[20];
    size_t sizes[20];
    unsigned each, which = draw(20), by_mark = draw(2);
    size_t at;
    ms_arena_init(&arena, draw(2000));
    mark = ms_arena_mark(&arena);
    for (each = 0; each < 20; each++) {
        sizes[each] = draw(300) + 1;
        kept[each] = ms_arena_alloc(&arena, sizes[each]);
        memset(kept[each], 1, sizes[each]);
    }
    expect(__LINE__ + 1, "use after reset of allocation", which);
    if (by_mark) ms_arena_rewind(&arena, mark); else ms_arena_reset(&arena);
    at = draw((unsigned)sizes[which]);
    kept[which][at] = (char)draw(256);
    if (draw(2)) memset(ms_arena_alloc(&arena, 50), 1, 50);
    ms_arena_destroy(&arena);
}

static void escaped(void) {
    item *it = some();
    char *inside = NULL;
    unsigned each, way = draw(2);
    int line = __LINE__ + 3;
    ms_worker_arena_begin(draw(1000));
    for (each = draw(5) + 1; each > 0; each--) {
        inside = ms_worker_alloc(draw(200));
    }
    if (it->size < sizeof inside) way = 0;
    expect(line, "escaped to", way);
    if (way == 0) variable = inside;
    else memcpy(it->bytes + draw((unsigned)it->size / 8 < 512 ? (unsigned)it->size / 8 : 512) * 8, &inside, sizeof inside);
    ms_worker_arena_end();
    variable = NULL;
}

static void unbalanced(void) {
    unsigned each, way = draw(4), count = draw(30) + 1, odd = draw(count);
    for (each = 0; each < count; each++) {
        if (way == 0 && each == odd) expect(__LINE__ + 1, "not released", each);
        ms_ref_create("coroutine", each);
    }
    if (way == 1) expect(__LINE__ + 1, "created twice", odd);
    if (way == 1) ms_ref_create("coroutine", odd);
    for (each = 0; each < count; each++) {
        if (way == 0 && each == odd) continue;
        ms_ref_release("coroutine", each);
    }
    if (way == 2) expect(__LINE__ + 1, "released twice", odd);
    if (way == 2) ms_ref_release("coroutine", odd);
    if (way == 3) expect(__LINE__ + 1, "never created", odd);
    if (way == 3) ms_ref_release("handle", odd);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*commit)(void);
    } kinds[] = {{"leak", leak},
                 {"double_free", double_free},
                 {"overrun", overrun},
                 {"wrong_side", wrong_side},
                 {"use_after_reset", use_after_reset},
                 {"escaped_pointer", escaped},
                 {"unbalanced_reference", unbalanced},
                 {"none", NULL}};
    const ms_scope *scope;
    unsigned each, kind;
    if (count < 3) return 2;
    state = strtoull(arguments[2], NULL, 10) * 0x9E3779B97F4A7C15u + 1;
    work(0);
    for (each = 0; each < 20; each++) draw(2);
    scope = ms_scope_begin_request("generated", draw(1000));
    work(100);
    for (kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (strcmp(kinds[kind].name, arguments[1]) == 0 && kinds[kind].commit != NULL) kinds[kind].commit();
    }
    work(draw(30));
    for (each = 0; each < BLOCKS; each++) ms_free(blocks[each].bytes);
    ms_scope_end(scope);
    return 0;
}
