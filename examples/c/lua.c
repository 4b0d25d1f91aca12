/*
 * Lua on ms_* as its allocator, with coroutines whose scopes last across their yields.
 *
 * The interpreter's memory is on a scope of its own: its collector frees when it likes. What C functions allocate for a
 * coroutine is on the coroutine's scope, and is back when it has ended. The state's end gives back the rest.
 */
#include "memscope.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static const char SCRIPT[] =
    "local number = ...\n"
    "local kept = {}\n"
    "for turn = 1, 5 do\n"
    "    kept[turn] = buffer(number * 16 + turn)\n"
    "    local text = string.rep('x', 1000) .. turn\n"
    "    coroutine.yield(#text)\n"
    "end\n"
    "for _, it in ipairs(kept) do release(it) end\n";

enum { COROUTINES = 4, TURNS = 5 };

/* Lua's way to all memory. */
static void *allocate(void *scope, void *block, size_t old_size, size_t size) {
    void *result = NULL;
    (void)old_size;
    ms_scope_enter(scope);
    if (size == 0) ms_free(block);
    else if (block == NULL) result = ms_alloc(size);
    else result = ms_realloc(block, size);
    ms_scope_leave(scope);
    return result;
}

static int buffer(lua_State *lua) {
    size_t size = (size_t)luaL_checkinteger(lua, 1);
    void *block = ms_alloc(size);
    if (block == NULL) return luaL_error(lua, "out of memory");
    memset(block, 1, size);
    lua_pushlightuserdata(lua, block);
    return 1;
}

static int release(lua_State *lua) {
    ms_free(lua_touserdata(lua, 1));
    return 0;
}

int main(void) {
    ms_checkpoint_t start = ms_checkpoint();
    const ms_scope *interpreter = ms_scope_open("lua");
    const ms_scope *scopes[COROUTINES];
    lua_State *lua = lua_newstate(allocate, (void *)interpreter);
    lua_State *threads[COROUTINES];
    int references[COROUTINES], each, turn, wrong = 0;
    if (lua == NULL) return 1;
    luaL_openlibs(lua);
    lua_register(lua, "buffer", buffer);
    lua_register(lua, "release", release);
    for (each = 0; each < COROUTINES; each++) {
        threads[each] = lua_newthread(lua);
        references[each] = luaL_ref(lua, LUA_REGISTRYINDEX);
        ms_ref_create("coroutine", references[each]);
        scopes[each] = ms_scope_open_request("coroutine", (uint64_t)each);
        if (luaL_loadstring(threads[each], SCRIPT) != LUA_OK) return 1;
        lua_pushinteger(threads[each], each + 1);
    }
    for (turn = 0; turn <= TURNS; turn++) {
        for (each = 0; each < COROUTINES; each++) {
            int results = 0, status;
            ms_scope_enter(scopes[each]);
            status = lua_resume(threads[each], lua, turn == 0 ? 1 : 0, &results);
            ms_scope_leave(scopes[each]);
            if (status != (turn < TURNS ? LUA_YIELD : LUA_OK)) {
                fprintf(stderr, "lua: %s\n", lua_tostring(threads[each], -1));
                return 1;
            }
            lua_pop(threads[each], results);
        }
        for (each = 0; each < COROUTINES; each++) {
            ms_stats_t stats = ms_scope_stats(scopes[each]);
            wrong += stats.alloc_count - stats.free_count != (turn < TURNS ? (uint64_t)turn + 1 : 0);
        }
    }
    for (each = 0; each < COROUTINES; each++) {
        wrong += !ms_stack_check(0, lua_gettop(threads[each]), "a coroutine has ended");
        wrong += !ms_scope_end(scopes[each]);
        luaL_unref(lua, LUA_REGISTRYINDEX, references[each]);
        ms_ref_release("coroutine", references[each]);
    }
    ms_stack_check(0, lua_gettop(lua), "all coroutines have ended");
    ms_ref_assert_balanced("coroutine", "all have ended");
    printf("lua allocated %lu blocks; ", (unsigned long)ms_scope_stats(interpreter).alloc_count);
    lua_close(lua);
    wrong += !ms_scope_end(interpreter);
    ms_assert_since(start, "the interpreter has ended");
    printf("%d coroutines, %d yields each, %d wrong accounts\n", COROUTINES, TURNS, wrong);
    return wrong != 0;
}
