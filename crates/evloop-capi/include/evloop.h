/*
 * evloop.h - an event loop that cannot call what is gone: descriptors, timers, signals, calls from other threads.
 *
 * Handles are numbers of 64 bits, and 0 is none. In the life of a process no two things have the same one: a handle of
 * something that is gone names nothing, and each call says so. Every call answers an evloop_status, and a call that fails has
 * changed nothing; a handle that it was to store is then 0.
 *
 * A loop, and all that is registered with it, is used by the thread that made it; others get EVLOOP_E_THREAD. Wakers are for
 * every thread. Callbacks may make any call but evloop_free of their own loop: remove themselves and others, run the loop
 * again, change its backend.
 *
 * Who owns data: a call that is given user data with a destroy function, and that succeeds, makes the data the library's. It
 * calls the destroy function once, on the loop's thread, when nothing needs the data any more, and after any callback that
 * runs with it; with evloop_free at the latest. A call that fails leaves the data with the caller. Data without a destroy
 * function stays the caller's, and is to outlive its registration. docs/ownership.md has it call by call.
 *
 * Structures begin with their size and EVLOOP_ABI_VERSION; fill them by their EVLOOP_.._INIT. A longer structure of a later
 * version is taken as long as what this library does not know is 0. Descriptors stay the caller's; a registration is to be
 * removed before its descriptor is closed, or it may be told of the file that has the number next.
 *
 * A callback may not leave by longjmp; a C++ exception that leaves one ends the process. A Rust panic that does is
 * EVLOOP_E_PANIC of the call that ran the loop, and removes the registration. No call may be made from a signal handler.
 *
 * C99 and later, C++. Linux, 64 bits. Link with -levloop_capi.
 */
#ifndef EVLOOP_H
#define EVLOOP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EVLOOP_ABI_VERSION 1u

/* At one time: loops of a process, registrations of a loop. */
#define EVLOOP_MAX_LOOPS 1024u
#define EVLOOP_MAX_WATCHES 1048576u

typedef uint64_t evloop_loop;
/* A registration: of a descriptor, a timer or a signal. */
typedef uint64_t evloop_watch;
/* User data that several registrations share. */
typedef uint64_t evloop_data;
typedef uint64_t evloop_waker;

typedef int32_t evloop_status;
enum {
    EVLOOP_OK = 0,
    EVLOOP_E_NULL = -1,       /* a pointer that must not be NULL is, or is not aligned */
    EVLOOP_E_ABI = -2,        /* another abi_version */
    EVLOOP_E_SIZE = -3,       /* a structure is too small, or asks for what the library does not know */
    EVLOOP_E_BITS = -4,       /* a bit, a flag or a number without a meaning */
    EVLOOP_E_RANGE = -5,      /* a value out of its range */
    EVLOOP_E_BAD_FD = -6,     /* the descriptor is not open */
    EVLOOP_E_ZERO = -7,       /* handle 0 */
    EVLOOP_E_STALE = -8,      /* a handle of something that is gone */
    EVLOOP_E_FOREIGN = -9,    /* a handle that was never given out, or shared data of another loop */
    EVLOOP_E_KIND = -10,      /* a handle of another kind of thing */
    EVLOOP_E_THREAD = -11,    /* a handle of another thread's loop */
    EVLOOP_E_BUSY = -12,      /* not from a callback or a destroy function of this loop */
    EVLOOP_E_LIMIT = -13,     /* too many */
    EVLOOP_E_MEMORY = -14,    /* no memory */
    EVLOOP_E_SYSTEM = -15,    /* the system refuses; errno says why */
    EVLOOP_E_PANIC = -16,     /* a callback or the library panicked */
    EVLOOP_E_TOO_SMALL = -17, /* the buffer; the length that is needed is stored */
    EVLOOP_E_GONE = -18,      /* the loop of a waker */
    EVLOOP_E_OWNED = -19,     /* debug mode: the library owns this data already */
    EVLOOP_E_LEFT = -20       /* debug mode: the loop is freed, and something was left in it */
};

/* What a descriptor is watched for; 0 lets the registration rest. Errors and hang-ups are always told of others. */
typedef uint32_t evloop_interest;
enum {
    EVLOOP_READABLE = 1, /* something to read, or the end of it */
    EVLOOP_PRIORITY = 2, /* something out of band */
    EVLOOP_WRITABLE = 4  /* room to write */
};

/* What happened since the last call: these, and what a descriptor was watched for. */
typedef uint32_t evloop_ready;
enum {
    EVLOOP_ERROR = 8,     /* an error is pending, or the system refuses to watch the descriptor */
    EVLOOP_HANGUP = 16,   /* the other end is closed */
    EVLOOP_TIMER = 32,    /* the time has come */
    EVLOOP_SIGNAL = 64,   /* a signal came, once or more */
    EVLOOP_ACTIVATED = 128 /* evloop_activate */
};

/* What a loop waits with. */
typedef uint32_t evloop_backend;
enum {
    EVLOOP_EPOLL = 0, /* a wait costs what is ready */
    EVLOOP_POLL = 1,  /* a wait costs what is watched */
    EVLOOP_URING = 2  /* Linux 5.11 and later, where io_uring is allowed */
};

typedef uint32_t evloop_flags;
enum {
    EVLOOP_DEBUG = 1 /* record who owns what; see evloop_ledger */
};

typedef uint32_t evloop_timer_flags;
enum {
    EVLOOP_TIMER_REMOVE = 1 /* remove the timer once it was due, unless its callback arms it again */
};

/* Why evloop_run came back. */
typedef uint32_t evloop_ended;
enum {
    EVLOOP_NOTHING_LEFT = 0, /* no registration and no deferred call */
    EVLOOP_STOPPED = 1       /* evloop_break or evloop_exit */
};

/* For a timer that is not armed. */
#define EVLOOP_NEVER UINT64_MAX

typedef void (*evloop_callback_fn)(evloop_loop loop, evloop_watch watch, evloop_ready ready, void *data);
typedef void (*evloop_task_fn)(evloop_loop loop, void *data);
typedef void (*evloop_destroy_fn)(void *data);

/* The sizes that a program was compiled with. */
typedef struct evloop_abi {
    uint32_t size;
    uint32_t abi_version;
    uint32_t pointer;
    uint32_t options;
    uint32_t callback;
    uint32_t task;
    uint32_t timer;
    uint32_t stats;
} evloop_abi;

typedef struct evloop_options {
    uint32_t size;
    uint32_t abi_version;
    evloop_backend backend;
    evloop_flags flags;
} evloop_options;

/* What is called, with what, and what becomes of that. */
typedef struct evloop_callback {
    uint32_t size;
    uint32_t abi_version;
    evloop_callback_fn call;   /* not NULL */
    void *data;                /* for both functions */
    evloop_destroy_fn destroy; /* NULL for data that stays the caller's */
    evloop_data shared;        /* or shared data, with data and destroy NULL; the registration counts as a reference */
} evloop_callback;

/* A call that is made once. */
typedef struct evloop_task {
    uint32_t size;
    uint32_t abi_version;
    evloop_task_fn call; /* not NULL */
    void *data;
    evloop_destroy_fn destroy; /* as above */
} evloop_task;

typedef struct evloop_timer {
    uint32_t size;
    uint32_t abi_version;
    uint64_t after_us; /* microseconds from the loop's now; EVLOOP_NEVER to arm it later */
    uint64_t every_us; /* between the times that it is due; 0 for once */
    evloop_timer_flags flags;
    uint32_t reserved; /* 0 */
} evloop_timer;

/* Counts since the loop was made. */
typedef struct evloop_stats {
    uint32_t size;
    uint32_t abi_version;
    uint64_t waits;
    uint64_t callbacks;
    uint64_t changes;       /* system calls that told the kernel of an interest */
    uint64_t stale;         /* events whose registration had gone before they were told; nobody was called */
    uint64_t ghosts;        /* events of files that were closed while they were watched; nobody was called */
    uint64_t switches;      /* changes of the backend, those that make the kernel forget a file included */
    uint64_t refusals;      /* descriptors that the system refused to watch */
    uint64_t registrations; /* that there are */
    uint64_t taken;         /* data with a destroy function that became the library's */
    uint64_t destroyed;     /* data that was given to its destroy function */
} evloop_stats;

#define EVLOOP_HEAD_(type) (uint32_t)sizeof(type), EVLOOP_ABI_VERSION
#define EVLOOP_ABI_INIT \
    { EVLOOP_HEAD_(evloop_abi), (uint32_t)sizeof(void *), (uint32_t)sizeof(evloop_options), \
      (uint32_t)sizeof(evloop_callback), (uint32_t)sizeof(evloop_task), (uint32_t)sizeof(evloop_timer), \
      (uint32_t)sizeof(evloop_stats) }
#define EVLOOP_OPTIONS_INIT { EVLOOP_HEAD_(evloop_options), EVLOOP_EPOLL, 0 }
#define EVLOOP_CALLBACK_INIT(call, data, destroy) { EVLOOP_HEAD_(evloop_callback), (call), (data), (destroy), 0 }
#define EVLOOP_CALLBACK_SHARED_INIT(call, shared) { EVLOOP_HEAD_(evloop_callback), (call), NULL, NULL, (shared) }
#define EVLOOP_TASK_INIT(call, data, destroy) { EVLOOP_HEAD_(evloop_task), (call), (data), (destroy) }
#define EVLOOP_TIMER_INIT(after_us, every_us, flags) \
    { EVLOOP_HEAD_(evloop_timer), (after_us), (every_us), (flags), 0 }
#define EVLOOP_STATS_INIT { EVLOOP_HEAD_(evloop_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* The library's EVLOOP_ABI_VERSION. */
uint32_t evloop_abi_version(void);
/* Whether header and library fit: pass an evloop_abi of EVLOOP_ABI_INIT at the start. */
evloop_status evloop_abi_check(const evloop_abi *abi);

/* A loop of the calling thread. Free it there; a loop that is not freed when its thread ends stays for good. */
evloop_status evloop_new(const evloop_options *options, evloop_loop *out);
/* Ends a loop: all its handles are stale at once, then what is left in it is destroyed, calls that were not made without being
 * made. EVLOOP_E_BUSY in a callback or a destroy function of its own. In debug mode EVLOOP_E_LEFT says that something was left
 * (evloop_last_report lists it); the loop is freed all the same. */
evloop_status evloop_free(evloop_loop loop);

/* Waits and calls, until nothing is registered or it is stopped; ended may be NULL. A timer that is not armed is registered. */
evloop_status evloop_run(evloop_loop loop, evloop_ended *ended);
/* Waits until something happens or a waker wakes, and calls. */
evloop_status evloop_run_once(evloop_loop loop);
/* Calls what has happened, without waiting. */
evloop_status evloop_poll(evloop_loop loop);
/* Has evloop_run come back when the callback returns that runs; the rest of what happened is told when the loop goes on. */
evloop_status evloop_break(evloop_loop loop);
/* Has evloop_run come back when all has been told that happened. */
evloop_status evloop_exit(evloop_loop loop);

/* Changes what the loop waits with, while it runs too. Registrations stay, and nothing is lost, told twice or destroyed. If the
 * system refuses (EVLOOP_E_SYSTEM), the loop goes on as it was. */
evloop_status evloop_set_backend(evloop_loop loop, evloop_backend backend);
evloop_status evloop_get_backend(evloop_loop loop, evloop_backend *out);
/* In the child of a fork, before it uses the loop: it gets a backend and a waker that it does not share with its parent.
 * Registrations, and wakers' handles, stay. */
evloop_status evloop_after_fork(evloop_loop loop);
/* Microseconds since the loop was made, when it looked last: at the end of its last wait. Timers count from there. */
evloop_status evloop_now_us(evloop_loop loop, uint64_t *out);
evloop_status evloop_get_stats(evloop_loop loop, evloop_stats *stats);

/* Watches a descriptor: as long as it is ready, the callback is called again. The kernel is told when the loop waits next, and
 * a change that is undone before costs no system call; where the system refuses, the callback gets EVLOOP_ERROR. Regular files
 * are always ready. A descriptor may be watched several times. */
evloop_status evloop_io_add(
    evloop_loop loop, int fd, evloop_interest interest, const evloop_callback *callback, evloop_watch *out);
/* Changes what it is watched for. What was not told yet, and is not wanted any more, is not told. */
evloop_status evloop_io_set(evloop_watch watch, evloop_interest interest);

/* A timer. It is due in the order of times, and never early; what is missed while the loop is busy is not made up for. */
evloop_status evloop_timer_add(
    evloop_loop loop, const evloop_timer *timer, const evloop_callback *callback, evloop_watch *out);
/* Arms it for a time from now on, whatever it was armed for; EVLOOP_NEVER disarms it. */
evloop_status evloop_timer_arm(evloop_watch watch, uint64_t after_us);

/* Calls back on the loop's thread when the process gets a signal. When it is removed, the signal is ignored unless somebody
 * else handles it. EVLOOP_E_SYSTEM for SIGKILL, SIGSTOP, SIGSEGV, SIGFPE, SIGILL, and numbers of no signal. */
evloop_status evloop_signal_add(evloop_loop loop, int signal, const evloop_callback *callback, evloop_watch *out);

/* 0 is the most urgent, 1 usual, 3 the least: as long as something more urgent has happened, the others wait. */
evloop_status evloop_set_priority(evloop_watch watch, uint32_t priority);
/* Has the callback called with EVLOOP_ACTIVATED. */
evloop_status evloop_activate(evloop_watch watch);
/* Removes a registration: it is not called any more, whatever has happened to it. Its data is destroyed before this returns,
 * or when the callback that runs with it returns. */
evloop_status evloop_remove(evloop_watch watch);
/* The user data. It is lent: valid until the registration is removed. */
evloop_status evloop_get_data(evloop_watch watch, void **out);
/* EVLOOP_OK if a handle, of any kind, names something that the calling thread may use; otherwise why not. */
evloop_status evloop_check(uint64_t handle);

/* Has the loop make a call before it waits next, after what has happened. */
evloop_status evloop_defer(evloop_loop loop, const evloop_task *task);

/* User data that several registrations share. The caller has the first reference. The handle goes with the last release; the
 * data is destroyed when no registration needs it either. */
evloop_status evloop_data_new(evloop_loop loop, void *data, evloop_destroy_fn destroy, evloop_data *out);
evloop_status evloop_data_retain(evloop_data data);
evloop_status evloop_data_release(evloop_data data);

/* A way into the loop for other threads. Made on the loop's thread; the other three calls may be made by any thread, also after
 * the loop is gone, when they answer EVLOOP_E_GONE (and evloop_waker_free frees). */
evloop_status evloop_waker_new(evloop_loop loop, evloop_waker *out);
/* Ends the loop's wait, now or when it waits next. */
evloop_status evloop_waker_wake(evloop_waker waker);
/* Has the loop's thread make a call, soon; those of one thread in their order. The data goes to that thread, and is destroyed
 * there. */
evloop_status evloop_waker_call(evloop_waker waker, const evloop_task *task);
/* Calls that were given before are made. */
evloop_status evloop_waker_free(evloop_waker waker);

/* Text goes in by pointer and length, and is copied. It comes out into a buffer of the caller's, with a 0 behind it; needed,
 * which may be NULL, gets its length with the 0. If the buffer is shorter (0 and NULL to ask), nothing is written to it and the
 * answer is EVLOOP_E_TOO_SMALL. */

/* A name for the reports of debug mode, of a loop, a registration or shared data; of length 0 to take it away. */
evloop_status evloop_set_name(uint64_t handle, const char *name, size_t length);
evloop_status evloop_get_name(uint64_t handle, char *buffer, size_t capacity, size_t *needed);
/* "epoll", "poll" or "io_uring". */
evloop_status evloop_method(evloop_loop loop, char *buffer, size_t capacity, size_t *needed);
/* In debug mode, what is open between the caller and the library: a line for each piece of data, with the call that handed it
 * over, its handle and name, and who owns it. Empty in other loops. */
evloop_status evloop_ledger(evloop_loop loop, char *buffer, size_t capacity, size_t *needed);
/* What the last evloop_free of this thread that answered EVLOOP_E_LEFT found. */
evloop_status evloop_last_report(char *buffer, size_t capacity, size_t *needed);
evloop_status evloop_status_text(evloop_status status, char *buffer, size_t capacity, size_t *needed);

#ifdef __cplusplus
}
#endif

#endif
