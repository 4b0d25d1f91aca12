/*
 * memscope.h - who allocated it, in which scope, and did it come back.
 *
 * Every block has the line that allocated it and a scope. Scopes are checked when they end; what is live when the
 * process ends makes its exit code 23. Reports go to standard error, begin with "memscope: file:line:", and end the
 * process by abort() unless ms_set_action(MS_REPORT) was called.
 *
 * C99 and later, C++. Linux, 64 bits. Every call may be made from any thread, before main and after its end.
 *
 * MEMSCOPE_OFF   defined before this file: all of it is plain malloc and nothing, and no library is needed.
 * MS_CHECK_FREE  defined before this file: free() of a block of this library is reported instead of undefined.
 *
 * Link with -lmemscope_capi. All shared objects of a process that use the shared library have one account; the static
 * library is for programs without plug-ins.
 */
#ifndef MEMSCOPE_H
#define MEMSCOPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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

/* What reports do. */
enum {
    MS_ABORT = 0, /* end the process; so it is at the start */
    MS_REPORT = 1 /* go on; the exit code will be 23 */
};

/* In place of a request's number. */
#define MS_NO_REQUEST UINT64_MAX

#ifndef MEMSCOPE_OFF

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
 * scopes are unfinished or there is no memory. */
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
