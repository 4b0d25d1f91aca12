/* The structures that programs see, as the system's header has them and as this library takes them. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stddef.h>

_Static_assert(sizeof(struct event) == 128, "event");
_Static_assert(offsetof(struct event, ev_evcallback.evcb_active_next) == 0, "links, the shadow's name here");
_Static_assert(sizeof(((struct event *)0)->ev_evcallback.evcb_active_next) == 16, "slot, generation, magic");
_Static_assert(offsetof(struct event, ev_evcallback.evcb_flags) == 16, "evcb_flags");
_Static_assert(offsetof(struct event, ev_evcallback.evcb_cb_union) == 24, "callback");
_Static_assert(offsetof(struct event, ev_evcallback.evcb_arg) == 32, "argument");
_Static_assert(offsetof(struct event, ev_fd) == 56, "ev_fd");
_Static_assert(offsetof(struct event, ev_base) == 64, "ev_base");
_Static_assert(offsetof(struct event, ev_) == 72, "lists, the base's life here");
_Static_assert(offsetof(struct event, ev_events) == 104, "ev_events");
_Static_assert(sizeof(struct bufferevent) == 392, "bufferevent");
_Static_assert(offsetof(struct bufferevent, ev_read) == 16, "ev_read");
_Static_assert(offsetof(struct bufferevent, ev_write) == 144, "ev_write");
_Static_assert(offsetof(struct bufferevent, input) == 272, "input");
_Static_assert(offsetof(struct bufferevent, output) == 280, "output");
_Static_assert(offsetof(struct bufferevent, wm_read) == 288, "wm_read");
_Static_assert(offsetof(struct bufferevent, wm_write) == 304, "wm_write");
_Static_assert(offsetof(struct bufferevent, readcb) == 320, "readcb");
_Static_assert(offsetof(struct bufferevent, cbarg) == 344, "cbarg");
_Static_assert(offsetof(struct bufferevent, enabled) == 384, "enabled");
_Static_assert(EV_TIMEOUT == 1 && EV_READ == 2 && EV_WRITE == 4 && EV_SIGNAL == 8 && EV_PERSIST == 16, "events");
_Static_assert(EV_ET == 32 && EV_CLOSED == 128, "events");
_Static_assert(EVLOOP_ONCE == 1 && EVLOOP_NONBLOCK == 2 && EVLOOP_NO_EXIT_ON_EMPTY == 4, "loop");
_Static_assert(EVENT_BASE_FLAG_NOLOCK == 1 && EVENT_BASE_FLAG_IGNORE_ENV == 2, "flags");
_Static_assert(EVENT_LOG_MSG == 1 && EVENT_LOG_WARN == 2, "severities");
_Static_assert(BEV_EVENT_READING == 1 && BEV_EVENT_WRITING == 2, "bufferevents");
_Static_assert(BEV_EVENT_EOF == 0x10 && BEV_EVENT_ERROR == 0x20, "bufferevents");

enum { ANY = EVBUFFER_EOL_ANY, CRLF = EVBUFFER_EOL_CRLF, STRICT = EVBUFFER_EOL_CRLF_STRICT, LF = EVBUFFER_EOL_LF, NUL = EVBUFFER_EOL_NUL };
_Static_assert(ANY == 0 && CRLF == 1 && STRICT == 2 && LF == 3 && NUL == 4, "ends of lines");

int main(void) {
    return event_get_struct_event_size() == sizeof(struct event) ? 0 : 1;
}
