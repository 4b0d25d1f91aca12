//! How the heap grew, as a picture.

use std::fmt::Write as _;

use super::super::GrowthPoint;
use super::super::escape::bytes;
use super::span;

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 200.0;

pub(super) fn section(points: &[GrowthPoint], page: &mut String) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    let most = points.iter().map(|point| point.most_live_bytes).max();
    let scale = Scale {
        start: first.at.as_secs_f64(),
        seconds: (last.at - first.at).as_secs_f64(),
        most: most.unwrap_or_default().max(1) as f64,
    };
    let told = format!(
        "{} at the start, {} at the end, {} at most, over {}",
        bytes(first.live_bytes),
        bytes(last.live_bytes),
        bytes(most.unwrap_or_default()),
        span(last.at - first.at)
    );
    let live = scale.line(points, |point| point.live_bytes);
    let peaks = scale.line(points, |point| point.most_live_bytes);
    let _ = write!(
        page,
        "<section aria-labelledby=\"growth\">\n<h2 id=\"growth\">Heap over time</h2>\n\
         <p class=\"note\">Live bytes: {told}.</p>\n\
         <svg role=\"img\" aria-label=\"Live bytes over time: {told}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         preserveAspectRatio=\"none\">\n\
         <polygon class=\"area\" points=\"0,{HEIGHT} {live} {WIDTH},{HEIGHT}\"/>\n\
         <polyline class=\"peaks\" points=\"{peaks}\"/>\n\
         <polyline class=\"live\" points=\"{live}\"/>\n</svg>\n\
         <p class=\"legend note\"><span class=\"live\">live</span> <span class=\"peaks\">most since the point before</span></p>\n\
         </section>\n"
    );
}

struct Scale {
    start: f64,
    seconds: f64,
    most: f64,
}

impl Scale {
    /// Points from the left to the right border; one point alone is a level line.
    fn line(&self, points: &[GrowthPoint], value: impl Fn(&GrowthPoint) -> u64) -> String {
        let mut line = String::new();
        for point in points {
            let seconds = point.at.as_secs_f64() - self.start;
            let x = seconds / self.seconds.max(f64::MIN_POSITIVE) * WIDTH;
            let y = HEIGHT - value(point) as f64 / self.most * (HEIGHT - 4.0);
            let _ = write!(line, "{x:.1},{y:.1} ");
            if points.len() == 1 {
                let _ = write!(line, "{WIDTH},{y:.1} ");
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}
