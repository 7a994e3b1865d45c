//! What the engine keeps apart. Those with room for several are followed by one for each axis: x, y, z, m.

pub const FORM: usize = 0;
pub const TYPE: usize = 1;
pub const NUMBER: usize = 2;
pub const PARTS: usize = 3;
pub const POINTS: usize = 4;
pub const START: usize = 5;
pub const HIT: usize = 6;
pub const SAME: usize = 7;
pub const GUESS: usize = 8;
pub const STEP: usize = 12;
pub const REST: usize = 16;
pub const CLASS: usize = 20;
pub const SLIP: usize = 24;
pub const ZEROS: usize = 28;
pub const LOW: usize = 32;
pub const BOUNDS: usize = 36;
pub const BYTES: usize = 37;
pub const LENGTH: usize = 38;
pub const REGULAR: usize = 39;
pub const FIELDS: usize = 40;
