//! Latencies in the formats of other tools.

use hdrhistogram::Histogram;

/// A distribution as text in the format of HdrHistogram's own plotter (`.hgrm`), in microseconds.
///
/// ```
/// let mut histogram = velox::telemetry::histogram();
/// histogram.saturating_record(1_500);
/// let text = velox::telemetry::hgrm(&histogram);
/// assert!(text.starts_with("       Value     Percentile TotalCount 1/(1-Percentile)"));
/// assert!(text.contains("1.500"));
/// ```
#[must_use]
pub fn hgrm(histogram: &Histogram<u64>) -> String {
    use core::fmt::Write;
    const UNIT: f64 = 1_000.0;
    /// Lines for each halving of what is left.
    const TICKS: u32 = 5;
    let mut text = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    let mut count = 0;
    // Writing to a string does not fail.
    for step in histogram.iter_quantiles(TICKS) {
        let value = step.value_iterated_to() as f64 / UNIT;
        let quantile = step.quantile_iterated_to();
        count += step.count_since_last_iteration();
        let _ = if quantile < 1.0 {
            writeln!(
                text,
                "{value:12.3} {quantile:2.12} {count:10} {:14.2}",
                1.0 / (1.0 - quantile)
            )
        } else {
            writeln!(
                text,
                "{value:12.3} {quantile:2.12} {count:10}            inf"
            )
        };
    }
    let _ = writeln!(
        text,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n#[Max     = {:12.3}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]",
        histogram.mean() / UNIT,
        histogram.stdev() / UNIT,
        histogram.max() as f64 / UNIT,
        histogram.len(),
        histogram.buckets(),
        2048,
    );
    text
}
