//! A program that allocates as programs do: orders come as JSON, are sorted, summed up by customer, and written.

use super::{Request, median};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;

const REQUESTS: usize = 100;
const ORDERS: u64 = 24;

/// Nanoseconds a request.
///
/// # Panics
/// Never: the texts are JSON, and are made here.
pub fn program(passes: usize, request: Request) -> f64 {
    let texts: Vec<String> = (0..8).map(text).collect();
    median(passes, REQUESTS, || {
        for number in 0..REQUESTS {
            request(&mut || {
                black_box(answer(&texts[number % texts.len()]));
            });
        }
    })
}

fn text(seed: u64) -> String {
    let order = |number: u64| {
        let mixed = (seed * 31 + number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        json!({
            "id": mixed,
            "customer": format!("customer-{:04}", mixed % 7),
            "price": mixed % 1000,
            "notes": ["first", "second", "x".repeat(mixed as usize % 60)],
        })
    };
    let orders: Vec<Value> = (0..ORDERS).map(order).collect();
    json!({ "request": seed, "orders": orders }).to_string()
}

fn answer(text: &str) -> String {
    let mut request: Value = serde_json::from_str(text).expect("JSON that was made here");
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    if let Some(orders) = request["orders"].as_array_mut() {
        orders.sort_by_key(|order| order["price"].as_u64());
        for order in orders {
            let customer = order["customer"].as_str().unwrap_or_default().to_owned();
            *sums.entry(customer).or_default() += order["price"].as_u64().unwrap_or_default();
        }
    }
    request["sums"] = json!(sums);
    request.to_string()
}
