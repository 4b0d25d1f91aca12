// A client in Zig. `c` is evloop.h, translated; `layout` prints what Zig has of it.
const c = @import("c");
const layout = @import("layout");

const Counted = struct { called: u32 = 0, destroyed: u32 = 0 };

fn counted(data: ?*anyopaque) *Counted {
    return @ptrCast(@alignCast(data.?));
}

fn count(_: c.evloop_loop, watch: c.evloop_watch, ready: c.evloop_ready, data: ?*anyopaque) callconv(.c) void {
    const it = counted(data);
    if (ready == c.EVLOOP_TIMER) it.called += 1;
    if (it.called == 3 and c.evloop_remove(watch) == c.EVLOOP_OK and it.destroyed == 0) it.called = 4;
}

fn destroy(data: ?*anyopaque) callconv(.c) void {
    counted(data).destroyed += 1;
}

/// What the structures of a kind begin with.
fn begin(comptime T: type, it: T) T {
    var all = it;
    all.size = @sizeOf(T);
    all.abi_version = 1;
    return all;
}

fn client() bool {
    var it = Counted{};
    var loop: c.evloop_loop = 0;
    var watch: c.evloop_watch = 0;
    const options = begin(c.evloop_options, .{ .flags = c.EVLOOP_DEBUG });
    const timer = begin(c.evloop_timer, .{ .after_us = 100, .every_us = 100 });
    const callback = begin(c.evloop_callback, .{ .call = count, .data = &it, .destroy = destroy });
    if (c.evloop_new(&options, &loop) != c.EVLOOP_OK) return false;
    if (c.evloop_timer_add(loop, &timer, &callback, &watch) != c.EVLOOP_OK) return false;
    if (c.evloop_run(loop, null) != c.EVLOOP_OK) return false;
    if (it.called != 4 or it.destroyed != 1) return false;
    if (c.evloop_remove(watch) != c.EVLOOP_E_STALE) return false;
    if (c.evloop_free(loop) != c.EVLOOP_OK) return false;
    return c.evloop_free(loop) == c.EVLOOP_E_STALE;
}

pub fn main() u8 {
    if (!client()) return 1;
    layout.print();
    return 0;
}
