//! Drives the dependency.

fn main() {
    println!("{}", near::first(&[1, 2]));
}
