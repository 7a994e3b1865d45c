//! Numbers that are likely near 0, bytes and flags as binary decisions, each predicted by mixing what several contexts
//! have seen: what the models of points, of shapes and of positions have in common.

pub mod coder;
pub mod decisions;
pub mod engine;
pub mod quantise;
