use memscope_macros::test;

#[test(bugdet = 1)]
fn option_that_is_none() {}

#[test(budget = "4 kB")]
fn unit_that_is_none() {}

#[test(within = 1)]
fn time_without_a_unit() {}

#[test(blocks = 1, blocks = 2)]
fn option_that_is_given_twice() {}

#[test]
async fn future_that_nobody_runs() {}

#[test(block_on = run)]
fn no_future() {}

#[test]
fn argument(_number: u8) {}

#[test]
fn generic<T>() {}

fn main() {}
