//! The events.

/// One event.
pub struct Event {
    /// The order that comes or goes.
    pub order: u64,
    /// From 1 on.
    pub ticks: i32,
    pub quantity: u32,
    /// What the level holds afterwards.
    pub level: u32,
    pub ask: bool,
    pub add: bool,
}

/// What the book is like.
pub struct Shape {
    pub name: &'static str,
    /// Orders at a time, about.
    pub orders: usize,
}

/// Bids lie below, asks above.
const MIDDLE: i32 = 10_000;

/// Prices are further from the middle the less likely they are: about as many ticks on average.
const REACH: u64 = 16;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }
}

/// So many events, and how many of them make or empty a level.
pub fn events(shape: &Shape, seed: u64, count: usize) -> (Vec<Event>, usize) {
    let mut random = Random(seed);
    let mut alive: Vec<(u64, i32, u32, bool)> = Vec::new();
    let mut levels = vec![[0_u32; 2]; 2 * MIDDLE as usize];
    let (mut events, mut turns) = (Vec::with_capacity(count), 0);
    for order in 0..count as u64 {
        // Tends to the number of orders that is wanted.
        let room = shape.orders as u64 * 2;
        let add = alive.is_empty() || random.below(room) >= alive.len() as u64;
        let (order, ticks, quantity, ask) = if add {
            let mut away = 1;
            while random.below(REACH) != 0 && away < MIDDLE / 2 {
                away += 1;
            }
            let ask = random.below(2) == 1;
            let ticks = if ask { MIDDLE + away } else { MIDDLE - away };
            let new = (order, ticks, 1 + random.below(500) as u32, ask);
            alive.push(new);
            new
        } else {
            alive.swap_remove(random.below(alive.len() as u64) as usize)
        };
        let level = &mut levels[ticks as usize][usize::from(ask)];
        let before = *level;
        *level = if add {
            before + quantity
        } else {
            before - quantity
        };
        turns += usize::from((before == 0) != (*level == 0));
        let level = *level;
        events.push(Event {
            order,
            ticks,
            quantity,
            level,
            ask,
            add,
        });
    }
    (events, turns)
}
