/*
 * memscope.h - who allocated it, in which scope, and did it come back.
 *
 * Every block has the line that allocated it and a scope. Scopes are checked when they end; what is live when the
 * process ends makes its exit code 23. Reports go to standard error, begin with "memscope: file:line:", and end the
 * process by abort() unless ms_set_action(MS_REPORT) was called.
 *
 * C99 and later, C++. Linux, 64 bits. Every call may be made from any thread, before main and after its end, and in the
 * child of a fork; from a signal handler only where malloc may.
 *
 * MEMSCOPE_OFF   defined before this file: all of it is plain malloc and nothing, and no library is needed.
 * MS_CHECK_FREE  defined before this file: free() of a block of this library is reported instead of undefined.
 *
 * A value that Rust gave by memscope_capi::handoff::give is freed by ms_free, which runs its destructor; nothing else takes
 * it. A block that Rust took by handoff::take is Rust's to free.
 *
 * Link with -lmemscope_capi. All shared objects of a process that use the shared library have one account; the static
 * library is for programs without plug-ins.
 */
#ifndef MEMSCOPE_H
#define MEMSCOPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A piece of work whose blocks are to be freed when it ends. */
typedef struct ms_scope ms_scope;

/* Counts of blocks and bytes. A block that changes its size counts its bytes as freed and allocated anew. */
typedef struct ms_stats_t {
    uint64_t alloc_count;
    uint64_t free_count;
    uint64_t bytes_allocated;
    uint64_t bytes_freed;
    uint64_t peak; /* exact where one thread was at work, otherwise a bound from above; scopes inside aside */
} ms_stats_t;

/* What was live in a scope. */
typedef struct ms_checkpoint_t {
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint32_t scope;
    uint32_t epoch;
} ms_checkpoint_t;

/* A place in an arena. */
typedef struct ms_arena_mark_t {
    uint64_t life;
    uint64_t chunk;
    uint64_t used;
    uint64_t rewinds;
} ms_arena_mark_t;

/* What reports do. */
enum {
    MS_ABORT = 0, /* end the process; so it is at the start */
    MS_REPORT = 1 /* go on; the exit code will be 23 */
};

/* In place of a request's number. */
#define MS_NO_REQUEST UINT64_MAX

#ifndef MEMSCOPE_OFF

/* Many allocations that are taken back together. One thread uses it at a time. */
typedef struct ms_arena {
    void *state;
} ms_arena;

/* The functions. Use the macros below, which add the line. Custom runtimes may call these with lines of their own; the
 * file's name is to live as long as the shared object that calls. */
void *ms_alloc_at(size_t size, const char *file, int line);
void *ms_calloc_at(size_t count, size_t size, const char *file, int line);
void *ms_realloc_at(void *block, size_t size, const char *file, int line);
void ms_free_at(void *block, const char *file, int line);
void ms_transfer_at(void *block, const ms_scope *to, const char *file, int line);
void ms_keep_at(void *block, const char *file, int line);
void ms_plain_free_at(void *block, const char *file, int line);
const ms_scope *ms_scope_open_at(const char *name, uint64_t request, const char *file, int line);
const ms_scope *ms_scope_begin_at(const char *name, uint64_t request, const char *file, int line);
void ms_scope_enter_at(const ms_scope *scope, const char *file, int line);
void ms_scope_leave_at(const ms_scope *scope, const char *file, int line);
int ms_scope_end_at(const ms_scope *scope, const char *file, int line);
int ms_assert_since_at(ms_checkpoint_t checkpoint, const char *context, const char *file, int line);
int ms_assert_neutral_at(const char *context, const char *file, int line);
void ms_ref_create_at(const char *kind, uint64_t id, const char *file, int line);
void ms_ref_release_at(const char *kind, uint64_t id, const char *file, int line);
int ms_ref_assert_balanced_at(const char *kind, const char *context, const char *file, int line);
int ms_stack_check_at(int64_t expected, int64_t found, const char *context, const char *file, int line);
void ms_arena_init_at(ms_arena *arena, size_t first, ms_arena *parent, const char *file, int line);
void *ms_arena_alloc_at(ms_arena *arena, size_t size, const char *file, int line);
void *ms_arena_calloc_at(ms_arena *arena, size_t count, size_t size, const char *file, int line);
char *ms_arena_strdup_at(ms_arena *arena, const char *text, const char *file, int line);
ms_arena_mark_t ms_arena_mark_at(ms_arena *arena, const char *file, int line);
int ms_arena_rewind_at(ms_arena *arena, ms_arena_mark_t mark, const char *file, int line);
void ms_arena_reset_at(ms_arena *arena, const char *file, int line);
void ms_arena_destroy_at(ms_arena *arena, const char *file, int line);
void *ms_arena_copy_out_at(ms_arena *arena, const void *from, size_t size, const char *file, int line);
void *ms_arena_promote_at(ms_arena *arena, const void *from, size_t size, const char *file, int line);
void ms_op_begin_at(ms_arena *arena, size_t first, const char *file, int line);
void ms_op_end_at(ms_arena *arena, const char *file, int line);
void ms_worker_arena_begin_at(size_t first, const char *file, int line);
void *ms_worker_alloc_at(size_t size, const char *file, int line);
int ms_worker_arena_end_at(const char *file, int line);

/* Blocks without a line, for pointers to these functions. */
void *ms_alloc(size_t size);
void *ms_calloc(size_t count, size_t size);
void *ms_realloc(void *block, size_t size);
void ms_free(void *block);

/* Aligned to 16 bytes, also of 0 bytes; NULL, with errno ENOMEM, where there is no memory or a size is too large.
 * ms_realloc keeps the block's scope, makes a block of 0 bytes of size 0, and leaves the block as it was when it fails. */
#define ms_alloc(size) ms_alloc_at((size), __FILE__, __LINE__)
#define ms_calloc(count, size) ms_calloc_at((count), (size), __FILE__, __LINE__)
#define ms_realloc(block, size) ms_realloc_at((block), (size), __FILE__, __LINE__)
/* Reports a block that was freed before, a pointer that is no block or leads into one, and a block that somebody wrote
 * past; the first two are then left alone. */
#define ms_free(block) ms_free_at((block), __FILE__, __LINE__)

/* The block is on the account of another scope from now on; of the process, where it is NULL. */
#define ms_transfer(block, to) ms_transfer_at((block), (to), __FILE__, __LINE__)
/* The block is on no account any more, and no leak at the end. */
#define ms_keep(block) ms_keep_at((block), __FILE__, __LINE__)
/* Whether a live block begins there, and the size that it was asked with. */
int ms_is_block(const void *pointer);
size_t ms_size(const void *pointer);

/* A scope inside the one that the thread is in. Begin enters it too; end leaves it, reports it unless everything in it
 * and in the scopes inside it came back, and answers 1 if it did. Open is begin without entering, for a coroutine that
 * is entered when it is resumed and left when it yields, on whatever thread. NULL, which all calls take, where 262,142
 * scopes are unfinished or there is no memory. A thread is in at most 128 at one time; to enter one more is reported, and
 * the thread stays where it is. */
#define ms_scope_begin(name) ms_scope_begin_at((name), MS_NO_REQUEST, __FILE__, __LINE__)
#define ms_scope_begin_request(name, id) ms_scope_begin_at((name), (id), __FILE__, __LINE__)
#define ms_scope_open(name) ms_scope_open_at((name), MS_NO_REQUEST, __FILE__, __LINE__)
#define ms_scope_open_request(name, id) ms_scope_open_at((name), (id), __FILE__, __LINE__)
#define ms_scope_enter(scope) ms_scope_enter_at((scope), __FILE__, __LINE__)
#define ms_scope_leave(scope) ms_scope_leave_at((scope), __FILE__, __LINE__)
#define ms_scope_end(scope) ms_scope_end_at((scope), __FILE__, __LINE__)

/* A place in a run: what is live in the scope that the thread is in. The assertions report, and answer 0, unless as much
 * is live as at the checkpoint; unless nothing is live in the scope that the thread is in (the process, in none). */
ms_checkpoint_t ms_checkpoint(void);
#define ms_assert_since(checkpoint, context) ms_assert_since_at((checkpoint), (context), __FILE__, __LINE__)
#define ms_assert_neutral(context) ms_assert_neutral_at((context), __FILE__, __LINE__)

/* Things that are no blocks: coroutines, handles, entries of a registry. Each is created once and released once; what
 * was not released is reported by the assertion and at the end of the process. */
#define ms_ref_create(kind, id) ms_ref_create_at((kind), (uint64_t)(id), __FILE__, __LINE__)
#define ms_ref_release(kind, id) ms_ref_release_at((kind), (uint64_t)(id), __FILE__, __LINE__)
#define ms_ref_assert_balanced(kind, context) ms_ref_assert_balanced_at((kind), (context), __FILE__, __LINE__)
uint64_t ms_ref_live(const char *kind);

/* Reports, and answers 0, unless a stack (an interpreter's, say) is as deep as expected. */
#define ms_stack_check(expected, found, context) \
    ms_stack_check_at((int64_t)(expected), (int64_t)(found), (context), __FILE__, __LINE__)

/* An arena of the scope that the thread is in, with a first chunk of that many bytes; each further one is twice as large.
 * A child has memory of its own, and ends before its parent. Allocations are aligned to 16 bytes; NULL where there is no
 * memory. Reset and rewind take allocations back, and keep the memory for the next ones; destroy gives it back. What is
 * taken back is filled with 0xDD: whoever writes there later, or wrote past an allocation, is reported at the next use of
 * the place or at the next reset, and by AddressSanitizer at once. A mark goes stale by a reset, and by a rewind to a
 * place before it; a rewind to a stale mark, or to one of another arena, is reported and does nothing. A copy of the
 * variable is the same arena: its use after the arena's end is reported until 64 others have ended. */
#define ms_arena_init(arena, first) ms_arena_init_at((arena), (first), NULL, __FILE__, __LINE__)
#define ms_arena_child(arena, parent, first) ms_arena_init_at((arena), (first), (parent), __FILE__, __LINE__)
#define ms_arena_alloc(arena, size) ms_arena_alloc_at((arena), (size), __FILE__, __LINE__)
#define ms_arena_calloc(arena, count, size) ms_arena_calloc_at((arena), (count), (size), __FILE__, __LINE__)
#define ms_arena_strdup(arena, text) ms_arena_strdup_at((arena), (text), __FILE__, __LINE__)
#define ms_arena_mark(arena) ms_arena_mark_at((arena), __FILE__, __LINE__)
#define ms_arena_rewind(arena, mark) ms_arena_rewind_at((arena), (mark), __FILE__, __LINE__)
#define ms_arena_reset(arena) ms_arena_reset_at((arena), __FILE__, __LINE__)
#define ms_arena_destroy(arena) ms_arena_destroy_at((arena), __FILE__, __LINE__)
/* A copy as a block of ms_alloc, or in the parent, of what has to outlive the arena. NULL, and reported, where the bytes
 * are not in the arena: a pointer that a reset has made stale, for one. */
#define ms_arena_copy_out(arena, from, size) ms_arena_copy_out_at((arena), (from), (size), __FILE__, __LINE__)
#define ms_arena_promote(arena, from, size) ms_arena_promote_at((arena), (from), (size), __FILE__, __LINE__)

/* An arena for the rest of a block of code, inside the one that the thread works with: BEGIN declares it, END ends it. */
#define MS_OP_BEGIN(size) \
    ms_arena ms_op_arena_; \
    ms_op_begin_at(&ms_op_arena_, (size), __FILE__, __LINE__)
#define MS_OP_ALLOC(size) ms_arena_alloc(&ms_op_arena_, (size))
#define MS_OP_END() ms_op_end_at(&ms_op_arena_, __FILE__, __LINE__)

/* The same for the calling thread without a variable, for the callback of a worker. End reports a pointer to the begin of
 * an allocation that is held by a block (in its first 4096 bytes) or by a variable of static storage, and answers 0; it
 * looks at all of them. Then it ends the arena. In the child of a fork it may wait for ever where another thread was in
 * this call meanwhile: ms_set_escape_check(0) there. */
#define ms_worker_arena_begin(size) ms_worker_arena_begin_at((size), __FILE__, __LINE__)
#define ms_worker_alloc(size) ms_worker_alloc_at((size), __FILE__, __LINE__)
#define ms_worker_arena_end() ms_worker_arena_end_at(__FILE__, __LINE__)
/* Whether it looks for such pointers, as it does at the start; the answer is what it was. */
int ms_set_escape_check(int on);

/* Of the process, of the calling thread, and of a scope with those inside it (NULL: the one that the thread is in). */
ms_stats_t ms_stats(void);
ms_stats_t ms_thread_stats(void);
ms_stats_t ms_scope_stats(const ms_scope *scope);
/* Writes to standard error what is live, by file and line. */
void ms_summary(void);

/* MS_ABORT or MS_REPORT; the answer is what it was. */
int ms_set_action(int action);
/* How many reports there were. */
uint32_t ms_failures(void);
/* Whether the end of the process looks for leaks, as it does at the start; the answer is what it was. */
int ms_set_exit_check(int on);

#ifdef MS_CHECK_FREE
#define free(block) ms_plain_free_at((block), __FILE__, __LINE__)
#endif

#else /* MEMSCOPE_OFF */

/* One answer for all systems: a block of 0 bytes, as with the library. */
static inline void *ms_off_realloc(void *block, size_t size) {
    return realloc(block, size ? size : 1);
}
/* For pointers to these functions. */
static inline void *ms_alloc(size_t size) {
    return malloc(size);
}
static inline void *ms_calloc(size_t count, size_t size) {
    return calloc(count, size);
}
static inline void *ms_realloc(void *block, size_t size) {
    return ms_off_realloc(block, size);
}
static inline void ms_free(void *block) {
    free(block);
}
static inline void ms_off_ignore(const void *pointer) {
    (void)pointer;
}
static inline ms_checkpoint_t ms_off_checkpoint(void) {
    ms_checkpoint_t none = {0, 0, 0, 0};
    return none;
}
static inline ms_stats_t ms_off_stats(void) {
    ms_stats_t none = {0, 0, 0, 0, 0};
    return none;
}

/* Arenas are bump allocators over malloc. */
typedef struct ms_off_chunk {
    struct ms_off_chunk *before;
    size_t size;
    size_t used;
    size_t unused;
} ms_off_chunk;

typedef struct ms_arena {
    ms_off_chunk *last;
    struct ms_arena *parent;
    struct ms_arena *outer;
    size_t first;
} ms_arena;

/* The arena that a thread works with; one for all files of a program. */
__extension__ __attribute__((weak)) __thread ms_arena *ms_off_worker;

static inline void ms_off_arena_init(ms_arena *arena, size_t first, ms_arena *parent) {
    arena->last = NULL;
    arena->parent = parent;
    arena->outer = NULL;
    arena->first = first < 256 ? 256 : first;
}
static inline void *ms_off_arena_alloc(ms_arena *arena, size_t size) {
    ms_off_chunk *last = arena->last;
    void *found;
    if (size > SIZE_MAX / 4) return NULL;
    size = (size + 15) & ~(size_t)15;
    if (last == NULL || size > last->size - last->used) {
        size_t next = last == NULL ? arena->first : 2 * last->size;
        ms_off_chunk *fresh;
        if (next < size) next = size;
        if (next > SIZE_MAX / 4) return NULL;
        fresh = (ms_off_chunk *)malloc(sizeof(ms_off_chunk) + next);
        if (fresh == NULL) return NULL;
        fresh->before = last;
        fresh->size = next;
        fresh->used = 0;
        arena->last = last = fresh;
    }
    found = (char *)(last + 1) + last->used;
    last->used += size;
    return found;
}
static inline void *ms_off_arena_copy(ms_arena *arena, const void *from, size_t size) {
    void *to = arena == NULL ? malloc(size) : ms_off_arena_alloc(arena, size);
    return to == NULL ? NULL : memcpy(to, from, size);
}
static inline void *ms_off_arena_calloc(ms_arena *arena, size_t count, size_t size) {
    void *found;
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    found = ms_off_arena_alloc(arena, count * size);
    return found == NULL ? NULL : memset(found, 0, count * size);
}
static inline ms_arena_mark_t ms_off_arena_mark(ms_arena *arena) {
    ms_arena_mark_t mark = {0, 0, 0, 0};
    mark.chunk = (uint64_t)(uintptr_t)arena->last;
    mark.used = arena->last == NULL ? 0 : arena->last->used;
    return mark;
}
static inline int ms_off_arena_rewind(ms_arena *arena, ms_arena_mark_t mark) {
    while (arena->last != NULL && (uint64_t)(uintptr_t)arena->last != mark.chunk) {
        ms_off_chunk *before = arena->last->before;
        /* The first chunk stays. */
        if (before == NULL) break;
        free(arena->last);
        arena->last = before;
    }
    if (arena->last != NULL) arena->last->used = (size_t)mark.used;
    return 1;
}
static inline void ms_off_arena_reset(ms_arena *arena) {
    ms_arena_mark_t start = {0, 0, 0, 0};
    (void)ms_off_arena_rewind(arena, start);
}
static inline void ms_off_arena_destroy(ms_arena *arena) {
    ms_off_arena_reset(arena);
    free(arena->last);
    arena->last = NULL;
}
static inline void ms_off_op_begin(ms_arena *arena, size_t first) {
    ms_off_arena_init(arena, first, ms_off_worker);
    arena->outer = ms_off_worker;
    ms_off_worker = arena;
}
static inline void ms_off_op_end(ms_arena *arena) {
    ms_off_worker = arena->outer;
    ms_off_arena_destroy(arena);
}
static inline void ms_off_worker_begin(size_t first) {
    ms_arena *arena = (ms_arena *)malloc(sizeof(ms_arena));
    if (arena == NULL) abort();
    ms_off_op_begin(arena, first);
}
static inline int ms_off_worker_end(void) {
    ms_arena *arena = ms_off_worker;
    ms_off_op_end(arena);
    free(arena);
    return 1;
}

#define ms_arena_init(arena, first) ms_off_arena_init((arena), (first), NULL)
#define ms_arena_child(arena, parent, first) ms_off_arena_init((arena), (first), (parent))
#define ms_arena_alloc(arena, size) ms_off_arena_alloc((arena), (size))
#define ms_arena_calloc(arena, count, size) ms_off_arena_calloc((arena), (count), (size))
#define ms_arena_strdup(arena, text) ((char *)ms_off_arena_copy((arena), (text), strlen(text) + 1))
#define ms_arena_mark(arena) ms_off_arena_mark(arena)
#define ms_arena_rewind(arena, mark) ms_off_arena_rewind((arena), (mark))
#define ms_arena_reset(arena) ms_off_arena_reset(arena)
#define ms_arena_destroy(arena) ms_off_arena_destroy(arena)
#define ms_arena_copy_out(arena, from, size) (ms_off_ignore(arena), ms_off_arena_copy(NULL, (from), (size)))
#define ms_arena_promote(arena, from, size) ms_off_arena_copy((arena)->parent, (from), (size))
#define MS_OP_BEGIN(size) \
    ms_arena ms_op_arena_; \
    ms_off_op_begin(&ms_op_arena_, (size))
#define MS_OP_ALLOC(size) ms_off_arena_alloc(&ms_op_arena_, (size))
#define MS_OP_END() ms_off_op_end(&ms_op_arena_)
#define ms_worker_arena_begin(size) ms_off_worker_begin(size)
#define ms_worker_alloc(size) ms_off_arena_alloc(ms_off_worker, (size))
#define ms_worker_arena_end() ms_off_worker_end()
#define ms_set_escape_check(on) (0)

#define ms_alloc(size) malloc(size)
#define ms_calloc(count, size) calloc((count), (size))
#define ms_realloc(block, size) ms_off_realloc((block), (size))
#define ms_free(block) free(block)
#define ms_alloc_at(size, file, line) malloc(size)
#define ms_calloc_at(count, size, file, line) calloc((count), (size))
#define ms_realloc_at(block, size, file, line) ms_off_realloc((block), (size))
#define ms_free_at(block, file, line) free(block)
#define ms_transfer(block, to) (ms_off_ignore(block), ms_off_ignore(to))
#define ms_keep(block) ms_off_ignore(block)
#define ms_is_block(pointer) (ms_off_ignore(pointer), 0)
#define ms_size(pointer) (ms_off_ignore(pointer), (size_t)0)
#define ms_scope_begin(name) ((const ms_scope *)NULL)
#define ms_scope_begin_request(name, id) ((void)(id), (const ms_scope *)NULL)
#define ms_scope_open(name) ((const ms_scope *)NULL)
#define ms_scope_open_request(name, id) ((void)(id), (const ms_scope *)NULL)
#define ms_scope_enter(scope) ms_off_ignore(scope)
#define ms_scope_leave(scope) ms_off_ignore(scope)
#define ms_scope_end(scope) (ms_off_ignore(scope), 1)
#define ms_checkpoint() ms_off_checkpoint()
#define ms_assert_since(checkpoint, context) ((void)(checkpoint), 1)
#define ms_assert_neutral(context) (1)
#define ms_ref_create(kind, id) ((void)(id))
#define ms_ref_release(kind, id) ((void)(id))
#define ms_ref_assert_balanced(kind, context) (1)
#define ms_ref_live(kind) ((uint64_t)0)
#define ms_stack_check(expected, found, context) ((void)(expected), (void)(found), 1)
#define ms_stats() ms_off_stats()
#define ms_thread_stats() ms_off_stats()
#define ms_scope_stats(scope) (ms_off_ignore(scope), ms_off_stats())
#define ms_summary() ((void)0)
#define ms_set_action(action) (MS_ABORT)
#define ms_failures() ((uint32_t)0)
#define ms_set_exit_check(on) (0)

#endif /* MEMSCOPE_OFF */

#ifdef __cplusplus
}
#endif

#endif /* MEMSCOPE_H */
