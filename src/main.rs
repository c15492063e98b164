//! The `brama` command; it decides nothing and calls the `cli` room.

fn main() {}
