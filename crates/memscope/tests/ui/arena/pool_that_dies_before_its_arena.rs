use memscope::arena::{ArenaPool, Config};

fn main() {
    let arena;
    {
        let pool = ArenaPool::new(1, Config::new());
        arena = pool.get();
    }
    drop(arena);
}
