//! What the rounds gave, and what becomes of it.

use serde::Serialize;

/// A median over the rounds, with the quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub median: f64,
    pub quartiles: [f64; 2],
}

impl Spread {
    /// Of a figure for each round, interpolated and rounded to thousandths.
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: f64| {
            let place = (sorted.len() - 1) as f64 * quarter / 4.0;
            let [low, high] = [place.floor(), place.ceil()].map(|it| sorted[it as usize]);
            let value = low + (high - low) * place.fract();
            (value * 1e3).round() / 1e3
        };
        Self {
            median: at(2.0),
            quartiles: [at(1.0), at(3.0)],
        }
    }
}

/// One contender at one workload, by one measure: an operation, or a unit.
pub struct Series {
    pub workload: String,
    pub measure: &'static str,
    pub contender: &'static str,
    /// A figure for each round.
    pub values: Vec<f64>,
}

impl Series {
    fn is(&self, workload: &str, measure: &str, contender: &str) -> bool {
        self.workload == workload && self.measure == measure && self.contender == contender
    }
}

/// What each round gave, in the order in which it came first.
#[derive(Default)]
pub struct Samples(Vec<Series>);

impl Samples {
    /// Adds the figure of one round.
    pub fn add(
        &mut self,
        workload: &str,
        measure: &'static str,
        contender: &'static str,
        value: f64,
    ) {
        let same = |it: &&mut Series| it.is(workload, measure, contender);
        match self.0.iter_mut().find(same) {
            Some(series) => series.values.push(value),
            None => self.0.push(Series {
                workload: workload.to_owned(),
                measure,
                contender,
                values: vec![value],
            }),
        }
    }

    pub fn series(&self) -> &[Series] {
        &self.0
    }

    fn values(&self, workload: &str, measure: &str, contender: &str) -> Option<&[f64]> {
        let series = self.0.iter().find(|it| it.is(workload, measure, contender));
        series.map(|it| it.values.as_slice())
    }

    /// One contender's figure.
    pub fn figure(&self, workload: &str, measure: &str, contender: &str) -> Option<Spread> {
        self.values(workload, measure, contender).map(Spread::of)
    }

    /// One contender's figures by another's, round by round.
    pub fn ratio(
        &self,
        workload: &str,
        measure: &str,
        contender: &str,
        by: &str,
    ) -> Option<Spread> {
        let own = self.values(workload, measure, contender)?;
        let other = self.values(workload, measure, by)?;
        let ratios: Vec<f64> = own.iter().zip(other).map(|(own, by)| own / by).collect();
        Some(Spread::of(&ratios))
    }
}

#[cfg(test)]
mod tests {
    use super::{Samples, Spread};

    #[test]
    fn quartiles_lie_between_the_rounds_they_fall_between() {
        let spread = Spread::of(&[4.0, 1.0, 2.0, 3.0]);
        assert_eq!(spread.median, 2.5);
        assert_eq!(spread.quartiles, [1.75, 3.25]);
    }

    #[test]
    fn a_ratio_is_the_median_of_the_ratios_of_each_round() {
        let mut samples = Samples::default();
        for (own, other) in [(1.0, 1.0), (6.0, 2.0), (8.0, 4.0)] {
            samples.add("work", "ns", "own", own);
            samples.add("work", "ns", "other", other);
        }
        let ratio = samples.ratio("work", "ns", "own", "other").unwrap();
        assert_eq!(ratio.median, 2.0);
        assert_eq!(samples.ratio("work", "ns", "own", "nobody"), None);
    }
}
