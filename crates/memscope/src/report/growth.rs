//! How the heap grew, in bounded memory.

use std::time::{Duration, Instant};

/// Keeps how many bytes were live at each [`tick`](Self::tick), from the first on, in the memory that it began with.
///
/// It has no thread of its own: tick it from a timer of the program. When it is full it joins each two neighbours, and
/// from then on twice as many ticks make a point, so that the points always reach over the whole time.
///
/// ```
/// use memscope::report::Growth;
///
/// let mut growth = Growth::new(4);
/// for _ in 0..100 {
///     growth.tick();
/// }
/// assert!(growth.points().len() <= 4);
/// ```
#[derive(Clone, Debug)]
pub struct Growth {
    /// `None` before the first tick.
    start: Option<Instant>,
    points: Vec<GrowthPoint>,
    capacity: usize,
    /// Ticks that make a point.
    ticks_per_point: u64,
    /// Ticks that the last point is of.
    ticks_in_last: u64,
}

/// What was live at a moment, and the most since the point before.
///
/// ```
/// let mut growth = memscope::report::Growth::new(4);
/// growth.tick();
/// let point = growth.points()[0];
/// assert_eq!(point.live_bytes, point.most_live_bytes);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrowthPoint {
    /// The time since the first tick.
    pub at: Duration,
    /// Live bytes of the process.
    pub live_bytes: u64,
    /// Live blocks of the process.
    pub live_blocks: u64,
    /// The most live bytes at one of the ticks that the point is of.
    pub most_live_bytes: u64,
}

impl Growth {
    /// Room for `capacity` points, 2 at least; 40 bytes each.
    ///
    /// ```
    /// assert!(memscope::report::Growth::new(600).points().is_empty());
    /// ```
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(2);
        Self {
            start: None,
            points: crate::outside(|| Vec::with_capacity(capacity)),
            capacity,
            ticks_per_point: 1,
            ticks_in_last: 0,
        }
    }

    /// Notes what is live now. Complexity: the unfinished scopes times the threads; joining neighbours is constant on
    /// average. Allocates nothing.
    ///
    /// ```
    /// let mut growth = memscope::report::Growth::new(4);
    /// growth.tick();
    /// assert_eq!(growth.points().len(), 1);
    /// ```
    pub fn tick(&mut self) {
        let usage = crate::process();
        let start = *self.start.get_or_insert_with(Instant::now);
        self.add(GrowthPoint {
            at: start.elapsed(),
            live_bytes: usage.live_bytes(),
            live_blocks: usage.live(),
            most_live_bytes: usage.live_bytes(),
        });
    }

    /// The points so far, oldest first.
    ///
    /// ```
    /// assert_eq!(memscope::report::Growth::new(4).points(), []);
    /// ```
    #[must_use]
    pub fn points(&self) -> &[GrowthPoint] {
        &self.points
    }

    fn add(&mut self, point: GrowthPoint) {
        if self.ticks_in_last < self.ticks_per_point
            && let Some(last) = self.points.last_mut()
        {
            *last = last.joined(&point);
            self.ticks_in_last += 1;
            return;
        }
        if self.points.len() == self.capacity {
            self.halve();
        }
        // With an odd capacity the last point of a full record has half its ticks.
        if self.ticks_in_last < self.ticks_per_point && !self.points.is_empty() {
            return self.add(point);
        }
        self.points.push(point);
        self.ticks_in_last = 1;
    }

    fn halve(&mut self) {
        let points = self.points.len();
        for at in 0..points.div_ceil(2) {
            let first = self.points[2 * at];
            let second = self.points.get(2 * at + 1);
            self.points[at] = second.map_or(first, |second| first.joined(second));
        }
        self.points.truncate(points.div_ceil(2));
        self.ticks_in_last = match points % 2 {
            0 => 2 * self.ticks_per_point,
            _ => self.ticks_per_point,
        };
        self.ticks_per_point *= 2;
    }
}

impl GrowthPoint {
    fn joined(&self, later: &Self) -> Self {
        Self {
            most_live_bytes: self.most_live_bytes.max(later.most_live_bytes),
            ..*later
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Growth, GrowthPoint};
    use std::time::Duration;

    fn after(capacity: usize, ticks: u64) -> Growth {
        let mut growth = Growth::new(capacity);
        for tick in 1..=ticks {
            growth.add(GrowthPoint {
                at: Duration::from_secs(tick),
                live_bytes: tick,
                live_blocks: 1,
                most_live_bytes: 1000 - tick,
            });
        }
        growth
    }

    #[test]
    fn a_record_that_is_not_full_keeps_every_tick() {
        let live: Vec<u64> = after(5, 5)
            .points()
            .iter()
            .map(|it| it.live_bytes)
            .collect();
        assert_eq!(live, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_full_record_keeps_the_whole_time_and_each_peak() {
        let (capacities, most) = if cfg!(miri) { (2..6, 20) } else { (2..20, 200) };
        for capacity in capacities {
            for ticks in 1..most {
                let growth = after(capacity, ticks);
                let points = growth.points();
                assert!(points.len() <= capacity, "{capacity} {ticks}");
                assert!(
                    2 * points.len() >= capacity.min(ticks as usize),
                    "{capacity} {ticks}"
                );
                let last = points.last().unwrap();
                assert_eq!((last.live_bytes, last.at.as_secs()), (ticks, ticks));
                assert_eq!(points[0].most_live_bytes, 999);
                // Each point begins after the one before: its peak is that of its own first tick.
                for pair in points.windows(2) {
                    assert_eq!(pair[1].most_live_bytes, 999 - pair[0].live_bytes);
                }
            }
        }
    }
}
